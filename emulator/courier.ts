import { Agent, request } from "undici";
import { type Outcome } from "./delivery";
import { userAgent } from "./facts/delivery";
import { isLoopback, lookUpLoopback } from "./loopback";
import { type EmulatorSettings } from "./settings";

/** Characters of an answer that are kept. */
const keptBody = 1000;

/** Posts to webhook endpoints: to this machine and no other, unless the settings say so. */
export class Courier {
  readonly #settings: EmulatorSettings;
  readonly #agent: Agent;

  constructor(settings: EmulatorSettings) {
    this.#settings = settings;
    // A connection for each request: one kept open may end just as the next event is written to it.
    this.#agent = new Agent({
      pipelining: 0,
      ...(settings.deliverTo !== "anywhere" && { connect: { lookup: lookUpLoopback } }),
    });
  }

  /** Never throws. */
  async post(url: string, signature: string, body: string, ended: AbortSignal): Promise<Outcome> {
    const { deliverTo, deliveryTimeoutMs } = this.#settings;
    if (deliverTo === "nowhere") return unsent("not sent: deliverTo is nowhere");
    if (deliverTo === "loopback" && !isLoopback(url)) return unsent("not sent: only loopback is contacted");
    const timeout = AbortSignal.timeout(deliveryTimeoutMs);
    try {
      const answer = await request(url, {
        dispatcher: this.#agent,
        method: "POST",
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": userAgent,
          "stripe-signature": signature,
        },
        body,
        signal: AbortSignal.any([ended, timeout]),
      });
      const status = answer.statusCode;
      const responseBody = await readBeginning(answer.body.setEncoding("utf8"));
      return { sent: true, delivered: status >= 200 && status < 300, status, responseBody };
    } catch (error) {
      const words = timeout.aborted ? `timed out after ${deliveryTimeoutMs} ms` : explain(error);
      return { sent: true, delivered: false, error: words };
    }
  }

  /** Ends every request under way. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

function unsent(error: string): Outcome {
  return { sent: false, delivered: false, error };
}

/** Stops reading where enough is read: an answer may have no end. */
async function readBeginning(chunks: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) {
    text += String(chunk);
    if (text.length >= keptBody) break;
  }
  return text.slice(0, keptBody);
}

/** Where several addresses were tried, the error has a code and no words. */
function explain(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message !== "" ? message : (code ?? "failed");
}
