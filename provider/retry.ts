/** What one attempt came to: an answer, or none. */
export type Outcome =
  | {
      kind: "answer";
      status: number;
      /** `error.code` of the body. */
      code?: string;
      /** `Stripe-Should-Retry`. */
      shouldRetry: string | undefined;
      /** `Stripe-Rate-Limited-Reason`. */
      limitedBy?: string;
      replayed: boolean;
    }
  | { kind: "no-answer" }
  /** An answer that isn't Stripe's: no JSON. */
  | { kind: "garbled"; status: number };

/** Why a request is sent again. */
export type RetryReason =
  /** Refused for the rate of calls, before anything happened. */
  | "rate"
  /** Another request holds the object's lock: no word on the rate. https://docs.stripe.com/rate-limits#object-lock-timeouts */
  | "lock"
  /** The first request with this idempotency key is still running. */
  | "key-in-use"
  /** Stripe, or what stands before it, failed; or nothing came back. */
  | "failure"
  /** Stripe asks for it. */
  | "asked";

/** How often, how long, and after which delays a request is sent again. */
export interface Patience {
  /** Attempts that end with such an outcome. */
  maxAttempts: number;
  /** No attempt begins later than this after the first one; time in the limiter's queue doesn't count. */
  maxMs: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

/** Stripe's own clients start at 0.5 s, double, and stop growing at 5 s (stripe-node, RequestSender). */
const usual: Patience = { maxAttempts: 4, maxMs: 120_000, firstDelayMs: 500, maxDelayMs: 5_000 };

/**
 * What was refused before anything happened may be asked for longer: a big stack outlasts a busy account, and a run that is
 * killed while it waits leaves nothing behind. A lock or a key is held as long as another request runs.
 */
export const patience: Record<RetryReason, Patience> = {
  rate: { ...usual, maxAttempts: Infinity, maxDelayMs: 10_000 },
  lock: { ...usual, maxAttempts: Infinity, maxMs: 30_000 },
  "key-in-use": { ...usual, maxAttempts: Infinity, maxMs: 30_000 },
  failure: usual,
  asked: usual,
};

/** How far a call has come. */
export interface Progress {
  /** Attempts so far, from 1. */
  attempts: number;
  /** Of them, those that ended with each reason to send again, the last one included. */
  reasons: Partial<Record<RetryReason, number>>;
  /** Milliseconds since the first attempt began, without time in the limiter's queue; or for which Stripe took nobody's call. */
  spentMs: number;
  /** In [0, 1): spreads the delays. */
  random: number;
}

/** Milliseconds to wait before sending the same request again, with the same key; undefined to stop. */
export function retryDelay(reason: RetryReason | undefined, progress: Progress): number | undefined {
  if (reason === undefined) return undefined;
  const { maxAttempts, maxMs, firstDelayMs, maxDelayMs } = patience[reason];
  if ((progress.reasons[reason] ?? 1) >= maxAttempts) return undefined;
  const delay = Math.min(firstDelayMs * 2 ** (progress.attempts - 1), maxDelayMs) * (0.5 + progress.random / 2);
  return progress.spentMs + delay > maxMs ? undefined : delay;
}

/**
 * Why the same request may be sent again; undefined where its outcome stands. Decided in this order, the first that applies
 * has the say:
 *
 * 1. no answer, or one by a broken proxy instead of Stripe (5xx without JSON): again;
 * 2. a stored answer (`Idempotent-Replayed`): it stays what it is;
 * 3. `Stripe-Should-Retry: false`: stop. It overrides the status (docs.stripe.com/error-low-level);
 * 4. a refusal for the rate: a 429 but for `lock_timeout` without `Stripe-Rate-Limited-Reason`, or the code `rate_limit`;
 * 5. a 429 that is a lock: again, at the same rate of calls;
 * 6. 409 `idempotency_key_in_use`: again, until the first request has ended;
 * 7. any other 409, and 5xx: again;
 * 8. `Stripe-Should-Retry: true`: again, whatever the status.
 */
export function retryReason(outcome: Outcome): RetryReason | undefined {
  if (outcome.kind === "no-answer") return "failure";
  if (outcome.kind === "garbled") return outcome.status >= 500 ? "failure" : undefined;
  if (outcome.replayed || outcome.shouldRetry === "false") return undefined;
  if (isRateLimit(outcome)) return "rate";
  if (outcome.status === 429) return "lock";
  if (outcome.status === 409) return outcome.code === "idempotency_key_in_use" ? "key-in-use" : "failure";
  if (outcome.status >= 500) return "failure";
  return outcome.shouldRetry === "true" ? "asked" : undefined;
}

/** Whether Stripe refused the call because there are too many: what the limiter slows down for, sent again or not. */
export function isRateLimit(outcome: Outcome): boolean {
  if (outcome.kind !== "answer" || outcome.replayed) return false;
  if (outcome.status !== 429) return outcome.code === "rate_limit";
  return outcome.code !== "lock_timeout" || outcome.limitedBy !== undefined;
}
