import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, type Socket } from "node:net";
import { apiOf } from "./api";
import { checkKey, maskKey, ownAccount, readKey } from "./access";
import { type ControlAnswer, type ControlRequest, isControlPath } from "./control";
import { Refusal } from "./errors";
import { Faults, type FaultRule, lateness, slowness } from "./faults";
import { decodeForm, showForm } from "./form";
import { type LoggedRequest, RequestLog } from "./log";
import { type Answer, answerRequest, type ArrivedRequest, commonHeaders, holdKey, type Override } from "./pipeline";
import { type Router } from "./routes";
import { randomText } from "./store";
import { type World } from "./world";

const logCapacity = 10_000;

/** A body this many times too large is not even read to its end. */
const drainedBodies = 64;

/** Longer than any test pauses, so that no client meets a connection that closes while it writes. */
const keepAliveMs = 60_000;

/** What is known of a request as its answer goes out. */
interface Exchange {
  readonly request: ArrivedRequest;
  readonly shown: Pick<
    LoggedRequest,
    "method" | "path" | "query" | "params" | "headers" | "requestId" | "idempotencyKey" | "account"
  >;
  readonly response: ServerResponse;
}

/** The HTTP side: reads requests, lets faults happen, logs, answers. */
export class EmulatorServer {
  readonly faults = new Faults();
  readonly log = new RequestLog(logCapacity);
  readonly #world: World;
  readonly #router: Router;
  readonly #control: (request: ControlRequest) => ControlAnswer;
  readonly #server: Server;
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param onWrite called after each request that may have changed something */
  constructor(
    world: World,
    router: Router,
    control: (request: ControlRequest) => ControlAnswer,
    private readonly onWrite: () => void = () => undefined,
  ) {
    this.#world = world;
    this.#router = router;
    this.#control = control;
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
      const { path, queryText } = targetOf(incoming);
      if (isControlPath(path)) {
        const bodyText = size > maxBodyBytes ? undefined : Buffer.concat(chunks).toString("utf8");
        const { method = "GET", headers } = incoming;
        const { authorization } = headers;
        sendJson(response, this.#control({ method, path, queryText, bodyText, authorization }));
      } else if (size > maxBodyBytes) this.#refuseBody(incoming, response);
      else this.#serve(incoming, response, Buffer.concat(chunks).toString("utf8"));
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
    const late = lateness(rule.with);
    if (late !== undefined) {
      this.#record(exchange, undefined, rule);
      const release = holdKey(this.#world, this.#router, request);
      this.#after(late, () => {
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
    const delay = slowness(rule.with);
    if (delay !== undefined) {
      this.#after(delay, () => send(response, answer));
    } else if (rule.with === "partial-body") {
      sendHalf(response, answer);
    } else if (rule.with === "cut-after-commit" || rule.with === "hang") {
      answer.settle();
      if (rule.with === "cut-after-commit") socket?.destroy();
    } else {
      send(response, answer);
    }
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
    const entry: LoggedRequest = {
      ...exchange.shown,
      status: answer?.status ?? 0,
      replayed: answer?.replayed ?? false,
      ...(rule !== undefined && { fault: String(rule.with) }),
      at: this.#world.settings.now(),
    };
    this.log.add(entry);
    this.#world.settings.log(entry);
    if (entry.method !== "GET") this.onWrite();
  }
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

function usualFailure(status: number): ConstructorParameters<typeof Refusal> {
  if (status === 429) return ["Request rate limit exceeded.", { status, code: "rate_limit" }];
  if (status >= 500) return ["An unknown error occurred.", { status, type: "api_error" }];
  return [`Refused with ${status} by a fault rule.`, { status }];
}

function sendJson(response: ServerResponse, { status, body }: ControlAnswer): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

function send(response: ServerResponse, answer: Answer): void {
  answer.settle();
  response.writeHead(answer.status, { ...answer.headers, "Content-Length": Buffer.byteLength(answer.body) });
  response.end(answer.body);
}

function sendHalf(response: ServerResponse, answer: Answer): void {
  const bytes = Buffer.from(answer.body);
  answer.settle();
  response.writeHead(answer.status, { ...answer.headers, "Content-Length": bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
}

/** Bytes that are no HTTP, or come too slowly: one line, then the end. */
function refuseBrokenClient(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}
