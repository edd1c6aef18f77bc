/** Time as the provider sees it; tests bring their own. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Spaces calls so that no second holds more than the given number; the account's limit is shared with its payments. */
export class Limiter {
  private next = 0;

  constructor(
    private readonly maxPerSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the next call may be sent. */
  async acquire(): Promise<void> {
    const now = this.clock.now();
    // Up to one second's worth may go at once after a pause.
    const earliest = Math.max(this.next, now - 1_000);
    this.next = earliest + 1_000 / this.maxPerSecond;
    if (this.next > now) await this.clock.sleep(this.next - now);
  }
}
