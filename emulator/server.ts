import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { type Duplex } from "node:stream";
import { apiOf } from "./api";
import { checkKey, maskKey, ownAccount, readKey } from "./access";
import { type Beside } from "./beside";
import { Refusal } from "./errors";
import { Faults, type FaultRule, readTimed, usualFailure } from "./faults";
import { decodeForm, showForm } from "./form";
import { type LoggedRequest, readError } from "./log";
import { Newest } from "./newest";
import { type Answer, answerRequest, type ArrivedRequest, commonHeaders, holdKey, type Override } from "./pipeline";
import { type Router } from "./routes";
import { begin, refuseBrokenClient, send, sendHalf } from "./sending";
import { randomText } from "./store";
import { type World } from "./world";

/** A body this many times too large is not even read to its end. */
const drainedBodies = 64;

/** Longer than any test pauses, so that no client meets a connection that closes while it writes. */
const keepAliveMs = 60_000;

/** Ten thousand requests of usual size weigh less; of megabytes none may fill the memory. */
const loggedCharacters = 32 * 1024 * 1024;

/** What is known of a request as its answer goes out. */
interface Exchange {
  readonly request: ArrivedRequest;
  readonly shown: Pick<
    LoggedRequest,
    "method" | "path" | "query" | "params" | "headers" | "requestId" | "idempotencyKey" | "account"
  >;
  readonly response: ServerResponse;
  /** Of the process, in milliseconds. */
  readonly begun: number;
}

/** The HTTP side: reads requests, lets faults happen, logs, answers. */
export class EmulatorServer {
  readonly faults = new Faults();
  readonly log = new Newest<LoggedRequest>(10_000, loggedCharacters);
  readonly #world: World;
  readonly #router: Router;
  readonly #beside: Beside["answers"];
  readonly #server: Server;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Told of every request as it is logged, with the body of its answer. */
  readonly watchers = new Set<(entry: LoggedRequest, answer: string) => void>();

