/** A request of a test, and what the emulator answered. */
export interface Exchange {
  /** The operation the emulator took it for, such as `GET /v1/prices/{price}`; undefined where it has none. */
  readonly operation?: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  /** What sent it, as it calls itself. */
  readonly userAgent: string;
  readonly status: number;
  readonly answer: string;
}

/** What a test made the emulator say. */
export interface Batch {
  readonly exchanges: readonly Exchange[];
  /** Events, as they were recorded. */
  readonly events: readonly unknown[];
}

/** Who looked at an operation: Stripe's OpenAPI, its mock, or a client of Stripe's that the emulator satisfied. */
export type Judge = "pass 1" | "pass 2" | "stripe-mock" | "stripe-node" | "Stripe CLI";

export interface Verdict {
  /** What is wrong, each with the request it is about. */
  readonly findings: readonly string[];
  /** Operations, such as `GET /v1/prices/{price}`, and who saw them succeed. */
  readonly seen: Readonly<Record<string, readonly Judge[]>>;
}
