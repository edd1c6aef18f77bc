import { z } from "zod";
import { decimal, type Finding, has, type StripeObject } from "../declare";

/* Facts are attached to a schema, so what several fields share is made anew for each. */

/** Lower-case ISO code of a currency. */
export const currency = () => z.string().regex(/^[a-z]{3}$/, "must be a lower-case ISO currency such as usd");

/** In the currency's smallest unit; 0 is free. */
export const amount = () =>
  z
    .int({ error: "must be a whole number in the smallest unit, such as cents; parts of one go into a decimal string" })
    .nonnegative({ error: "must be 0 or more" });

/** Smallest units with up to 12 decimals (docs.stripe.com/api/prices/create). */
export const amountDecimal = () =>
  decimal(z.string().regex(/^\d+(\.\d{1,12})?$/, 'must be a decimal string with at most 12 decimals, such as "0.5"'));

export const taxBehavior = () => z.enum(["exclusive", "inclusive", "unspecified"]);

export const interval = () => z.enum(["day", "month", "week", "year"]);

/** Longest periods between payments: three years (docs.stripe.com/api/prices/create); the days follow from it. */
const longest: Record<string, number> = { day: 1095, week: 156, month: 36, year: 3 };

const chosen = {
  /** Must be true: leave all of it out where the buyer doesn't choose. */
  enabled: has(z.literal(true, { error: "must be true; leave customUnitAmount out where the buyer does not choose" }), {
    // Never returned: that the rest is there says it.
    reads: () => true as const,
  }),
  /** Most the buyer can choose. */
  maximum: amount().optional(),
  /** Least the buyer can choose. */
  minimum: amount().optional(),
  /** What is chosen at first. */
  preset: amount().optional(),
};

/** The buyer chooses the amount. */
export const customUnitAmount = () => z.strictObject(chosen);

const tier = {
  /** What the step itself costs, whatever the quantity. */
  flatAmount: amount().optional(),
  /** The same as a decimal string. Either this or `flatAmount`. */
  flatAmountDecimal: has(amountDecimal(), { spells: "flatAmount" }).optional(),
  /** What one unit costs within the step. */
  unitAmount: amount().optional(),
  /** The same as a decimal string. Either this or `unitAmount`. */
  unitAmountDecimal: has(amountDecimal(), { spells: "unitAmount" }).optional(),
  /** Last quantity of the step; `"inf"` for the last step, and only for it. */
  upTo: has(z.union([z.literal("inf"), z.int().positive()], { error: 'must be a quantity from 1 on, or "inf"' }), {
    // Stripe tells no quantity for what was sent as inf.
    reads: (step: StripeObject) => (step.up_to as number | null) ?? "inf",
  }),
};

/** The steps of a tiered price, in ascending order. */
export const tiers = () => z.array(z.strictObject(tier)).min(1, { error: "must have at least one step" });

const option = {
  /** What one unit costs, in the currency's smallest unit; 0 is free. */
  unitAmount: amount().optional(),
  /** The same with up to 12 decimals. Either this or `unitAmount`. */
  unitAmountDecimal: has(amountDecimal(), { spells: "unitAmount" }).optional(),
  /** The buyer chooses the amount. */
  customUnitAmount: customUnitAmount().optional(),
  /** The steps, where the price is tiered. */
  tiers: tiers().optional(),
  /** Whether taxes are in the amount. */
  taxBehavior: has(taxBehavior(), { default: "unspecified" }).optional(),
};

/** Prices in other currencies, by lower-case ISO code. */
export const currencyOptions = () => z.record(currency(), z.strictObject(option));

interface Amounts {
  unitAmount?: number;
  unitAmountDecimal?: string;
  customUnitAmount?: { minimum?: number; preset?: number; maximum?: number };
  tiers?: (Omit<Amounts, "tiers"> & { flatAmount?: number; flatAmountDecimal?: string; upTo: number | "inf" })[];
}

/** What a price says beside its product. */
interface Priced extends Amounts {
  billingScheme?: string;
  currency?: string;
  currencyOptions?: Record<string, Amounts>;
  recurring?: { interval: string; intervalCount?: number; meter?: string; usageType?: string };
  tiersMode?: string;
  transformQuantity?: unknown;
}

