import { Bucket, type Rate } from "./bucket";
import { type Config } from "./config";

/** Time as the provider sees it; tests bring their own. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** How fast one account may be asked, as a whole and at each endpoint. */
export interface Rates {
  account: Rate;
  endpoint: Rate;
}

/**
 * Stripe's published limits, requests per second: an account as a whole, and each endpoint (method and path) unless its page
 * says otherwise. https://docs.stripe.com/rate-limits
 */
const published = { live: 100, test: 25, endpoint: 25 };

/**
 * An account's limit is shared with its owner's payments, so a run starts at a quarter of it. The endpoints used here see
 * hardly any payments, so at each of them it starts at half. `stripe:maxRequestsPerSecond`, where it is set, is taken at its
 * word: the account starts there. The embedded Stripe on loopback has no payments to disturb: all starts at the maximum.
 */
export function ratesOf(config: Pick<Config, "livemode" | "apiBase" | "maxRequestsPerSecond" | "rateIsGiven">): Rates {
  const max = config.maxRequestsPerSecond;
  if (isLoopback(config.apiBase)) return { account: { start: max, max }, endpoint: { start: max, max } };
  const quarter = (config.livemode ? published.live : published.test) / 4;
  return {
    account: { start: config.rateIsGiven ? max : Math.min(quarter, max), max },
    endpoint: { start: Math.min(published.endpoint / 2, max), max },
  };
}

export function isLoopback(apiBase: string): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)/.test(apiBase);
}

/** A call that was let go, for what its answer tells about the limits. */
export interface Pass {
  /** Stripe took the call. */
  taken(): void;
  /**
   * Stripe refused it for its rate, and says which: `Stripe-Rate-Limited-Reason`, such as `endpoint-rate`.
   * @returns milliseconds for which Stripe has refused every call there, whosever it was
   */
  refused(reason: string | undefined): number;
}

interface Waiting {
  accounts: Bucket[];
  endpoint: Bucket;
  since: number;
  go: (pass: Pass) => void;
}

/**
 * Lets calls go, in the order they came, as fast as the account and the endpoint allow; a full endpoint holds up no call to
 * another one. Every account has buckets of its own: the key's own (null) and each connected one. To which of both Stripe
 * counts a call that acts on a connected account is unconfirmed, so such a call takes its turn in both.
 */
export class Limiter {
  private readonly accounts = new Map<string | null, Bucket>();
  private readonly endpoints = new Map<string, Bucket>();
  private readonly queue: Waiting[] = [];
  /** When the queue is looked at next. */
  private alarm = Infinity;
  private time = -Infinity;

  constructor(
    private readonly rates: Rates,
    private readonly clock: Clock,
    /** Told how many milliseconds a call waited. */
    private readonly onWait: (ms: number) => void = () => undefined,
  ) {}

  /**
   * Resolves when the call may be sent.
   * @param account the connected account, or null for the key's own
   * @param endpoint method and path template
   */
  acquire(account: string | null, endpoint: string): Promise<Pass> {
    return new Promise((go) => {
      const accounts = [...new Set([null, account])].map((id) => getOrMake(this.accounts, id, this.rates.account));
      const own = getOrMake(this.endpoints, `${account ?? ""} ${endpoint}`, this.rates.endpoint);
      this.queue.push({ accounts, endpoint: own, since: this.now(), go });
      this.letGo();
    });
  }

  private letGo(): void {
    const now = this.now();
    const own = getOrMake(this.accounts, null, this.rates.account);
    let soonest = Infinity;
    for (let index = 0; index < this.queue.length;) {
      const waiting = this.queue[index] as Waiting;
      const wait = Math.max(...[...waiting.accounts, waiting.endpoint].map((bucket) => bucket.waitMs(now)));
      if (wait > 0) {
        soonest = Math.min(soonest, now + wait);
        // All calls take their turn in the account's bucket: where it is empty, nobody behind may go either.
        if (own.waitMs(now) > 0) break;
        index++;
        continue;
      }
      this.queue.splice(index, 1);
      if (now > waiting.since) this.onWait(now - waiting.since);
      waiting.go(this.pass(waiting, now));
    }
    if (soonest < this.alarm) void this.wake(soonest, soonest - now);
  }

  private async wake(at: number, afterMs: number): Promise<void> {
    this.alarm = at;
    await this.clock.sleep(afterMs);
    // What was slept has passed, also by a clock that was set back or stands still.
    this.time = Math.max(this.time, at);
    if (this.alarm === at) this.alarm = Infinity;
    this.letGo();
  }

  private pass({ accounts, endpoint }: Waiting, now: number): Pass {
    const taken = [...accounts, endpoint].map((bucket) => ({ bucket, at: bucket.take(now) }));
    return {
      taken: () => taken.forEach(({ bucket, at }) => bucket.recover(at, this.now())),
      refused: (reason) => {
        // https://docs.stripe.com/rate-limits: global-rate, global-concurrency, endpoint-rate, endpoint-concurrency,
        // resource-specific. A refusal that gives no reason is taken for the account's.
        const isEndpoints = reason?.startsWith("endpoint") === true || reason === "resource-specific";
        const slowed = taken.filter(({ bucket }) => (bucket === endpoint) === isEndpoints);
        return Math.max(...slowed.map(({ bucket, at }) => bucket.halve(at, this.now())));
      },
    };
  }

  /** Never goes back. */
  private now(): number {
    this.time = Math.max(this.time, this.clock.now());
    return this.time;
  }
}

function getOrMake<Key>(buckets: Map<Key, Bucket>, key: Key, rate: Rate): Bucket {
  const found = buckets.get(key);
  if (found !== undefined) return found;
  const made = new Bucket(rate);
  buckets.set(key, made);
  return made;
}
