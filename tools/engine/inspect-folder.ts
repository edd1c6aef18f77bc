import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { launcherName } from "./launcher";
import { type EngineSystem } from "./system";
import { isUsable, OLDEST_VERSION, parseVersion } from "./version";

/** What a folder with an engine was found to hold, or why it is no use. */
export type Inspection = { version: string; hasLauncher: boolean } | { problem: string };

/** The file name of a program of the engine on this platform. */
export function programName(platform: NodeJS.Platform, name: string): string {
  return platform === "win32" ? `${name}.exe` : name;
}

/** Folders on the PATH, in its order. */
export function pathFolders(env: NodeJS.ProcessEnv): string[] {
  return (env[pathKey(env)] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** The name the PATH has in this environment: Windows writes `Path`, and a copied environment keeps that spelling. */
export function pathKey(env: NodeJS.ProcessEnv): string {
  return Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
}

/** Looks at the engine in `folder`: it must run, be new enough, and find its Node.js language host. */
export async function inspectFolder(system: EngineSystem, folder: string): Promise<Inspection> {
  const pulumi = join(folder, programName(system.platform, "pulumi"));
  if (!existsSync(pulumi)) return { problem: `no pulumi in ${folder}` };
  // The engine looks beside the file a link points to, then on the PATH.
  const places = [folder, dirname(realpathSync(pulumi)), ...pathFolders(system.env)];
  const holds = (name: string): boolean => places.some((place) => existsSync(join(place, name)));

  const probe = await runVersion(system, pulumi);
  if (probe.code !== 0) {
    return {
      problem: `${pulumi} doesn't run: ${probe.problem ?? lastLine(probe.stderr) ?? `exit code ${probe.code}`}`,
    };
  }
  const version = parseVersion(probe.stdout);
  if (!version) return { problem: `${pulumi} doesn't tell its version` };
  if (!isUsable(version)) return { problem: `${pulumi} is ${version}, needed is ${OLDEST_VERSION} or newer (below 4)` };
  const languageHost = programName(system.platform, "pulumi-language-nodejs");
  if (!holds(languageHost)) return { problem: `${pulumi} has no ${languageHost} beside it` };
  return { version, hasLauncher: holds(launcherName(system.platform)) };
}

/** Asks for the version with a throw-away home: even `pulumi version` leaves log files in it. */
async function runVersion(system: EngineSystem, pulumi: string) {
  // At once: the caller may have much to load while the program runs.
  const home = mkdtempSync(join(tmpdir(), "stripe-as-code-"));
  try {
    const env = { ...system.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
    return await system.run(pulumi, ["version"], { env, timeoutMs: 30_000 });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The last line that says something; undefined when none does. */
export function lastLine(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "");
}
