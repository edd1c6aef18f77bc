import { type Config } from "../../provider/config";
import { declarationOf, kindNames } from "../../provider/registry";
import { type ManagedResource } from "../stack";
import { type Finding, ok, warning } from "./finding";

/** What Stripe allows an account at the least in 30 days; beyond, on average 500 for each of its transactions. */
const leastBudget = 10_000;
const pageSize = 100;
const monthMs = 30 * 24 * 60 * 60 * 1000;

/** Everything that is looked at with the same key. */
export interface Looked {
  config: Config;
  resources: readonly ManagedResource[];
}

/** Requests of one `stripe-as-code drift`. */
export interface DriftCost {
  /** Where the account holds hardly more than the stack. */
  least: number;
  /** Where it holds so much else that no page tells of the stack's objects; Infinity where everything is looked at. */
  most: number;
}

/**
 * What one look for drift costs: the account, and of each kind pages of its list, no more of them than resources, then the rest
 * one by one; and up to `stripe:lookupLimit` objects of each kind that could be unmanaged.
 */
export function costOfDrift({ config, resources }: Looked): DriftCost {
  const connected = new Set([undefined, ...resources.map(stripeAccountOf)]);
  const asked = new Set(resources.map(stripeAccountOf));
  const cost = { least: Math.max(1, asked.size), most: Math.max(1, asked.size) };
  for (const stripeAccount of connected) {
    const here = resources.filter((one) => stripeAccountOf(one) === stripeAccount);
    for (const kind of kindNames) {
      const count = here.filter((one) => one.kind === kind).length;
      const isListed = declarationOf(kind).transient !== true;
      if (count === 0 && !isListed) continue;
      cost.least += Math.max(1, Math.ceil(count / pageSize));
      cost.most += count + Math.max(count, isListed ? Math.ceil(config.lookupLimit / pageSize) : 0);
    }
  }
  return cost;
}

/** What a schedule of such looks costs in 30 days, against what Stripe allows. @param everyMs between two of them */
export function lookAtReads(looked: Looked, everyMs: number): Finding {
  const { least, most } = costOfDrift(looked);
  const monthly = Math.round((least * monthMs) / everyMs);
  const mostMonthly = (most * monthMs) / everyMs;
  const upTo = Number.isFinite(most) ? `${most} (${number(mostMonthly)})` : "all pages, as stripe:lookupLimit is 0";
  const told =
    `a drift job every ${describe(everyMs)} needs ${least} reads (${number(monthly)} in 30 days), or up to ${upTo} where the account ` +
    `holds much else; Stripe allows ${number(leastBudget)}, or 500 for each transaction where that is more`;
  const staysBelow = (cost: number) => intervals.find((ms) => (cost * monthMs) / ms <= leastBudget);
  if (monthly <= leastBudget) {
    // What the account holds beside the stack nothing tells without those very reads.
    const rarer = mostMonthly > leastBudget ? staysBelow(most) : undefined;
    return ok("reads", rarer === undefined ? told : `${told}; every ${describe(rarer)} stays below that in any case`);
  }
  const wanted = staysBelow(least) ?? intervals.at(-1) ?? everyMs;
  const spread = `run it every ${describe(wanted)} or less often (--drift-every ${describe(wanted)} tells what that costs)`;
  return warning(
    "reads",
    told,
    `${spread}, unless the account has more than ${number(monthly / 500)} transactions in 30 days`,
  );
}

const [minute, hour] = [60_000, 3_600_000];
const units = { m: minute, h: hour, d: 24 * hour } as const;
const intervals = [1, 2, 3, 4, 6, 8, 12, 24, 48, 7 * 24].map((hours) => hours * hour);

/** Milliseconds of `30m`, `1h` or `1d`; undefined for any other text. */
export function parseInterval(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * units[unit as keyof typeof units];
}

function describe(ms: number): string {
  const unit = (["d", "h"] as const).find((one) => ms % units[one] === 0) ?? "m";
  return `${ms / units[unit]}${unit}`;
}

function number(value: number): string {
  return Math.ceil(value).toLocaleString("en-US");
}

function stripeAccountOf({ outputs }: ManagedResource): string | undefined {
  return outputs.stripeAccount as string | undefined;
}
