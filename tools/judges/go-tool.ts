import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../engine/cache-folder";
import { findNoGo, goBuild, inModule } from "../engine/go-build";
import { programName } from "../engine/inspect-folder";
import { withLock } from "../engine/lock";
import { packageRoot } from "../engine/package-root";
import { type EngineSystem, realSystem } from "../engine/system";

/** A judge that can't be had here: no Go, no network. The message says why. */
export class JudgeMissing extends Error {
  override readonly name = "JudgeMissing";
}

/**
 * The file of a Go program, built into the user's cache when it isn't there yet, once per user and version.
 * @param name what the program is called, such as `stripe-mock`
 * @param module folder below tools/judges/ whose go.mod and go.sum pin it
 * @param path import path of its main package
 * @throws JudgeMissing when it can't be built
 */
export async function buildGoTool(
  name: string,
  module: string,
  path: string,
  options: { readonly linkerFlags?: string; readonly system?: EngineSystem } = {},
): Promise<string> {
  const { linkerFlags = "-s -w", system = realSystem() } = options;
  const cache = cacheFolder(system, "judges");
  const key = createHash("sha256")
    .update(await readFile(join(moduleFolder(module), "go.sum")))
    .update(`${system.platform} ${system.arch} ${path} ${linkerFlags}`)
    .digest("hex")
    .slice(0, 12);
  const file = join(cache, programName(system.platform, `${name}-${key}`));
  if (existsSync(file)) return file;

  const noGo = await findNoGo(system);
  if (noGo !== undefined) throw new JudgeMissing(`${name}: ${noGo}`);
  await mkdir(cache, { recursive: true });
  const wait = (pid: number): unknown =>
    system.screen.write(`Waiting for process ${pid}, which is building ${name} …\n`);
  return withLock(system, `${file}.lock`, wait, async () => {
    if (existsSync(file)) return file;
    const partial = `${file}.partial`;
    const failure = await inModule(system, moduleFolder(module), async (at) =>
      goBuild(system, { name, version: await pinnedVersion(module), path, linkerFlags, ...at }, partial),
    );
    if (failure !== undefined) throw new JudgeMissing(failure);
    await rename(partial, file);
    return file;
  });
}

/**
 * The folder with the files of a Go module, downloaded by Go when they aren't there yet.
 * @param module folder below tools/judges/ whose go.mod and go.sum pin it
 * @param path the wanted module, such as `github.com/stripe/stripe-mock`
 * @throws JudgeMissing when it can't be had
 */
export async function goModuleFolder(module: string, path: string, system = realSystem()): Promise<string> {
  const noGo = await findNoGo(system);
  if (noGo !== undefined) throw new JudgeMissing(`${path}: ${noGo}`);
  const result = await inModule(system, moduleFolder(module), ({ cwd, env }) =>
    system.run("go", ["mod", "download", "-json", path], { cwd, env, timeoutMs: DOWNLOAD_MS }),
  );
  const answer = readJson(result.stdout);
  if (result.code === 0 && answer.Dir !== undefined) return answer.Dir;
  const cause = answer.Error ?? result.problem ?? (result.stderr || `exit code ${result.code}`);
  throw new JudgeMissing(`go mod download ${path}: ${cause}`);
}

const DOWNLOAD_MS = 5 * 60_000;

function moduleFolder(module: string): string {
  return join(packageRoot(), "tools", "judges", module);
}

/** The version of what the module requires first: the judge. */
async function pinnedVersion(module: string): Promise<string> {
  const text = await readFile(join(moduleFolder(module), "go.mod"), "utf8");
  return /\bv\d[^\s]*/.exec(text)?.[0] ?? "";
}

function readJson(text: string): { Dir?: string; Error?: string } {
  try {
    return JSON.parse(text) as { Dir?: string; Error?: string };
  } catch {
    return {};
  }
}