/** What is wrong with a price over several fields, with paths below `prefix`. */
export function checkPriced(price: Priced, prefix = ""): Finding[] {
  const tiered = price.billingScheme === "tiered";
  const findings = checkAmounts(price, tiered, "");
  const add = (path: string, message: string) => findings.push({ path, message });
  for (const [code, amounts] of Object.entries(price.currencyOptions ?? {})) {
    const path = `currencyOptions.${code}`;
    if (code === price.currency) add(path, "is the price's own currency: give its amount beside currency");
    else findings.push(...checkAmounts(amounts, tiered, `${path}.`));
  }
  if (tiered && price.tiersMode === undefined) add("tiersMode", 'is required with billingScheme "tiered"');
  if (!tiered && price.tiersMode !== undefined) add("tiersMode", 'needs billingScheme "tiered"');
  if (tiered && price.recurring === undefined) add("recurring", "is required: Stripe has no one-time price with tiers");
  if (price.tiers !== undefined && price.transformQuantity !== undefined) {
    add("transformQuantity", "and tiers exclude each other");
  }
  if (price.customUnitAmount !== undefined && price.recurring !== undefined) {
    add("customUnitAmount", "is for one-time prices only");
  }
  const { interval: every, intervalCount: count, meter, usageType } = price.recurring ?? {};
  const most = every === undefined ? undefined : longest[every];
  if (count !== undefined && most !== undefined && count > most) {
    add("recurring.intervalCount", `must be at most ${most}: Stripe allows three years`);
  }
  if (usageType === "metered" && meter === undefined) add("recurring.meter", 'is required with usageType "metered"');
  if (usageType !== "metered" && meter !== undefined) add("recurring.meter", 'needs usageType "metered"');
  return findings.map(({ path, message }) => ({ path: `${prefix}${path}`, message }));
}

function checkAmounts(amounts: Amounts, tiered: boolean, prefix: string): Finding[] {
  const names = ["unitAmount", "unitAmountDecimal", "customUnitAmount"] as const;
  const given = names.filter((name) => amounts[name] !== undefined);
  const findings: Finding[] = [];
  const add = (path: string, message: string) => findings.push({ path: `${prefix}${path}`, message });
  if (tiered) {
    for (const name of given) add(name, 'can\'t be given with billingScheme "tiered": give tiers');
    if (amounts.tiers === undefined) add("tiers", 'is required with billingScheme "tiered"');
  } else {
    if (given.length === 0)
      add(
        "unitAmount",
        'is required; or give unitAmountDecimal, customUnitAmount, or billingScheme "tiered" with tiers',
      );
    for (const name of given.slice(1)) add(name, `and ${String(given[0])} exclude each other: give one`);
    if (amounts.tiers !== undefined) add("tiers", 'needs billingScheme "tiered"');
  }
  const { minimum, preset, maximum } = amounts.customUnitAmount ?? {};
  const ordered = [minimum, preset, maximum].filter((bound) => bound !== undefined);
  if (ordered.some((bound, index) => bound < (ordered[index - 1] ?? 0))) {
    add("customUnitAmount", "must have minimum, preset and maximum in ascending order");
  }
  for (const [index, step] of (amounts.tiers ?? []).entries()) {
    const at = `tiers[${index}]`;
    const last = index + 1 === amounts.tiers?.length;
    const before = amounts.tiers?.[index - 1]?.upTo;
    if (last !== (step.upTo === "inf")) add(`${at}.upTo`, 'must be "inf" in the last step, and only there');
    else if (typeof before === "number" && typeof step.upTo === "number" && step.upTo <= before) {
      add(`${at}.upTo`, `must be more than ${before}, where the step before ends`);
    }
    if (step.unitAmount !== undefined && step.unitAmountDecimal !== undefined) {
      add(`${at}.unitAmountDecimal`, "and unitAmount exclude each other: give one");
    }
    if (step.flatAmount !== undefined && step.flatAmountDecimal !== undefined) {
      add(`${at}.flatAmountDecimal`, "and flatAmount exclude each other: give one");
    }
    const priced = [step.unitAmount, step.unitAmountDecimal, step.flatAmount, step.flatAmountDecimal];
    if (priced.every((one) => one === undefined)) add(at, "needs unitAmount or flatAmount; 0 is free");
  }
  return findings;
}
