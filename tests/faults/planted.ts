import { cpSync, copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runMatrix } from "./matrix";
import { repository } from "./program";
import { type CaseResult } from "./report";

/** A mistake somebody could make in the provider, as an edit of its compiled text, and cases that have to notice. */
export interface Defect {
  name: string;
  file: string;
  /** Stands there exactly once. */
  text: string;
  instead: string;
  /** `kind / operation`. */
  operation: string;
  /** Of the names of cases; the operation without a fault is always run. */
  cases: RegExp;
}

const guarded = "(0, wire_guard_1.toPlain)(outputs)";

export const defects: Defect[] = [
  {
    name: "a random key for creates",
    file: "identity.js",
    text: "return hash([account, pulumiId,",
    instead: "return hash([Math.random(), account, pulumiId,",
    operation: "WebhookEndpoint / create",
    cases: / POST .*killed after commit/,
  },
  {
    name: "outputs with undefined",
    file: "runtime.js",
    text: `return { id, outs: ${guarded} };`,
    instead: "return { id, outs: { ...outputs, planted: undefined } };",
    operation: "Product / create",
    cases: / POST .*cut after commit/,
  },
  {
    name: "an update that drops the secret",
    file: "lifecycle.js",
    text: "(this.declaration, declared, updated, olds);",
    instead: "(this.declaration, declared, updated, { ...olds, secret: undefined });",
    operation: "WebhookEndpoint / update",
    cases: / POST .*cut after commit/,
  },
  {
    name: "a partial error without __provider",
    file: "runtime.js",
    text: "{ ...error.properties, __provider: inputs.__provider }",
    instead: "{ ...error.properties }",
    operation: "WebhookEndpoint / create whole, given up",
    cases: / POST .*:id \/ 500 beyond patience/,
  },
  {
    name: "no look-up by stamp",
    file: "creation.js",
    text: "async lookUp(freshness) {",
    instead: "async lookUp(freshness) {\n        return undefined;",
    operation: "Product / create",
    cases: / POST .*500 stored, committed/,
  },
  {
    name: "no check of a replay",
    file: "creation.js",
    text: "if (live === undefined || !this.isOurs(live) || this.isEnded(live)) {",
    instead: "if (false) {",
    operation: "WebhookEndpoint / create again",
    cases: / POST .*cut after commit/,
  },
  {
    name: "deterministic keys on updates",
    file: "object-client.js",
    text: "idempotencyKey: (0, identity_1.operationKey)()",
    instead: 'idempotencyKey: require("node:crypto").createHash("sha256").update(JSON.stringify(call)).digest("hex")',
    operation: "Product / update there, back and there",
    cases: / POST .*cut after commit/,
  },
  {
    name: "no claim",
    file: "creation.js",
    text: "metadata: { ...this.stamp, pulumi_claim: claim },",
    instead: "metadata: { ...this.stamp },",
    operation: "WebhookEndpoint / forced replace, dead before the delete",
    cases: / POST .*cut after commit/,
  },
  {
    name: "no guard of the account",
    file: "guard.js",
    text: 'if (account !== undefined && typeof recorded === "string" && recorded !== account) {',
    instead: "return account; if (false) {",
    operation: "WebhookEndpoint / update",
    cases: /another account/,
  },
  // These two are as wrong where nothing fails: what has to stand at Stripe is not taken from any run.
  {
    name: "a create sent twice",
    file: "creation.js",
    text: "sendCreate(generation, params = this.body, beforeAttempt) {",
    instead:
      "async sendCreate(generation, params = this.body, beforeAttempt) {\n        const create = { method: 'POST', params, path: " +
      "this.declaration.api.path };\n        if (params === this.body) await this.session.client.send({ ...create, " +
      "idempotencyKey: String(Math.random()) });",
    operation: "WebhookEndpoint / create",
    cases: / no fault$/,
  },
  {
    name: "nothing is ended",
    file: "ending.js",
    text: "async end(object) {",
    instead: "async end(object) {\n        return;",
    operation: "Product / delete",
    cases: / no fault$/,
  },
];

/** The cases that noticed the defect. */
export function catchDefect(defect: Defect): Promise<CaseResult[]> {
  return withPlanted([defect], async (packageFolder) => {
    const { results } = await runMatrix({
      packageFolder,
      operations: (name) => name === defect.operation,
      keep: (name) => defect.cases.test(name),
      lanes: 8,
    });
    return results.filter(({ name, verdict }) => defect.cases.test(name) && verdict.problems.length > 0);
  });
}

/** Plants defects in a copy of the built package, which is there until the work has ended. */
export async function withPlanted<T>(planted: Defect[], work: (packageFolder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "stripe-as-code-planted-"));
  try {
    cpSync(join(repository, "dist"), join(folder, "dist"), { recursive: true });
    copyFileSync(join(repository, "package.json"), join(folder, "package.json"));
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    for (const defect of planted) plant(defect, folder);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function plant({ name, file, text, instead }: Defect, folder: string): void {
  const path = join(folder, "dist", "provider", file);
  const parts = readFileSync(path, "utf8").split(text);
  if (parts.length !== 2) throw new Error(`${name}: its text stands in ${file} ${parts.length - 1} times, not once`);
  writeFileSync(path, parts.join(instead));
}
