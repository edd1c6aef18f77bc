/** Time as the provider sees it; tests bring their own. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Lets no second hold more than the given number of calls; the account's limit is shared with its payments. */
export class Limiter {
  /** When the newest calls were let go, or will be, oldest first. */
  private readonly latest: number[] = [];

  constructor(
    private readonly maxPerSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the next call may be sent. */
  async acquire(): Promise<void> {
    const now = this.clock.now();
    const full = this.latest.length >= this.maxPerSecond ? (this.latest.shift() ?? now) : -Infinity;
    const at = Math.max(now, full + 1_000);
    this.latest.push(at);
    // A clock that was set back must not stop the run.
    if (at > now) await this.clock.sleep(Math.min(at - now, 60_000));
  }
}
