import Stripe from "stripe";
import { Receiver } from "../emulator/receiver";

/** A webhook endpoint as its author writes it: Stripe's client verifies what arrives, and what it doesn't is refused. */
export class VerifyingReceiver extends Receiver {
  /** The secret it verifies with. */
  secret = "";
  /** Events that were signed as they should be, in the order they came. */
  readonly events: Stripe.Event[] = [];
  readonly #stripe = new Stripe("sk_test_receiver");

  override answer: Receiver["answer"] = (response, { headers, body }) => {
    try {
      this.events.push(this.#stripe.webhooks.constructEvent(body, headers["stripe-signature"] ?? "", this.secret));
      response.end("taken");
    } catch (error) {
      response.writeHead(400).end(String(error));
    }
  };

  /** Resolves once that many are there. */
  async has(count: number): Promise<void> {
    while (this.events.length < count) await this.next();
  }
}
