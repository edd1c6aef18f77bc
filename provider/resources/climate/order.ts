import { z } from "zod";
import {
  atEnd,
  clearable,
  computed,
  decimal,
  defineResource,
  fixed,
  identity,
  local,
  metadata,
  writeOnly,
  type Finding,
  type HookContext,
  type StripeObject,
} from "../../declare";
import { showMoney } from "../../money";
import { location, supplier } from "./product";

/** Said where an amount stands beside one of the program's, as people read 27500 usd as dollars. */
const unit = "(in its smallest unit)";

/** What a replacing change of these fields means: a second purchase. */
const purchaseFields = ["product", "amount", "metricTons", "currency", "triggers", "stripeAccount"];

const delivery = {
  /** When this part was delivered, in Unix seconds. */
  deliveredAt: z.number(),
  location: z.object(location).optional(),
  /** Decimal string: tons in this part. */
  metricTons: z.string(),
  /** Where the removal is registered. */
  registryUrl: z.string().optional(),
  supplier: z.object(supplier),
};

/**
 * A purchase of carbon removal. It is bought when the resource is first created and at no other time, and paid from the
 * account's Stripe balance at once. https://docs.stripe.com/api/climate/order
 */
export const climateOrder = defineResource({
  kind: "Order",
  namespace: "climate",
  object: "climate.order",
  api: {
    path: "/v1/climate/orders",
    source: "https://docs.stripe.com/api/climate/order",
    beside: [{ path: "/v1/climate/products", access: "read", why: "the price is read before buying" }],
  },
  inputs: {
    /** Climate product to buy, `climsku_…`; see `stripe.climate.getProducts`. */
    product: fixed(
      z
        .string()
        .regex(
          /^climsku_\w+$/,
          "must be the id of a climate product, climsku_ and its name: see stripe.climate.getProducts, or `stripe-as-code climate products list`",
        ),
      {
        // Stripe may deliver from another product; that is told by productSubstitutedAt and is no drift.
        reads: (object, declared) =>
          object.product_substituted_at == null || declared === undefined ? String(object.product) : declared,
      },
    ),
    /** Tons to buy, as a decimal string such as `"0.5"`. Either this or `amount`. */
    metricTons: fixed(
      decimal(
        computed(
          z
            .string()
            .regex(/^\d+(\.\d+)?$/, 'must be a decimal string such as "0.5"')
            .refine((tons) => /[1-9]/.test(tons), "must be more than zero"),
        ),
      ),
    ).optional(),
    /**
     * Money to spend, in the currency's smallest unit; fees may come on top, and `maxAmountTotal` is compared with both. Either
     * this or `metricTons`.
     */
    amount: fixed(
      // Whether fees are in it is unconfirmed, and tons are rounded: so either sum, within a hundredth.
      writeOnly(z.int().positive(), {
        matches: (amount, { amount_subtotal: subtotal, amount_total: total }) =>
          [subtotal, total].some((sum) => Math.abs(Number(sum) - amount) * 100 <= amount),
      }),
    ).optional(),
    /** Lower-case ISO code of a currency the account settles in; the account's default where left out. */
    currency: fixed(
      computed(z.string().regex(/^[a-z]{3}$/, "must be a lower-case ISO currency such as usd")),
    ).optional(),
    /** Who is named as the buyer; the account itself where left out. */
    beneficiary: clearable(
      z.strictObject({
        /** Name shown to the public. */
        publicName: z.string().min(1),
      }),
    ).optional(),
    /** Your own keys and values, at most 46; keys other programs set are left alone. */
    metadata: metadata().optional(),
    /** Most the order may cost with fees, in the smallest unit of its currency; checked before buying. */
    maxAmountTotal: local(z.int().positive()).optional(),
    /** Any new text buys again on purpose: the only way a change makes a second order. */
    repurchase: identity(local(z.string())).optional(),
    /** What deleting the resource does: `cancel` the order, the default, or `retain` it. */
    onDelete: atEnd(z.enum(["cancel", "retain"])).optional(),
  },
  outputs: {
    /** `open`, `awaiting_funds`, `confirmed`, `delivered` or `canceled`. */
    status: z.string(),
    /** What was paid, fees included, in the currency's smallest unit. */
    amountTotal: z.number(),
    /** The part for carbon removal. */
    amountSubtotal: z.number(),
    /** The part for service fees; not paid back when the order is canceled. */
    amountFees: z.number(),
    /** Why it was canceled: `requested`, `expired` or `product_unavailable`. */
    cancellationReason: z.string().optional(),
    /** When it was canceled, in Unix seconds. */
    canceledAt: z.number().optional(),
    /** When it was confirmed, in Unix seconds. */
    confirmedAt: z.number().optional(),
    /** When its delivery was postponed, in Unix seconds. */
    delayedAt: z.number().optional(),
    /** When all of it was delivered, in Unix seconds. */
    deliveredAt: z.number().optional(),
    /** Year it should be delivered in. */
    expectedDeliveryYear: z.number(),
    /** What was delivered so far. */
    deliveryDetails: z.array(z.object(delivery)),
    /** Page that certifies the delivery. */
    certificate: z.string().optional(),
    /** When Stripe substituted another product, in Unix seconds. */
    productSubstitutedAt: z.number().optional(),
    /** When it was bought, in Unix seconds. */
    created: z.number(),
    livemode: z.boolean(),
  },
  spends: { done: "bought", askAgain: "repurchase", advances: true },
  missing: "error",
  isEnded: (object) => object.status === "canceled",
  // It was paid for: taking it out of the program must not cancel it.
  exported: ({ amount_total: total }) => ({ maxAmountTotal: total, onDelete: "retain" }),
  ends: {
    by: "action",
    words: 'canceled while Stripe allows it; with `onDelete: "retain"` left as it is, and paid',
    choose: ({ onDelete }, order) => {
      if (order.status === "canceled") return undefined;
      if (onDelete === "retain") {
        const stays = `it stays ${String(order.status)} and paid (${paid(order)})`;
        return { leave: `${describe(order)} was kept as onDelete says: ${stays}` };
      }
      if (order.status === "delivered") {
        return { refuse: `${describe(order)} is delivered and can't be canceled: ${paid(order)} stays paid` };
      }
      return { action: "cancel", reached: ({ status }) => status === "canceled" };
    },
    done: (order) =>
      // Nothing was taken from the balance of an order that was still waiting for funds (unconfirmed).
      order.confirmed_at == null
        ? `${describe(order)} is canceled before it was confirmed`
        : `${describe(order)} is canceled: ${money(order.amount_subtotal, order)} comes back, ` +
          `${money(order.amount_fees, order)} of fees does not`,
    failed: (order) =>
      `${describe(order)} could not be canceled and stays paid (${paid(order)}). Stripe takes cancellations within 24 hours ` +
      'of the order. To forget it here, set onDelete: "retain", run pulumi up, then delete it',
  },
  rules: [
    {
      fields: ["metricTons", "amount"],
      check: ({ metricTons, amount }) =>
        (metricTons === undefined) === (amount === undefined)
          ? [
              {
                path: "metricTons",
                message:
                  amount === undefined
                    ? "give metricTons (tons to buy) or amount (money to spend)"
                    : "give metricTons or amount, not both",
              },
            ]
          : [],
    },
    {
      fields: ["maxAmountTotal", "currency"],
      check: (inputs, { livemode }): Finding[] =>
        livemode === true
          ? ["maxAmountTotal", "currency"]
              .filter((path) => inputs[path] === undefined)
              .map((path) => ({ path, message: "is required in live mode, where an order spends real money" }))
          : [],
    },
  ],
  refuse: (olds, news, changed) => {
    if (!changed.includes("repurchase")) {
      return changed
        .filter((field) => purchaseFields.includes(field))
        .map((path) => ({
          path,
          message:
            `was changed from ${JSON.stringify(olds[path]) ?? "nothing"} to ${JSON.stringify(news[path]) ?? "nothing"}, which would buy a second ` +
            "order. Undo it, or set repurchase to a new text to buy again on purpose",
        }));
    }
    return olds.onDelete === "retain" || olds.status === "canceled"
      ? []
      : [
          {
            path: "repurchase",
            message:
              'was changed, but the present order would be canceled as its onDelete is not "retain". Set onDelete: ' +
              '"retain" and run pulumi up first, or take repurchase back',
          },
        ];
  },
  beforeCreate: async (inputs, context) => {
    const { currency, total } = await price(inputs, context);
    const most = inputs.maxAmountTotal as number | undefined;
    if (most !== undefined && total > most) {
      throw new Error(
        `maxAmountTotal: the order would cost about ${total} ${currency} ${unit} with fees, more than the ${most} allowed. ` +
          "Nothing was bought. Order less or raise maxAmountTotal",
      );
    }
    try {
      context.spend(currency, total);
    } catch (error) {
      throw new Error(`${(error as Error).message}. Nothing was bought`, { cause: error });
    }
  },
  afterCreate: ({ maxAmountTotal }, order, context, found) => {
    const reasons: string[] = [];
    if (maxAmountTotal !== undefined && Number(order.amount_total) > Number(maxAmountTotal)) {
      reasons.push(`${describe(order)} cost ${counted(order)}, more than maxAmountTotal ${Number(maxAmountTotal)}`);
    }
    try {
      if (!found) context.spend(String(order.currency), Number(order.amount_total));
    } catch (error) {
      reasons.push(`${describe(order)} cost ${counted(order)}: ${(error as Error).message}`);
    }
    const until = new Date((Number(order.created) + 86_400) * 1000).toISOString();
    return reasons.map((reason) => `${reason}. It is bought and recorded, and can be canceled until ${until}`);
  },
  samples: {
    minimal: { product: "climsku_offtake_portfolio_2029", metricTons: "0.5" },
    full: {
      product: "climsku_offtake_portfolio_2029",
      amount: 2000,
      currency: "usd",
      beneficiary: { publicName: "Rocket Rides" },
      metadata: { campaign: "earth-day", wave: "0" },
      maxAmountTotal: 10_000,
      onDelete: "cancel",
    },
    update: { beneficiary: { publicName: "Rocket Rides Ltd" }, metadata: { wave: "1" }, maxAmountTotal: 9_000 },
    replace: [],
    invalid: [
      { args: { product: "climsku_x" }, path: "metricTons" },
      { args: { product: "climsku_x", metricTons: "1", amount: 1 }, path: "metricTons" },
      { args: { product: "climsku_x", metricTons: "half" }, path: "metricTons" },
      { args: { product: "climsku_x", metricTons: "0.00" }, path: "metricTons" },
      { args: { product: "climsku_x", amount: 0 }, path: "amount" },
      { args: { product: "climsku_x", amount: 10.5 }, path: "amount" },
      { args: { product: "prod_x", amount: 1 }, path: "product" },
      { args: { product: "climsku_x", amount: 1, beneficiary: {} }, path: "beneficiary.publicName" },
      { args: { product: "climsku_x", amount: 1, currency: "USD" }, path: "currency" },
    ],
  },
});

