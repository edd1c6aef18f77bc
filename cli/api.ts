import { randomUUID } from "node:crypto";
import { Agent, type Dispatcher, EnvHttpProxyAgent, errors, request } from "undici";
import { parseObject } from "../provider/json";
import { isOrganizationKey, modeOf, withoutKeys } from "../provider/key";
import { CommandError, givenKey, type GlobalOptions, type Shell } from "./shell";

/** Options of the commands that call Stripe. */
export interface ApiOptions extends GlobalOptions {
  /** Whether a live key may read; `never` where a command is for test mode, whatever is asked. */
  live?: boolean | "never";
  stripeAccount?: string;
}

export interface ApiRequest {
  method: string;
  path: string;
  /** Encoded parameters: the query, or the body of a POST. */
  form?: string;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** An answer with a 2xx status. */
export interface ApiAnswer {
  body: Record<string, unknown>;
  /** The body as it came. */
  text: string;
}

/** A refusal; `status` is 0 where no usable answer came. */
export class ApiError extends CommandError {
  constructor(
    message: string,
    next: string,
    readonly status: number,
    readonly code?: string,
  ) {
    super(message, next);
  }
}

const stripeBase = "https://api.stripe.com";
const timeoutMs = 80_000;
const connectTimeoutMs = 10_000;

/** Stripe, or the emulator, as one command calls it: one request each time, nothing sent again. */
export class Api {
  readonly base: string;
  readonly live: boolean;
  readonly apiKey: string;
  readonly #account: string | undefined;
  readonly #version: string | undefined;
  readonly #dispatcher: Dispatcher;

