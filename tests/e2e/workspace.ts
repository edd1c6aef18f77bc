import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { getEngine } from "../../tools/engine/get-engine";

const repository = resolve(__dirname, "../..");

/** A Pulumi project in a temporary folder, with a state folder, a Pulumi home and a stack of its own. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "stripe-as-code-"));
  stack!: Stack;
  private readonly env: Record<string, string>;

  private constructor(
    emulator: Emulator,
    path: string,
    private readonly stackName: string,
  ) {
    this.env = {
      PATH: path,
      PULUMI_HOME: join(this.folder, "home"),
      // Without files for metadata beside the state: an engine killed as it writes one leaves it empty, and then no run reads the
      // state any more (measured with 3.259.0: "failed to load checkpoint: EOF").
      PULUMI_BACKEND_URL: `${pathToFileURL(join(this.folder, "state")).href}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: "e2e",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      STRIPE_API_KEY: emulator.apiKey,
      STRIPE_API_BASE: emulator.url,
    };
  }

  /**
   * @param options.link puts this package and @pulumi/pulumi where the program finds them; false leaves that to the caller
   * @param options.packageFolder where this package is: the repository, or a copy of it
   */
  static async open(
    emulator: Emulator,
    { link = true, stackName = "e2e", packageFolder = repository } = {},
  ): Promise<Workspace> {
    const engine = await getEngine();
    const workspace = new Workspace(emulator, engine.env().PATH ?? "", stackName);
    mkdirSync(join(workspace.folder, "state"));
    if (link) {
      mkdirSync(join(workspace.folder, "node_modules", "@pulumi"), { recursive: true });
      symlinkSync(packageFolder, join(workspace.folder, "node_modules", "stripe-as-code"));
      symlinkSync(
        join(repository, "node_modules", "@pulumi", "pulumi"),
        join(workspace.folder, "node_modules/@pulumi/pulumi"),
      );
    }
    // Else one that somebody left in a folder above would tell what this package resolves to.
    writeFileSync(join(workspace.folder, "package.json"), '{ "name": "e2e", "private": true }\n');
    writeFileSync(
      join(workspace.folder, "Pulumi.yaml"),
      "name: e2e\nruntime:\n  name: nodejs\n  options: { typescript: false }\n",
    );
    workspace.program("");
    await workspace.select();
    return workspace;
  }

  /** Selects the stack, making it where there is none. */
  async select(): Promise<void> {
    const engine = await getEngine();
    // The Automation API looks for the engine on this process's own PATH, and asks it for its version, which keeps logs.
    process.env.PATH = engine.env().PATH;
    process.env.PULUMI_HOME = this.env.PULUMI_HOME;
    this.stack = await LocalWorkspace.createOrSelectStack(
      { stackName: this.stackName, workDir: this.folder },
      { pulumiCommand: await PulumiCommand.get(), envVars: this.env },
    );
  }

  /** What the program is from now on; `pulumi` and `stripe` are at hand, and `exports` is the stack's outputs. */
  program(source: string): void {
    const imports = 'const pulumi = require("@pulumi/pulumi");\nconst stripe = require("stripe-as-code");\n';
    writeFileSync(join(this.folder, "index.js"), imports + source);
  }

  /** Sets what the runs to come see in their environment. */
  setEnv(env: Record<string, string>): void {
    Object.assign(this.env, env);
    this.stack.workspace.envVars = { ...this.env };
  }

  /**
   * A `pulumi` process of its own, where the Automation API would be in the way: it can be killed.
   * @param args for this stack, unless they name another one with `--stack`
   */
  pulumi(args: string[], env: Record<string, string> = {}): ChildProcess {
    const stack = args.includes("--stack") ? [] : ["--stack", this.stackName];
    return spawn("pulumi", [...args, ...stack], {
      cwd: this.folder,
      env: { ...process.env, ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs a `pulumi` command that the Automation API doesn't have. */
  async command(...args: string[]): Promise<void> {
    const options = { cwd: this.folder, env: { ...process.env, ...this.env } };
    await promisify(execFile)("pulumi", [...args, "--stack", this.stackName], options);
  }

  /** Runs `pulumi up` and kills the engine, and nothing but the engine, once something has come about. */
  async upKilledOnce(holds: () => boolean): Promise<void> {
    const engine = this.pulumi(["up", "--yes", "--skip-preview", "--non-interactive"]);
    const ended = once(engine, "exit");
    await until(holds);
    engine.kill("SIGKILL");
    await ended;
  }

  /** The resources of this package in state, by name, with secrets decrypted. */
  async resources(): Promise<Record<string, StateResource>> {
    return Object.fromEntries((await this.allResources()).map((entry) => [entry.urn.replace(/.*::/s, ""), entry]));
  }

  /** The same where names are not unique. */
  async allResources(): Promise<StateResource[]> {
    const { resources = [] } = (await this.stack.exportStack()).deployment as { resources?: StateResource[] };
    return resources.filter(({ type }) => type.startsWith("pulumi-nodejs:"));
  }

  /** Everything under the state folder as text: checkpoints, backups, history. */
  stateText(): string {
    return textUnder(join(this.folder, "state"));
  }

  /** Loses the stack's state, as a broken disk does. */
  async loseState(): Promise<void> {
    rmSync(join(this.folder, "state", ".pulumi"), { recursive: true });
    await this.select();
  }

  close(): void {
    this.endLeftovers();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ids of this workspace's processes whose command line holds the text. Linux only. */
  processes(holding: string): number[] {
    return processesOf(this.env.PULUMI_HOME ?? this.folder, holding);
  }

  /** Kills what a killed engine left behind: it knows this workspace's folder. */
  endLeftovers(): void {
    killAll(this.processes(""));
  }
}

/**
 * Ids of the processes that were started with a text in their environment, this one aside. Linux only.
 * @param holding what their command line holds
 */
export function processesOf(environment: string, holding: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => {
    try {
      const ours = readFileSync(`/proc/${name}/environ`, "utf8").includes(environment);
      const pid = Number(name);
      return ours && pid !== process.pid && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(holding)
        ? [pid]
        : [];
    } catch {
      // No process, or it ended meanwhile, or is not ours to look into.
      return [];
    }
  });
}

/** Kills processes, those that ended meanwhile aside. */
export function killAll(pids: number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

/**
 * For the tests of a file one emulator, and for each of them an empty account and a workspace of its own.
 * @param given is told before each test which they are
 */
export function eachInItsWorkspace(
  given: (emulator: Emulator, workspace: Workspace) => void,
  options: EmulatorOptions = {},
): void {
  let emulator: Emulator;
  let workspace: Workspace;
  beforeAll(async () => {
    emulator = await startEmulator(options);
  });
  beforeEach(async () => {
    emulator.reset();
    workspace = await Workspace.open(emulator);
    given(emulator, workspace);
  });
  afterEach(() => workspace.close());
  afterAll(() => emulator.close());
}

export interface StateResource {
  urn: string;
  type: string;
  id: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** The name of the resource that an object at Stripe, or what is sent to make one, is stamped with. */
export function stampedName(object: object): string | undefined {
  return (object as { metadata?: Record<string, string> }).metadata?.pulumi_name;
}

/** All files under a folder as text. */
export function textUnder(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
}

/** The mark the engine's JSON puts on a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** A value of an exported state with its secrets as they are. */
export function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value) return JSON.parse(String((value as { plaintext?: unknown }).plaintext)) as unknown;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

/** What a failed run of the engine printed. */
export async function failureOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the run succeeded although it should have failed");
}

/** Waits for what happens in another process. */
export async function until(holds: () => boolean, withinMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !holds();) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs / 1000} s in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
