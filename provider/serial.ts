/** Runs what has the same key one after the other, in the order it came; different keys don't wait for each other. */
export class Serial {
  private readonly last = new Map<string, Promise<unknown>>();

  /** What the work before came to, an error included, is no concern of the next. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    const done = mine.catch(() => undefined).then(() => void (this.last.get(key) === done && this.last.delete(key)));
    this.last.set(key, done);
    return mine;
  }
}
