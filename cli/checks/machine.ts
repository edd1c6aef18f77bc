import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { parseObject } from "../../provider/json";
import { type Engine, EngineError, type EngineFailure, findEngine } from "../../tools/engine/get-engine";
import { type EngineSystem } from "../../tools/engine/system";
import { isUsable, OLDEST_VERSION } from "../../tools/engine/version";
import { installCommand } from "../own-package";
import { findProject, type ProjectPlace } from "../project";
import { failed, type Finding, ok, skipped, warning } from "./finding";

/** The oldest Node that `engines` of this package takes. */
const oldestNode = [20, 19] as const;

/** @param version without a leading `v` */
export function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return ok("node", `Node ${version}`);
  const wanted = oldestNode.join(".");
  return failed(
    "node",
    `Node ${version} is older than ${wanted}`,
    `install Node ${wanted} or newer, here and wherever pulumi up runs: https://nodejs.org`,
  );
}

/** Looks for an engine; none is made. */
export async function lookAtEngine(system: EngineSystem): Promise<{ finding: Finding; engine?: Engine }> {
  const failures: EngineFailure[] = [];
  try {
    const engine = await findEngine(system, failures);
    if (engine !== undefined) return { finding: ok("engine", `Pulumi ${engine.version} in ${engine.bin}`), engine };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    failures.push(...error.failures);
  }
  const causes = failures.map(({ place, cause }) => `${place}: ${cause}`).join("; ");
  const remedy = `stripe-as-code engine installs one (${OLDEST_VERSION} or newer is needed)`;
  return { finding: failed("engine", `there is no usable Pulumi engine (${causes})`, remedy) };
}

/**
 * Looks at the packages that the program in a folder gets.
 * @param ownVersion of the package this command is part of
 */
export function lookAtPackages(folder: string, ownVersion: string): Finding[] {
  const place = findProject(folder);
  if (place === undefined) {
    const [message, remedy] = [`there is no Pulumi project in ${folder}`, "go to its folder, or name it with --cwd"];
    return [skipped("pulumi-sdk", message, remedy), skipped("package", message, remedy)];
  }
  const program = programFolder(place);
  return [lookAtSdk(versionOf("@pulumi/pulumi", program)), lookAtOwn(versionOf("stripe-as-code", program), ownVersion)];
}

function lookAtSdk(version: string | undefined): Finding {
  // Newer ones want a newer Node than this package does.
  const remedy = `npm install @pulumi/pulumi@${OLDEST_VERSION}`;
  const range = `${OLDEST_VERSION} or newer, below 4`;
  if (version === undefined) return failed("pulumi-sdk", "the program finds no @pulumi/pulumi", remedy);
  if (isUsable(version)) return ok("pulumi-sdk", `@pulumi/pulumi ${version}`);
  return failed("pulumi-sdk", `@pulumi/pulumi is ${version}, needed is ${range}`, remedy);
}

function lookAtOwn(version: string | undefined, ownVersion: string): Finding {
  if (version === undefined) {
    return failed("package", "the program finds no stripe-as-code", installCommand());
  }
  if (version === ownVersion) return ok("package", `stripe-as-code ${version}`);
  return warning(
    "package",
    `the program has stripe-as-code ${version}, this command is of ${ownVersion}: it may know other kinds and settings`,
    "run npx stripe-as-code doctor in the project's folder, which takes the project's own",
  );
}

/** Where the engine runs the program of a project; the file may be one that can't be read otherwise. */
function programFolder({ folder, file }: ProjectPlace): string {
  const text = readFileSync(join(folder, file), "utf8");
  const main = /^\s*"?main"?:\s*["']?([^"'\s#,]+)/m.exec(text)?.[1];
  if (main === undefined) return folder;
  return resolve(folder, extname(main) === "" ? main : dirname(main));
}

/** Version of the package that a program in `folder` would load; undefined where it would find none. */
function versionOf(name: string, folder: string): string | undefined {
  try {
    const file = createRequire(join(folder, "index.js")).resolve(`${name}/package.json`);
    const version = parseObject(readFileSync(file, "utf8"))?.version;
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
