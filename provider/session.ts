import { StripeClient } from "./client";
import { type Config } from "./config";
import { type Say } from "./engine-log";
import { ProviderError } from "./errors";
import { AccountGuard } from "./guard";
import { type Clock, systemClock } from "./limiter";
import { Snapshots } from "./snapshot";
import { Stamps } from "./stamps";

/** What one provider process shares over all its resources: one client, one guard, one memory of this run. */
export interface Session {
  client: StripeClient;
  guard: AccountGuard;
  stamps: Stamps;
  snapshots: Snapshots;
  /** Ids by identity of the objects that are being replaced in this process: never taken for the replacement. */
  replacing: Map<string, string>;
  /** Names (URNs) of the resources of the state by the object each holds: no other resource takes that object. */
  holders: Map<string, string>;
  /** Identities of the resources that this run makes. */
  newcomers: Set<string>;
  /** Ids by URN of the objects that this process last compared, made or found: what has the same URN was replaced by it. */
  current: Map<string, string>;
  /** Ids of the objects this process handed to a resource: never ended by it. */
  handedOut: Set<string>;
  /** Ids of the objects this process deleted: a list that was read before may still hold them. */
  deleted: Set<string>;
  /** Counts what a resource costs, by its identity, against `stripe:maxSpend`; throws when that is not enough. */
  spend(identity: string, currency: string, amount: number): void;
  say: Say;
  /** Milliseconds. */
  now(): number;
}

export function openSession(config: Config, say: Say, clock: Clock = systemClock): Session {
  const client = new StripeClient(config, clock);
  return {
    client,
    guard: new AccountGuard(client),
    stamps: new Stamps(client, (message) => say(undefined, "warning", message)),
    snapshots: new Snapshots(client, clock),
    replacing: new Map(),
    holders: new Map(),
    newcomers: new Set(),
    current: new Map(),
    handedOut: new Set(),
    deleted: new Set(),
    spend: spendingLimit(config),
    say,
    now: () => clock.now(),
  };
}

/**
 * An object among those of all accounts: ids of one's own may be in use in several.
 * @param account its account; where the key can't tell that, what the program says of it
 */
export function heldObject(account: unknown, { stripeAccount }: Record<string, unknown>, id: string): string {
  return JSON.stringify([account ?? stripeAccount, id]);
}

/** One count for the whole process; nothing awaits between look and count, so no two orders slip through. */
function spendingLimit({ maxSpend, livemode }: Config): Session["spend"] {
  const spent = new Map<string, { currency: string; amount: number }>();
  return (identity, currency, amount) => {
    spent.set(identity, { currency, amount });
    if (maxSpend === undefined && !livemode) return;
    const most = maxSpend?.[currency] ?? 0;
    const sum = [...spent.values()].reduce((total, one) => total + (one.currency === currency ? one.amount : 0), 0);
    if (sum <= most) return;
    throw new ProviderError(
      "spending_limit",
      maxSpend === undefined
        ? `stripe:maxSpend is required in live mode: set the most that new orders of a run may cost, such as {"${currency}": ${amount}}`
        : `stripe:maxSpend allows ${most} ${currency} (in its smallest unit) in a run; with this order it would be ${sum}`,
    );
  };
}
