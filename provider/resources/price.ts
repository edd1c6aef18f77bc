import { z } from "zod";
import {
  atEnd,
  computed,
  type DataSource,
  defineResource,
  expanded,
  fixed,
  has,
  type HookContext,
  metadata,
  type StripeObject,
  writeOnly,
} from "../declare";
import { StripeError } from "../errors";
import { fromWire } from "../wire";
import {
  amount,
  amountDecimal,
  checkPriced,
  currency,
  currencyOptions,
  customUnitAmount,
  interval,
  taxBehavior,
  tiers,
} from "./amount";

type Values = Record<string, unknown>;

const recurring = {
  /** How often it is paid: every `day`, `week`, `month` or `year`. */
  interval: interval(),
  /** So many intervals make a period; 1 where left out, three years at most. */
  intervalCount: has(z.int().positive(), { default: 1 }).optional(),
  /** The meter that counts usage, `mtr_…`; required with `usageType: "metered"`. */
  meter: z.string().optional(),
  /** Days of trial, of older versions of Stripe's API. */
  trialPeriodDays: z.int().positive().optional(),
  /** `licensed`, Stripe's default, for a quantity set beforehand, or `metered`. */
  usageType: has(z.enum(["licensed", "metered"]), { default: "licensed" }).optional(),
};

const productData = {
  /** Whether it can be bought. */
  active: z.boolean().optional(),
  /** An id of your own choice. */
  id: z.string().min(1).optional(),
  /** Keys and values of the product. */
  metadata: z.record(z.string(), z.string()).optional(),
  /** Name that customers see. */
  name: z.string().min(1),
  /** What a card statement says for subscriptions: at most 22 characters. */
  statementDescriptor: z.string().max(22).optional(),
  /** How it is taxed: a tax code of Stripe's, `txcd_…`. */
  taxCode: z.string().optional(),
  /** What one unit is called on receipts: at most 12 characters. */
  unitLabel: z.string().max(12).optional(),
};

/**
 * What a product costs. Stripe never changes an amount: a changed one makes a new price, which takes over the lookup key and
 * the place of the product's default, and archives the old one. https://docs.stripe.com/api/prices
 */
