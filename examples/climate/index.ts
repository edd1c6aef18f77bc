import * as pulumi from "@pulumi/pulumi";
import * as stripe from "stripe-as-code";

const config = new pulumi.Config();
const metricTons = config.get("metricTons") ?? "0.05";
const currency = "usd";
const pathway = config.get("pathway") ?? "direct_air_capture";

const cheapest = pulumi
  .all([stripe.climate.getProductsOutput(), stripe.climate.getSuppliersOutput()])
  .apply(([products, suppliers]) => choose(products, suppliers));

const args: stripe.climate.OrderArgs = {
  // Prices move, and with them what is cheapest: once bought, the config says what it was.
  product: config.get("product") ?? cheapest,
  metricTons,
  currency,
  maxAmountTotal: config.getNumber("maxAmountTotal") ?? 10_000, // in cents, fees included
  beneficiary: { publicName: config.get("beneficiary") ?? "Rocket Rides" },
  metadata: { report: "2026" },
  repurchase: config.get("repurchase"),
  onDelete: config.getBoolean("retain") ? "retain" : "cancel",
};
// In live mode an order is protected where `protect` isn't set.
const order = new stripe.climate.Order("carbon", args, { protect: config.getBoolean("protect") });

/** The cheapest product that is removed along the pathway by all of its suppliers, and has enough left. */
function choose(products: stripe.climate.Product[], suppliers: stripe.climate.Supplier[]): string {
  const wanted = new Set(suppliers.filter(({ removalPathway }) => removalPathway === pathway).map(({ id }) => id));
  const price = ({ currentPricesPerMetricTon: prices }: stripe.climate.Product) => prices[currency]?.amountTotal;
  const [first] = products
    .filter((product) => product.suppliers.every(({ id }) => wanted.has(id)))
    .filter((product) => price(product) !== undefined && Number(product.metricTonsAvailable) >= Number(metricTons))
    .sort((one, other) => (price(one) ?? 0) - (price(other) ?? 0));
  if (first === undefined) {
    const pathways = [...new Set(suppliers.map(({ removalPathway }) => removalPathway))].join(", ");
    throw new Error(`no product has ${metricTons} t left by ${pathway} in ${currency}; pathways are ${pathways}`);
  }
  return first.id;
}

export const product = order.product;
export const status = order.status;
export const cents = { total: order.amountTotal, fees: order.amountFees };
export const deliveredIn = order.expectedDeliveryYear;
