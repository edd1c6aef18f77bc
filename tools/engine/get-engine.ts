import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { buildEngine } from "./build-engine";
import { cacheFolder } from "./cache-folder";
import { inspectFolder, pathFolders, pathKey, programName } from "./inspect-folder";
import { launcherName, writeLauncher } from "./launcher";
import { withLock } from "./lock";
import { runInstaller } from "./run-installer";
import { type EngineSystem, realSystem } from "./system";
import { OLDEST_VERSION, WANTED_VERSION } from "./version";

/** Where an engine came from; `environment` is a folder named by STRIPE_AS_CODE_ENGINE. */
export type EngineSource = "environment" | "path" | "cache" | "installer" | "build";

/** A Pulumi engine that can run this package's resources. */
export interface Engine {
  /** The folder that holds `pulumi`. */
  bin: string;
  /** Without a leading `v`. */
  version: string;
  source: EngineSource;
  /** A copy of `base` (default: this process's environment) whose PATH leads to the engine. */
  env(base?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
}

/** One place that was tried, and why it gave no engine. */
export interface EngineFailure {
  place: string;
  cause: string;
}

/** There is no engine and none could be made; the message names every cause and the ways out. */
export class EngineError extends Error {
  override readonly name = "EngineError";

  constructor(readonly failures: readonly EngineFailure[]) {
    const causes = failures.map(({ place, cause }) => `  - ${place}: ${cause}`);
    super(["No Pulumi engine was found, and none could be made:", ...causes, WAYS].join("\n"));
  }
}

const WAYS = `Any one of these gives you one:
  1. install Pulumi ${OLDEST_VERSION} or newer: https://www.pulumi.com/docs/install/
  2. put Go 1.26 or newer on the PATH and run this again: it builds the engine, once, in minutes
  3. set STRIPE_AS_CODE_ENGINE to a folder that holds pulumi and pulumi-language-nodejs, or put it on the PATH`;

/**
 * Finds the engine or makes it: the folder STRIPE_AS_CODE_ENGINE names, `pulumi` on the PATH, the user's cache,
 * Pulumi's installer, a build from Go modules. The last two fill the cache, once per user and version, and say on
 * stderr what they do.
 * @throws EngineError when every way fails, or when STRIPE_AS_CODE_ENGINE names a folder without a usable engine.
 */
export async function getEngine(system: EngineSystem = realSystem()): Promise<Engine> {
  const failures: EngineFailure[] = [];
  const found = await search(system, failures);
  if (found) return found;

  const folder = cacheFolder(system);
  const wait = (pid: number): unknown =>
    system.screen.write(`Waiting for process ${pid}, which is making the Pulumi engine in ${folder} …\n`);
  try {
    await mkdir(folder, { recursive: true });
    return await withLock(system, join(folder, `${WANTED_VERSION}.lock`), wait, async () => {
      return (await fromCache(system)) ?? (await make(system, failures));
    });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError([...failures, { place: `cache folder ${folder}`, cause: (error as Error).message }]);
  }
}

/**
 * Finds the engine without making one; undefined when there is none yet.
 * @param failures is told of the places that gave none
 */
export async function findEngine(
  system: EngineSystem = realSystem(),
  failures: EngineFailure[] = [],
): Promise<Engine | undefined> {
  return search(system, failures);
}

async function search(system: EngineSystem, failures: EngineFailure[]): Promise<Engine | undefined> {
  const named = system.env.STRIPE_AS_CODE_ENGINE;
  if (named) {
    const engine = await fromFolder(system, resolve(named), "environment");
    if (typeof engine !== "string") return engine;
    // Asked for by name: another one in its place would be a surprise.
    throw new EngineError([{ place: "STRIPE_AS_CODE_ENGINE", cause: engine }]);
  }
  const pulumi = programName(system.platform, "pulumi");
  const onPath = pathFolders(system.env).find((folder) => existsSync(join(folder, pulumi)));
  const engine = onPath === undefined ? "no pulumi" : await fromFolder(system, onPath, "path");
  if (typeof engine !== "string") return engine;
  failures.push({ place: "on the PATH", cause: engine });

  const cached = await fromCache(system);
  if (!cached) failures.push({ place: "in the cache", cause: `no engine ${WANTED_VERSION} in ${cacheFolder(system)}` });
  return cached;
}

async function fromFolder(system: EngineSystem, bin: string, source: EngineSource): Promise<Engine | string> {
  const inspection = await inspectFolder(system, bin);
  if ("problem" in inspection) return inspection.problem;
  if (inspection.hasLauncher) return describe(system, source, inspection.version, [bin]);
  const launcher = join(cacheFolder(system), "launcher");
  try {
    await writeLauncher(system.platform, launcher);
  } catch (error) {
    return `no pulumi-resource-pulumi-nodejs beside it, and none could be written: ${(error as Error).message}`;
  }
  return describe(system, source, inspection.version, [bin, launcher]);
}

/** Written last into an engine that was seen to run, so a cache hit starts no program. */
interface Proof {
  version: string;
  platform: string;
  arch: string;
}

const PROOF = "engine.json";

async function fromCache(system: EngineSystem): Promise<Engine | undefined> {
  const root = join(cacheFolder(system), WANTED_VERSION);
  try {
    const proof = JSON.parse(await readFile(join(root, PROOF), "utf8")) as Proof;
    // A home folder shared between machines of different kinds holds the other kind's engine.
    if (proof.platform !== system.platform || proof.arch !== system.arch) return undefined;
    if (!existsSync(join(root, "bin", programName(system.platform, "pulumi")))) return undefined;
    return describe(system, "cache", proof.version, [join(root, "bin")]);
  } catch {
    return undefined;
  }
}

async function make(system: EngineSystem, failures: EngineFailure[]): Promise<Engine> {
  const folder = cacheFolder(system);
  await removeLeftovers(folder);
  const ways = [
    { source: "installer", place: "Pulumi's installer", fill: runInstaller },
    { source: "build", place: "a build from Go modules", fill: buildEngine },
  ] as const;
  for (const { source, place, fill } of ways) {
    const partial = await mkdtemp(join(folder, PARTIAL));
    try {
      const cause = (await fill(system, partial)) ?? (await prove(system, partial));
      if (cause === undefined) {
        const root = join(folder, WANTED_VERSION);
        await rm(root, { recursive: true, force: true });
        await rename(partial, root);
        return describe(system, source, WANTED_VERSION, [join(root, "bin")]);
      }
      failures.push({ place, cause });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  throw new EngineError(failures);
}

const PARTIAL = `${WANTED_VERSION}.partial-`;

/** What builds that were killed left behind; nobody is building now, since we hold the lock. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(PARTIAL)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Completes a fresh engine and sees it run; gives back what is wrong with it. */
async function prove(system: EngineSystem, root: string): Promise<string | undefined> {
  const bin = join(root, "bin");
  const inspection = await inspectFolder(system, bin);
  if ("problem" in inspection) return inspection.problem;
  if (inspection.version !== WANTED_VERSION) return `it gave ${inspection.version} instead of ${WANTED_VERSION}`;
  if (!existsSync(join(bin, launcherName(system.platform)))) await writeLauncher(system.platform, bin);
  const proof: Proof = { version: inspection.version, platform: system.platform, arch: system.arch };
  await writeFile(join(root, PROOF), JSON.stringify(proof));
  return undefined;
}

function describe(system: EngineSystem, source: EngineSource, version: string, folders: string[]): Engine {
  return {
    bin: folders[0] ?? "",
    version,
    source,
    env: (base = system.env) => {
      const key = pathKey(base);
      const rest = pathFolders(base);
      // An engine from the PATH shares its folder with other programs: moved to the front it could bring another node.
      const path =
        source === "path" ? [...rest, ...folders.filter((folder) => !rest.includes(folder))] : [...folders, ...rest];
      return { ...base, [key]: path.join(delimiter) };
    },
  };
}
