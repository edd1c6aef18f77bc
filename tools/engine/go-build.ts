import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { showProgress } from "./progress";
import { type EngineSystem } from "./system";

const BUILD_MS = 60 * 60_000;

/** Where Go works: a module folder of its own, and the environment for it. */
export interface GoPlace {
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** A Go program that a module pins. */
export interface GoProgram extends GoPlace {
  name: string;
  version: string;
  /** Import path of its main package. */
  path: string;
  linkerFlags: string;
}

/** Why there is no Go to build with; undefined when there is. */
export async function findNoGo(system: EngineSystem): Promise<string | undefined> {
  const go = await system.run("go", ["version"], { env: system.env, timeoutMs: 30_000 });
  if (go.code === 0) return undefined;
  return go.problem === "not found" ? "no `go` on the PATH" : `go: ${go.problem ?? go.stderr}`;
}

/** Lets `work` have a copy of a module folder: the package may lie in a folder that can't be written, or inside somebody's Go workspace. */
export async function inModule<T>(system: EngineSystem, module: string, work: (at: GoPlace) => Promise<T>): Promise<T> {
  const copies = await mkdtemp(join(tmpdir(), "stripe-as-code-go-"));
  try {
    const cwd = join(copies, "module");
    await cp(module, cwd, { recursive: true });
    return await work({ cwd, env: { ...system.env, GOWORK: "off", GO111MODULE: "on" } });
  } finally {
    await rm(copies, { recursive: true, force: true });
  }
}

/**
 * Builds a program into the file `output`, and shows how far it is.
 * @returns why it failed; undefined when it did what it was told.
 */
export async function goBuild(system: EngineSystem, program: GoProgram, output: string): Promise<string | undefined> {
  const { name, version, path, linkerFlags, cwd, env } = program;
  const args = ["build", "-v", "-mod=readonly", "-trimpath", "-ldflags", linkerFlags, "-o", output, path];
  const progress = showProgress(system, `Building ${name} ${version} with Go (minutes, once per machine)`);
  let downloads = 0;
  let packages = 0;
  const result = await system.run("go", args, {
    cwd,
    env,
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
