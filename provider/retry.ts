/** What one attempt came to: an answer, or none. */
export type Attempt =
  | { kind: "answer"; status: number; shouldRetry: string | undefined; replayed: boolean }
  | { kind: "no-answer" }
  /** An answer that isn't Stripe's: no JSON. */
  | { kind: "garbled"; status: number };

export interface RetryLimits {
  maxAttempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

/** Stripe's own clients start at 0.5 s, double, and stop growing at 5 s (stripe-node, RequestSender). */
export const retryLimits: RetryLimits = { maxAttempts: 4, firstDelayMs: 500, maxDelayMs: 5_000 };

/**
 * How long to wait before sending the same request again, with the same key; undefined to stop. Decided in this order:
 * patience has ended; no answer, or one by a broken proxy instead of Stripe; a stored answer, which stays what it is;
 * `Stripe-Should-Retry`; 429 (limits and `lock_timeout`), 409 (a key in use) and 5xx.
 * @param attempt number of attempts so far, from 1
 * @param random in [0, 1): spreads the delays
 */
export function retryDelay(
  outcome: Attempt,
  attempt: number,
  random: number,
  limits = retryLimits,
): number | undefined {
  if (attempt >= limits.maxAttempts || !mayRetry(outcome)) return undefined;
  const delay = Math.min(limits.firstDelayMs * 2 ** (attempt - 1), limits.maxDelayMs);
  return delay * (0.5 + random / 2);
}

function mayRetry(outcome: Attempt): boolean {
  if (outcome.kind === "no-answer") return true;
  if (outcome.kind === "garbled") return outcome.status >= 500;
  if (outcome.replayed) return false;
  if (outcome.shouldRetry === "true") return true;
  if (outcome.shouldRetry === "false") return false;
  return outcome.status === 429 || outcome.status === 409 || outcome.status >= 500;
}
