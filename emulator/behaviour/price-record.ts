import { readCurrency } from "../currency";
import { missingObject, Refusal } from "../errors";
import { recordEvent } from "../events";
import { longestPeriods, periodNames } from "../facts/price-limits";
import { type Call, withoutHidden } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";
import { type Amount, amountParams, readAmount } from "./price-amount";

export interface Price extends StripeObject, Amount {
  readonly object: "price";
  readonly active: boolean;
  readonly billing_scheme: "per_unit" | "tiered";
  readonly created: number;
  readonly currency: string;
  /** Every currency, the price's own included (unconfirmed). */
  readonly currency_options: Readonly<Record<string, Amount>>;
  readonly livemode: boolean;
  readonly lookup_key: string | null;
  readonly metadata: Metadata;
  readonly nickname: string | null;
  readonly product: string;
  readonly recurring: Recurring | null;
  readonly tiers_mode: string | null;
  readonly transform_quantity: { readonly divide_by: number; readonly round: string } | null;
  readonly type: "one_time" | "recurring";
}

interface Recurring {
  readonly interval: string;
  readonly interval_count: number;
  readonly meter: string | null;
  readonly trial_period_days: number | null;
  readonly usage_type: string;
}

export const priceName = "price";

/** Kept, and shown only on request. [openapi; 3rd: live probe] */
export const priceHidden = ["tiers", "currency_options"] as const;

const interval = { type: "string", enum: ["day", "month", "week", "year"] } as const;
const intervalCount = { type: "integer", min: 1 } as const;

export const currencyOptions = { type: "dictionary", items: { type: "object", params: amountParams } } as const;

const metadata = { type: "map", unsettable: true } as const;

/** What a price made together with its product may say. [openapi: default_price_data] */
export const defaultPriceParams = {
  currency: { type: "string", required: true },
  currency_options: currencyOptions,
  custom_unit_amount: amountParams.custom_unit_amount,
  metadata,
  recurring: { type: "object", params: { interval: { ...interval, required: true }, interval_count: intervalCount } },
  tax_behavior: amountParams.tax_behavior,
  unit_amount: amountParams.unit_amount,
  unit_amount_decimal: amountParams.unit_amount_decimal,
} as const;

/** What makes a price, its product apart. [openapi; trial_period_days: node] */
export const priceParams = {
  ...amountParams,
  active: { type: "boolean" },
  billing_scheme: { type: "string", enum: ["per_unit", "tiered"] },
  currency: { type: "string", required: true },
  currency_options: currencyOptions,
  lookup_key: { type: "string", maxLength: 200 },
  metadata,
  nickname: { type: "string" },
  recurring: {
    type: "object",
    params: {
      interval: { ...interval, required: true },
      interval_count: intervalCount,
      meter: { type: "string" },
      trial_period_days: { type: "integer", min: 1 },
      usage_type: { type: "string", enum: ["licensed", "metered"] },
    },
  },
  tiers_mode: { type: "string", enum: ["graduated", "volume"] },
  transfer_lookup_key: { type: "boolean" },
  transform_quantity: {
    type: "object",
    params: {
      divide_by: { type: "integer", min: 1, required: true },
      round: { type: "string", enum: ["down", "up"], required: true },
    },
  },
} as const;

type PriceParams = ParamsOf<typeof priceParams>;

/** Checks and completes a price; stores nothing. `prefix` is "" or `default_price_data`. */
export function makePrice(call: Call, params: PriceParams, product: string, prefix = ""): Price {
  const name = (field: string): string => (prefix === "" ? field : `${prefix}[${field}]`);
  const currency = readCurrency(params.currency, name("currency"));
  const recurring = params.recurring === undefined ? null : readRecurring(params.recurring, name("recurring"));
  const tiered = params.billing_scheme === "tiered";
  refuseScheme(params, recurring);
  const own = readAmount(params, tiered, prefix);
  const options = readOptions(params.currency_options, currency, tiered, name("currency_options"));
  return {
    id: `price_1${randomText(23)}`,
    object: priceName,
    active: params.active ?? true,
    billing_scheme: tiered ? "tiered" : "per_unit",
    created: call.now,
    currency,
    ...own,
    currency_options: { [currency]: own, ...options },
    livemode: call.livemode,
    lookup_key: params.lookup_key ?? null,
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    product,
    recurring,
    tiers_mode: params.tiers_mode ?? null,
    transform_quantity: params.transform_quantity ?? null,
    type: recurring === null ? "one_time" : "recurring",
  };
}

