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
