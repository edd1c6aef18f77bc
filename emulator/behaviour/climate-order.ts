import { divideUp, tonText, tonUnits, unitsPerTon } from "../decimal";
import { missingObject, Refusal } from "../errors";
import { type CataloguePrice } from "../facts/climate-catalogue";
import { climateCancelWindowSeconds, metricTonDecimals } from "../facts/limits";
import { type Call, defineKind } from "../kind";
import { mergeMetadata } from "../metadata";
import { type ParamsOf } from "../params";
import { randomText } from "../store";
import {
  type ClimateOrder,
  climateOrderSteps,
  completeEdit,
  deliveryYear,
  endOrder,
  moveMoney,
  moveTons,
} from "./climate-order-fate";
import { type ClimateProduct, climateProductName } from "./climate-product";

const name = "climate.order";
// Metadata of orders has no empty-string branch: it is cleared key by key. [openapi]
const metadata = { type: "map" } as const;

const createParams = {
  product: { type: "string", required: true },
  amount: { type: "integer", min: 1, orElse: "metric_tons" },
  metric_tons: { type: "decimal", decimals: metricTonDecimals, orElse: "amount" },
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
  steps: climateOrderSteps,
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
