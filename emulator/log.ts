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
  /** What a refusal said. */
  readonly error?: {
    readonly type: string;
    readonly message: string;
    readonly code?: string;
    readonly param?: string;
  };
  readonly requestId: string;
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

  clear(): void {
    this.#entries = [];
  }
}

/** What a refusal said, for the log; a fault may have put any text in its place. */
export function errorOf({
  status,
  body,
}: {
  readonly status: number;
  readonly body: string;
}): Pick<LoggedRequest, "error"> {
  if (status < 400) return {};
  try {
    const { error } = JSON.parse(body) as Pick<LoggedRequest, "error">;
    return error === undefined ? {} : { error };
  } catch {
    return {};
  }
}