export const price = defineResource({
  kind: "Price",
  object: "price",
  api: {
    path: "/v1/prices",
    source: "https://docs.stripe.com/api/prices",
    beside: [
      { path: "/v1/products", access: "write", why: "the default price goes to the price that takes its place" },
      {
        path: "/v1/payment_links",
        access: "read",
        why: "links that still name an archived price are told of",
        optional: true,
      },
      {
        path: "/v1/billing_portal/configurations",
        access: "read",
        why: "portals that still offer one are told of",
        optional: true,
      },
    ],
  },
  inputs: {
    /** Lower-case ISO code. */
    currency: fixed(currency()),
    /** What is sold, `prod_…`. Either this or `productData`. */
    product: fixed(computed(z.string().min(1), { refersTo: "product" })).optional(),
    /** A product that is made with the price; it stays when the price ends. May be replaced by its id in `product`. */
    productData: fixed(writeOnly(computed(z.strictObject(productData)))).optional(),
    /** What one unit costs, in the currency's smallest unit; 0 is free. */
    unitAmount: fixed(computed(amount())).optional(),
    /** The same with up to 12 decimals, as a decimal string. Either this or `unitAmount`. */
    unitAmountDecimal: fixed(
      computed(amountDecimal(), { usual: (_, { unit_amount: whole }) => typeof whole === "number" }),
    ).optional(),
    /** The buyer chooses the amount, at checkout or by a payment link; one-time prices only. */
    customUnitAmount: fixed(customUnitAmount()).optional(),
    /** `per_unit`, Stripe's default, or `tiered`, which takes `tiers` and `tiersMode` instead of an amount. */
    billingScheme: fixed(
      computed(z.enum(["per_unit", "tiered"]), { usual: (scheme) => scheme === "per_unit" }),
    ).optional(),
    /** Steps of a tiered price, in ascending order; the last one goes up to `"inf"`. */
    tiers: fixed(expanded(tiers())).optional(),
    /** `graduated`: each step has its own units; `volume`: all units cost what the last step reached does. */
    tiersMode: fixed(z.enum(["graduated", "volume"])).optional(),
    /** Divides the quantity before it is priced, such as packs of `divideBy`, rounded `up` or `down`. Excludes `tiers`. */
    transformQuantity: fixed(
      z.strictObject({ divideBy: z.int().positive(), round: z.enum(["down", "up"]) }),
    ).optional(),
    /** How often it is paid, for a subscription; a one-time price where left out. */
    recurring: fixed(z.strictObject(recurring)).optional(),
    /** Prices in other currencies, by lower-case ISO code. Taking one away replaces the price. */
    currencyOptions: has(expanded(currencyOptions()), {
      // Stripe tells the price's own currency among them.
      reads: ({ currency: own, currency_options: options }) => {
        const others = Object.entries((options ?? {}) as Values).filter(([code]) => code !== own);
        return others.length === 0 ? undefined : (fromWire(currencyOptions(), Object.fromEntries(others)) as never);
      },
      // A currency that is named is replaced, others stay (unconfirmed): none can be taken away without the others.
      frozen: (before, after) => Object.keys(before ?? {}).some((code) => !Object.hasOwn(after ?? {}, code)),
    }).optional(),
    /** Whether taxes are in the amount. Once `inclusive` or `exclusive`, another value replaces the price. */
    taxBehavior: has(computed(taxBehavior(), { usual: (behavior) => behavior === "unspecified" }), {
      // https://docs.stripe.com/api/prices/update
      frozen: (before) => before === "inclusive" || before === "exclusive",
    }).optional(),
    /** Whether it can be bought; true where left out. */
    active: z.boolean().optional(),
    /** A name of your own, unique over all prices, by which programs can ask for the price: at most 200 characters. */
    lookupKey: z.string().min(1).max(200).optional(),
    /** A name for yourself; customers don't see it. */
    nickname: z.string().min(1).optional(),
    /** Your own keys and values, at most 46; keys other programs set are left alone. */
    metadata: metadata().optional(),
    /** What deleting or replacing does to the old price: `archive`, the default, or `retain`, which leaves it on sale. */
    onDelete: atEnd(z.enum(["archive", "retain"])).optional(),
  },
  outputs: {
    /** `one_time` or `recurring`. */
    type: z.string(),
    /** When it was created, in Unix seconds. */
    created: z.number(),
    livemode: z.boolean(),
  },
  // The Dashboard can delete a price that was never used; the API can't.
  missing: "error",
  route: ({ lookupKey }) => (lookupKey === undefined ? undefined : { filter: { lookup_keys: [lookupKey] } }),
  isEnded: (object, { active }) => object.active === false && active !== false,
  beforeCreate: ({ lookupKey }, context) => takeLookupKey(lookupKey, context),
  beforeUpdate,
  afterCreate: becomeDefault,
  ends: {
    by: "action",
    words: 'archived, as Stripe deletes no price; with `onDelete: "retain"` left on sale',
    choose: ({ onDelete }, object) => {
      if (object.active === false) return undefined;
      return onDelete === "retain"
        ? { leave: `price ${object.id} stays on sale, as onDelete says` }
        : { update: { active: false }, reached: ({ active }) => active === false };
    },
    before: leaveReferences,
    done: ({ id }) => `price ${id} is archived: Stripe deletes no price; subscriptions that have it keep it`,
    failed: ({ id, product }) =>
      `price ${id} could not be archived and stays on sale. If it is the default price of product ${String(product)}, give that ` +
      'another one in the Dashboard; or, unless it is replaced already, set onDelete: "retain" and run pulumi up, which leaves it on ' +
      "sale on purpose. Then run again",
  },
  rules: [
    {
      fields: ["product", "productData"],
      check: ({ product, productData }) =>
        (product === undefined) === (productData === undefined)
          ? [
              {
                path: "product",
                message:
                  product === undefined
                    ? "give product, or productData"
                    : "and productData exclude each other: give one",
              },
            ]
          : [],
    },
    {
      fields: [
        "billingScheme",
        "currency",
        "currencyOptions",
        "customUnitAmount",
        "recurring",
        "tiers",
        "tiersMode",
        "transformQuantity",
        "unitAmount",
        "unitAmountDecimal",
      ],
      check: (inputs) => checkPriced(inputs as Parameters<typeof checkPriced>[0]),
    },
  ],
  refuse: ({ product }, news, _changed, replaces) =>
    news.productData === undefined || replaces.length === 0
      ? []
      : replaces.map((path) => ({
          path,
          message: `makes a new price, and productData with it a second product: give product: "${String(product)}" instead of productData`,
        })),
  samples: {
    needs: [{ path: "/v1/products", params: { id: "prod_sample", name: "Gold plan" } }],
    minimal: { product: "prod_sample", currency: "usd", unitAmount: 0 },
    full: {
      product: "prod_sample",
      currency: "usd",
      billingScheme: "tiered",
      tiersMode: "graduated",
      tiers: [
        { upTo: 10, unitAmount: 0, flatAmount: 100 },
        { upTo: 20, unitAmountDecimal: "10.50" },
        { upTo: "inf", unitAmountDecimal: "0.5" },
      ],
      recurring: { interval: "month", intervalCount: 3 },
      currencyOptions: { eur: { tiers: [{ upTo: "inf", unitAmount: 0 }], taxBehavior: "exclusive" } },
      active: false,
      lookupKey: "gold",
      nickname: "Gold 0",
      metadata: { tier: "0", beta: "false" },
      onDelete: "archive",
    },
    update: {
      active: true,
      lookupKey: "golden",
      nickname: "Golden",
      metadata: { tier: "1" },
      taxBehavior: "exclusive",
      currencyOptions: {
        eur: { tiers: [{ upTo: "inf", unitAmount: 10 }], taxBehavior: "exclusive" },
        gbp: { tiers: [{ upTo: "inf", unitAmount: 0 }] },
      },
    },
    replace: [{ unitAmount: 1 }, { currency: "eur" }, { recurring: { interval: "year" } }, { triggers: ["again"] }],
    invalid: [
      { args: { product: "prod_x", unitAmount: 1 }, path: "currency" },
      { args: { currency: "usd", unitAmount: 1 }, path: "product" },
      { args: { currency: "usd", unitAmount: 1, product: "prod_x", productData: { name: "x" } }, path: "product" },
      { args: { product: "prod_x", currency: "usd" }, path: "unitAmount" },
      { args: { product: "prod_x", currency: "usd", unitAmount: 0.5 }, path: "unitAmount" },
      { args: { product: "prod_x", currency: "usd", unitAmount: -1 }, path: "unitAmount" },
      {
        args: { product: "prod_x", currency: "usd", unitAmount: 0, unitAmountDecimal: "0" },
        path: "unitAmountDecimal",
      },
      { args: { product: "prod_x", currency: "usd", unitAmountDecimal: "0.1234567890123" }, path: "unitAmountDecimal" },
      {
        args: { product: "prod_x", currency: "usd", unitAmount: 1, tiers: [{ upTo: "inf", unitAmount: 1 }] },
        path: "tiers",
      },
      {
        args: {
          product: "prod_x",
          currency: "usd",
          billingScheme: "tiered",
          tiersMode: "volume",
          recurring: { interval: "month" },
          tiers: [{ upTo: 5, unitAmount: 1 }],
        },
        path: "tiers[0].upTo",
      },
      {
        args: { product: "prod_x", currency: "usd", billingScheme: "tiered", recurring: { interval: "month" } },
        path: "tiersMode",
      },
      {
        args: { product: "prod_x", currency: "usd", customUnitAmount: { enabled: true, minimum: 2, maximum: 1 } },
        path: "customUnitAmount",
      },
      {
        args: { product: "prod_x", currency: "usd", customUnitAmount: { enabled: false } },
        path: "customUnitAmount.enabled",
      },
      {
        args: {
          product: "prod_x",
          currency: "usd",
          unitAmount: 1,
          recurring: { interval: "month", intervalCount: 37 },
        },
        path: "recurring.intervalCount",
      },
      {
        args: {
          product: "prod_x",
          currency: "usd",
          unitAmount: 1,
          recurring: { interval: "month", usageType: "metered" },
        },
        path: "recurring.meter",
      },
      {
        args: { product: "prod_x", currency: "usd", unitAmount: 1, currencyOptions: { usd: { unitAmount: 1 } } },
        path: "currencyOptions.usd",
      },
      {
        args: { product: "prod_x", currency: "usd", unitAmount: 1, currencyOptions: { eur: {} } },
        path: "currencyOptions.eur.unitAmount",
      },
      { args: { product: "prod_x", currency: "usd", unitAmount: 1, lookupKey: "x".repeat(201) }, path: "lookupKey" },
    ],
  },
});

