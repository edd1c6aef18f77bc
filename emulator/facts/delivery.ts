/** How events reach webhook endpoints. [docs: Receive Stripe events in your webhook endpoint] */

/** [3rd: what receivers log] */
export const userAgent = "Stripe/1.0 (+https://stripe.com/docs/webhooks)";

/** Retries of what was created in test mode: "three times over the course of a few hours". [docs] */
export const testRetries = 3;

/** Live retries: "up to three days with an exponential back off". [docs] */
export const liveRetryMs = 3 * 24 * 3_600_000;

/** No interval is published: ten minutes, then three times as long each time, are unconfirmed. */
export const firstRetryMs = 600_000;
export const retryFactor = 3;

/** What a receiver may take for its answer is published nowhere; unconfirmed. */
export const answerTimeoutMs = 10_000;