  /**
   * @throws CommandError where the key is none, or doesn't go with the base or the mode
   */
  constructor(shell: Shell, options: ApiOptions) {
    const { env } = shell;
    const key = givenKey(shell, options);
    const mode = modeOf(key);
    if (mode === undefined) throw new CommandError("the key is not one that can be used here.", wantedKey(key));
    const base = (options.apiBase ?? env.STRIPE_API_BASE ?? "").trim();
    this.apiKey = key;
    this.live = mode === "live";
    this.base = (base === "" ? stripeBase : base).replace(/\/+$/, "");
    this.#account = options.stripeAccount;
    this.#version = env.STRIPE_API_VERSION?.trim();
    checkBase(this.base, this.live);
    this.base = new URL(this.base).href.replace(/\/+$/, "");
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: connectTimeoutMs } };
    this.#dispatcher = this.isLoopback ? new Agent(timeouts) : new EnvHttpProxyAgent(timeouts);
    if (this.live && options.live !== true) {
      throw new CommandError("the key is a live key.", wantedMode(options.live));
    }
    if (!this.live && options.live === true) {
      throw new CommandError("--live is given, but the key is a test key.", "Leave --live out, or give a live key.");
    }
  }

  get isStripe(): boolean {
    return this.base === stripeBase;
  }

  get isLoopback(): boolean {
    return isLoopbackHost(new URL(this.base).hostname);
  }

  /** Sends one request. Nothing is written in live mode, and no live answer is taken under a test key. */
  async send(call: ApiRequest): Promise<ApiAnswer> {
    const { method, path } = call;
    if (this.live && method !== "GET") {
      throw new CommandError(
        "nothing is written to a live account by this command.",
        "Let a stack do it (pulumi up with stripe:mode live), or use the Dashboard.",
      );
    }
    const idempotencyKey = method === "POST" ? (call.idempotencyKey ?? randomUUID()) : undefined;
    const { status, text, requestId } = await this.#exchange(call, idempotencyKey);
    const body = parseObject(text);
    if (body === undefined) {
      const what = `${method} ${path}: status ${status}, and no JSON of Stripe's`;
      throw new ApiError(this.#hide(what), afterDoubt(idempotencyKey, "Check --api-base and any proxy."), status);
    }
    if (status >= 200 && status < 300) {
      if (!this.live && body["livemode"] === true) {
        throw new CommandError("the answer is from live mode, though the key is a test key.", "Check --api-base.");
      }
      return { body, text };
    }
    throw this.#refusal(status, body["error"], requestId, idempotencyKey);
  }

  /** Calls one of the emulator's own routes. @throws ApiError where the base is no emulator, or it refuses */
  async control(method: "GET" | "POST", name: string, body?: Record<string, unknown>): Promise<void> {
    const path = `/_emulator/${name}`;
    const call = { method, path, ...(body !== undefined && { form: JSON.stringify(body) }) };
    const { status, text } = await this.#exchange(call, undefined);
    if (status >= 200 && status < 300) return;
    const { message } = textsOf(parseObject(text)?.["error"]);
    const next = "Only `stripe-as-code emulator` can be told to take a step in an object's life.";
    throw new ApiError(this.#hide(`${method} ${path}: ${message ?? "refused"} (HTTP ${status}).`), next, status);
  }

  async #exchange(
    { method, path, form = "", signal }: ApiRequest,
    idempotencyKey: string | undefined,
  ): Promise<{ status: number; text: string; requestId: string | undefined }> {
    const inQuery = method !== "POST" && form !== "";
    try {
      const { statusCode, headers, body } = await request(`${this.base}${path}${inQuery ? `?${form}` : ""}`, {
        method: method,
        dispatcher: this.#dispatcher,
        headers: {
          authorization: `Bearer ${this.apiKey}`,
          "user-agent": "stripe-as-code",
          ...(method === "POST" && { "content-type": "application/x-www-form-urlencoded" }),
          ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
          ...(this.#account !== undefined && { "stripe-account": this.#account }),
          ...(this.#version && { "stripe-version": this.#version }),
        },
        ...(method === "POST" && { body: form }),
        ...(signal !== undefined && { signal }),
      });
      const requestId = headers["request-id"];
      return {
        status: statusCode,
        text: await body.text(),
        requestId: Array.isArray(requestId) ? requestId[0] : requestId,
      };
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const advice = this.isLoopback
        ? "Is `stripe-as-code emulator` running there?"
        : "Check the network and any proxy.";
      const what = `${method} ${path}: ${describeFailure(error)} (${this.base}).`;
      throw new ApiError(this.#hide(what), afterDoubt(idempotencyKey, advice), 0);
    }
  }

  #refusal(
    status: number,
    error: unknown,
    requestId: string | undefined,
    idempotencyKey: string | undefined,
  ): ApiError {
    const { message, code, param, type } = textsOf(error);
    const facts = [
      `HTTP ${status}`,
      code ?? type,
      param !== undefined && `param ${param}`,
      requestId !== undefined && `request ${requestId}`,
    ];
    const known = facts.filter((fact) => typeof fact === "string" && fact !== "").join(", ");
    const said = `${(message ?? "Stripe gave no reason").replace(/\.$/, "")} (${known}).`;
    const advice = adviceFor(status, code);
    return new ApiError(this.#hide(said), status >= 500 ? afterDoubt(idempotencyKey, advice) : advice, status, code);
  }

  /** Whoever answers may quote what it was sent. */
  #hide(text: string): string {
    return withoutKeys(text.replaceAll(this.apiKey, "[key]")).replace(/_secret_\w+/g, "_secret_[hidden]");
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

/** Runs what a command does with an Api, and lets its connections go. */
export async function withApi<T>(shell: Shell, options: ApiOptions, work: (api: Api) => Promise<T>): Promise<T> {
  const api = new Api(shell, options);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function wantedKey(key: string): string {
  if (key.startsWith("pk_")) return "It is publishable; give a secret or restricted one (sk_test_…, rk_test_…).";
  if (isOrganizationKey(key)) return "An organization's key doesn't tell its mode; give one of an account.";
  return "Give a secret or restricted key (sk_test_…, rk_test_…).";
}

function wantedMode(live: ApiOptions["live"]): string {
  if (live === "never") return "This command is for test mode only: give a test key.";
  return "Give a test key; to read what is live, add --live.";
}

function checkBase(base: string, live: boolean): void {
  const next = "Give --api-base, or STRIPE_API_BASE, as the emulator prints it, or leave it out.";
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new CommandError("the base is no http or https URL.", next);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new CommandError("the base must be nothing but scheme, host and path.", next);
  }
  if (url.protocol === "http:" && !isLoopbackHost(url.hostname)) {
    throw new CommandError("plain http is for loopback only: the key would travel in clear.", "Give an https base.");
  }
  if (live && url.href !== `${stripeBase}/`) {
    throw new CommandError("a live key is sent to Stripe alone.", `Leave --api-base out, or give ${stripeBase}.`);
  }
}

function textsOf(error: unknown): { message?: string; code?: string; param?: string; type?: string } {
  if (typeof error === "string") return { message: error };
  const entries = Object.entries(error ?? {}).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(entries);
}

function describeFailure(error: unknown): string {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return "there was no answer in time";
  }
  const { code, message } = error as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host's name could not be resolved";
  return `the connection failed: ${code ?? message ?? "no reason given"}`;
}

/** What a write without an answer did is not known: its key makes a repetition harmless. */
function afterDoubt(idempotencyKey: string | undefined, advice: string): string {
  if (idempotencyKey === undefined) return advice;
  return `${advice} It may have been done; --idempotency-key ${idempotencyKey} repeats it without doing it twice.`;
}

function adviceFor(status: number, code: string | undefined): string {
  if (status === 401) return "Check STRIPE_API_KEY or --api-key.";
  if (status === 403) return "Give the key the permission named, or use another key.";
  if (status === 409 || status === 429) return "Try again in a moment.";
  if (status === 501) return "The emulator doesn't imitate it; Stripe's own test mode does.";
  if (status >= 500) return "Try again; https://status.stripe.com tells of outages.";
  if (code === "resource_missing") return "Check the id, and that it is of this account and mode.";
  return "Correct what is named; --help after the command lists what it takes.";
}
