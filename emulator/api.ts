import { apiV1 } from "./api-v1";
import { apiV2 } from "./api-v2";
import { type ErrorContext, type Refusal } from "./errors";
import { type StoredAnswer } from "./idempotency";
import { type AnyParams, type ParamTable } from "./params";
import { type StripeObject } from "./store";

/** What of a request decides its parameters. */
export interface Sent {
  readonly method: string;
  readonly queryText: string;
  readonly bodyText: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The parameters of a request, decoded but not yet checked. */
export interface Received {
  /** One text for equal parameters, whatever their order. */
  readonly canonical: string;
  /** Throws a refusal for what the table doesn't allow. */
  validate(table: ParamTable): AnyParams;
}

/** Which of the records a page shows, and how. */
export interface Listing {
  readonly noun: string;
  readonly url: string;
  readonly show: (record: StripeObject) => StripeObject;
  readonly keep: (record: StripeObject) => boolean;
}

/** All in which Stripe's API namespaces differ; no kind differs from the others of its namespace. */
export interface Api {
  receive(request: Sent): Received;
  /** A body as the request log shows it: nothing for a text that can't be read. */
  showBody(text: string): Readonly<Record<string, unknown>>;
  /** Throws a refusal. */
  checkVersion(version: string | undefined): void;
  readonly idempotency: {
    /** Methods that heed `Idempotency-Key`. */
    readonly methods: readonly string[];
    readonly keptMs: number;
    /** What a key is kept under; requests that share it are told apart by their parameters. */
    scope(key: string, operation: string): string;
    /** A repeated request gets the first answer, failure or not; or one that tells what is now, and runs after a failure. */
    readonly replay: "first" | "updated";
  };
  /** Whether commands, which send forms, can ask for it. */
  readonly takesForms: boolean;
  answerRefusal(refusal: Refusal, context: ErrorContext): StoredAnswer;
  /** What every request may send besides. */
  readonly everyCall: ParamTable;
  /** What every list takes. */
  readonly paging: ParamTable;
  page(records: readonly StripeObject[], params: AnyParams, listing: Listing): object;
  /** What the deletion of an object answers. */
  deleted(id: string, object: string): StripeObject;
}

/** The namespace of a path; doubled slashes count as one. */
export function apiOf(path: string): Api {
  return path.split("/").find((segment) => segment !== "") === "v2" ? apiV2 : apiV1;
}
