import { type Clock } from "./limiter";
import { type Outcome, type Progress, retryDelay, retryReason } from "./retry";

/** What is known of a call after some of its attempts. */
export interface SoFar {
  attempts: number;
  /** Milliseconds since the first attempt began. */
  elapsedMs: number;
  /** Stripe's ids of those that were answered, in order. */
  requestIds: string[];
  /** An attempt came to nothing that tells whether it was carried out. */
  inDoubt: boolean;
}

/** The attempts of one call: counted, timed, and whether there is to be another one. */
export class Attempts {
  private count = 0;
  private readonly requestIds: string[] = [];
  private readonly reasons: Progress["reasons"] = {};
  private inDoubt = false;
  private firstAt = 0;
  private attemptAt = 0;
  private spentMs = 0;

  constructor(private readonly clock: Clock) {}

  /** An attempt is being sent. */
  begin(): void {
    this.attemptAt = this.clock.now();
    if (this.count === 0) this.firstAt = this.attemptAt;
    this.count++;
  }

  /** The attempt was answered, by whomever. */
  answered(requestId: string | undefined): void {
    if (requestId !== undefined) this.requestIds.push(requestId);
  }

  /**
   * Milliseconds until the next attempt; undefined where the outcome of this one stands.
   * @param now `random` in [0, 1) spreads the delays; `stormMs` says for how many milliseconds Stripe has refused everybody's calls: they take
   * turns, so each of many would be patient for many times as long as one
   */
  delay(outcome: Outcome, { random, stormMs = 0 }: { random: number; stormMs?: number }): number | undefined {
    const reason = retryReason(outcome);
    if (reason === undefined) return undefined;
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    // Whether it was carried out isn't known of what failed; of what was refused, it is.
    if (reason === "failure") this.inDoubt = true;
    this.spentMs += Math.max(0, this.clock.now() - this.attemptAt);
    const { count: attempts, reasons } = this;
    const spentMs = Math.max(this.spentMs, stormMs);
    const delay = retryDelay(reason, { attempts, reasons, spentMs, random });
    this.spentMs += delay ?? 0;
    return delay;
  }

  soFar(): SoFar {
    const { count: attempts, requestIds, inDoubt } = this;
    // What was waited for has passed, also by a clock that stands still.
    const elapsedMs = Math.max(this.clock.now() - this.firstAt, this.spentMs);
    return { attempts, elapsedMs, requestIds: [...requestIds], inDoubt };
  }
}
