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
  /** What answering took in real milliseconds, the delay of a fault included. */
  readonly ms: number;
  /** What an answer of Stripe's shape refuses and why; `param` names the parameter at fault. */
  readonly error?: {
    readonly type?: string;
    readonly code?: string;
    readonly param?: string;
    readonly message: string;
  };
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

/** What a body says of an error, where it is of Stripe's shape. */
export function readError(body: string): LoggedRequest["error"] {
  let error: unknown;
  try {
    ({ error } = JSON.parse(body) as { error?: unknown });
  } catch {
    return undefined;
  }
  const { message, ...rest } = (error ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof message !== "string") return undefined;
  const texts = ["type", "code", "param"].flatMap((name) =>
    typeof rest[name] === "string" ? [[name, rest[name]]] : [],
  );
  return { message, ...(Object.fromEntries(texts) as { type?: string; code?: string; param?: string }) };
}
