// Makes a fresh clone ready to work: packages, dist/, the Pulumi engine. Needs Node and npm only, and Go where there is
// no Pulumi; so nothing from node_modules may be imported here. What is in place already is not done again.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { argv, env, execPath, getuid, platform, stdout } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The repository's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const SOURCES = ["provider", "sdk", "emulator", "cli", "tools"];
const BUILD_SETTINGS = ["tsconfig.json", "tsconfig.build.json", "package-lock.json"];
// In node_modules: never committed, never packed, and gone when the packages the build depends on are.
const BUILT = join(root, "node_modules", ".cache", "stripe-as-code", "built");

// Where Debian has the programs of each version.
const POSTGRES = "/usr/lib/postgresql";

/** A step that failed after it had said why. */
export class StepFailed extends Error {}

/** Prints the headline of a step. */
export function announce(text) {
  console.log(stdout.isTTY && !env.NO_COLOR ? `\x1b[1m▸ ${text}\x1b[0m` : `▸ ${text}`);
}

/**
 * Makes this checkout ready, announcing each step.
 * @returns {{ bin: string, version: string, source: string, path: string[] }} the Pulumi engine; `path` is what the PATH needs
 */
export function setUp() {
  installPackages();
  build();
  installChromium();
  installPostgres();
  return getEngine();
}

function installPackages() {
  const folder = join(root, "node_modules");
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    const text = `node_modules is a symbolic link to ${readlinkSync(folder)}, which npm ci would empty: remove the link`;
    throw new StepFailed(`${text}, and run again to have packages of this folder's own`);
  }
  if (packagesAreCurrent()) return announce("packages: as package-lock.json wants them");
  announce("packages: npm ci");
  // On Windows npm is a .cmd file, which only a shell runs.
  run("npm", ["ci", "--no-audit", "--no-fund"], { shell: platform === "win32" });
}

/**
 * Compares what npm noted of its last installation with the lock file. Not by age: a fresh checkout of another branch
 * makes every file new, and a restored cache makes none.
 */
function packagesAreCurrent() {
  const wanted = readPackages("package-lock.json");
  const present = readPackages("node_modules/.package-lock.json");
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const there = present[path];
    if (path === "") return true;
    if (!there) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  } catch {
    return undefined;
  }
}

function build() {
  const sources = SOURCES.flatMap(listFiles).filter((path) => path.endsWith(".ts"));
  const state = hash([...sources, ...BUILD_SETTINGS]);
  const main = join(root, "dist", "cli", "main.js");
  if (existsSync(main) && existsSync(BUILT) && readFileSync(BUILT, "utf8") === state) {
    return announce("dist/: as the sources want it");
  }
  announce("dist/: compiling");
  rmSync(BUILT, { force: true });
  run(execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]);
  removeOrphans(new Set(sources));
  chmodSync(main, 0o755);
  mkdirSync(dirname(BUILT), { recursive: true });
  writeFileSync(BUILT, state);
}

/** Removes what was compiled from sources that are gone: a test could go on using it. */
function removeOrphans(sources) {
  for (const path of listFiles("dist")) {
    const source = path.replace(/^dist\//, "").replace(/(\.d\.ts|\.js|\.js\.map)$/, ".ts");
    if (!sources.has(source)) rmSync(join(root, path));
  }
}

/** Paths of all files under `folder`, relative to the repository, with forward slashes. */
function listFiles(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? listFiles(`${folder}/${entry.name}`) : `${folder}/${entry.name}`))
    .sort();
}

function hash(paths) {
  const digest = createHash("sha256");
  for (const path of paths)
    digest
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return digest.digest("hex");
}

/** For tests/browser, which are skipped where there is none. */
function installChromium() {
  const chromium = env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  if (existsSync(chromium)) return announce(`browser: ${chromium}`);
  installFromDebian("browser", "chromium", "CHROMIUM_PATH");
}

/** For tests/e2e/teams.test.ts, which is skipped where there is none. */
function installPostgres() {
  const folders = [env.POSTGRES_BIN, ...listVersions(POSTGRES), ...(env.PATH ?? "").split(delimiter)].filter(Boolean);
  const bin = folders.find((folder) => existsSync(join(folder, "initdb")));
  if (bin !== undefined) return announce(`database: PostgreSQL in ${bin}`);
  // Debian's package makes a server that starts with the machine, unless it is told not to: the test has one of its own.
  const alone = "/etc/postgresql-common/createcluster.d/stripe-as-code.conf";
  const isRoot = getuid?.() === 0;
  if (isRoot) {
    mkdirSync(dirname(alone), { recursive: true });
    writeFileSync(alone, "create_main_cluster = false\n");
  }
  installFromDebian("database", "postgresql", "POSTGRES_BIN");
  if (isRoot) rmSync(alone, { force: true });
}

function listVersions(folder) {
  return existsSync(folder) ? readdirSync(folder).map((version) => join(folder, version, "bin")) : [];
}

/** Only where it is one command and asks nobody: root on Debian. */
function installFromDebian(what, name, variable) {
  if (!existsSync("/usr/bin/apt-get") || getuid?.() !== 0) {
    return announce(`${what}: none, so its tests are skipped (install ${name}, or set ${variable})`);
  }
  announce(`${what}: apt-get install ${name}`);
  const options = { stdio: ["ignore", "ignore", "inherit"], env: { ...env, DEBIAN_FRONTEND: "noninteractive" } };
  spawnSync("apt-get", ["-qq", "update"], options);
  const { status } = spawnSync("apt-get", ["-qq", "install", "--yes", "--no-install-recommends", name], options);
  if (status !== 0) announce(`${what}: ${name} could not be installed`);
}

function getEngine() {
  const result = spawnSync(execPath, [join(root, "dist", "cli", "main.js"), "engine", "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (result.status !== 0) throw new StepFailed("no Pulumi engine");
  const engine = JSON.parse(result.stdout);
  announce(`engine: Pulumi ${engine.version} in ${engine.bin}`);
  return engine;
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (status !== 0) throw new StepFailed(`${command} ${args.join(" ")}: ${error?.message ?? `exit code ${status}`}`);
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  try {
    setUp();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(`error: set-up stopped: ${error.message}`);
    process.exitCode = 1;
  }
}