/**
 * A lookup key belongs to one price at a time. It is taken over from the price this one takes the place of, and from one with
 * this resource's stamp; never from another.
 */
async function takeLookupKey(key: unknown, context: HookContext, own?: string): Promise<Values | undefined> {
  if (typeof key !== "string") return undefined;
  const [holder] = (await context.list(price.api.path, { lookup_keys: [key] })).objects;
  if (holder === undefined || holder.id === own) return undefined;
  // What is archived and was made for a resource of this name has no use for it any more.
  const leftover = holder.active === false && context.isNamedAlike(holder);
  if (holder.id === context.replacing || context.isOurs(holder) || leftover) return { transfer_lookup_key: true };
  const { pulumi_name: name, pulumi_stack: stack } = holder.metadata ?? {};
  const managed = name === undefined ? "" : `, which is managed as "${name}" in the stack ${String(stack)},`;
  throw new Error(
    `lookupKey: price ${holder.id} of product ${String(holder.product)}${managed} has "${key}" already, and is not of this ` +
      "resource. Nothing was changed. Choose another, or take it off that price: by another lookup key there, or with Stripe's " +
      "transfer_lookup_key",
  );
}

/** What is updated may want a lookup key, or go out of sale as its product's default. */
async function beforeUpdate(params: Values, recorded: Values, context: HookContext): Promise<Values | undefined> {
  if (params.active === false) await leaveDefault(String(recorded.product), context.id, undefined, context);
  return takeLookupKey(params.lookup_key, context, context.id);
}

