import { plainDecimal, wholeOrNull } from "../decimal";
import { Refusal } from "../errors";
import { amountDecimals } from "../facts/price-limits";
import { type ParamsOf } from "../params";

const integer = { type: "integer", min: 0 } as const;
const decimal = { type: "decimal", decimals: amountDecimals } as const;

const tier = {
  type: "object",
  params: {
    flat_amount: integer,
    flat_amount_decimal: decimal,
    unit_amount: integer,
    unit_amount_decimal: decimal,
    up_to: { type: "integer", min: 1, words: ["inf"], required: true },
  },
} as const;

const customUnitAmount = {
  type: "object",
  params: { enabled: { type: "boolean", required: true }, maximum: integer, minimum: integer, preset: integer },
} as const;

/** What one unit costs, with or without tiers or the buyer's choice. [openapi] */
export const amountParams = {
  custom_unit_amount: customUnitAmount,
  tax_behavior: { type: "string", enum: ["exclusive", "inclusive", "unspecified"] },
  tiers: { type: "list", items: tier, minItems: 1 },
  unit_amount: integer,
  unit_amount_decimal: decimal,
} as const;

export type AmountParams = ParamsOf<typeof amountParams>;
export type TaxBehavior = NonNullable<AmountParams["tax_behavior"]>;

export interface Tier {
  readonly flat_amount: number | null;
  readonly flat_amount_decimal: string | null;
  readonly unit_amount: number | null;
  readonly unit_amount_decimal: string | null;
  /** Null for the last tier, sent as `inf`. [openapi] */
  readonly up_to: number | null;
}

/** What a price costs in one currency. */
export interface Amount {
  readonly custom_unit_amount: {
    readonly maximum: number | null;
    readonly minimum: number | null;
    readonly preset: number | null;
  } | null;
  readonly tax_behavior: string | null;
  /** Only where the billing scheme is tiered. */
  readonly tiers?: readonly Tier[];
  /** Null where the decimal is no whole number. [3rd: live probe] */
  readonly unit_amount: number | null;
  readonly unit_amount_decimal: string | null;
}

/**
 * Checks the amounts of one currency and completes them. `prefix` is "" or such as `currency_options[eur]`.
 * [openapi; texts of missing and doubled amounts and of one-time tiers: 3rd, live texts; all others unconfirmed]
 */
export function readAmount(params: AmountParams, tiered: boolean, prefix: string): Amount {
  const name = (field: string): string => (prefix === "" ? field : `${prefix}[${field}]`);
  const { custom_unit_amount: custom, tiers } = params;
  refuseBoth(params, "unit_amount", "unit_amount_decimal", name("unit_amount"));
  refuseBoth(params, "custom_unit_amount", "unit_amount", name("custom_unit_amount"));
  refuseBoth(params, "custom_unit_amount", "unit_amount_decimal", name("custom_unit_amount"));
  const given =
    params.unit_amount_decimal ?? (params.unit_amount === undefined ? undefined : String(params.unit_amount));
  if (tiered) {
    if (given !== undefined || custom !== undefined) {
      const field = custom !== undefined ? "custom_unit_amount" : "unit_amount";
      throw new Refusal(`\`${field}\` can't be set when \`billing_scheme=tiered\`; use \`tiers\`.`, {
        param: name(field),
      });
    }
    if (tiers === undefined) {
      throw new Refusal("Prices with `billing_scheme=tiered` require `tiers` to be set.", { param: name("tiers") });
    }
  } else if (tiers !== undefined) {
    throw new Refusal("`tiers` can only be set when `billing_scheme=tiered`.", { param: name("tiers") });
  } else if (given === undefined && custom === undefined) {
    throw new Refusal("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.");
  }
  return {
    custom_unit_amount: custom === undefined ? null : readCustom(custom, name("custom_unit_amount")),
    tax_behavior: params.tax_behavior ?? "unspecified",
    ...(tiers !== undefined && { tiers: readTiers(tiers, name("tiers")) }),
    unit_amount: given === undefined ? null : wholeOrNull(given),
    unit_amount_decimal: given === undefined ? null : plainDecimal(given),
  };
}

function refuseBoth(params: object, one: string, other: string, param: string): void {
  if (!Object.hasOwn(params, one) || !Object.hasOwn(params, other)) return;
  throw new Refusal(`You may only specify one of these parameters: ${one}, ${other}.`, { param });
}

/** `enabled` is asked for and not shown. [3rd: live probe] That false is refused is unconfirmed. */
function readCustom(
  given: NonNullable<AmountParams["custom_unit_amount"]>,
  param: string,
): NonNullable<Amount["custom_unit_amount"]> {
  const { enabled } = given;
  const maximum = given.maximum ?? null;
  const minimum = given.minimum ?? null;
  const preset = given.preset ?? null;
  if (!enabled) {
    throw new Refusal("Pass true to enable `custom_unit_amount`, otherwise omit it.", { param: `${param}[enabled]` });
  }
  const ordered = [minimum, preset, maximum].filter((amount) => amount !== null);
  if (ordered.some((amount, index) => index > 0 && amount < (ordered[index - 1] ?? 0))) {
    throw new Refusal("`custom_unit_amount` must satisfy minimum <= preset <= maximum.", { param });
  }
  return { maximum, minimum, preset };
}

function readTiers(tiers: NonNullable<AmountParams["tiers"]>, param: string): readonly Tier[] {
  return tiers.map((given, index) => {
    const at = `${param}[${index}]`;
    refuseBoth(given, "unit_amount", "unit_amount_decimal", `${at}[unit_amount]`);
    refuseBoth(given, "flat_amount", "flat_amount_decimal", `${at}[flat_amount]`);
    const last = index === tiers.length - 1;
    const before = tiers[index - 1]?.up_to;
    if (last !== (given.up_to === "inf")) {
      throw new Refusal("The last tier, and only it, must have `up_to=inf`.", { param: `${at}[up_to]` });
    }
    if (typeof before === "number" && typeof given.up_to === "number" && given.up_to <= before) {
      throw new Refusal("Tiers must be in ascending order of `up_to`.", { param: `${at}[up_to]` });
    }
    const unit = given.unit_amount_decimal ?? textOf(given.unit_amount);
    const flat = given.flat_amount_decimal ?? textOf(given.flat_amount);
    // [issue: lukasaron/terraform-provider-stripe#45]
    if (unit === undefined && flat === undefined) {
      throw new Refusal("An entry in the tiers array is missing an amount.", { param: at });
    }
    return {
      flat_amount: flat === undefined ? null : wholeOrNull(flat),
      flat_amount_decimal: flat === undefined ? null : plainDecimal(flat),
      unit_amount: unit === undefined ? null : wholeOrNull(unit),
      unit_amount_decimal: unit === undefined ? null : plainDecimal(unit),
      up_to: given.up_to === "inf" ? null : given.up_to,
    };
  });
}

function textOf(amount: number | undefined): string | undefined {
  return amount === undefined ? undefined : String(amount);
}
