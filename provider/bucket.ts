export interface Rate {
  /** Calls per second to begin with. */
  start: number;
  /** Calls per second never exceeded. */
  max: number;
}

/** Never slower, however often Stripe refuses: a call every two seconds keeps a run alive and hurts nobody. */
const slowest = 0.5;

/** Refusals further apart than this are not one storm: in between nobody asked. */
const lullMs = 30_000;

/**
 * A token bucket whose rate follows what Stripe says: halved where it refuses, one call per second more for each second's
 * worth of calls it takes (additive increase, multiplicative decrease, as TCP does). It holds one second's worth of tokens,
 * at least one, so in any window of T seconds there are at most `max(1, rate) + rate * T` calls, and beside that in no
 * second, wherever it begins, more than the maximum.
 */
export class Bucket {
  private rate: number;
  private tokens: number;
  private filledAt = -Infinity;
  /** When the newest calls were let go, oldest first: as many as one second may hold. */
  private readonly latest: number[] = [];
  /** Counts the times the rate was halved: a call let go before the last time can't move it any more. */
  private halvings = 0;
  /** When the first and the last of the refusals came that no call was taken in between of. */
  private storm: { since: number; until: number } | undefined;

  constructor(private readonly limits: Rate) {
    this.rate = Math.min(limits.start, limits.max);
    this.tokens = this.depth;
  }

  get perSecond(): number {
    return this.rate;
  }

  /**
   * Whole milliseconds until a call may go.
   * @param now in milliseconds; never less than before
   */
  waitMs(now: number): number {
    this.fill(now);
    const forToken = this.tokens >= 1 ? 0 : ((1 - this.tokens) / this.rate) * 1000;
    const oldest = this.latest.length < this.mostInOneSecond ? -Infinity : (this.latest[0] ?? -Infinity);
    // Less than a millionth of a millisecond is an error of rounding.
    return Math.max(0, Math.ceil(Math.max(forToken, oldest + 1000 - now) - 1e-6));
  }

  /** Lets a call go. Returns what {@link halve} and {@link recover} want to know of it. */
  take(now: number): number {
    this.fill(now);
    this.tokens = Math.max(0, this.tokens - 1);
    this.latest.push(now);
    if (this.latest.length > this.mostInOneSecond) this.latest.shift();
    return this.halvings;
  }

  /**
   * Stripe refused a call for its rate. Of a volley that is refused only the first call counts.
   * @returns milliseconds for which Stripe has refused all and taken none
   */
  halve(taken: number, now: number): number {
    const { since, until } = this.storm ?? { since: now, until: now };
    this.storm = { since: now - until > lullMs ? now : since, until: now };
    this.slowDown(taken, now);
    return now - this.storm.since;
  }

  private slowDown(taken: number, now: number): void {
    if (taken !== this.halvings) return;
    this.fill(now);
    this.halvings++;
    this.rate = Math.max(Math.min(slowest, this.limits.max), this.rate / 2);
    this.tokens = Math.min(this.tokens, this.depth);
  }

  /** Stripe took a call. */
  recover(taken: number, now: number): void {
    this.storm = undefined;
    if (taken !== this.halvings) return;
    this.fill(now);
    this.rate = Math.min(this.limits.max, this.rate + 1 / Math.max(1, this.rate));
  }

  private get depth(): number {
    return Math.max(1, this.rate);
  }

  private get mostInOneSecond(): number {
    return Math.max(1, Math.floor(this.limits.max));
  }

  private fill(now: number): void {
    const seconds = Math.max(0, now - this.filledAt) / 1000;
    this.filledAt = now;
    this.tokens = Math.min(this.depth, this.tokens + seconds * this.rate);
  }
}
