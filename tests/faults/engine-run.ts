import { type ChildProcess } from "node:child_process";

/** A `pulumi` process and what it said. */
export class EngineRun {
  /** What it printed so far, on either stream. */
  output = "";
  /** It went on for ever and was ended. */
  hung = false;
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  private readonly watches = new Set<() => void>();

  /** @param deadlineMs no run may take longer: what does is a hang */
  constructor(
    private readonly child: ChildProcess,
    deadlineMs = 90_000,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        for (const look of this.watches) look();
      });
    }
    const timer = setTimeout(() => {
      this.hung = true;
      child.kill("SIGKILL");
    }, deadlineMs);
    // Not "close": what outlives the process holds its streams open.
    this.ended = new Promise((resolve) => child.once("exit", resolve));
    void this.ended.then(() => clearTimeout(timer));
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Until it has said this, or has ended. */
  async said(text: string): Promise<void> {
    await Promise.race([
      this.ended,
      new Promise<void>((resolve) => {
        const look = () => {
          if (!this.output.includes(text)) return;
          this.watches.delete(look);
          resolve();
        };
        this.watches.add(look);
        look();
      }),
    ]);
  }
}
