import { Agent, type Dispatcher, EnvHttpProxyAgent, errors, request } from "undici";
import { type Config, modeName } from "./config";
import { ConnectionError, InputError, ProviderError, StripeError, type StripeErrorBody } from "./errors";
import { type Clock, Limiter, systemClock } from "./limiter";
import { retryDelay, type Attempt } from "./retry";
import { type StripeObject } from "./declare";
import { encodeForm, type Params } from "./wire";

/** One call of Stripe's API. */
export interface Call {
  method: "GET" | "POST" | "DELETE";
  path: string;
  /** Query of GET and DELETE, body of POST. */
  params?: Params;
  /** Required for POST: kept over the retries of this call. */
  idempotencyKey?: string;
  /** Connect: overrides the setting; null for the key's own account whatever the setting. */
  stripeAccount?: string | null;
  /**
   * Runs just before each attempt; what it returns is sent as well. What it throws before the first one is thrown; later the
   * outcome of the attempt before is, as that is not known.
   */
  beforeAttempt?: () => Promise<Params | void>;
}

/** An answer with a 2xx status. */
export interface Answer {
  body: Record<string, unknown>;
  requestId: string | undefined;
  /** Stripe carried nothing out: this is the stored answer to an earlier request with the same key. */
  replayed: boolean;
  attempts: number;
}

/** Talks to Stripe: authentication, version, keys, timeouts, retries, and errors that tell what to do. */
export class StripeClient {
  private readonly dispatcher: Dispatcher;
  private readonly limiter: Limiter;

  constructor(
    readonly config: Config,
    private readonly clock: Clock = systemClock,
    private readonly random: () => number = Math.random,
  ) {
    const timeouts = { headersTimeout: config.timeoutMs, bodyTimeout: config.timeoutMs };
    const options = { ...timeouts, connect: { timeout: Math.min(config.timeoutMs, 10_000) } };
    const loopback = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])/.test(config.apiBase);
    this.dispatcher = loopback ? new Agent(options) : new EnvHttpProxyAgent(options);
    this.limiter = new Limiter(config.maxRequestsPerSecond, clock);
  }

  /**
   * @throws StripeError where Stripe refused, ConnectionError where no usable answer came: what happened to a write is
   * then unknown.
   */
  async send(call: Call): Promise<Answer> {
    if (this.config.readOnly && call.method !== "GET") {
      throw new InputError([{ path: "stripe:readOnly", message: `is set: ${call.method} ${call.path} was not sent` }]);
    }
    let last: Error | undefined;
    for (let attempt = 1; ; attempt++) {
      await this.limiter.acquire();
      const extra = await call.beforeAttempt?.().catch((error: unknown) => {
        throw last ?? error;
      });
      const outcome = await this.attempt({ ...call, params: { ...call.params, ...extra } }, attempt);
      if ("answer" in outcome) return this.inMode(call, outcome.answer);
      last = outcome.error;
      const delay = retryDelay(outcome.attempt, attempt, this.random());
      if (delay === undefined) throw outcome.error;
      await this.clock.sleep(delay);
    }
  }

  /** Every object of a list, newest first, page by page; stop iterating to stop reading. */
  async *list(path: string, options: { stripeAccount?: string; params?: Params } = {}): AsyncGenerator<StripeObject> {
    let after: string | undefined;
    for (;;) {
      const { body } = await this.send({
        method: "GET",
        path,
        params: { ...options.params, limit: 100, starting_after: after },
        stripeAccount: options.stripeAccount,
      });
      const page = body.data as StripeObject[];
      yield* page;
      if (body.has_more !== true || page.length === 0) return;
      after = page.at(-1)?.id;
    }
  }

  /** An organization key does not tell its mode; what is read under it does. */
  private inMode(call: Call, answer: Answer): Answer {
    const { livemode } = answer.body;
    if (call.method === "GET" && typeof livemode === "boolean" && livemode !== this.config.livemode) {
      throw new ProviderError(
        "wrong_mode",
        `GET ${call.path}: the answer is from ${modeName(livemode)} mode, but stripe:mode is ` +
          `${modeName(this.config.livemode)}. Nothing was done`,
      );
    }
    return answer;
  }

  private async attempt(call: Call, attempt: number): Promise<{ answer: Answer } | { attempt: Attempt; error: Error }> {
    const { method, path } = call;
    const about = { method, path, base: this.config.apiBase, attempts: attempt };
    let status: number;
    let headers: Record<string, string | string[] | undefined>;
    let text: string;
    try {
      const form = encodeForm(call.params ?? {});
      const response = await request(
        `${this.config.apiBase}${path}${method === "POST" || form === "" ? "" : `?${form}`}`,
        {
          method,
          dispatcher: this.dispatcher,
          headers: this.headers(call),
          body: method === "POST" ? form : undefined,
        },
      );
      ({ statusCode: status, headers } = response);
      text = await response.body.text();
    } catch (error) {
      return { attempt: { kind: "no-answer" }, error: new ConnectionError(describeFailure(error), about) };
    }
    const body = parseObject(text);
    if (body === undefined) {
      const type = header(headers, "content-type") ?? "no content type";
      const reason = `status ${status} with ${type} instead of Stripe's JSON`;
      return { attempt: { kind: "garbled", status }, error: new ConnectionError(reason, about) };
    }
    const requestId = header(headers, "request-id");
    const replayed = header(headers, "idempotent-replayed") === "true";
    if (status >= 200 && status < 300) return { answer: { body, requestId, replayed, attempts: attempt } };
    const error = (body.error ?? {}) as StripeErrorBody;
    return {
      attempt: { kind: "answer", status, shouldRetry: header(headers, "stripe-should-retry"), replayed },
      error: new StripeError(status, error, { method, path, requestId, attempts: attempt, replayed }),
    };
  }

  private headers(call: Call): Record<string, string> {
    const { apiKey, apiVersion, stripeAccount, stripeContext } = this.config;
    const account = call.stripeAccount === undefined ? stripeAccount : call.stripeAccount;
    return {
      authorization: `Bearer ${apiKey}`,
      "stripe-version": apiVersion,
      "user-agent": "stripe-as-code",
      ...(call.method === "POST" && { "content-type": "application/x-www-form-urlencoded" }),
      ...(call.idempotencyKey !== undefined && { "idempotency-key": call.idempotencyKey }),
      ...(account !== undefined && account !== null && { "stripe-account": account }),
      ...(stripeContext !== undefined && { "stripe-context": stripeContext }),
    };
  }
}

function header(headers: Record<string, string | string[] | undefined>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return "Stripe did not answer in time";
  }
  const { code, message } = error as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host's name could not be resolved";
  return `the connection failed (${code ?? message ?? String(error)})`;
}
