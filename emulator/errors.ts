/** Values of `error.type` on v1. [openapi] */
export type ErrorType = "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";

/** What a refusal says, before the request it answers is known. */
export interface RefusalDetail {
  readonly type?: ErrorType;
  readonly code?: string;
  /** The parameter at fault, in form spelling: `beneficiary[public_name]`, `enabled_events[0]`. */
  readonly param?: string;
  /** HTTP status, 400 unless given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that Stripe would refuse; thrown anywhere behind the server and rendered once. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: ErrorType;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, detail: RefusalDetail = {}) {
    super(message);
    this.name = "Refusal";
    this.status = detail.status ?? 400;
    this.type = detail.type ?? "invalid_request_error";
    this.code = detail.code;
    this.param = detail.param;
    this.headers = detail.headers ?? {};
  }
}

/**
 * An id that names nothing: 404 where it stands in the path (`param` is the placeholder's name), 400 where it stands in
 * a parameter. [3rd: live probe]
 */
export function missingObject(noun: string, id: string, param: string, status: 400 | 404): Refusal {
  return new Refusal(`No such ${noun}: '${id}'`, { code: "resource_missing", param, status });
}

/** Stripe's own sentence for a route it does not have. [stripe-mock] */
export function unrecognizedUrl(method: string, path: string): Refusal {
  return new Refusal(
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    { status: 404 },
  );
}

/** What Stripe has and this emulator does not imitate. */
export function notBuilt(what: string): Refusal {
  return new Refusal(`Not built in this emulator: ${what}. Stripe has it; nothing was executed.`, {
    type: "api_error",
    status: 501,
    headers: { "Stripe-Should-Retry": "false" },
  });
}

/** Where an error's request is said to be logged and read about. */
export interface ErrorContext {
  readonly requestId: string;
  readonly livemode: boolean;
  /** Unix seconds. */
  readonly now: number;
}

/** The JSON text of a refusal: `{"error": {type, code?, message, param?, doc_url?, request_log_url}}`. [openapi] */
export function renderRefusal(refusal: Refusal, context: ErrorContext): string {
  const mode = context.livemode ? "" : "test/";
  return JSON.stringify({
    error: {
      ...(refusal.code !== undefined && {
        code: refusal.code,
        doc_url: `https://stripe.com/docs/error-codes/${refusal.code.replaceAll("_", "-")}`,
      }),
      message: refusal.message,
      ...(refusal.param !== undefined && { param: refusal.param }),
      // Without a valid key Stripe has no account whose log it could name.
      ...(refusal.status !== 401 && {
        request_log_url: `https://dashboard.stripe.com/${mode}logs/${context.requestId}?t=${context.now}`,
      }),
      type: refusal.type,
    },
  });
}
