import { divideUp, tonText, tonUnits, unitsPerTon } from "../decimal";
import { missingObject, Refusal } from "../errors";
import { type CataloguePrice } from "../facts/climate-catalogue";
import { climateCancelWindowSeconds, metricTonDecimals } from "../facts/limits";
import { type Call, defineKind, type Edited } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";
import { type ClimateProduct, climateProductName } from "./climate-product";

interface ClimateOrder extends StripeObject {
  readonly object: "climate.order";
  readonly amount_fees: number;
  readonly amount_subtotal: number;
  readonly amount_total: number;
  /** Absent means the account itself. [openapi] */
  readonly beneficiary?: { readonly public_name: string };
  readonly canceled_at: number | null;
  readonly cancellation_reason: "expired" | "product_unavailable" | "requested" | null;
  readonly certificate: string | null;
  readonly confirmed_at: number | null;
  readonly created: number;
  readonly currency: string;
  readonly delayed_at: number | null;
  readonly delivered_at: number | null;
  readonly delivery_details: readonly unknown[];
  readonly expected_delivery_year: number;
  readonly livemode: boolean;
  readonly metadata: Metadata;
  readonly metric_tons: string;
  readonly product: string;
  readonly product_substituted_at: number | null;
  readonly status: "open" | "awaiting_funds" | "confirmed" | "delivered" | "canceled";
}

type Reason = NonNullable<ClimateOrder["cancellation_reason"]>;

const name = "climate.order";
// Metadata of orders has no empty-string branch: it is cleared key by key. [openapi]
const metadata = { type: "map" } as const;

const createParams = {
  product: { type: "string", required: true },
  amount: { type: "integer", min: 1 },
  metric_tons: { type: "decimal", decimals: metricTonDecimals },
  currency: { type: "string" },
  beneficiary: { type: "object", params: { public_name: { type: "string", required: true } } },
  metadata,
} as const;

/** Orders of carbon removal: bought at creation, changed hardly, ended by cancel. Parameters and fields: [openapi]. */
export const climateOrderKind = defineKind({
  name,
  noun: "climate order",
  path: "/v1/climate/orders",
  idParam: "order",
  permission: "climate_order",
  expandable: { product: climateProductName },
  optionalFields: ["beneficiary"],
  create: { params: createParams, build: buyOrder, event: "climate.order.created" },
  retrieve: true,
  list: { params: {} },
  update: {
    params: {
      beneficiary: {
        type: "object",
        unsettable: true,
        params: { public_name: { type: "string", required: true, unsettable: true } },
      },
      metadata,
    },
    apply(_call, record: ClimateOrder, params): ClimateOrder {
      if (params.beneficiary === undefined) return record;
      const publicName = params.beneficiary?.public_name ?? null;
      const next: { -readonly [K in keyof ClimateOrder]: ClimateOrder[K] } = { ...record };
      if (publicName === null) delete next.beneficiary;
      else next.beneficiary = { public_name: publicName };
      return next;
    },
  },
  actions: { cancel: { params: {}, apply: cancelOrder, event: "climate.order.canceled" } },
  edit: completeEdit,
});

/**
 * Sells tons at the product's current price and takes the total from the balance at once. [reference; openapi]
 * Unconfirmed: that amount and metric_tons exclude each other, what the refusals say, and `awaiting_funds`.
 */
