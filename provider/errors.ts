import { type Finding } from "./declare";

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

/** Settings or inputs that can't work; nothing was sent. */
export class InputError extends ProviderError {
  constructor(readonly findings: Finding[]) {
    super("invalid_input", findings.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  }
}

/** Stripe answered, and refused. */
export class StripeError extends ProviderError {
  constructor(
    readonly status: number,
    readonly error: StripeErrorBody,
    readonly request: {
      method: string;
      path: string;
      requestId: string | undefined;
      attempts: number;
      replayed: boolean;
    },
  ) {
    super("stripe_refused", describeRefusal(status, error, request));
  }
}

/** No usable answer: the connection failed, timed out, or what came was not from Stripe. What happened there is unknown. */
export class ConnectionError extends ProviderError {
  constructor(
    reason: string,
    readonly request: { method: string; path: string; base: string; attempts: number },
  ) {
    super(
      "no_answer",
      `${request.method} ${request.path}: ${reason} (${request.base}, ${attemptsText(request.attempts)}). ` +
        "Check the network, a proxy, and stripe:apiBase",
    );
  }
}

/** `enabled_events[0]` → `enabledEvents[0]`, `beneficiary[public_name]` → `beneficiary.publicName`. */
export function paramToPath(param: string): string {
  return param
    .replace(/\[(\D[^\]]*)\]/g, ".$1")
    .replace(/(^|\.)metadata\.(.*)$|_([a-z0-9])/g, (all, _dot, _key, letter: string | undefined) =>
      letter === undefined ? all : letter.toUpperCase(),
    );
}

function describeRefusal(
  status: number,
  error: StripeErrorBody,
  request: { method: string; path: string; requestId: string | undefined; attempts: number },
): string {
  const kind = [String(status), error.type, error.code].filter((part) => part !== undefined).join(" ");
  const advice = adviceFor(status, error);
  return [
    `${error.param === undefined ? "" : `${paramToPath(error.param)}: `}${error.message ?? "Stripe gave no reason"}`,
    `  Stripe: ${kind}; ${request.method} ${request.path}; request ${request.requestId ?? "without id"}; ${attemptsText(request.attempts)}`,
    ...(advice === undefined ? [] : [`  To do: ${advice}`]),
  ].join("\n");
}

function attemptsText(attempts: number): string {
  return attempts === 1 ? "1 attempt" : `${attempts} attempts`;
}

function adviceFor(status: number, { code, message, type, doc_url: page }: StripeErrorBody): string | undefined {
  if (status === 401) {
    return (
      "set a valid key: STRIPE_API_KEY, or pulumi config set --secret stripe:apiKey. refresh and destroy use the key " +
      "stored at the last up unless STRIPE_API_KEY or --run-program is given"
    );
  }
  if (status === 403) return "give the restricted key the permission named above, or use another key";
  if (status === 429) return "run again later, or lower stripe:maxRequestsPerSecond";
  if (status >= 500) return "run pulumi up again: it looks for what this run may have left before it creates anything";
  if (/maximum of \d+ .*webhook endpoints/.test(message ?? "")) {
    return "delete an endpoint that is no longer used, or ask Stripe for a higher limit";
  }
  if (code === "balance_insufficient") return "top up the Stripe balance, then run pulumi up again";
  if (type === "idempotency_error")
    return "another program uses the same resource name with other inputs: set stripe:owner";
  return page === undefined ? undefined : `see ${page}`;
}
