import * as pulumi from "@pulumi/pulumi";
import * as stripe from "stripe-as-code";

const config = new pulumi.Config();

const orders = new stripe.WebhookEndpoint("orders", {
  url: config.get("webhookUrl") ?? "https://example.com/stripe",
  enabledEvents: ["checkout.session.completed", "invoice.paid"],
  description: config.get("webhookDescription") ?? "Orders",
});

// Bought once, when the stack is first created; no later run buys again.
const removal = new stripe.climate.Order("removal", {
  product: stripe.climate.getProductsOutput().apply(cheapest),
  metricTons: "0.05",
  currency: "usd",
  maxAmountTotal: 10_000, // in cents, fees included
  beneficiary: { publicName: "Rocket Rides" },
  // A stack that was destroyed has canceled its order: to buy again, give a new text.
  repurchase: config.get("repurchase"),
});

function cheapest(products: stripe.climate.Product[]): string {
  const price = (product: stripe.climate.Product) => product.currentPricesPerMetricTon.usd?.amountTotal ?? Infinity;
  const [first] = products.sort((one, other) => price(one) - price(other));
  if (first === undefined) throw new Error("Stripe has no climate products");
  return first.id;
}

export const endpoint = orders.id;
export const signingSecret = orders.secret;
const dollars = removal.amountTotal.apply((cents) => (cents / 100).toFixed(2));
export const carbon = pulumi.interpolate`${removal.metricTons} t for ${dollars} ${removal.currency}: ${removal.status}`;
