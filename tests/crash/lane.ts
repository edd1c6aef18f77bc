import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Emulator } from "../../emulator";
import { type StateResource, until, Workspace } from "../e2e/workspace";
import { type Watched, watchedEmulator } from "../faults/lanes";
import { Bookkeeper } from "../faults/bookkeeper";
import { commands } from "./method";
import { EngineRun } from "../faults/engine-run";
import { programOf, type Version } from "./program";

/** What the engine keeps of a stack. */
export interface Deployment {
  resources: (StateResource & { delete?: boolean })[];
  pending_operations?: { type: string; resource: { urn: string } }[];
}

/** An account and a stack of its own, used for one case after the other. */
export class Lane {
  /** Of the account since the last reset. */
  books: Bookkeeper;

  private constructor(
    readonly emulator: Emulator,
    private readonly workspace: Workspace,
    private readonly onWrite: Watched["onWrite"],
  ) {
    this.books = new Bookkeeper(emulator);
    cpSync(this.stateFolder, this.emptyState, { recursive: true });
  }

  /** @param packageFolder of this package: the repository where left out, or a copy of it with a defect */
  static async open(packageFolder?: string): Promise<Lane> {
    const { emulator, onWrite } = await watchedEmulator();
    const workspace = await Workspace.open(emulator, { stackName: "crash", packageFolder });
    // The emulator has no limit to keep to; and a request that is never answered shall not hold a host up for long.
    workspace.setEnv({ STRIPE_MAX_REQUESTS_PER_SECOND: "1000", STRIPE_TIMEOUT_SECONDS: "5" });
    return new Lane(emulator, workspace, onWrite);
  }

  /** An empty account, and a stack that nothing was ever in. */
  reset(): void {
    this.emulator.reset();
    this.books = new Bookkeeper(this.emulator);
    this.onWrite.call = () => this.books.look();
    rmSync(this.stateFolder, { recursive: true });
    cpSync(this.emptyState, this.stateFolder, { recursive: true });
  }

  /** `pulumi up` as a pipeline runs it. */
  up(version: Version, { checkpoints = true, expectNoChanges = false } = {}): EngineRun {
    this.workspace.program(programOf(version));
    const args = ["up", "--yes", "--skip-preview", "--non-interactive"];
    const env: Record<string, string> = checkpoints ? {} : { PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "1" };
    return new EngineRun(this.workspace.pulumi([...args, ...(expectNoChanges ? ["--expect-no-changes"] : [])], env));
  }

  /** `pulumi cancel`, which a lock that was left asks for. */
  cancel(): EngineRun {
    return new EngineRun(this.workspace.pulumi(["cancel", "--yes"]));
  }

  /** What is in state, secrets decrypted. */
  async deployment(): Promise<Deployment> {
    return (await this.workspace.stack.exportStack()).deployment as Deployment;
  }

  /** Where the engine writes state. */
  get stacksFolder(): string {
    return join(this.stateFolder, "stacks", "e2e");
  }

  processes(holding: string): number[] {
    return this.workspace.processes(holding);
  }

  /**
   * Whether all that runs code of this package has ended by itself. Not asked of the engine's language host: killed with its engine
   * it stays for minutes (measured with 3.259.0), and only waits.
   */
  async isQuiet(withinMs: number): Promise<boolean> {
    const ours = [...commands.host, commands.program[0] ?? ""];
    return until(() => ours.every((text) => this.processes(text).length === 0), withinMs).then(
      () => true,
      () => false,
    );
  }

  endLeftovers(): void {
    this.workspace.endLeftovers();
  }

  async close(): Promise<void> {
    this.workspace.close();
    await this.emulator.close();
  }

  private get stateFolder(): string {
    return join(this.workspace.folder, "state", ".pulumi");
  }

  private get emptyState(): string {
    return join(this.workspace.folder, "empty-state");
  }
}