  /** @param onWrite called after each request that may have changed something */
  constructor(
    world: World,
    router: Router,
    beside: Beside["answers"],
    private readonly onWrite: () => void = () => undefined,
  ) {
    this.#world = world;
    this.#router = router;
    this.#beside = beside;
    const { requestTimeoutMs } = world.settings;
    this.#server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveMs,
        connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
      },
      (incoming, response) => this.#receive(incoming, response),
    );
    this.#server.on("clientError", refuseBrokenClient);
  }

  /** Hands over every connection that asks to leave HTTP for another protocol. */
  onUpgrade(take: (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
    this.#server.on("upgrade", take);
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, this.#world.settings.host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection, hanging ones included, and frees the port. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #receive(incoming: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    const { maxBodyBytes } = this.#world.settings;
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      // Too large a body is read to its end and dropped, else the client might never see why it was refused.
      if (size <= maxBodyBytes) chunks.push(chunk);
      else if (size > maxBodyBytes * drainedBodies) incoming.destroy();
    });
    incoming.on("end", () => {
      const bodyText = size > maxBodyBytes ? undefined : Buffer.concat(chunks).toString("utf8");
      if (this.#beside(incoming, response, { ...targetOf(incoming), bodyText })) return;
      if (bodyText === undefined) this.#refuseBody(incoming, response);
      else this.#serve(incoming, response, bodyText);
    });
    // A client that goes away is no event of ours.
    incoming.on("error", () => undefined);
    response.on("error", () => undefined);
  }

  /** What the live API says to an oversized body is unconfirmed. */
  #refuseBody(incoming: IncomingMessage, response: ServerResponse): void {
    const exchange = this.#begin(incoming, response, "");
    const { maxBodyBytes } = this.#world.settings;
    const refusal = new Refusal(`Request body too large: at most ${maxBodyBytes} bytes.`, { status: 413 });
    const answer = this.#made(exchange.request, refusal.status, this.#render(refusal, exchange.request), {
      Connection: "close",
    });
    this.#record(exchange, answer);
    send(response, answer);
  }

  #serve(incoming: IncomingMessage, response: ServerResponse, bodyText: string): void {
    const exchange = this.#begin(incoming, response, bodyText);
    try {
      const rule = this.faults.take(exchange.shown);
      if (rule === undefined) {
        const answer = answerRequest(this.#world, this.#router, exchange.request);
        this.#record(exchange, answer);
        send(response, answer);
      } else {
        this.#misbehave(exchange, rule);
      }
    } catch (error) {
      // What a test handed in (`when`, `log`, `now`) has thrown: the request shows it, the process lives on.
      const refusal = new Refusal(`Emulator: ${String(error)}`, { type: "api_error", status: 500 });
      if (!response.headersSent) {
        send(response, this.#made(exchange.request, 500, this.#render(refusal, exchange.request), {}));
      }
    }
  }

  #misbehave(exchange: Exchange, rule: FaultRule): void {
    const { request, response } = exchange;
    const { socket } = response;
    if (rule.with === "cut-before" || (rule.with === "hang" && rule.stored !== true)) {
      this.#record(exchange, undefined, rule);
      if (rule.with === "cut-before") socket?.destroy();
      return;
    }
    const timed = readTimed(rule.with);
    if (timed?.word === "late") {
      this.#record(exchange, undefined, rule);
      const release = holdKey(this.#world, this.#router, request);
      this.#after(timed.ms, () => {
        release();
        answerRequest(this.#world, this.#router, request).settle();
        this.onWrite();
      });
      return;
    }
    const answer =
      typeof rule.with === "number"
        ? this.#failed(request, rule, rule.with)
        : answerRequest(this.#world, this.#router, request);
    this.#record(exchange, answer, rule);
    if (timed?.word === "slow") {
      this.#after(timed.ms, () => send(response, answer));
    } else if (timed?.word === "drip") {
      this.#drip(response, begin(response, answer), timed.ms);
    } else if (rule.with === "partial-body") {
      sendHalf(response, answer);
    } else if (rule.with === "cut-after-commit" || rule.with === "hang") {
      answer.settle();
      if (rule.with === "cut-after-commit") socket?.destroy();
    } else {
      send(response, answer);
    }
  }

  #drip(response: ServerResponse, rest: Buffer, everyMs: number): void {
    if (response.destroyed) return;
    response.write(rest.subarray(0, 1));
    if (rest.length <= 1) response.end();
    else this.#after(everyMs, () => this.#drip(response, rest.subarray(1), everyMs));
  }

  #after(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    this.#timers.add(timer);
  }

  #failed(request: ArrivedRequest, rule: FaultRule, status: number): Answer {
    const asText = typeof rule.body === "string";
    const body = asText
      ? rule.body
      : rule.body !== undefined
        ? JSON.stringify(rule.body)
        : this.#render(new Refusal(...usualFailure(status)), request);
    const headers = {
      ...(asText && { "Content-Type": "text/html" }),
      ...(status === 429 && rule.body === undefined && { "Stripe-Rate-Limited-Reason": "global-rate" }),
      ...rule.headers,
    };
    if (rule.stored !== true) return this.#made(request, status, body, headers);
    const override: Override = {
      answer: { status, body, headers },
      committed: rule.committed ?? status >= 500,
    };
    return answerRequest(this.#world, this.#router, request, override);
  }

  #made(request: ArrivedRequest, status: number, body: string, headers: Record<string, string>): Answer {
    const all = commonHeaders(request, this.#world.settings.apiVersion, { headers });
    return { status, body, headers: all, replayed: false, settle: () => undefined };
  }

  #render(refusal: Refusal, { path, requestId }: ArrivedRequest): string {
    const { livemode } = this.#world.settings;
    return apiOf(path).answerRefusal(refusal, { requestId, livemode, now: this.#world.seconds() }).body;
  }

  #begin(incoming: IncomingMessage, response: ServerResponse, bodyText: string): Exchange {
    const method = incoming.method ?? "GET";
    const { path, queryText } = targetOf(incoming);
    const requestId = this.#world.drawing(() => `req_${randomText(14)}`);
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
    );
    const idempotencyKey = headers["idempotency-key"];
    const account = this.#accountOf(headers["authorization"]);
    return {
      request: { method, path, queryText, bodyText, headers, requestId },
      shown: {
        method,
        path,
        query: showText(queryText),
        params: apiOf(path).showBody(bodyText),
        headers: {
          ...headers,
          ...(headers["authorization"] !== undefined && { authorization: redact(headers["authorization"]) }),
        },
        requestId,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
        ...(account !== undefined && { account }),
      },
      response,
      begun: performance.now(),
    };
  }

  #accountOf(authorization: string | undefined): string | undefined {
    const { settings } = this.#world;
    try {
      return ownAccount(settings, checkKey(settings, readKey(authorization)));
    } catch {
      // The answer says what is wrong with the key.
      return undefined;
    }
  }

  #record(exchange: Exchange, answer: Answer | undefined, rule?: FaultRule): void {
    const timed = rule === undefined ? undefined : readTimed(rule.with);
    const delay = timed?.word === "slow" ? timed.ms : 0;
    const error = answer === undefined || answer.status < 400 ? undefined : readError(answer.body);
    const entry: LoggedRequest = {
      ...exchange.shown,
      status: answer?.status ?? 0,
      ms: Math.round((performance.now() - exchange.begun + delay) * 10) / 10,
      ...(error !== undefined && { error }),
      replayed: answer?.replayed ?? false,
      ...(rule !== undefined && { fault: String(rule.with) }),
      at: this.#world.settings.now(),
    };
    this.log.add(entry, weigh(exchange.request));
    for (const watch of this.watchers) watch(entry, answer?.body ?? "");
    this.#world.settings.log(entry);
    if (entry.method !== "GET") this.onWrite();
  }
}

/** Characters of a request that its entry in the log keeps alive. */
function weigh({ path, queryText, bodyText, headers }: ArrivedRequest): number {
  const texts = [path, queryText, bodyText, ...Object.values(headers)];
  return texts.reduce<number>((sum, text = "") => sum + text.length, 0);
}

/** Through a proxy the target is a whole URL. */
function targetOf(incoming: IncomingMessage): { path: string; queryText: string } {
  const target = (incoming.url ?? "/").replace(/^https?:\/\/[^/?]*/i, "");
  const split = target.indexOf("?");
  return split === -1
    ? { path: target, queryText: "" }
    : { path: target.slice(0, split), queryText: target.slice(split + 1) };
}

/** Text that is no form is logged as nothing; the answer says what is wrong with it. */
function showText(text: string): Record<string, unknown> {
  try {
    return showForm(decodeForm(text));
  } catch {
    return {};
  }
}

function redact(authorization: string): string {
  const scheme = authorization.split(" ")[0] ?? "";
  return `${scheme} ${maskKey(readKey(authorization) ?? "")}`;
}
