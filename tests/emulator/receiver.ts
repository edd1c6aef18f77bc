import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";

/** A request as it arrived: the body is the bytes that were signed. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: { id: string; type: string; account?: string; api_version: string; pending_webhooks: number };
}

/** A webhook endpoint on this machine that keeps what it gets. */
export class Receiver {
  readonly requests: Received[] = [];
  /** Default: 200 at once. */
  answer: (response: ServerResponse, request: Received) => void = (response) => response.end();
  #arrived: (() => void)[] = [];
  readonly #server: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const request = {
        path: incoming.url ?? "",
        headers: incoming.headers,
        body,
        event: JSON.parse(body) as Received["event"],
      };
      this.requests.push(request);
      for (const tell of this.#arrived.splice(0)) tell();
      this.answer(response, request);
    });
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  url(path = "/hook", host = "127.0.0.1"): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  get types(): string[] {
    return this.requests.map(({ event }) => event.type);
  }

  /** Resolves with the next request, whatever its answer. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => this.#arrived.push(resolve));
  }

  reset(): void {
    this.requests.length = 0;
    this.answer = (response) => response.end();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
