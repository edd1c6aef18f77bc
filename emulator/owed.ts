import { type OwedDelivery } from "./delivery";

/** What is to be sent, each endpoint's in the order it is due: thousands that wait cost no more than the few that are next. */
export class OwedQueue {
  readonly #byEndpoint = new Map<string, OwedDelivery[]>();

  /** Of two that are due at the same time the one added first comes first. */
  add(owed: OwedDelivery): void {
    const queue = this.#byEndpoint.get(owed.endpointId);
    if (queue === undefined) {
      this.#byEndpoint.set(owed.endpointId, [owed]);
      return;
    }
    let [from, to] = [0, queue.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((queue[middle]?.dueAt ?? 0) <= owed.dueAt) from = middle + 1;
      else to = middle;
    }
    queue.splice(from, 0, owed);
  }

  has(owed: OwedDelivery): boolean {
    return this.#byEndpoint.get(owed.endpointId)?.includes(owed) === true;
  }

  remove(owed: OwedDelivery): void {
    const queue = this.#byEndpoint.get(owed.endpointId) ?? [];
    const index = queue.indexOf(owed);
    if (index !== -1) queue.splice(index, 1);
    if (queue.length === 0) this.#byEndpoint.delete(owed.endpointId);
  }

  /** The one that is due first, of the endpoints that are meant. */
  first(meant: (endpointId: string) => boolean = () => true): OwedDelivery | undefined {
    let first: OwedDelivery | undefined;
    for (const [endpointId, [head]] of this.#byEndpoint) {
      if (head === undefined || (first !== undefined && first.dueAt <= head.dueAt)) continue;
      if (meant(endpointId)) first = head;
    }
    return first;
  }

  list(): OwedDelivery[] {
    return [...this.#byEndpoint.values()].flat();
  }

  /** Forgets all, or only what is meant. */
  clear(meant: (owed: OwedDelivery) => boolean = () => true): void {
    for (const owed of this.list().filter(meant)) this.remove(owed);
  }
}
