// A Pulumi project in a temporary folder, in which this package is installed as it is in dist/.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { env } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Loads CommonJS, this package's own among it. */
export const load = createRequire(join(root, "package.json"));

/** @param program source of its index.js */
export function makeProject(program) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "stripe-as-code-bench-")));
  mkdirSync(join(folder, "node_modules", "@pulumi"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules", "stripe-as-code"), "junction");
  const pulumi = dirname(load.resolve("@pulumi/pulumi/package.json"));
  symlinkSync(pulumi, join(folder, "node_modules", "@pulumi", "pulumi"), "junction");
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    "name: bench\nruntime:\n  name: nodejs\n  options: { typescript: false }\n",
  );
  writeFileSync(join(folder, "index.js"), program);
  mkdirSync(join(folder, "state"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The environment that the engine runs in: nothing of the caller's Pulumi and Stripe settings. */
export function environmentOf(folder, engine, emulator) {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(PULUMI|STRIPE)_/.test(name)));
  return {
    ...engine.env(clean),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    STRIPE_API_KEY: emulator.apiKey,
    STRIPE_API_BASE: emulator.url,
  };
}

/** The stack's state, as its backend keeps it. */
export function stateText(folder) {
  const stacks = join(folder, "state", ".pulumi", "stacks");
  const file = readdirSync(stacks, { recursive: true }).find((name) => name.endsWith("bench.json"));
  return readFileSync(join(stacks, file), "utf8");
}