/**
 * What the order would cost with fees by the prices of this moment, rounded up; Stripe locks no price. For an `amount`
 * it is unconfirmed whether Stripe takes fees out of it or adds them, so they are added.
 */
async function price(
  inputs: Record<string, unknown>,
  context: HookContext,
): Promise<{ currency: string; total: number }> {
  const product = await context.get(`/v1/climate/products/${encodeURIComponent(String(inputs.product))}`);
  const currency = String(inputs.currency ?? (await context.get("/v1/account")).default_currency);
  const prices = product.current_prices_per_metric_ton as Record<string, Record<string, number>>;
  const perTon = prices[currency];
  if (perTon === undefined) {
    throw new Error(
      `currency: ${String(inputs.product)} has no price in ${currency}; it is sold in ${Object.keys(prices).join(", ")}`,
    );
  }
  const { amount_subtotal: subtotal = 0, amount_fees: fees = 0 } = perTon;
  if (inputs.metricTons !== undefined) {
    // Each part is rounded up by itself: which way Stripe rounds is unconfirmed, and this is the dearest.
    return {
      currency,
      total: timesUp(subtotal, inputs.metricTons as string) + timesUp(fees, inputs.metricTons as string),
    };
  }
  const amount = inputs.amount as number;
  return { currency, total: amount + divideUp(BigInt(amount) * BigInt(fees), BigInt(subtotal)) };
}

/** `amount` × a decimal string, rounded up, without floating point. */
function timesUp(amount: number, factor: string): number {
  const [whole = "0", fraction = ""] = factor.split(".");
  return divideUp(BigInt(amount) * BigInt(whole + fraction), 10n ** BigInt(fraction.length));
}

function divideUp(dividend: bigint, divisor: bigint): number {
  return Number((dividend + divisor - 1n) / divisor);
}

function describe(order: StripeObject): string {
  return `climate order ${order.id}`;
}

function paid(order: StripeObject): string {
  return money(order.amount_total, order);
}

function money(amount: unknown, order: StripeObject): string {
  return showMoney(Number(amount), String(order.currency));
}

/** To be compared with what the program allows, which is in the smallest unit. */
function counted(order: StripeObject): string {
  return `${String(order.amount_total)} ${String(order.currency)} ${unit}`;
}
