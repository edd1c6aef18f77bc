import { type Finding } from "./declare";
import type { Mask } from "./secrecy";

const brand = Symbol.for("stripe-as-code.error");

/** What Stripe said in the `error` of its body. https://docs.stripe.com/api/errors */
export interface StripeErrorBody {
  type?: string;
  code?: string;
  message?: string;
  param?: string;
  doc_url?: string;
}

/** Base of every error thrown here: `code` is stable, the message is for people and holds no secret. */
export class ProviderError extends Error {
  readonly [brand] = true;
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "";
    // The dynamic host prints the stack of whatever is thrown: people are shown the message alone.
    this.stack = "";
  }

  static is(value: unknown): value is ProviderError {
    return typeof value === "object" && value !== null && brand in value;
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Settings or inputs that can't work; nothing was sent. */
export class InputError extends ProviderError {
  constructor(readonly findings: Finding[]) {
    super("invalid_input", findings.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  }
}

/** What is known of the call that an error is about. */
export interface RequestFacts {
  method: string;
  path: string;
  attempts: number;
  /** Milliseconds since the first attempt began. */
  elapsedMs?: number;
  /** Stripe's ids of the attempts that were answered, in order. */
  requestIds?: string[];
  /** An earlier attempt may have been carried out: its outcome is not known. */
  inDoubt?: boolean;
}

/** Stripe answered, and refused. */
export class StripeError extends ProviderError {
  /** What Stripe gave as the reason. */
  readonly reason: string;
  /** What to do about it. */
  readonly advice: string;

  /**
   * @param error what Stripe said, to decide by
   * @param quote what each text of it is taken through to be told
   */
  constructor(
    readonly status: number,
    readonly error: StripeErrorBody,
    readonly request: RequestFacts & { requestId: string | undefined; replayed: boolean },
    quote: Mask = (text) => text,
  ) {
    const told = mapTexts({ ...error, param: error.param && paramToPath(error.param) }, quote);
    const reason = told.message ?? "Stripe gave no reason";
    const where = told.param === undefined ? "" : `${told.param}: `;
    const kind = [String(status), told.type, told.code].filter((part) => part !== undefined).join(" ");
    const ids = request.requestIds ?? (request.requestId === undefined ? [] : [request.requestId]);
    const advice = adviceFor(status, error, told.doc_url);
    super(
      "stripe_refused",
      `${where}${reason}\n` +
        `  Stripe: ${kind}; ${request.method} ${request.path}; ${idsText(ids)}; ${attemptsText(request)}\n` +
        `  To do: ${advice}`,
    );
    this.reason = reason;
    this.advice = advice;
  }
}

/**
 * Whether Stripe says that the object doesn't exist. Any other 404 is no word on the object: a wrong path, or a proxy's.
 */
export function isMissing(error: unknown): boolean {
  return error instanceof StripeError && error.status === 404 && error.error.code === "resource_missing";
}

/** No usable answer: the connection failed, timed out, or what came was not from Stripe. What happened there is unknown. */
export class ConnectionError extends ProviderError {
  /** What happened, without what to do about it. */
  readonly reason: string;

  constructor(
    what: string,
    readonly request: RequestFacts & { base: string },
  ) {
    const ids = request.requestIds ?? [];
    const reason =
      `${request.method} ${request.path}: ${what} (${request.base}, ${attemptsText(request)}` +
      `${ids.length === 0 ? "" : `, ${idsText(ids)}`})`;
    super("no_answer", `${reason}. Check the network, a proxy, and stripe:apiBase, then run again`);
    this.reason = reason;
  }
}

/** An object was made, but the resource failed: it stays in state, with what is known of it. */
export class PartialObjectError extends ProviderError {
  constructor(
    readonly id: string,
    readonly properties: Record<string, unknown>,
    readonly reasons: string[],
  ) {
    super("partly_done", reasons.join("\n"));
  }
}

/** `enabled_events[0]` → `enabledEvents[0]`, `beneficiary[public_name]` → `beneficiary.publicName`. */
export function paramToPath(param: string): string {
  const [field = "", ...keys] = param.replaceAll("]", "").split("[");
  const map = [field, ...keys].indexOf("metadata");
  return keys.reduce(
    // What stands below metadata is a key of the user's own.
    (path, key, index) =>
      /^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${map >= 0 && index >= map ? key : camelCase(key)}`,
    camelCase(field),
  );
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

/** Each text of what Stripe said, by another. */
export function mapTexts(body: StripeErrorBody, map: Mask): StripeErrorBody {
  const texts = Object.entries(body).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(texts.map(([name, text]) => [name, map(text)]));
}

/** `request req_1`; Stripe's support finds a request by its id. */
function idsText(ids: string[]): string {
  if (ids.length === 0) return "request without id";
  return `${ids.length === 1 ? "request" : "requests"} ${ids.join(", ")}`;
}

function attemptsText({ attempts, elapsedMs }: RequestFacts): string {
  if (attempts === 1) return "1 attempt";
  return `${attempts} attempts${elapsedMs === undefined ? "" : ` in ${(elapsedMs / 1000).toFixed(1)} s`}`;
}

/** @param page of Stripe's, on the error */
function adviceFor(status: number, { code, message, type }: StripeErrorBody, page?: string): string {
  if (status === 401) {
    return (
      "set a valid key: the stack's config has the say (pulumi config set --secret stripe:apiKey), then STRIPE_API_KEY. refresh " +
      "and destroy see the config as it was at the last up, unless they are given --run-program"
    );
  }
  if (status === 403) return "give the restricted key the permission named above, or use another key";
  if (code === "lock_timeout") {
    return "another request holds this object: end what else writes to it, then run again";
  }
  if (status === 429 || code === "rate_limit") {
    return "run again later, or lower stripe:maxRequestsPerSecond; what was done so far is kept, and nothing is done twice";
  }
  if (status >= 500) return "run pulumi up again: it looks for what this run may have left before it creates anything";
  if (/maximum of \d+ .*webhook endpoints/.test(message ?? "")) {
    return "delete an endpoint that is no longer used, or ask Stripe for a higher limit";
  }
  if (code === "resource_already_exists") {
    return (
      "another object has this id: choose another one, or take that over with adopt. If the resource was renamed, give it the " +
      "option aliases"
    );
  }
  if (code === "balance_insufficient") return "top up the Stripe balance, then run pulumi up again";
  if (status === 409) return "an earlier request is still running: run again in a minute";
  if (type === "idempotency_error") return "an earlier run sent other values under the same key: undo the change";
  return `correct what is named above; see ${page ?? "https://docs.stripe.com/error-handling"}`;
}