/** The new price takes the place of the default at once; where that fails, the end of the old one sees to it, and says so. */
async function becomeDefault(_inputs: Values, object: StripeObject, context: HookContext): Promise<string[]> {
  if (context.replacing === undefined || object.active === false) return [];
  await leaveDefault(String(object.product), context.replacing, object.id, context).catch(() => undefined);
  return [];
}

/** The product's default goes to the price that takes its place; whoever else still names an archived price is told of. */
async function leaveReferences({ onDelete }: Values, object: StripeObject, context: HookContext): Promise<void> {
  const stays = onDelete === "retain";
  if (!stays) await tellStillNamed(object, context);
  const next = await successor(object, context);
  if (next !== undefined || !stays) await leaveDefault(String(object.product), object.id, next, context);
}

/** Stripe archives no price that is its product's default. */
async function leaveDefault(
  product: string,
  old: string | undefined,
  next: string | undefined,
  context: HookContext,
): Promise<void> {
  const path = `/v1/products/${encodeURIComponent(product)}`;
  if ((await context.get(path)).default_price !== old) return;
  // That it can be cleared is not in the reference, and works (third-party transcripts).
  await context.post(path, { default_price: next ?? "" });
  context.say(
    next === undefined
      ? `product ${product} has no default price any more: it was ${old}`
      : `product ${product} has the default price ${next} now, in place of ${old}`,
  );
}

