import { type StripeClient } from "./client";
import { type Declaration, type Newest, type StripeObject } from "./declare";
import { type Clock, systemClock } from "./limiter";
import { ObjectClient } from "./object-client";

type Values = Record<string, unknown>;

/** What an object is ended by is no older: in that time another stack could take it over unseen. */
const freshMs = 2_000;

/**
 * Reads of single objects, gathered: pages of the kind's list, newest first, answer all that are on them. A refresh reads every
 * resource of a stack, and Stripe allows 25 requests a second in a sandbox (docs.stripe.com/rate-limits).
 */
export class Snapshots {
  private readonly lists = new Map<string, Snapshot>();

  constructor(
    private readonly client: StripeClient,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * The object as it was when this run began to look, or later; undefined where Stripe says that there is none.
   * @param recorded what is recorded of it
   */
  async find(declaration: Declaration, id: string, recorded: Values): Promise<StripeObject | undefined> {
    // What a page says of an object may be older than what this process wrote.
    return this.client.traffic.writes > 0
      ? new ObjectClient(this.client, declaration, recorded).find(id, recorded)
      : this.listed(declaration, id, recorded, Infinity);
  }

  /**
   * The object as it was at most two seconds ago, whatever this process wrote to others since: one that is about to be deleted, of
   * which only matters whose it is.
   * @param recorded what is recorded of it
   */
  findFresh(declaration: Declaration, id: string, recorded: Values): Promise<StripeObject | undefined> {
    return this.listed(declaration, id, recorded, freshMs);
  }

  /**
   * Whether the recorded object can be read: a key that reads it acts on its account. An id of one's own may be in use in several
   * accounts, but was hardly made in the same second.
   */
  async isThere(declaration: Declaration, id: string, recorded: Values): Promise<boolean> {
    const live = await this.find(declaration, id, recorded);
    return live !== undefined && live.created === recorded.created;
  }

  /**
   * The newest objects of a kind: those on the pages that were read before, and more up to a limit.
   * @throws what keeps the list from being read
   */
  newest(declaration: Declaration, inputs: Values, limit: number): Promise<Newest> {
    return this.list(declaration, new ObjectClient(this.client, declaration, inputs)).newest(limit);
  }

  /** @param mostMs age of a page that will do */
  private async listed(
    declaration: Declaration,
    id: string,
    recorded: Values,
    mostMs: number,
  ): Promise<StripeObject | undefined> {
    const objects = new ObjectClient(this.client, declaration, recorded);
    // That it is on no page is no proof that it is gone; and what keeps a list from being read may not keep its objects.
    return (await this.list(declaration, objects, mostMs).find(id)) ?? objects.find(id, recorded);
  }

  private list(declaration: Declaration, objects: ObjectClient, mostMs = Infinity): Snapshot {
    const key = JSON.stringify([objects.stripeAccount, declaration.api.path, objects.whole]);
    const known = this.lists.get(key);
    const now = this.clock.now();
    if (known !== undefined && now - known.since <= mostMs) return known;
    const list = new Snapshot((after) => objects.page(after), now);
    this.lists.set(key, list);
    return list;
  }
}

/** One list, read on as it is asked for. */
class Snapshot {
  private readonly objects = new Map<string, StripeObject>();
  private reads = 0;
  /** Turned for a single object. */
  private pages = 0;
  private next: string | undefined;
  private isOver = false;
  private failure: Error | undefined;
  private turning: Promise<void> | undefined;

  /** @param since when it was begun to be read */
  constructor(
    private readonly page: ObjectClient["page"],
    readonly since: number,
  ) {}

  /**
   * Turns no more pages than there were reads, besides those that were turned for others: a stack that holds little of a large
   * account costs at most twice its reads.
   */
  async find(id: string): Promise<StripeObject | undefined> {
    this.reads++;
    for (;;) {
      const object = this.objects.get(id);
      // The list goes on after this very object: read on now, as whoever asked may delete it.
      if (this.isOver || (object !== undefined && id !== this.next)) return object;
      if (this.turning === undefined) {
        if (this.pages === this.reads) return object;
        this.pages++;
      }
      await this.turn();
    }
  }

  async newest(limit: number): Promise<Newest> {
    while (this.objects.size < limit && !this.isOver) await this.turn();
    if (this.failure !== undefined) throw this.failure;
    return { objects: [...this.objects.values()], cutShort: !this.isOver };
  }

  private turn(): Promise<void> {
    this.turning ??= this.read().finally(() => (this.turning = undefined));
    return this.turning;
  }

  private async read(): Promise<void> {
    try {
      const { objects, next } = await this.page(this.next);
      for (const object of objects) this.objects.set(object.id, object);
      this.next = next;
      this.isOver = next === undefined;
    } catch (error) {
      this.failure = error as Error;
      this.isOver = true;
    }
  }
}
