/** A request the emulator saw. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** Decoded body parameters; hashes with the keys 0, 1, … show as lists. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Names in lower case; the authorization header shows only the masked key. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Status of the answer, also when a fault kept it from arriving; 0 when none was made. */
  readonly status: number;
  readonly requestId: string;
  /** The account the key belongs to; left out where the key is not known. */
  readonly account?: string;
  readonly idempotencyKey?: string;
  /** Answered from the idempotency table. */
  readonly replayed: boolean;
  /** The fault that met this request. */
  readonly fault?: string;
  /** Milliseconds on the emulator's clock. */
  readonly at: number;
}

/** The newest requests, oldest of them first. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    // Cut in bulk: shifting once per request would cost more than the request.
    if (this.#entries.length >= this.#capacity * 2) this.#entries = this.#entries.slice(-this.#capacity);
  }

  list(): readonly LoggedRequest[] {
    return this.#entries.slice(-this.#capacity);
  }

  /** Forgets all, or what is of one account. */
  clear(account?: string): void {
    this.#entries = account === undefined ? [] : this.#entries.filter((entry) => entry.account !== account);
  }
}
