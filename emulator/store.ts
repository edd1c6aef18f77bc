import { randomBytes } from "node:crypto";

/** Any object as the API answers with it. */
export interface StripeObject {
  readonly id: string;
  readonly object: string;
  readonly [field: string]: unknown;
}

/** The objects of one kind in one account, in the order of their creation. */
export class Collection<R extends StripeObject = StripeObject> {
  readonly #records = new Map<string, R>();

  get size(): number {
    return this.#records.size;
  }

  get(id: string): R | undefined {
    return this.#records.get(id);
  }

  /** Adds an object, or replaces the one of the same id in its place. */
  put(record: R): R {
    this.#records.set(record.id, record);
    return record;
  }

  remove(id: string): boolean {
    return this.#records.delete(id);
  }

  oldestFirst(): R[] {
    return [...this.#records.values()];
  }

  /** Newest first, as lists show them. [docs: Pagination] */
  newestFirst(): R[] {
    return [...this.#records.values()].reverse();
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

/** Random letters and digits, as in Stripe's ids and secrets. */
export function randomText(length: number): string {
  let out = "";
  for (const byte of randomBytes(length)) out += alphabet[byte % alphabet.length];
  return out;
}
