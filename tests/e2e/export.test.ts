import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Emulator } from "../../emulator";
import { declarationOf, kindNames } from "../../provider/registry";
import { Stack } from "../contract/engine-model";
import { post } from "../contract/post";
import { ExportedProject, repository } from "./exported-project";
import { eachInItsWorkspace, until } from "./workspace";

jest.setTimeout(240_000);

let emulator: Emulator;
let project: ExportedProject;
eachInItsWorkspace((given, workspace) => {
  emulator = given;
  project = new ExportedProject(workspace);
});

/** How many objects there are of each kind. */
const books = () => kindNames.map((kind) => emulator.objects(declarationOf(kind).object).length);

/** Names every kind: what applications make is left out unless it is named. */
const everyKind = kindNames.flatMap((kind) => ["--kind", kind]);

/** Every sample of every kind, made without a stamp; how many objects that is. */
async function fill(): Promise<number> {
  for (const kind of kindNames) {
    const declaration = declarationOf(kind);
    for (const { path, params } of declaration.samples.needs ?? []) await post(emulator, path, params);
    for (const sample of ["minimal", "full"] as const) {
      const config = { "stripe:ownership": "none" };
      await new Stack(declaration, emulator, { name: `${kind} ${sample}`, config }).up(declaration.samples[sample]);
    }
  }
  return books().reduce((sum, count) => sum + count);
}

test("every kind and sample: exported, imported, and the preview shows no change", async () => {
  await post(emulator, "/v1/products", { name: `A "b" 'c'`, metadata: { "a-b": "1", c: "</script>" } });
  await post(emulator, "/v1/products", { id: "plan", name: "Plan" });
  const plan = await post(emulator, "/v1/prices", { product: "plan", currency: "usd", unit_amount: 900 });
  const products = [{ product: "plan", prices: [plan.id] }];
  const features = { subscription_update: { enabled: true, products } };
  await post(emulator, "/v1/billing_portal/configurations", { name: "Plans", features });
  const count = await fill();
  const before = books();
  const sent = emulator.forwarded().length;
  const { code, out, err } = await project.export("--archived", ...everyKind);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("npx stripe-as-code import import.json");
  expect(out).toMatch(/Note: Stripe doesn't tell connect of webhook endpoints/);
  const prettier = join(repository, "node_modules", "prettier", "bin", "prettier.cjs");
  await promisify(execFile)(process.execPath, [prettier, "--check", "index.ts"], { cwd: project.folder });
  expect(project.text("index.ts")).toContain("product: goldPlan");
  expect(project.text("index.ts")).toMatch(/product: plan\.id,\s+prices: \[planPrice\.id\]/);
  expect(project.text("import.json")).not.toMatch(/whsec_|__/);
  for (const file of ["index.ts", "import.json"])
    expect(project.text(file)).not.toMatch(/pm_|jenny|0x0|\+1 555|_secret_/i);

  await project.install();
  const imported = await project.import();
  expect([imported.code, imported.err]).toEqual([0, ""]);
  expect(imported.out).toContain(`${count} objects are in stripe-export/copy now.`);
  await project.pulumi("preview", "--expect-no-changes", "--stack", "copy");
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("stripe-as-code-import-"))).toEqual([]);
  await project.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--refresh", "--stack", "copy");
  expect([books(), emulator.forwarded().length]).toEqual([before, sent]);
  const drift = await project.drift();
  expect([drift.code, drift.err]).toEqual([0, ""]);
  expect(drift.out).toContain("0 unmanaged");

  // An import that broke off is run again.
  expect(JSON.parse((await project.import("--json")).out)).toEqual({ imported: 0, present: count, stampedBefore: 0 });
  const other = await project.export();
  expect([other.code, other.err]).toEqual([
    1,
    expect.stringMatching(/holds index\.ts, .* already\. Nothing was written/),
  ]);
});

