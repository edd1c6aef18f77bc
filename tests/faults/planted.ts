import { cpSync, copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CaseResult, runMatrix } from "./matrix";
import { repository } from "./program";

/** A mistake somebody could make in the provider, as an edit of its compiled text, and cases that have to notice. */
export interface Defect {
  name: string;
  file: string;
  /** Stands there exactly once. */
  text: string;
  instead: string;
  /** `kind / operation`. */
  operation: string;
  /** Of the names of cases. */
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
    file: "outputs.js",
    text: "(held ? previous[field.name] : undefined);",
    instead: "undefined;",
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
    instead: "if (false) {",
    operation: "WebhookEndpoint / update",
    cases: /another account/,
  },
];

/** Plants the defect in a copy of the built package; the cases that noticed. */
export async function catchDefect(defect: Defect): Promise<CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "stripe-as-code-planted-"));
  try {
    cpSync(join(repository, "dist"), join(folder, "dist"), { recursive: true });
    copyFileSync(join(repository, "package.json"), join(folder, "package.json"));
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    const file = join(folder, "dist", "provider", defect.file);
    const parts = readFileSync(file, "utf8").split(defect.text);
    if (parts.length !== 2) {
      throw new Error(`${defect.name}: its text stands in ${defect.file} ${parts.length - 1} times, not once`);
    }
    writeFileSync(file, parts.join(defect.instead));
    const { results } = await runMatrix({
      packageFolder: folder,
      operations: (name) => name === defect.operation,
      keep: (name) => defect.cases.test(name),
      lanes: 8,
    });
    return results.filter(({ verdict }) => verdict.problems.length > 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
