import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { finish } from "../unit/command-line";
import { type Workspace } from "./workspace";

export const repository = resolve(__dirname, "../..");

/** What `stripe-as-code export` writes, in a folder of a workspace, with the stack `copy`. */
export class ExportedProject {
  readonly folder: string;

  constructor(private readonly workspace: Workspace) {
    this.folder = join(workspace.folder, "exported");
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.workspace.stack.workspace.envVars };
  }

  text(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  export(...args: string[]): ReturnType<typeof finish> {
    return finish(["export", "--out", this.folder, ...args], { env: this.env });
  }

  import(...args: string[]): ReturnType<typeof finish> {
    return this.onStack("import", join(this.folder, "import.json"), ...args);
  }

  /** The same in an environment of its own. */
  importWith(env: NodeJS.ProcessEnv): ReturnType<typeof finish> {
    const args = ["import", join(this.folder, "import.json"), "--cwd", this.folder, "--stack", "copy"];
    return finish(args, { env: { ...this.env, ...env } });
  }

  /** The command line in the project as a process of its own, with a group of its own. */
  start(...args: string[]): ChildProcess {
    const cli = join(repository, "dist", "cli", "main.js");
    return spawn(process.execPath, [cli, ...args], {
      cwd: this.folder,
      env: this.env,
      stdio: "ignore",
      detached: true,
    });
  }

  drift(...args: string[]): ReturnType<typeof finish> {
    return this.onStack("drift", ...args);
  }

  /** `pulumi`, in the project. */
  async pulumi(...args: string[]): Promise<string> {
    try {
      const options = { cwd: this.folder, env: this.env };
      return (await promisify(execFile)("pulumi", [...args, "--non-interactive"], options)).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${stdout}\n${stderr}`);
    }
  }

  /** What `npm install` does, from the packages of the repository, and the stack. */
  async install(): Promise<void> {
    const packages = join(this.folder, "node_modules");
    mkdirSync(join(packages, "@pulumi"), { recursive: true });
    symlinkSync(repository, join(packages, "stripe-as-code"));
    for (const name of ["@pulumi/pulumi", "@types", "typescript"]) {
      symlinkSync(join(repository, "node_modules", name), join(packages, name));
    }
    await this.pulumi("stack", "init", "copy");
  }

  private onStack(...args: string[]): ReturnType<typeof finish> {
    return finish([...args, "--cwd", this.folder, "--stack", "copy"], { env: this.env });
  }
}
