/** The newest of what was added, oldest of them first: so many, and fewer where together they weigh too much. */
export class Newest<T> {
  #entries: { readonly entry: T; readonly weight: number }[] = [];
  #weight = 0;
  readonly #capacity: number;
  readonly #mostWeight: number;

  constructor(capacity: number, mostWeight = Infinity) {
    this.#capacity = capacity;
    this.#mostWeight = mostWeight;
  }

  /** @param weight what keeping it costs, in the unit of `mostWeight` */
  add(entry: T, weight = 0): void {
    this.#entries.push({ entry, weight });
    this.#weight += weight;
    // Cut in bulk: shifting once per entry would cost more than the entry.
    if (this.#entries.length >= this.#capacity * 2) this.#keep(this.#entries.slice(-this.#capacity));
    if (this.#weight > this.#mostWeight) this.#keep(this.#lightEnough());
  }

  list(): readonly T[] {
    return this.#entries.slice(-this.#capacity).map(({ entry }) => entry);
  }

  /** Forgets all, or only what is meant. */
  clear(meant: (entry: T) => boolean = () => true): void {
    this.#keep(this.#entries.filter(({ entry }) => !meant(entry)));
  }

  #keep(entries: { readonly entry: T; readonly weight: number }[]): void {
    this.#entries = entries;
    this.#weight = entries.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** The newest that weigh half of what is allowed, so that the next few cost no cut of their own; the last one always. */
  #lightEnough(): { readonly entry: T; readonly weight: number }[] {
    let weight = 0;
    const tooOld = this.#entries.findLastIndex(({ weight: own }) => (weight += own) > this.#mostWeight / 2);
    return this.#entries.slice(Math.min(tooOld + 1, this.#entries.length - 1));
  }
}