test("with --adopt the program takes the objects over itself, and nothing is bought", async () => {
  await fill();
  const before = [...books(), emulator.forwarded().length];
  expect((await project.export("--archived", "--adopt", ...everyKind)).code).toBe(0);
  expect(readdirSync(project.folder)).not.toContain("import.json");
  await project.install();
  await project.pulumi("up", "--yes", "--skip-preview", "--stack", "copy");
  expect([...books(), emulator.forwarded().length]).toEqual(before);
  await project.pulumi("preview", "--expect-no-changes", "--stack", "copy");
});

test("a program that is run without its import buys and sends nothing", async () => {
  await fill();
  expect((await project.export("--kind", "climate:Order", "--kind", "forwarding:Request")).code).toBe(0);
  const before = [...books(), emulator.forwarded().length];
  await project.install();
  await project.pulumi("up", "--yes", "--skip-preview", "--stack", "copy");
  expect([...books(), emulator.forwarded().length]).toEqual(before);
});

test("what the state forgot is imported under another name, and then the stack's own", async () => {
  await post(emulator, "/v1/webhook_endpoints", { url: "https://example.com", enabled_events: ["*"] });
  expect((await project.export()).code).toBe(0);
  await project.install();
  expect((await project.import()).code).toBe(0);
  const state = JSON.parse(await project.pulumi("stack", "export", "--stack", "copy")) as {
    deployment: { resources: { urn: string; type: string }[] };
  };
  const { urn = "" } = state.deployment.resources.find(({ type }) => type.endsWith("stripe:WebhookEndpoint")) ?? {};
  await project.pulumi("state", "delete", urn, "--yes", "--stack", "copy");
  for (const file of ["index.ts", "import.json"]) {
    const text = project.text(file).replace('"example-com"', '"renamed"');
    writeFileSync(join(project.folder, file), text);
  }
  const again = await project.import();
  expect([again.code, again.err]).toEqual([0, expect.stringMatching(/^Note: 1 of them carry .* stripe:owner\.\n$/)]);
  await project.pulumi("preview", "--expect-no-changes", "--stack", "copy");
  expect((await project.drift()).code).toBe(0);
  await project.pulumi("destroy", "--yes", "--skip-preview", "--stack", "copy");
  expect(emulator.objects("webhook_endpoint")).toEqual([]);
});

/** The folders in which an import hands its file to the engine. */
const handedOver = () => readdirSync(tmpdir()).filter((name) => name.startsWith("stripe-as-code-import-"));

test.each(["SIGINT", "SIGTERM"] as const)(
  "an import that is stopped by %s leaves no file, and is run again",
  async (signal) => {
    for (let count = 0; count < 30; count++) await post(emulator, "/v1/products", { name: `Product ${count}` });
    expect((await project.export()).code).toBe(0);
    await project.install();
    const before = new Set(handedOver());
    const running = project.start("import", "import.json", "--stack", "copy");
    const ended = once(running, "exit");
    await until(() => handedOver().some((name) => !before.has(name)));
    // A terminal tells the whole group, and whoever ends a job this process alone.
    process.kill(signal === "SIGINT" ? -Number(running.pid) : Number(running.pid), signal);
    await ended;
    expect(handedOver().filter((name) => !before.has(name))).toEqual([]);
    const again = await project.import();
    expect([again.code, again.err]).toEqual([0, ""]);
    await project.pulumi("preview", "--expect-no-changes", "--stack", "copy");
  },
);

test("an engine that says much is heard to the end", async () => {
  await post(emulator, "/v1/products", { name: "Gold" });
  expect((await project.export()).code).toBe(0);
  await project.install();
  const path = process.env.PATH ?? "";
  const talkative = join(project.folder, "talkative");
  mkdirSync(talkative);
  const script = `#!/bin/sh\nPATH='${path}'\n[ "$1" = import ] && head -c 3000000 /dev/zero\nexec pulumi "$@"\n`;
  writeFileSync(join(talkative, "pulumi"), script, { mode: 0o755 });
  const imported = await project.importWith({ PATH: `${talkative}:${path}` });
  expect([imported.code, imported.err]).toEqual([0, ""]);
});
