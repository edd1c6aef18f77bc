import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programName } from "./inspect-folder";
import { packageRoot } from "./package-root";
import { showProgress } from "./progress";
import { type EngineSystem } from "./system";
import { WANTED_VERSION } from "./version";

/** The Go programs of the engine, each built in the module folder that pins it. */
const PROGRAMS = [
  { name: "pulumi", module: "cli", path: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
  {
    name: "pulumi-language-nodejs",
    module: "language-nodejs",
    path: "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
  },
];

/** Without the stamp `pulumi version` prints nothing, and the Automation API refuses such an engine. */
const LINKER_FLAGS = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${WANTED_VERSION}`;
const BUILD_MS = 60 * 60_000;

/**
 * Builds the engine from Go modules into `root/bin`.
 * @returns why it failed; undefined when it did what it was told.
 */
export async function buildEngine(system: EngineSystem, root: string): Promise<string | undefined> {
  const go = await system.run("go", ["version"], { env: system.env, timeoutMs: 30_000 });
  if (go.code !== 0) return go.problem === "not found" ? "no `go` on the PATH" : `go: ${go.problem ?? go.stderr}`;

  // The package may lie in a folder that can't be written, or inside somebody's Go workspace.
  const modules = await mkdtemp(join(tmpdir(), "stripe-as-code-engine-"));
  const env = { ...system.env, GOWORK: "off", GO111MODULE: "on" };
  try {
    await mkdir(join(root, "bin"), { recursive: true });
    for (const program of PROGRAMS) {
      const cwd = join(modules, program.module);
      await cp(join(packageRoot(), "tools", "engine", program.module), cwd, { recursive: true });
      const output = join(root, "bin", programName(system.platform, program.name));
      const args = ["build", "-v", "-mod=readonly", "-trimpath", "-ldflags", LINKER_FLAGS, "-o", output, program.path];
      const failure = await build(system, program.name, args, { cwd, env });
      if (failure) return failure;
    }
    return undefined;
  } finally {
    await rm(modules, { recursive: true, force: true });
  }
}

async function build(
  system: EngineSystem,
  name: string,
  args: readonly string[],
  at: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  const progress = showProgress(system, `Building ${name} ${WANTED_VERSION} with Go (minutes, once per machine)`);
  let downloads = 0;
  let packages = 0;
  const result = await system.run("go", args, {
    ...at,
    timeoutMs: BUILD_MS,
    onLine: (line) => {
      // With -v Go prints one line per download and, by its import path alone, one per package it compiles.
      if (line.startsWith("go: downloading ")) downloads++;
      else if (/^[^\s:#]+$/.test(line)) packages++;
      progress.note(packages > 0 ? `${packages} packages compiled` : `${downloads} modules downloaded`);
    },
  });
  if (result.code === 0) {
    progress.end(`done, ${packages} packages compiled`);
    return undefined;
  }
  const said = result.stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(go: downloading |[^\s:#]+$)/.test(line));
  const cause = `go build ${name}: ${result.problem ?? (said.slice(-3).join("; ") || `exit code ${result.code}`)}`;
  progress.end("failed");
  return cause;
}
