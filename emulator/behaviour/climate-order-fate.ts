import { tonText, tonUnits } from "../decimal";
import { type Call, type Edited, type Step } from "../kind";
import { type Metadata } from "../metadata";
import { type StripeObject } from "../store";
import { type ClimateProduct, climateProductName } from "./climate-product";

export interface ClimateOrder extends StripeObject {
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

/** Gives the tons back, and the refund where it was paid. */
export function endOrder(call: Call, order: ClimateOrder, reason: Reason, refund: number): ClimateOrder {
  if (order.confirmed_at !== null) moveMoney(call, order.currency, refund);
  moveTons(call, order.product, tonUnits(order.metric_tons));
  return { ...order, status: "canceled", canceled_at: call.now, cancellation_reason: reason };
}

/** What follows from a change that Stripe makes by itself. [openapi; docs: Cancel an order, for Frontier's full refund] */
export function completeEdit(
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

/** Where an order may go by itself. [openapi; who may cancel when: inferred] */
export const climateOrderSteps: Readonly<Record<string, Step<ClimateOrder>>> = {
  confirmed: step(["open", "awaiting_funds"], { status: "confirmed" }),
  delivered: step(["confirmed"], { status: "delivered" }),
  canceled: step(["open", "awaiting_funds", "confirmed"], { status: "canceled" }),
  delayed: {
    from: ({ status }) => status !== "delivered" && status !== "canceled",
    take: (call, order, details) =>
      change(call, order, { expected_delivery_year: order.expected_delivery_year + 1, ...details }),
  },
  product_substituted: {
    from: ({ status }) => status !== "delivered" && status !== "canceled",
    take(call, order, details) {
      if (details["product"] === undefined || details["product"] === order.product) {
        throw new Error(`advance: details must name another product than '${order.product}'`);
      }
      return change(call, order, details);
    },
  },
};

function step(from: readonly ClimateOrder["status"][], patch: Partial<ClimateOrder>): Step<ClimateOrder> {
  return {
    from: ({ status }) => from.includes(status),
    take: (call, order, details) => change(call, order, { ...details, ...patch }),
  };
}

function change(call: Call, order: ClimateOrder, patch: Readonly<Record<string, unknown>>): Edited<ClimateOrder> {
  return completeEdit(call, order, { ...order, ...patch }, patch);
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
export function deliveryYear(call: Call, product: ClimateProduct): number {
  return product.delivery_year ?? new Date(call.now * 1000).getUTCFullYear();
}

export function moveMoney(call: Call, currency: string, amount: number): void {
  call.account.balance.set(currency, (call.account.balance.get(currency) ?? 0) + amount);
}

export function moveTons(call: Call, productId: string, units: bigint): void {
  const products = call.account.collection<ClimateProduct>(climateProductName);
  const product = products.get(productId);
  if (product === undefined) return;
  const left = tonUnits(product.metric_tons_available) + units;
  products.put({ ...product, metric_tons_available: tonText(left < 0n ? 0n : left) });
}
