import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { getEngine } from "../../tools/engine/get-engine";
import { killAll, processesOf } from "./workspace";

const repository = resolve(__dirname, "../..");

/** How a command ended, and what it printed on both streams. */
export interface Run {
  code: number | null;
  out: string;
}

/** A copy of an example, as somebody has it who copied it, with a Pulumi home, an environment and, unless named, a state of its own. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "stripe-as-code-"));

  readonly stateFolder = join(this.folder, ".state");

  private constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** @param options.link puts the packages where the program finds them; false leaves that to the caller */
  static async of(example: string, env: NodeJS.ProcessEnv, { link = true } = {}): Promise<Checkout> {
    const { PATH } = (await getEngine()).env();
    const inherited = Object.entries(process.env).filter(([name]) => !/^(PULUMI|STRIPE)_/.test(name));
    const checkout = new Checkout({ ...Object.fromEntries(inherited), PATH, PULUMI_SKIP_UPDATE_CHECK: "true" });
    mkdirSync(checkout.stateFolder);
    Object.assign(checkout.env, {
      PULUMI_HOME: join(checkout.folder, ".home"),
      PULUMI_BACKEND_URL: `${pathToFileURL(checkout.stateFolder).href}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: "e2e",
      ...env,
    });
    cpSync(join(repository, "examples", example), checkout.folder, { recursive: true });
    if (link) linkPackages(join(checkout.folder, "node_modules"));
    return checkout;
  }

  /** Runs lines of bash as a job of a pipeline does: the first that fails ends them. */
  async run(script: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
    const child = this.start("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], env);
    return ended(child);
  }

  /**
   * Runs lines of bash that have to succeed.
   * @throws Error with all that was printed
   */
  async succeed(script: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, out } = await this.run(script, env);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${out}`);
    return out;
  }

  /** A process of its own, which may be killed. */
  start(command: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(command, args, { cwd: this.folder, env: { ...this.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Ends what a killed engine left behind, and removes the copy. */
  close(): void {
    killAll(processesOf(this.folder, ""));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits for a process's end. */
export function ended(child: ChildProcess): Promise<Run> {
  let out = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out }));
  });
}

function linkPackages(folder: string): void {
  mkdirSync(join(folder, "@pulumi"), { recursive: true });
  mkdirSync(join(folder, ".bin"));
  symlinkSync(repository, join(folder, "stripe-as-code"));
  const main = join(repository, "dist", "cli", "main.js");
  // As npm does with what a package offers to run.
  chmodSync(main, 0o755);
  symlinkSync(main, join(folder, ".bin", "stripe-as-code"));
  for (const name of ["@pulumi/pulumi", "@types", "typescript"]) {
    symlinkSync(join(repository, "node_modules", name), join(folder, name));
  }
}
