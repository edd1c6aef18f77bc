import { createHash, randomBytes } from "node:crypto";

/** Any object as the API answers with it. */
export interface StripeObject {
  readonly id: string;
  readonly object: string;
  readonly [field: string]: unknown;
}

/** The objects of one kind in one account, in the order of their creation. */
export class Collection<R extends StripeObject = StripeObject> {
  readonly #records = new Map<string, R>();
  /** Kept until something changes: a list of ten must not cost as much as the whole collection. */
  #newestFirst: readonly R[] | undefined;

  get size(): number {
    return this.#records.size;
  }

  get(id: string): R | undefined {
    return this.#records.get(id);
  }

  /** Adds an object, or replaces the one of the same id in its place. */
  put(record: R): R {
    this.#newestFirst = undefined;
    this.#records.set(record.id, record);
    return record;
  }

  remove(id: string): boolean {
    this.#newestFirst = undefined;
    return this.#records.delete(id);
  }

  /** Forgets the oldest beyond so many. */
  keepNewest(count: number): void {
    for (const id of this.#records.keys()) {
      if (this.#records.size <= count) return;
      this.remove(id);
    }
  }

  oldestFirst(): R[] {
    return [...this.#records.values()];
  }

  /** Newest first, as lists show them. [docs: Pagination] */
  newestFirst(): readonly R[] {
    return (this.#newestFirst ??= [...this.#records.values()].reverse());
  }
}

/** Everything that belongs to one account in one mode. */
export class Account {
  readonly id: string;
  /** Available money in minor units by settlement currency. */
  readonly balance: Map<string, number>;
  readonly #collections = new Map<string, Collection>();

  constructor(id: string, balance: Readonly<Record<string, number>>) {
    this.id = id;
    this.balance = new Map(Object.entries(balance));
  }

  /** Objects by kind, oldest first. */
  contents(): Record<string, StripeObject[]> {
    return Object.fromEntries([...this.#collections].map(([kind, collection]) => [kind, collection.oldestFirst()]));
  }

  /** The kind's declaration vouches that its own collection holds nothing but records of type R. */
  collection<R extends StripeObject>(kind: string): Collection<R> {
    const present = this.#collections.get(kind);
    if (present !== undefined) return present as unknown as Collection<R>;
    const fresh = new Collection<R>();
    this.#collections.set(kind, fresh);
    return fresh;
  }
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Where ids and secrets come from. */
export interface Randomness {
  bytes(length: number): Uint8Array;
  /** How many bytes were drawn, for a source that can be taken up again. */
  readonly drawn: number;
}

/** The same bytes for the same seed, or nobody's; @param drawn how many of them were drawn before */
export function randomness(seed: string | undefined, drawn = 0): Randomness {
  if (seed === undefined) return { bytes: randomBytes, drawn: 0 };
  let position = drawn;
  const byteAt = (at: number): number => block(seed, Math.floor(at / 32))[at % 32] ?? 0;
  return {
    bytes: (length) => Uint8Array.from({ length }, () => byteAt(position++)),
    get drawn() {
      return position;
    },
  };
}

/** The last block stands for as long as bytes are drawn from it. */
let last = { name: "", bytes: Buffer.alloc(0) };

function block(seed: string, index: number): Buffer {
  const name = `${index} ${seed}`;
  if (last.name !== name) last = { name, bytes: createHash("sha256").update(name).digest() };
  return last.bytes;
}

let source = randomness(undefined);

/** Whatever draws random texts meanwhile draws them from here. `work` must not wait for anything. */
export function drawingFrom<T>(from: Randomness, work: () => T): T {
  const before = source;
  source = from;
  try {
    return work();
  } finally {
    source = before;
  }
}

/** Random letters and digits, as in Stripe's ids and secrets. */
export function randomText(length: number): string {
  let out = "";
  for (const byte of source.bytes(length)) out += alphabet[byte % alphabet.length];
  return out;
}
