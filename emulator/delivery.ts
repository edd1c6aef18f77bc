import { firstRetryMs, liveRetryMs, retryFactor, testRetries } from "./facts/delivery";

/** What became of a request to a webhook endpoint. */
export interface Outcome {
  /** False where no packet left: `error` says why. */
  readonly sent: boolean;
  /** Answered with 2xx; a redirect is a failure. [docs: webhooks] */
  readonly delivered: boolean;
  /** Status of the answer, missing where there was none. */
  readonly status?: number;
  /** Why there was no answer. */
  readonly error?: string;
  /** The answer's first 1,000 characters. */
  readonly responseBody?: string;
}

/** One attempt to hand an event to a webhook endpoint. */
export interface DeliveryAttempt extends Outcome {
  /** Account the event belongs to. */
  readonly account: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly endpointId: string;
  readonly url: string;
  /** Counts the attempts of this event at this endpoint, from 1. */
  readonly attempt: number;
  /** Asked for by `resend`. */
  readonly resent: boolean;
  /** Milliseconds on the emulator's clock, as `nextAttemptAt`. */
  readonly at: number;
  /** What it took in real time. */
  readonly durationMs: number;
  /** When it is tried again; missing where it isn't. */
  readonly nextAttemptAt?: number;
}

/** An event that is to be sent to an endpoint. */
export interface OwedDelivery {
  readonly account: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Account that registered the endpoint. */
  readonly holder: string;
  readonly endpointId: string;
  /** Where it would have gone when it was recorded; it goes to where the endpoint is when its turn comes. */
  readonly url: string;
  readonly resent: boolean;
  /** Attempts that failed, not counting what was resent. */
  readonly failures: number;
  /** Milliseconds on the emulator's clock. */
  readonly firstAt: number;
  readonly dueAt: number;
}

/** When an event that just failed is tried again: the back-off goes by when it was due, not by when it was sent. */
export function nextAttempt({ failures, firstAt, dueAt }: OwedDelivery, livemode: boolean): number | undefined {
  const at = dueAt + firstRetryMs * retryFactor ** failures;
  const over = livemode ? at - firstAt > liveRetryMs : failures >= testRetries;
  return over ? undefined : at;
}