/**
 * The price that took the place of this one, in this run or an earlier one: what the resource has now, or a newer one with the same
 * stamp. It can be a default only on sale and of the same product.
 */
async function successor(object: StripeObject, context: HookContext): Promise<string | undefined> {
  const { objects } = await context.list(price.api.path, { product: object.product, active: true });
  const at = objects.findIndex(({ id }) => id === object.id);
  const newer =
    at < 0 ? objects.filter(({ created }) => Number(created) > Number(object.created)) : objects.slice(0, at);
  return objects.find(({ id }) => id === context.replacedBy)?.id ?? newer.find((other) => context.isOurs(other))?.id;
}

/** Payment links and portal configurations that still name the price; they go on selling it, or fail to. */
async function tellStillNamed({ id }: StripeObject, context: HookContext): Promise<void> {
  const names = (value: unknown) => JSON.stringify(value ?? {}).includes(`"${id}"`);
  await orSay("payment links", context, async () => {
    const path = "/v1/payment_links";
    const { objects, cutShort } = await context.list(path, { active: true, expand: ["data.line_items"] });
    for (const { id: link, line_items: shown } of objects) {
      const more = (shown as { has_more?: boolean } | undefined)?.has_more;
      if (!names(more ? (await context.list(`${path}/${link}/line_items`, {})).objects : shown)) continue;
      context.say(
        `payment link ${link} is active and still names price ${id}: give it the new price, or deactivate it`,
      );
    }
    if (cutShort) context.say(`only the newest ${objects.length} payment links were looked at for price ${id}`);
  });
  await orSay("portal configurations", context, async () => {
    const expand = ["data.features.subscription_update.products"];
    const { objects } = await context.list("/v1/billing_portal/configurations", { active: true, expand });
    for (const portal of objects.filter(({ features }) => names(features))) {
      context.say(`portal configuration ${portal.id} is active and still offers price ${id}`);
    }
  });
}

/** What a key may not look at doesn't keep a price from being archived; it is said. */
async function orSay(what: string, context: HookContext, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof StripeError) || ![400, 403, 404].includes(error.status)) throw error;
    context.say(`${what} could not be looked at: ${error.message}`);
  }
}

const { inputs } = price;

/** Prices as Stripe tells them, managed or not. */
export const prices = {
  path: price.api.path,
  expand: ["tiers", "currency_options"],
  params: {
    /** Only what can be bought, or only what is archived. */
    active: z.boolean().optional(),
    /** Only those in this currency. */
    currency: z.string().optional(),
    /** Only those with one of these lookup keys, ten at most. */
    lookupKeys: z.array(z.string()).max(10).optional(),
    /** Only those of this product. */
    product: z.string().optional(),
    /** Only `one_time` or only `recurring` ones. */
    type: z.enum(["one_time", "recurring"]).optional(),
  },
  shape: {
    /** `price_…`. */
    id: z.string(),
    active: inputs.active.unwrap(),
    billingScheme: inputs.billingScheme.unwrap(),
    currency: inputs.currency,
    currencyOptions: inputs.currencyOptions,
    customUnitAmount: z
      .object({ maximum: z.number().optional(), minimum: z.number().optional(), preset: z.number().optional() })
      .optional(),
    lookupKey: inputs.lookupKey,
    metadata: inputs.metadata,
    nickname: inputs.nickname,
    product: inputs.product.unwrap(),
    recurring: inputs.recurring,
    taxBehavior: inputs.taxBehavior,
    tiers: inputs.tiers,
    tiersMode: inputs.tiersMode,
    transformQuantity: inputs.transformQuantity,
    unitAmount: inputs.unitAmount,
    unitAmountDecimal: inputs.unitAmountDecimal,
    ...price.outputs,
  },
} satisfies DataSource;
