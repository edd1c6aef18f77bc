import { createHmac } from "node:crypto";
import { type IncomingMessage } from "node:http";
import { type Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { eventKind } from "./behaviour/event";
import { type LogFilters, requestLogMessage, wantsRequest, webhookMessage } from "./cli-messages";
import { missingObject, Refusal } from "./errors";
import { type EventRecord } from "./events";
import { type Call, defineKind } from "./kind";
import { type LoggedRequest } from "./log";
import { type ParamsOf, type ParamTable } from "./params";
import { type Route } from "./routes";
import { randomText, type StripeObject } from "./store";
import { type World } from "./world";

/** What Stripe's CLI asks for when it is about to listen. [stripe-cli: pkg/stripeauth/client.go] */
const sessionParams = {
  device_name: { type: "string" },
  // Thin events (`v2_events`) are not imitated: who asks for them is told so.
  websocket_features: {
    type: "list",
    items: { type: "string", enum: ["webhooks", "request_logs"] },
    required: true,
    minItems: 1,
  },
  filters: { type: "string" },
  forward_to_url: { type: "string" },
  forward_connect_to_url: { type: "string" },
  forward_thin_to_url: { type: "string" },
  forward_thin_connect_to_url: { type: "string" },
} as const satisfies ParamTable;

/** [stripe-cli: pkg/cmd/resource/events_resend.go] */
const retryParams = {
  account: { type: "string" },
  webhook_endpoint: { type: "string" },
  for_stripecli: { type: "boolean" },
} as const satisfies ParamTable;

/** Only what its route needs of a kind: a session is never read again. Permission: [issue stripe-cli#572] */
const sessionKind = defineKind({
  name: "stripecli.session",
  noun: "session",
  path: "/v1/stripecli/sessions",
  idParam: "id",
  permission: "stripecli_session",
});

/**
 * After so many seconds the CLI opens its connection anew, and what happens in between escapes it: a day is longer than
 * anybody listens here. Stripe's own number is unconfirmed.
 */
const reconnectDelay = 86_400;

/** Every `listen` makes one, `listen --print-secret` too, which never connects: the oldest make room. */
const maxSessions = 1000;

/** What may wait for a client that doesn't read, and what it may send at once. */
const maxBytes = 16 * 1024 * 1024;

interface Session {
  readonly account: string;
  readonly feature: string;
  readonly filters: LogFilters;
  readonly secret: string;
  socket?: WebSocket;
}

/** What sessions need of the emulator around them. */
export interface Surroundings {
  port(): number;
  /** Sends an event once more to a webhook endpoint; throws where there is none that takes it. */
  resend(account: string, event: string, endpoint: string): void;
}

/** The sessions of Stripe's own CLI: `stripe listen` and `stripe logs tail`, each with a websocket to be told by. */
export class CliSessions {
  readonly #world: World;
  readonly #around: Surroundings;
  readonly #sessions = new Map<string, Session>();
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: maxBytes });

  constructor(world: World, around: Surroundings) {
    this.#world = world;
    this.#around = around;
    world.listeners.add((account, event) => this.#tell(account, event as EventRecord));
  }

  routes(): Route[] {
    const open: Route = {
      method: "POST",
      template: sessionKind.path,
      kind: sessionKind,
      listing: false,
      params: sessionParams,
      run: (call, _path, params) => this.#open(call, params as ParamsOf<typeof sessionParams>),
    };
    const retry: Route = {
      method: "POST",
      template: `${eventKind.path}/:id/retry`,
      kind: eventKind,
      listing: false,
      params: retryParams,
      run: (call, { id = "" }, params) => this.#retry(call, id, params),
    };
    return [open, retry];
  }

  /** Lets a session's websocket in. The words about an unknown one make the CLI ask for a new session. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that goes away is no event of ours.
    socket.on("error", () => socket.destroy());
    const session = this.#sessions.get(String(incoming.headers["websocket-id"]));
    if (session === undefined || incoming.headers.upgrade?.toLowerCase() !== "websocket") {
      refuse(socket, "Unknown WebSocket ID.");
      return;
    }
    this.#sockets.handleUpgrade(incoming, socket, head, (opened) => {
      session.socket?.terminate();
      session.socket = opened;
      opened.on("error", () => opened.terminate());
      opened.on("close", () => {
        if (session.socket === opened) delete session.socket;
      });
    });
  }

  /** Shows a request to every `logs tail` that wants to see it. */
  show(request: LoggedRequest): void {
    const { settings } = this.#world;
    // Without a valid key there is no account whose log it could be in, nor without an answer.
    if (request.status === 401 || request.status === 0) return;
    for (const session of this.#sessions.values()) {
      if (session.feature !== "request_logs" || !wantsRequest(session.filters, request, settings)) continue;
      send(session, () => requestLogMessage(request, settings.livemode));
    }
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  /** [stripe-cli: pkg/stripeauth/messages.go] */
  #open(call: Call, params: ParamsOf<typeof sessionParams>): object {
    const { settings, account } = call;
    const [feature = ""] = params.websocket_features;
    const filters = readFilters(params.filters);
    const secret = this.#secret(params.device_name ?? "");
    const id = `cliws_${randomText(32)}`;
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= maxSessions && oldest !== undefined) {
      this.#sessions.get(oldest)?.socket?.terminate();
      this.#sessions.delete(oldest);
    }
    this.#sessions.set(id, { account: account.id, feature, filters, secret });
    return {
      default_version: settings.apiVersion,
      device_token: randomText(24),
      display_connect_filter_warning:
        settings.connectedAccounts.length === 0 &&
        (filters.filter_account ?? []).some((name) => name.startsWith("connect_")),
      latest_version: settings.apiVersion,
      reconnect_delay: reconnectDelay,
      secret,
      websocket_authorized_feature: feature,
      websocket_id: id,
      websocket_url: `ws://127.0.0.1:${this.#around.port()}/subscribe/${account.id}`,
    };
  }

  /** The same for every `listen` on one device with one key. [docs: the CLI's "Listen command"] */
  #secret(device: string): string {
    return `whsec_${createHmac("sha256", this.#world.settings.apiKey).update(device).digest("hex")}`;
  }

  /** `stripe events resend`: once more to a webhook endpoint, or to whoever listens. What is refused how is unconfirmed. */
  #retry(call: Call, id: string, params: ParamsOf<typeof retryParams>): StripeObject {
    const { account = call.account.id, webhook_endpoint: endpoint } = params;
    const { accountId, connectedAccounts } = call.settings;
    if (account !== accountId && !connectedAccounts.includes(account)) {
      throw missingObject("account", account, "account", 400);
    }
    const event = this.#world.account(account).collection<EventRecord>(eventKind.name).get(id);
    if (event === undefined) throw missingObject("event", id, "id", 404);
    if (endpoint === undefined) this.#tell(account, event);
    else this.#resend(account, id, endpoint);
    return event;
  }

  #resend(account: string, event: string, endpoint: string): void {
    try {
      this.#around.resend(account, event, endpoint);
    } catch (error) {
      throw new Refusal((error as Error).message, { param: "webhook_endpoint" });
    }
  }

  /** A platform is also told of what happens in its connected accounts. [openapi: `account` of an event] */
  #tell(account: string, event: EventRecord): void {
    const { settings } = this.#world;
    for (const session of this.#sessions.values()) {
      const own = session.account === account;
      if (session.feature !== "webhooks" || (!own && session.account !== settings.accountId)) continue;
      for (const version of [null, settings.apiVersion]) {
        const details = { secret: session.secret, seconds: this.#world.seconds(), version, ...(!own && { account }) };
        send(session, () => webhookMessage(event, details));
      }
    }
  }
}

function send({ socket }: Session, message: () => string): void {
  if (socket === undefined) return;
  // Memory must not grow with a client that stopped reading.
  if (socket.bufferedAmount > maxBytes) socket.terminate();
  else socket.send(message());
}

function readFilters(text: string | undefined): LogFilters {
  if (text === undefined) return {};
  let filters: unknown;
  try {
    filters = JSON.parse(text);
  } catch {
    filters = undefined;
  }
  const lists = typeof filters === "object" && filters !== null ? Object.values(filters) : [undefined];
  if (!lists.every(Array.isArray)) throw new Refusal("Invalid filters: JSON of lists by name.", { param: "filters" });
  return filters as LogFilters;
}

/** The status is unconfirmed; what the CLI reads is the message. [stripe-cli: pkg/websocket/client.go] */
function refuse(socket: Duplex, message: string): void {
  const body = JSON.stringify({ error: { message, type: "invalid_request_error" } });
  socket.end(
    `HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}
