import { type ServerResponse } from "node:http";
import { type EventRow, type Inspector, type RequestRow } from "./inspector";
import { type LoggedRequest } from "./log";
import { type StripeObject } from "./store";
import { isOf } from "./scope";

/** What happened since the message before. */
interface News {
  readonly requests: readonly RequestRow[];
  readonly events: readonly EventRow[];
  /** Rows left out because there were too many. */
  readonly skipped: number;
  /** Attempts to deliver events were made. */
  readonly deliveries: boolean;
}

interface Reader {
  /** The account whose holder reads, where it is not the emulator's own: only what is of it is told. */
  readonly own: string | undefined;
  /** It has missed something. */
  behind: boolean;
  /** It is told again once it has read what it was sent. */
  lagging: boolean;
}

/** So long things are gathered before they are told, so that thousands a second cost no more than a few messages. */
const gatherMs = 50;
/** Rows of one kind in one message; of more the newest are told. */
const rowsTold = 200;
/** Unread bytes beyond which a reader is told nothing more until it has caught up. */
const unreadBytes = 1024 * 1024;
const mostReaders = 20;

/**
 * Tells pages what happens, as server-sent events: first `overview`, which is everything, then `news`. A reader that can't
 * follow gets an overview again once it can. While nobody reads, nothing is done.
 */
export class Stream {
  readonly #inspector: Inspector;
  readonly #readers = new Map<ServerResponse, Reader>();
  #requests: LoggedRequest[] = [];
  #events: { account: string; event: StripeObject }[] = [];
  #skipped = 0;
  #deliveries = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  /** Whether one more may read. */
  get open(): boolean {
    return this.#readers.size < mostReaders;
  }

  add(response: ServerResponse, own: string | undefined): void {
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    });
    this.#readers.set(response, { own, behind: false, lagging: false });
    response.on("close", () => this.#readers.delete(response));
    response.write(message("overview", this.#inspector.overview(own)));
  }

  request(entry: LoggedRequest): void {
    if (this.#readers.size === 0) return;
    this.#requests = this.#gathered(this.#requests, entry);
    this.#soon();
  }

  event(account: string, event: StripeObject): void {
    if (this.#readers.size === 0) return;
    this.#events = this.#gathered(this.#events, { account, event });
    this.#soon();
  }

  /** Attempts to deliver events were made. */
  delivered(): void {
    this.#deliveries = true;
    this.#soon();
  }

  /** More has changed than news can tell: all are given an overview. */
  refresh(): void {
    for (const state of this.#readers.values()) state.behind = true;
    this.#soon();
  }

  #gathered<T>(list: T[], item: T): T[] {
    list.push(item);
    if (list.length < rowsTold * 2) return list;
    this.#skipped += list.length - rowsTold;
    return list.slice(-rowsTold);
  }

  #soon(): void {
    if (this.#readers.size === 0) return;
    this.#timer ??= setTimeout(() => this.#tell(), gatherMs).unref();
  }

  #tell(): void {
    this.#timer = undefined;
    const newsTexts = new Map<string | undefined, string>();
    const overviews = new Map<string | undefined, string>();
    for (const [response, reader] of this.#readers) {
      const { own } = reader;
      if (response.writableLength > unreadBytes) this.#await(response, reader);
      else if (reader.behind) {
        reader.behind = false;
        response.write(once(overviews, own, () => message("overview", this.#inspector.overview(own))));
      } else {
        response.write(
          once(newsTexts, own, () => message("news", { ...this.#inspector.pulse(own), ...this.#news(own) })),
        );
      }
    }
    this.#requests = [];
    this.#events = [];
    this.#skipped = 0;
    this.#deliveries = false;
  }

  #news(own: string | undefined): News {
    const isOwn = isOf(own);
    const requests = this.#requests.slice(-rowsTold);
    const events = this.#events.slice(-rowsTold);
    return {
      requests: requests.filter(isOwn).map((entry) => this.#inspector.requestRow(entry)),
      events: events.filter(isOwn).map(({ account, event }) => this.#inspector.eventRow(account, event)),
      skipped: this.#skipped + this.#requests.length - requests.length + this.#events.length - events.length,
      deliveries: this.#deliveries,
    };
  }

  /** Whoever lags is looked after even if nothing happens any more. */
  #await(response: ServerResponse, reader: Reader): void {
    reader.behind = true;
    if (reader.lagging) return;
    reader.lagging = true;
    response.once("drain", () => {
      reader.lagging = false;
      this.#soon();
    });
  }
}

/** What readers of one account are told is made once. */
function once(made: Map<string | undefined, string>, own: string | undefined, make: () => string): string {
  const text = made.get(own) ?? make();
  made.set(own, text);
  return text;
}

function message(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
