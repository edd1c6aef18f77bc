/** Webhook endpoints an account may have unless Stripe raised it. [docs: Add a webhook endpoint] */
export const maxWebhookEndpoints = 16;

/** Metadata: keys per object, characters per key, characters per value. [docs: Metadata] */
export const metadataLimits = { keys: 50, keyLength: 40, valueLength: 500 } as const;

/** Longest string the API takes where it says nothing else. [openapi: maxLength] */
export const maxStringLength = 5000;

/** List pages. [docs: Pagination] */
export const pageLimits = { smallest: 1, largest: 100, usual: 10 } as const;

/** Levels an `expand` path may have. [docs: Expanding responses] */
export const maxExpandDepth = 4;

/** Idempotency keys: longest key, and how long the first answer is kept ("at least" this long). [docs: Idempotent requests] */
export const idempotencyLimits = {
  keyLength: 255,
  keptMs: 24 * 60 * 60 * 1000,
  /** [docs: API v2 overview] */
  keptOnV2Ms: 30 * 24 * 60 * 60 * 1000,
} as const;

/** How long after its creation a user may cancel a climate order. [openapi; older pages said 30 days] */
export const climateCancelWindowSeconds = 24 * 60 * 60;

/** Redacting a verification session takes up to four days; here it takes them all. [reference] */
export const redactionSeconds = 4 * 24 * 60 * 60;

/** Decimals of `metric_tons`: samples show two; what the API takes at most is unconfirmed. */
export const metricTonDecimals = 6;

/** Version an account renders with when a request names none: the newest one known. [node 23.1.0] */
export const defaultApiVersion = "2026-10-28.endive";
