import { type StripeClient } from "./client";
import { type Declaration, type StripeObject } from "./declare";

/**
 * The newest objects of a kind, read from list pages to find the one that carries a stamp. Lists, never search: v1 lists
 * are consistent with writes, search lags (docs.stripe.com/search).
 */
export class Stamps {
  private readonly seen = new Map<string, Promise<StripeObject[]>>();

  constructor(
    private readonly client: StripeClient,
    /** Told once per kind where the search ended before the list did. */
    private readonly onCutShort: (message: string) => void,
  ) {}

  /** @param freshness `once` shares one reading per kind and account over the whole run */
  of(
    declaration: Declaration,
    stripeAccount: string | undefined,
    freshness: "once" | "fresh",
  ): Promise<StripeObject[]> {
    const key = `${stripeAccount ?? ""} ${declaration.api.path}`;
    const shared = this.seen.get(key);
    if (shared !== undefined && freshness === "once") return shared;
    const reading = this.read(declaration, stripeAccount);
    if (shared === undefined) {
      this.seen.set(key, reading);
      reading.catch(() => this.seen.delete(key));
    }
    return reading;
  }

  private async read(declaration: Declaration, stripeAccount: string | undefined): Promise<StripeObject[]> {
    const limit = declaration.spends ? Infinity : this.client.config.lookupLimit;
    const objects: StripeObject[] = [];
    for await (const object of this.client.list(declaration.api.path, { stripeAccount })) {
      if (objects.length >= limit) {
        this.onCutShort(
          `only the newest ${limit} objects of kind ${declaration.title} were searched for one that an earlier run left; ` +
            "raise stripe:lookupLimit to search more",
        );
        break;
      }
      objects.push(object as StripeObject);
    }
    return objects;
  }
}