/** [openapi: tiers_mode, transform_quantity; 3rd: live text of one-time tiers] Other texts unconfirmed. */
function refuseScheme(params: PriceParams, recurring: Recurring | null): void {
  const tiered = params.billing_scheme === "tiered";
  if (tiered && recurring === null) {
    throw new Refusal("Prices with `type=one_time` are not supported with tiered billing.", { param: "interval" });
  }
  if (params.tiers !== undefined && params.transform_quantity !== undefined) {
    throw new Refusal("You may only specify one of these parameters: tiers, transform_quantity.", { param: "tiers" });
  }
  if (tiered !== (params.tiers_mode !== undefined)) {
    throw new Refusal("`tiers_mode` is required when `billing_scheme=tiered`, and can only be set then.", {
      param: "tiers_mode",
    });
  }
  if (params.custom_unit_amount !== undefined && recurring !== null) {
    throw new Refusal("`custom_unit_amount` is only supported with `type=one_time`.", { param: "custom_unit_amount" });
  }
}

/** Meters are not emulated: any id that looks like one is taken. [3rd: live text of metered without a meter] */
function readRecurring(given: NonNullable<PriceParams["recurring"]>, param: string): Recurring {
  const { interval_count: count = 1, meter = null, usage_type: usage = "licensed" } = given;
  const longest = longestPeriods[given.interval];
  if (count > longest) {
    throw new Refusal(`The interval_count for ${periodNames[given.interval]} prices can't be greater than ${longest}`, {
      param: `${param}[interval_count]`,
    });
  }
  if (usage === "metered" && meter === null) {
    throw new Refusal("Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.");
  }
  if (usage === "licensed" && meter !== null) {
    throw new Refusal("`meter` can only be set when `usage_type=metered`.", { param: `${param}[meter]` });
  }
  if (meter !== null && !/^mtr_\w+$/.test(meter)) throw missingObject("meter", meter, `${param}[meter]`, 400);
  return {
    interval: given.interval,
    interval_count: count,
    meter,
    trial_period_days: given.trial_period_days ?? null,
    usage_type: usage,
  };
}

/** The price's own currency is none of the options. [issue: stripe-node#1559, text of the update] */
export function readOptions(
  given: ParamsOf<{ o: typeof currencyOptions }>["o"],
  own: string,
  tiered: boolean,
  param: string,
): Readonly<Record<string, Amount>> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([key, amounts]) => {
      const at = `${param}[${key}]`;
      const currency = readCurrency(key, at);
      if (currency === own) {
        throw new Refusal(
          "You are specifying an update to a currency option that matches the top-level currency for this price. " +
            "Please remove this currency option and update the top-level params instead.",
          { param: at },
        );
      }
      return [currency, readAmount(amounts, tiered, at)];
    }),
  );
}

/**
 * Gives a lookup key to a price. Whoever else has it, archived or not, keeps it, unless it is to be transferred: then
 * that price loses the key and stays as active as it was. [openapi; 3rd: live probe]
 */
export function takeLookupKey(call: Call, key: string | undefined, owner: string, transfer: boolean): void {
  if (key === undefined) return;
  const prices = call.account.collection<Price>(priceName);
  const holder = prices.newestFirst().find((price) => price.lookup_key === key && price.id !== owner);
  if (holder === undefined) return;
  if (!transfer) {
    throw new Refusal(`A price (\`${holder.id}\`) already uses that lookup key.`, { param: "lookup_key" });
  }
  const after = prices.put({ ...holder, lookup_key: null });
  recordEvent(call, "price.updated", tellPrice(after), tellPrice(holder));
}

/** A price as events show it. */
export function tellPrice(price: Price): StripeObject {
  return withoutHidden(priceHidden, price);
}