function buyOrder(call: Call, params: ParamsOf<typeof createParams>): ClimateOrder {
  const ownMetadata = mergeMetadata({}, params.metadata);
  const product = call.account.collection<ClimateProduct>(climateProductName).get(params.product);
  if (product === undefined) throw missingObject("climate product", params.product, "product", 400);
  const currency = params.currency ?? call.settings.defaultCurrency;
  const price = Object.hasOwn(product.current_prices_per_metric_ton, currency)
    ? product.current_prices_per_metric_ton[currency]
    : undefined;
  if (price === undefined || !call.account.balance.has(currency)) {
    throw new Refusal(
      `Invalid currency: ${currency}. The product has no price in it, or the account doesn't settle in it.`,
      {
        param: "currency",
      },
    );
  }
  const sale = priceSale(price, params.amount, params.metric_tons);
  const available = tonUnits(product.metric_tons_available);
  if (sale.units > available) {
    throw new Refusal(`The product has only ${product.metric_tons_available} metric tons left.`, {
      code: "out_of_inventory",
      param: params.amount === undefined ? "metric_tons" : "amount",
    });
  }
  const funded = (call.account.balance.get(currency) ?? 0) >= sale.total;
  if (!funded && call.settings.insufficientFunds === "refuse") {
    throw new Refusal(`Your balance has too little ${currency} for this order of ${sale.total}.`, {
      code: "balance_insufficient",
    });
  }
  if (funded) moveMoney(call, currency, -sale.total);
  moveTons(call, product.id, -sale.units);
  return {
    id: `climorder_1${randomText(23)}`,
    object: name,
    amount_fees: sale.fees,
    amount_subtotal: sale.subtotal,
    amount_total: sale.total,
    ...(params.beneficiary !== undefined && { beneficiary: params.beneficiary }),
    canceled_at: null,
    cancellation_reason: null,
    certificate: null,
    confirmed_at: funded ? call.now : null,
    created: call.now,
    currency,
    delayed_at: null,
    delivered_at: null,
    delivery_details: [],
    expected_delivery_year: deliveryYear(call, product),
    livemode: call.livemode,
    metadata: ownMetadata,
    metric_tons: tonText(sale.units),
    product: product.id,
    product_substituted_at: null,
    status: funded ? "confirmed" : "awaiting_funds",
  };
}

interface Sale {
  readonly units: bigint;
  readonly subtotal: number;
  readonly fees: number;
  readonly total: number;
}

/**
 * By tons, subtotal and fees are each rounded up. By amount, the amount is that of the carbon removal, which is what
 * the subtotal is called; fees come on top, and the tons are what it buys, rounded down. [openapi; docs: Create an order]
 * 0.01 t = 550 + 17 and 10,000 + 300 are Stripe's samples; the roundings, and that `amount` is not the total, are unconfirmed.
 */
function priceSale(price: CataloguePrice, amount: number | undefined, tons: string | undefined): Sale {
  if (amount !== undefined && tons !== undefined) {
    throw new Refusal("You may only specify one of these parameters: amount, metric_tons.", {
      code: "parameters_exclusive",
      param: "metric_tons",
    });
  }
  const subtotalPerTon = BigInt(price.amount_subtotal);
  const feesPerTon = BigInt(price.amount_fees);
  if (amount !== undefined) {
    const fees = divideUp(BigInt(amount) * feesPerTon, subtotalPerTon);
    const units = (BigInt(amount) * unitsPerTon) / subtotalPerTon;
    if (units === 0n) throw new Refusal(`The amount ${amount} buys no carbon removal.`, { param: "amount" });
    return makeSale(units, BigInt(amount), fees, "amount");
  }
  if (tons === undefined) {
    throw new Refusal("You must specify either amount or metric_tons.", { code: "parameter_missing", param: "amount" });
  }
  const units = tonUnits(tons);
  if (units === 0n) throw new Refusal("metric_tons must be greater than 0.", { param: "metric_tons" });
  const subtotal = divideUp(units * subtotalPerTon, unitsPerTon);
  return makeSale(units, subtotal, divideUp(units * feesPerTon, unitsPerTon), "metric_tons");
}

function makeSale(units: bigint, subtotal: bigint, fees: bigint, param: string): Sale {
  const total = subtotal + fees;
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) throw new Refusal(`${param} is too large.`, { param });
  return { units, subtotal: Number(subtotal), fees: Number(fees), total: Number(total) };
}

/**
 * Within 24 hours of its creation a user may cancel; the fees are not refunded. [openapi; older pages said 30 days]
 * What a refused cancel says is unconfirmed.
 */
