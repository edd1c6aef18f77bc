import { Attempts } from "./attempts";
import { type Config, modeName } from "./config";
import type * as dispatchers from "./dispatcher";
import { placeOf } from "./endpoint";
import { ConnectionError, InputError, mapTexts, ProviderError, StripeError, type StripeErrorBody } from "./errors";
import { type StripeObject } from "./declare";
import { parseObject } from "./json";
import { type Clock, isLoopback, Limiter, ratesOf, systemClock } from "./limiter";
import { operationHeader } from "./operation";
import { isRateLimit, type Outcome } from "./retry";
import { type Mask, maskOf, quote } from "./secrecy";
import { Serial } from "./serial";
import { noTraffic } from "./traffic";
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

export interface ListOptions {
  stripeAccount?: string;
  params?: Params;
}

/** Talks to Stripe: authentication, version, keys, timeouts, retries, and errors that tell what to do. */
export class StripeClient {
  /** What was sent so far. */
  readonly traffic = noTraffic();
  /** How far this machine's clock was ahead of Stripe's when Stripe last answered; undefined before. */
  clockAheadMs: number | undefined;
  private carrier: dispatchers.Carrier | undefined;
  private readonly limiter: Limiter;
  private readonly writes = new Serial();
  /** Whoever answers may quote the key it was sent. */
  private readonly maskKey: Mask;

  constructor(
    readonly config: Config,
    private readonly clock: Clock = systemClock,
    private readonly random: () => number = Math.random,
  ) {
    this.maskKey = maskOf([config.apiKey]);
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
    const attempts = new Attempts(this.clock);
    let last: Error | undefined;
    for (;;) {
      const pass = await this.limiter.acquire(this.accountOf(call), endpoint);
      const extra = await call.beforeAttempt?.().catch((error: unknown) => {
        throw last ?? error;
      });
      attempts.begin();
      this.traffic.calls++;
      if (call.method !== "GET") this.traffic.writes++;
      const attempt = await this.attempt({ ...call, params: { ...call.params, ...extra } }, attempts);
      if ("answer" in attempt) {
        pass.taken();
        return this.inMode(call, attempt.answer);
      }
      const { outcome, error } = attempt;
      last = error;
      let stormMs = 0;
      if (isRateLimit(outcome)) {
        this.traffic.refusals++;
        stormMs = pass.refused(outcome.kind === "answer" ? outcome.limitedBy : undefined);
      }
      const delay = attempts.delay(outcome, { random: this.random(), stormMs });
      if (delay === undefined) throw error;
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
  async *list(path: string, options: ListOptions = {}): AsyncGenerator<StripeObject> {
    let after: string | undefined;
    do {
      const page = await this.page(path, { ...options, after });
      yield* page.objects;
      after = page.next;
    } while (after !== undefined);
  }

  /**
   * A hundred objects of a list, newest first.
   * @param options.after where the page before ended
   * @returns `next`: where this page ends, if the list goes on
   */
  async page(
    path: string,
    { stripeAccount, params, after }: ListOptions & { after?: string },
  ): Promise<{ objects: StripeObject[]; next: string | undefined }> {
    const paged = { ...params, limit: 100, starting_after: after };
    const { body } = await this.send({ method: "GET", path, params: paged, stripeAccount });
    const objects = body.data as StripeObject[];
    return { objects, next: body.has_more === true ? objects.at(-1)?.id : undefined };
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
    attempts: Attempts,
  ): Promise<{ answer: Answer } | { outcome: Outcome; error: Error }> {
    const { method, path } = call;
    const about = () => ({ method, path, base: this.config.apiBase, ...attempts.soFar() });
    let status: number;
    let headers: Record<string, string | string[] | undefined>;
    let text: string;
    try {
      const form = encodeForm(call.params ?? {});
      const url = `${this.config.apiBase}${path}${method === "POST" || form === "" ? "" : `?${form}`}`;
      this.carrier ??= loadDispatchers().carrierFor(this.config);
      const response = await this.carrier(url, {
        method,
        headers: this.headers(call),
        body: method === "POST" ? form : undefined,
      });
      ({ statusCode: status, headers } = response);
      text = await response.body.text();
    } catch (error) {
      return {
        outcome: { kind: "no-answer" },
        error: new ConnectionError(quote(this.maskKey(describeFailure(error))), about()),
      };
    }
    const answeredId = header(headers, "request-id");
    const requestId = answeredId && quote(this.maskKey(answeredId));
    attempts.answered(requestId);
    const body = parseObject(text);
    if (body === undefined) {
      const type = header(headers, "content-type") ?? "no content type";
      const reason = `status ${status} with ${quote(this.maskKey(type))} instead of Stripe's JSON`;
      const error = new ConnectionError(reason, about());
      return { outcome: { kind: "garbled", status }, error };
    }
    const date = Date.parse(header(headers, "date") ?? "");
    if (!Number.isNaN(date)) this.clockAheadMs = this.clock.now() - date;
    const replayed = header(headers, "idempotent-replayed") === "true";
    if (status >= 200 && status < 300) {
      return { answer: { body, requestId, replayed, attempts: attempts.soFar().attempts } };
    }
    const error = readError(body.error, this.maskKey);
    return {
      outcome: {
        kind: "answer",
        status,
        code: error.code,
        shouldRetry: header(headers, "stripe-should-retry"),
        limitedBy: header(headers, "stripe-rate-limited-reason"),
        replayed,
      },
      error: new StripeError(status, error, { ...about(), requestId, replayed }, quote),
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
function readError(error: unknown, mask: Mask): StripeErrorBody {
  if (typeof error !== "object" || error === null) return {};
  const texts = Object.entries(error).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return mapTexts(Object.fromEntries(texts), mask);
}

/** With undici, which takes longer to load than a run needs that changes nothing: such a run makes no call. */
function loadDispatchers(): typeof dispatchers {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./dispatcher") as typeof dispatchers;
}

function describeFailure(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") return "Stripe did not answer in time";
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host's name could not be resolved";
  return `the connection failed (${code ?? message ?? String(error)})`;
}
