/** Latest time a Date can hold, in milliseconds. */
const latest = 8.64e15;

/** A clock that can be moved ahead of the one it goes by. */
export class Clock {
  readonly #base: () => number;
  #aheadMs = 0;

  constructor(base: () => number) {
    this.#base = base;
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#base() + this.#aheadMs;

  /** Throws a TypeError for anything but a span into the future that dates can tell. */
  pass(seconds: number): void {
    const ahead = seconds * 1000;
    if (!(ahead >= 0) || this.now() + ahead > latest) {
      throw new TypeError(`passTime: "seconds" must be a number from 0 on, within what dates can tell, got ${seconds}`);
    }
    this.#aheadMs += ahead;
  }

  /** How far it is ahead of its base, in milliseconds. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** Goes by its base again, or as far ahead of it as is said. */
  reset(aheadMs = 0): void {
    this.#aheadMs = aheadMs;
  }
}
