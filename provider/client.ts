import { Agent, type Dispatcher, EnvHttpProxyAgent, errors, request } from "undici";
import { type Config, modeName } from "./config";
import { placeOf } from "./endpoint";
import { ConnectionError, InputError, ProviderError, StripeError, type StripeErrorBody } from "./errors";
import { type StripeObject } from "./declare";
import { type Clock, isLoopback, Limiter, ratesOf, systemClock } from "./limiter";
import { operationHeader } from "./operation";
import { Retries } from "./retries";
import { type Attempt, isRateLimit } from "./retry";
import { type Hide, hider } from "./secrecy";
import { Serial } from "./serial";
import { noTraffic } from "./traffic";
import { encodeForm, type Params } from "./wire";

/**
 * Requests on their way at once. Stripe limits that too (`global-concurrency`), but publishes no number: unconfirmed, and as
 * many as an endpoint takes in a second.
 */
const connections = 25;

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
  /** What was sent so far. */
  readonly traffic = noTraffic();
  private readonly dispatcher: Dispatcher;
  private readonly limiter: Limiter;
  private readonly writes = new Serial();
  /** Whoever answers may quote the key it was sent. */
  private readonly hideKey: Hide;

  constructor(
    readonly config: Config,
    private readonly clock: Clock = systemClock,
    private readonly random: () => number = Math.random,
  ) {
    const timeouts = { headersTimeout: config.timeoutMs, bodyTimeout: config.timeoutMs };
    const options = { ...timeouts, connections, connect: { timeout: Math.min(config.timeoutMs, 10_000) } };
    this.dispatcher = isLoopback(config.apiBase) ? new Agent(options) : new EnvHttpProxyAgent(options);
    this.hideKey = hider([config.apiKey]);
    this.limiter = new Limiter(ratesOf(config), clock, (ms) => (this.traffic.waitedMs += ms));
  }

  /**
   * Writes to one object are sent one after the other, each with all its retries: Stripe locks the object for each, and two
   * at once answer `lock_timeout` (docs.stripe.com/rate-limits#object-lock-timeouts).
   * @throws StripeError where Stripe refused, ConnectionError where no usable answer came: what happened to a write is
   * then unknown.
   */
  async send(call: Call): Promise<Answer> {
    if (this.config.readOnly && call.method !== "GET") {
      throw new InputError([{ path: "stripe:readOnly", message: `is set: ${call.method} ${call.path} was not sent` }]);
    }
    const place = placeOf(call.method, call.path);
    const work = () => this.sendUntilAnswered(call, place.endpoint);
    if (call.method === "GET" || place.object === undefined) return work();
    return this.writes.run(`${this.accountOf(call) ?? ""} ${place.object}`, work);
  }

  private async sendUntilAnswered(call: Call, endpoint: string): Promise<Answer> {
    const retries = new Retries(this.clock);
    let last: Error | undefined;
    for (;;) {
      const pass = await this.limiter.acquire(this.accountOf(call), endpoint);
      const extra = await call.beforeAttempt?.().catch((error: unknown) => {
        throw last ?? error;
      });
      retries.begin();
      this.traffic.calls++;
      const outcome = await this.attempt({ ...call, params: { ...call.params, ...extra } }, retries);
      if ("answer" in outcome) {
        pass.taken();
        return this.inMode(call, outcome.answer);
      }
      last = outcome.error;
      let stormMs = 0;
      if (isRateLimit(outcome.attempt)) {
        this.traffic.refusals++;
        stormMs = pass.refused(outcome.attempt.kind === "answer" ? outcome.attempt.limitedBy : undefined);
      }
      const delay = retries.delay(outcome.attempt, { random: this.random(), stormMs });
      if (delay === undefined) throw outcome.error;
      this.traffic.retries++;
      this.traffic.waitedMs += delay;
      await this.clock.sleep(delay);
    }
  }

  /** Connect: the account a call acts on; null for the key's own. */
  private accountOf({ stripeAccount }: Call): string | null {
    return (stripeAccount === undefined ? this.config.stripeAccount : stripeAccount) ?? null;
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

  private async attempt(
    call: Call,
    retries: Retries,
  ): Promise<{ answer: Answer } | { attempt: Attempt; error: Error }> {
    const { method, path } = call;
    const about = () => ({ method, path, base: this.config.apiBase, ...retries.soFar() });
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
      return {
        attempt: { kind: "no-answer" },
        error: new ConnectionError(this.hideKey(describeFailure(error)), about()),
      };
    }
    const answeredId = header(headers, "request-id");
    const requestId = answeredId && this.hideKey(answeredId);
    retries.answered(requestId);
    const body = parseObject(text);
    if (body === undefined) {
      const type = header(headers, "content-type") ?? "no content type";
      const reason = this.hideKey(`status ${status} with ${type} instead of Stripe's JSON`);
      const error = new ConnectionError(reason, about());
      return { attempt: { kind: "garbled", status }, error };
    }
    const replayed = header(headers, "idempotent-replayed") === "true";
    if (status >= 200 && status < 300) {
      return { answer: { body, requestId, replayed, attempts: retries.soFar().attempts } };
    }
    const error = readError(body.error, this.hideKey);
    return {
      attempt: {
        kind: "answer",
        status,
        code: error.code,
        shouldRetry: header(headers, "stripe-should-retry"),
        limitedBy: header(headers, "stripe-rate-limited-reason"),
        replayed,
      },
      error: new StripeError(status, error, { ...about(), requestId, replayed }),
    };
  }

  private headers(call: Call): Record<string, string> {
    const { apiKey, apiVersion, stripeContext } = this.config;
    const account = this.accountOf(call);
    return {
      authorization: `Bearer ${apiKey}`,
      "stripe-version": apiVersion,
      "user-agent": "stripe-as-code",
      ...(call.method === "POST" && { "content-type": "application/x-www-form-urlencoded" }),
      ...(call.idempotencyKey !== undefined && { "idempotency-key": call.idempotencyKey }),
      ...(account !== null && { "stripe-account": account }),
      ...(stripeContext !== undefined && { "stripe-context": stripeContext }),
      ...(isLoopback(this.config.apiBase) && operationHeader()),
    };
  }
}

function header(headers: Record<string, string | string[] | undefined>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** What Stripe says of an error is text; anything else in its place is none of Stripe's. */
function readError(error: unknown, hide: Hide): StripeErrorBody {
  if (typeof error !== "object" || error === null) return {};
  const texts = Object.entries(error).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(texts.map(([name, text]) => [name, hide(text)]));
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
