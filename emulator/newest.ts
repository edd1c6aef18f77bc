/** The newest of what was added, oldest of them first. */
export class Newest<T> {
  #entries: T[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    // Cut in bulk: shifting once per entry would cost more than the entry.
    if (this.#entries.length >= this.#capacity * 2) this.#entries = this.#entries.slice(-this.#capacity);
  }

  list(): readonly T[] {
    return this.#entries.slice(-this.#capacity);
  }

  /** Forgets all, or only what is meant. */
  clear(meant: (entry: T) => boolean = () => true): void {
    this.#entries = this.#entries.filter((entry) => !meant(entry));
  }
}
