import * as stripe from "stripe-as-code";

const team = new stripe.Product("team", { name: "Team plan", unitLabel: "seat" });

const monthly = new stripe.Price("team-monthly", {
  product: team.id,
  currency: "usd",
  unitAmount: 1_200, // in cents
  recurring: { interval: "month" },
  lookupKey: "team-monthly",
});

const orders = new stripe.WebhookEndpoint("orders", {
  url: "https://example.com/orders",
  enabledEvents: ["checkout.session.completed", "invoice.paid"],
});

export const teamMonthly = monthly.id;
export const signingSecret = orders.secret;
