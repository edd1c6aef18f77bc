import { readCurrency } from "../currency";
import { missingObject, Refusal } from "../errors";
import { linkLimits } from "../facts/payment-link";
import { type Call, defineKind } from "../kind";
import { type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";
import { type Price, priceName, tellPrice } from "./price-record";
import { type Product, productName } from "./product-record";

/** A line of a payment link as it is kept: its price is looked up whenever it is shown. */
export interface LinkItem {
  readonly id: string;
  readonly adjustable_quantity: {
    readonly enabled: boolean;
    readonly maximum: number | null;
    readonly minimum: number | null;
  } | null;
  readonly price: string;
  readonly quantity: number;
}

/** That a quantity may be 0 is unconfirmed. */
const quantity = { type: "integer", min: 0 } as const;

const adjustableQuantity = {
  type: "object",
  params: {
    enabled: { type: "boolean", required: true },
    maximum: { type: "integer", min: 0, max: linkLimits.largestQuantity },
    minimum: { type: "integer", min: 0, max: linkLimits.largestQuantity },
  },
} as const;

export const newItemsParam = {
  type: "list",
  required: true,
  minItems: 1,
  maxItems: linkLimits.items,
  items: {
    type: "object",
    params: {
      adjustable_quantity: adjustableQuantity,
      price: { type: "string" },
      price_data: { type: "unbuilt" },
      quantity: { ...quantity, required: true },
    },
  },
} as const;

export const changedItemsParam = {
  type: "list",
  maxItems: linkLimits.items,
  items: {
    type: "object",
    params: { adjustable_quantity: adjustableQuantity, id: { type: "string", required: true }, quantity },
  },
} as const;

/** The object of a line. It has no path of its own; what lists it is the link. */
export const linkItemKind = defineKind({
  name: "item",
  noun: "line item",
  path: "/v1/payment_links",
  idParam: "payment_link",
  permission: "payment_link",
  expandable: { price: priceName },
});

/** Lines of a new link, and its currency: the one asked for, or the first price's (unconfirmed). */
export function makeItems(
  call: Call,
  given: ParamsOf<{ items: typeof newItemsParam & { required: true } }>["items"],
  wanted: string | undefined,
): { currency: string; items: readonly LinkItem[] } {
  const prices = given.map(({ price }, index) => findPrice(call, price, `line_items[${index}]`));
  const currency = wanted === undefined ? (prices[0]?.currency ?? "") : readCurrency(wanted, "currency");
  for (const [index, price] of prices.entries()) {
    // That every price must support the currency is [node]; the text is unconfirmed.
    if (!Object.hasOwn(price.currency_options, currency)) {
      throw new Refusal(`The price ${price.id} does not support the currency ${currency} of this payment link.`, {
        param: `line_items[${index}][price]`,
      });
    }
  }
  const items = given.map((item, index): LinkItem => {
    const adjustable = readAdjustable(item.adjustable_quantity, `line_items[${index}]`);
    return {
      id: `li_${randomText(14)}`,
      adjustable_quantity: adjustable,
      price: prices[index]?.id ?? "",
      quantity: item.quantity,
    };
  });
  return { currency, items };
}

/** [3rd: live text of an archived price, from checkout sessions; that of a missing one, from the same] */
function findPrice(call: Call, id: string | undefined, at: string): Price {
  if (id === undefined) {
    throw new Refusal("You must provide either price or price_data for each line item when using prices.", {
      code: "parameter_missing",
      param: `${at}[price]`,
    });
  }
  const price = call.account.collection<Price>(priceName).get(id);
  if (price === undefined) throw missingObject("price", id, `${at}[price]`, 400);
  if (!price.active) {
    throw new Refusal("The price specified is inactive. This field only accepts active prices.", {
      param: `${at}[price]`,
    });
  }
  return price;
}

/** Defaults: [node]; that switching it off forgets both bounds, and the text, are unconfirmed. */
function readAdjustable(
  given: ParamsOf<{ a: typeof adjustableQuantity }>["a"],
  at: string,
): LinkItem["adjustable_quantity"] {
  if (given === undefined) return null;
  const { enabled, maximum = linkLimits.usualMaximum, minimum = 0 } = given;
  if (!enabled) return { enabled, maximum: null, minimum: null };
  if (minimum > maximum) {
    throw new Refusal("adjustable_quantity.minimum must not be greater than adjustable_quantity.maximum.", {
      param: `${at}[adjustable_quantity][minimum]`,
    });
  }
  return { enabled, maximum, minimum };
}

/** Lines are named by id; none comes, none goes, those not named stay. [openapi; the last inferred] */
export function changeItems(
  items: readonly LinkItem[],
  given: ParamsOf<{ items: typeof changedItemsParam }>["items"],
): readonly LinkItem[] {
  return (given ?? []).reduce((all, { id, quantity: count, adjustable_quantity: adjustable }, index) => {
    const at = `line_items[${index}]`;
    if (!all.some((item) => item.id === id)) throw missingObject("line item", id, `${at}[id]`, 400);
    const change = {
      ...(count !== undefined && { quantity: count }),
      ...(adjustable !== undefined && { adjustable_quantity: readAdjustable(adjustable, at) }),
    };
    return all.map((item) => (item.id === id ? { ...item, ...change } : item));
  }, items);
}

/** A line as Stripe shows it, with the whole price. [node: LineItem] What tiers and free amounts come to is left 0. */
export function showItem(call: Call, item: LinkItem, currency: string): StripeObject {
  const price = call.account.collection<Price>(priceName).get(item.price);
  const product = call.account.collection<Product>(productName).get(price?.product ?? "");
  const unit = price?.currency_options[currency]?.unit_amount_decimal ?? "0";
  const amount = Math.round(Number(unit) * item.quantity);
  return {
    id: item.id,
    object: linkItemKind.name,
    adjustable_quantity: item.adjustable_quantity,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency,
    description: product?.name ?? null,
    metadata: {},
    price: price === undefined ? null : tellPrice(price),
    quantity: item.quantity,
  };
}

/** Whether any line is paid again and again, which makes the sale a subscription. */
export function isRecurring(call: Call, items: readonly LinkItem[]): boolean {
  const prices = call.account.collection<Price>(priceName);
  return items.some((item) => prices.get(item.price)?.type === "recurring");
}
