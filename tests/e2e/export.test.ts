import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Emulator } from "../../emulator";
import { declarationOf, kindNames } from "../../provider/registry";
import { Stack } from "../contract/engine-model";
import { post } from "../contract/post";
import { finish } from "../unit/command-line";
import { eachInItsWorkspace, type Workspace } from "./workspace";

jest.setTimeout(240_000);

const repository = resolve(__dirname, "../..");
let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given));

const env = () => ({ ...process.env, ...workspace.stack.workspace.envVars });
const cli = (...args: string[]) => finish(args, { env: env() });
const folder = () => join(workspace.folder, "exported");
const text = (file: string) => readFileSync(join(folder(), file), "utf8");

/** `pulumi`, in the exported project. */
async function pulumi(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)("pulumi", [...args, "--non-interactive"], { cwd: folder(), env: env() })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}\n${stderr}`);
  }
}

/** What `npm install` does, from the packages of the repository, and a stack for it. */
async function install(): Promise<void> {
  const packages = join(folder(), "node_modules");
  mkdirSync(join(packages, "@pulumi"), { recursive: true });
  symlinkSync(repository, join(packages, "stripe-as-code"));
  for (const name of ["@pulumi/pulumi", "@types", "typescript"]) {
    symlinkSync(join(repository, "node_modules", name), join(packages, name));
  }
  await pulumi("stack", "init", "copy");
}

/** Every object of the configuration, without metadata of ours. */
const books = () => kindNames.map((kind) => emulator.objects(declarationOf(kind).object).length);

/** Every sample of every kind that is exported, made without a stamp. */
async function fill(): Promise<number> {
  let count = 0;
  for (const kind of kindNames) {
    const declaration = declarationOf(kind);
    if (declaration.transient) continue;
    for (const { path, params } of declaration.samples.needs ?? []) await post(emulator, path, params);
    for (const sample of ["minimal", "full"] as const) {
      const config = { "stripe:ownership": "none" };
      await new Stack(declaration, emulator, { name: `${kind} ${sample}`, config }).up(declaration.samples[sample]);
      count++;
    }
  }
  return count;
}

test("every kind and sample: exported, imported, and the preview shows no change", async () => {
  const samples = await fill();
  const before = books();
  const { code, out, err } = await cli("export", "--out", folder(), "--archived");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("npx stripe-as-code import import.json");
  expect(out).toMatch(/Note: Stripe doesn't tell connect of a webhook endpoint/);
  const prettier = join(repository, "node_modules", "prettier", "bin", "prettier.cjs");
  await promisify(execFile)(process.execPath, [prettier, "--check", "index.ts"], { cwd: folder() });
  expect(text("index.ts")).toContain("product: goldPlan");
  expect(text("import.json")).not.toMatch(/whsec_|__/);

  await install();
  const imported = await cli("import", join(folder(), "import.json"), "--cwd", folder(), "--stack", "copy");
  expect([imported.code, imported.err]).toEqual([0, ""]);
  // With the product that the price's sample needs, and the price that the full product was made with.
  expect(imported.out).toContain(`${samples + 2} objects are in stripe-export/copy now.`);
  await pulumi("preview", "--expect-no-changes", "--stack", "copy");
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("stripe-as-code-import-"))).toEqual([]);
  await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--refresh", "--stack", "copy");
  expect(books()).toEqual(before);
  const drift = await cli("drift", "--cwd", folder(), "--stack", "copy");
  expect([drift.code, drift.err]).toEqual([0, ""]);
  expect(drift.out).toContain("0 unmanaged");

  // An import that broke off is run again; and the state, if it is lost, is found again.
  const again = await cli("import", join(folder(), "import.json"), "--cwd", folder(), "--stack", "copy", "--json");
  expect(JSON.parse(again.out)).toEqual({ imported: 0, present: samples + 2 });
  const other = await cli("export", "--out", folder());
  expect([other.code, other.err]).toEqual([
    1,
    expect.stringMatching(/holds index\.ts, .* already\. Nothing was written/),
  ]);
});
