import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import Stripe from "stripe";

/** A webhook endpoint as its author writes it: Stripe's client verifies what arrives, and what it doesn't is refused. */
export interface Receiver {
  readonly url: string;
  /** The secret it verifies with. */
  secret: string;
  /** Events that were signed as they should be, in the order they came. */
  readonly events: Stripe.Event[];
  /** Resolves once that many are there. */
  has(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function receive(): Promise<Receiver> {
  const stripe = new Stripe("sk_test_receiver");
  let heard = (): void => undefined;
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      try {
        receiver.events.push(
          stripe.webhooks.constructEvent(body, incoming.headers["stripe-signature"] ?? "", receiver.secret),
        );
        response.end("taken");
      } catch (error) {
        response.writeHead(400).end(String(error));
      }
      heard();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret: "",
    events: [],
    async has(count) {
      while (receiver.events.length < count) await new Promise<void>((resolve) => (heard = resolve));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return receiver;
}
