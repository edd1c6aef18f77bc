import { type upstreamFailures } from "./facts/forwarding";

/** A request as it leaves for its destination, card data included. */
export interface OutboundRequest {
  readonly url: string;
  readonly method: "POST";
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
}

/** What a destination answers. */
export interface DestinationAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. Default `{"ok": true}`. */
  readonly body?: unknown;
  /** Default 12. */
  readonly durationMs?: number;
}

/** How a destination fails without an answer; it may have acted all the same. */
export interface DestinationFailure {
  readonly failure: keyof typeof upstreamFailures;
}

/** Stands for the whole internet: nothing is ever sent. */
export type Destination = (request: OutboundRequest) => DestinationAnswer | DestinationFailure;

/** One call that reached a destination. */
export interface ForwardedCall extends OutboundRequest {
  readonly account: string;
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
  /** Milliseconds on the emulator's clock. */
  readonly at: number;
}

/** Who answers forwarded requests, and the ledger of all that were. */
export class Outside {
  #destination: Destination = () => ({});
  #calls: ForwardedCall[] = [];

  /** Undefined brings the usual answer back. */
  answerWith(destination: Destination | undefined): void {
    this.#destination = destination ?? (() => ({}));
  }

  /** Enters the call before it is answered: whatever goes wrong, the destination was reached. */
  send(call: ForwardedCall): DestinationAnswer | DestinationFailure {
    this.#calls.push(structuredClone(call));
    const { url, method, headers, body } = call;
    return this.#destination({ url, method, headers, body });
  }

  calls(): readonly ForwardedCall[] {
    return [...this.#calls];
  }

  /** @param calls that were sent before */
  reset(calls: readonly ForwardedCall[] = []): void {
    this.#calls = [...calls];
    this.answerWith(undefined);
  }
}
