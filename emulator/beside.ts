import { type IncomingMessage, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { checkKey, ownAccount, readKey } from "./access";
import { type ControlAnswer, type ControlRequest, isControlPath } from "./control";
import { dashboardFile, sendFile } from "./dashboard";
import { Refusal } from "./errors";
import { type EmulatorSettings } from "./settings";
import { type Stream } from "./stream";

/** A request as it arrived; the body is undefined where it was too large. */
export interface Arrived {
  readonly path: string;
  readonly queryText: string;
  readonly bodyText: string | undefined;
}

/** What the server has beside Stripe's API: the page, what the page is told, the control routes. */
export class Beside {
  readonly #settings: EmulatorSettings;
  readonly #stream: Stream;
  readonly #control: (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>;

  /** @param control never throws or rejects */
  constructor(
    settings: EmulatorSettings,
    stream: Stream,
    control: (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>,
  ) {
    this.#settings = settings;
    this.#stream = stream;
    this.#control = control;
  }

  /** Answers, unless the request is for Stripe's API and no foreign page's. */
  answers(incoming: IncomingMessage, response: ServerResponse, { path, queryText, bodyText }: Arrived): boolean {
    const { method = "GET", headers } = incoming;
    const file = dashboardFile(method, path);
    const isOurs = file !== undefined || isControlPath(path);
    const stranger = isForeignPage(incoming) ? foreign : isOurs ? strangeness(incoming) : undefined;
    if (!isOurs && stranger === undefined) return false;
    if (stranger !== undefined) sendJson(response, refusal(403, stranger));
    else if (file !== undefined) sendFile(response, file);
    else if (method === "GET" && path === "/_emulator/stream") this.#tell(response, headers.authorization);
    else {
      const request = { method, path, queryText, bodyText, authorization: headers.authorization };
      void Promise.resolve(this.#control(request)).then((answer) => sendJson(response, answer));
    }
    return true;
  }

  #tell(response: ServerResponse, authorization: string | undefined): void {
    let account: string;
    try {
      account = ownAccount(this.#settings, checkKey(this.#settings, readKey(authorization)));
    } catch (error) {
      return sendJson(response, refusal(error instanceof Refusal ? error.status : 500, (error as Error).message));
    }
    if (this.#stream.open) this.#stream.add(response, account === this.#settings.accountId ? undefined : account);
    else sendJson(response, refusal(503, "Too many pages are open; close some."));
  }
}

const foreign = "The emulator takes nothing from other web pages.";

/**
 * Whether a page of another site sends this, which any test key would let make objects, and have events posted to what else
 * runs here. A page whose name was made to lead here needs nobody's leave to send a key, and says in Origin who it is. Only
 * reads tell no Origin; they show such a page no more than the account of the key it made up.
 */
function isForeignPage({ headers, socket }: IncomingMessage): boolean {
  const { origin, "sec-fetch-site": site } = headers;
  if (origin === undefined || site === "same-origin" || !isLoopbackAddress(socket.localAddress ?? "")) return false;
  return !URL.canParse(origin) || !isLoopbackHost(new URL(origin).host);
}

/**
 * Why a request must not be answered that a foreign web page may have made: one whose name was made to lead to this
 * machine (the Host tells its name), or one that the browser says comes from elsewhere.
 */
function strangeness(incoming: IncomingMessage): string | undefined {
  const { host, "sec-fetch-site": site } = incoming.headers;
  if (isLoopbackAddress(incoming.socket.localAddress ?? "") && !isLoopbackHost(host ?? "")) {
    return "The emulator answers to localhost and 127.0.0.1 only, not to the Host of this request.";
  }
  if (site === "cross-site" || site === "same-site") return foreign;
  return undefined;
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || isLoopbackAddress(name.replace(/^\[(.*)\]$/, "$1"));
}

function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/, "");
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

function refusal(status: number, message: string): ControlAnswer {
  return { status, body: { error: { message } } };
}

function sendJson(response: ServerResponse, { status, body }: ControlAnswer): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(text);
}
