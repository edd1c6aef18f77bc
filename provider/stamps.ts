import { type StripeClient } from "./client";
import { type Declaration, type Newest } from "./declare";
import { newest, ObjectClient } from "./object-client";

/**
 * The newest objects of a kind, read from list pages to find the one that carries a stamp. Lists, never search: v1 lists
 * are consistent with writes, search lags (docs.stripe.com/search).
 */
export class Stamps {
  private readonly seen = new Map<string, Promise<Newest>>();
  private readonly told = new Set<string>();

  constructor(
    private readonly client: StripeClient,
    /** Told once per kind where the search ended before the list did. */
    private readonly onCutShort: (message: string) => void,
  ) {}

  /** @param freshness `once` shares one reading per kind and account over the whole run */
  of(declaration: Declaration, inputs: Record<string, unknown>, freshness: "once" | "fresh"): Promise<Newest> {
    const objects = new ObjectClient(this.client, declaration, inputs);
    const key = `${objects.stripeAccount ?? ""} ${declaration.api.path}`;
    const shared = this.seen.get(key);
    if (shared !== undefined && freshness === "once") return shared;
    const reading = this.read(declaration, objects);
    if (shared === undefined) {
      this.seen.set(key, reading);
      reading.catch(() => this.seen.delete(key));
    }
    return reading;
  }

  /** Says, once, that not every object was looked at. */
  tellCutShort({ title }: Declaration): void {
    if (this.told.has(title)) return;
    this.told.add(title);
    this.onCutShort(
      `only the newest ${this.client.config.lookupLimit} objects of kind ${title} were searched for one that an earlier run left; ` +
        "raise stripe:lookupLimit to search more",
    );
  }

  private read(declaration: Declaration, client: ObjectClient): Promise<Newest> {
    return newest(client.list({}), declaration.spends ? Infinity : this.client.config.lookupLimit);
  }
}