function cancelOrder(call: Call, order: ClimateOrder): ClimateOrder {
  if (order.status === "delivered" || order.status === "canceled") {
    throw new Refusal(`This order cannot be canceled because it is ${order.status}.`);
  }
  if (call.now - order.created > climateCancelWindowSeconds) {
    throw new Refusal(
      "This order can no longer be canceled: orders can be canceled within 24 hours of their creation.",
    );
  }
  return endOrder(call, order, "requested", order.amount_subtotal);
}

function endOrder(call: Call, order: ClimateOrder, reason: Reason, refund: number): ClimateOrder {
  if (order.confirmed_at !== null) moveMoney(call, order.currency, refund);
  moveTons(call, order.product, tonUnits(order.metric_tons));
  return { ...order, status: "canceled", canceled_at: call.now, cancellation_reason: reason };
}

/** What follows from a change that Stripe makes by itself. [openapi; docs: Cancel an order, for Frontier's full refund] */
function completeEdit(
  call: Call,
  before: ClimateOrder,
  after: ClimateOrder,
  patch: Readonly<Record<string, unknown>>,
): Edited<ClimateOrder> {
  const given = <T>(field: keyof ClimateOrder, otherwise: T): T => (field in patch ? (patch[field] as T) : otherwise);
  const events: string[] = [];
  let record = after;
  if (record.product !== before.product) {
    const product = call.account.collection<ClimateProduct>(climateProductName).get(record.product);
    if (product === undefined) throw new Error(`edit: the emulator has no climate.product '${record.product}'`);
    moveTons(call, before.product, tonUnits(before.metric_tons));
    moveTons(call, product.id, -tonUnits(before.metric_tons));
    record = {
      ...record,
      product_substituted_at: given("product_substituted_at", call.now),
      expected_delivery_year: given("expected_delivery_year", deliveryYear(call, product)),
    };
    events.push("climate.order.product_substituted");
  } else if (record.expected_delivery_year > before.expected_delivery_year) {
    record = { ...record, delayed_at: given("delayed_at", call.now) };
    events.push("climate.order.delayed");
  }
  if (record.status === before.status) return { record, events };

  if (record.status === "confirmed") {
    moveMoney(call, record.currency, -record.amount_total);
    record = { ...record, confirmed_at: given("confirmed_at", call.now) };
  } else if (record.status === "delivered") {
    record = {
      ...record,
      delivered_at: given("delivered_at", call.now),
      certificate: given("certificate", `https://example.com/certificates/${record.id}`),
      delivery_details: given("delivery_details", [delivery(call, record)]),
    };
    events.push("climate.order.delivered");
  } else if (record.status === "canceled") {
    const reason = given<Reason>("cancellation_reason", "product_unavailable");
    const refund = reason === "requested" ? record.amount_subtotal : record.amount_total;
    record = { ...endOrder(call, record, reason, refund), canceled_at: given("canceled_at", call.now) };
    events.push("climate.order.canceled");
  }
  return { record, events };
}

function delivery(call: Call, order: ClimateOrder): object {
  const supplier = call.account.collection<ClimateProduct>(climateProductName).get(order.product)?.suppliers[0];
  return {
    delivered_at: call.now,
    location: null,
    metric_tons: order.metric_tons,
    registry_url: null,
    supplier,
  };
}

/** A product without a year is delivered in the current one: the order's year is never null. [openapi; the year itself unconfirmed] */
function deliveryYear(call: Call, product: ClimateProduct): number {
  return product.delivery_year ?? new Date(call.now * 1000).getUTCFullYear();
}

function moveMoney(call: Call, currency: string, amount: number): void {
  call.account.balance.set(currency, (call.account.balance.get(currency) ?? 0) + amount);
}

function moveTons(call: Call, productId: string, units: bigint): void {
  const products = call.account.collection<ClimateProduct>(climateProductName);
  const product = products.get(productId);
  if (product === undefined) return;
  const left = tonUnits(product.metric_tons_available) + units;
  products.put({ ...product, metric_tons_available: tonText(left < 0n ? 0n : left) });
}
