import { Refusal } from "./errors";

/** An answer kept under its key. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A first answer as it is kept. */
export interface Entry {
  readonly fingerprint: string;
  readonly answer: StoredAnswer;
  readonly at: number;
  readonly keptMs: number;
  /** False while the first request waits for its answer. */
  settled: boolean;
}

/** Stripe keeps all of a day; here memory ends somewhere. */
const keptAnswers = 20_000;
/** Usual answers weigh less, all of them together. */
const keptCharacters = 64 * 1024 * 1024;

/**
 * First answers by idempotency key, one table per account. [docs: Idempotent requests] Keys of v1 are shared by all
 * endpoints of the account: that they are scoped per endpoint is documented nowhere (unconfirmed).
 */
export class IdempotencyTable {
  readonly #entries: Map<string, Entry>;
  /** Keys of first requests that are not executed yet. */
  readonly #held = new Set<string>();
  readonly #now: () => number;
  /** Characters that the entries hold. */
  #weight = 0;

  /** @param entries by key, in the order of their time */
  constructor(now: () => number, entries: readonly (readonly [string, Entry])[] = []) {
    this.#now = now;
    this.#entries = new Map(entries);
    for (const entry of this.#entries.values()) this.#weight += weigh(entry);
  }

  entries(): [string, Entry][] {
    return [...this.#entries];
  }

  /**
   * The stored answer, or undefined for a new key. Throws 409 while the first request is being answered and 400 when
   * the request differs from the first. [docs: Advanced error handling; node] The type of the 409 is unconfirmed.
   */
  find(key: string, fingerprint: string): StoredAnswer | undefined {
    if (this.#held.has(key)) throw keyInUse(key);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#now() - entry.at >= entry.keptMs) {
      this.#forget(key, entry);
      return undefined;
    }
    if (entry.fingerprint !== fingerprint) {
      throw new Refusal(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using " +
          `a key other than '${key}' if you meant to execute a different request.`,
        { type: "idempotency_error" },
      );
    }
    if (!entry.settled) throw keyInUse(key);
    return entry.answer;
  }

  /** A first request whose execution begins later; returns what to call then. */
  hold(key: string): () => void {
    this.#held.add(key);
    return () => this.#held.delete(key);
  }

  /** Keeps an answer; returns what to call once it was delivered or its connection ended. */
  keep(key: string, fingerprint: string, answer: StoredAnswer, keptMs: number): () => void {
    this.#forgetOld();
    const entry: Entry = { fingerprint, answer, at: this.#now(), keptMs, settled: false };
    this.#entries.set(key, entry);
    this.#weight += weigh(entry);
    return () => {
      entry.settled = true;
    };
  }

  /** Entries stand in the order of their time; one that is kept for longer may hold up what is older than it must be. */
  #forgetOld(): void {
    for (const [key, entry] of this.#entries) {
      const isOld = this.#now() - entry.at >= entry.keptMs;
      if (!isOld && this.#entries.size < keptAnswers && this.#weight < keptCharacters) return;
      this.#forget(key, entry);
    }
  }

  #forget(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#weight -= weigh(entry);
  }
}

function weigh({ fingerprint, answer }: Entry): number {
  return fingerprint.length + answer.body.length;
}

function keyInUse(key: string): Refusal {
  return new Refusal(
    `There is currently another in-progress request using this Idempotent Key (that probably means you submitted ` +
      `twice, and the other request is still going through): ${key}. Please try again later.`,
    { status: 409, type: "idempotency_error", code: "idempotency_key_in_use" },
  );
}
