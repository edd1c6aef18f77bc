import * as pulumi from "@pulumi/pulumi";
import * as stripe from "stripe-as-code";

// A stack is one environment. With the key of another one nothing is done at all.
export const account = new pulumi.Config("stripe").require("accountId");
const site = new pulumi.Config().get("site") ?? `https://${pulumi.getStack()}.example.com`;

const plans = {
  starter: { name: "Starter", month: 900, year: 9_000 },
  pro: { name: "Pro", month: 2_900, year: 29_000 },
};

/** What a customer may change to, in the portal's order. */
const offered: { product: pulumi.Output<string>; prices: pulumi.Output<string>[] }[] = [];
const priceIds: Record<string, pulumi.Output<string>> = {};

for (const [plan, { name, ...amounts }] of Object.entries(plans)) {
  // The program's own ids and lookup keys: servers are built with them, and find the same in every environment.
  const product = new stripe.Product(plan, { productId: plan, name: `${name} plan`, unitLabel: "seat" });
  const prices = (["month", "year"] as const).map((interval) => {
    const lookupKey = `${plan}-${interval}`;
    const recurring = { interval };
    const price = { product: product.id, currency: "usd", unitAmount: amounts[interval], recurring, lookupKey };
    return (priceIds[lookupKey] = new stripe.Price(lookupKey, price).id);
  });
  offered.push({ product: product.id, prices });
}

const hooks: Record<string, stripe.EventName[]> = {
  shop: ["checkout.session.completed", "checkout.session.async_payment_succeeded"],
  billing: ["invoice.paid", "customer.subscription.updated", "customer.subscription.deleted"],
};
const endpoints = Object.entries(hooks).map(([name, enabledEvents]) => {
  const hook = new stripe.WebhookEndpoint(name, { url: `${site}/${name}`, enabledEvents });
  return [name, hook] as const;
});

const portal = new stripe.billingPortal.Configuration("portal", {
  defaultReturnUrl: `${site}/account`,
  features: {
    invoiceHistory: { enabled: true },
    paymentMethodUpdate: { enabled: true },
    subscriptionCancel: { enabled: true, mode: "at_period_end" },
    subscriptionUpdate: {
      enabled: true,
      defaultAllowedUpdates: ["price"],
      products: offered,
      prorationBehavior: "create_prorations",
    },
  },
});

export const prices = priceIds;
export const portalConfiguration = portal.id;
// Encrypted in the state, and still a secret in the stack that reads it.
export const signingSecrets = Object.fromEntries(endpoints.map(([name, { secret }]) => [name, secret]));
