import { createHmac } from "node:crypto";
import { Agent, type Dispatcher, request } from "undici";
import { signatureHeader } from "../emulator/signature";
import { type StripeEvent } from "./events";

/** The status an endpoint answered, or why there was none. */
export type Outcome = number | string;

/** How long an endpoint has. */
const timeoutMs = 30_000;

/** The same for the same key, so that it can be kept in a file of settings; it tells nothing of the key. */
export function signingSecret(apiKey: string): string {
  return `whsec_${createHmac("sha256", apiKey).update("stripe-as-code listen").digest("hex")}`;
}

/** Posts events to one address as Stripe posts them to an endpoint. */
export class Forwarder {
  readonly #target: URL;
  readonly #secret: string;
  readonly #dispatcher: Dispatcher;

  constructor(target: URL, secret: string, skipVerify: boolean) {
    this.#target = target;
    this.#secret = secret;
    this.#dispatcher = new Agent({
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: { timeout: timeoutMs, rejectUnauthorized: !skipVerify },
    });
  }

  /** Never throws; redirects are not followed. */
  async post(event: StripeEvent, signal: AbortSignal): Promise<Outcome> {
    const payload = JSON.stringify(event, null, 2);
    try {
      const { statusCode, body } = await request(this.#target, {
        method: "POST",
        dispatcher: this.#dispatcher,
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "Stripe/1.0 (stripe-as-code listen)",
          "stripe-signature": signatureHeader(this.#secret, Math.floor(Date.now() / 1000), payload),
        },
        body: payload,
        signal,
      });
      await body.dump();
      return statusCode;
    } catch (error) {
      if (signal.aborted) return "stopped";
      const { code, message } = error as { code?: string; message?: string };
      return `no answer: ${code ?? message ?? "no reason given"}`;
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}
