import * as stripe from "stripe-as-code";

const gold = new stripe.Product("gold", {
  productId: "gold", // the same in every account, where Stripe's own ids differ
  name: "Gold plan",
  description: "Everything, for one team",
  marketingFeatures: [{ name: "Unlimited projects" }, { name: "Support within a day" }],
  unitLabel: "seat",
  metadata: { tier: "gold" },
});

const monthly = new stripe.Price("gold-monthly", {
  product: gold.id,
  currency: "usd",
  unitAmount: 1_000, // in cents
  recurring: { interval: "month" },
  lookupKey: "gold-monthly",
});

new stripe.Price("gold-yearly", {
  product: gold.id,
  currency: "usd",
  unitAmount: 10_000,
  recurring: { interval: "year" },
  lookupKey: "gold-yearly",
});

new stripe.Price("trial", { product: gold.id, currency: "usd", unitAmount: 0, lookupKey: "trial", nickname: "Free" });

const requests = new stripe.Product("requests", { name: "Requests", unitLabel: "request" });

// 1,000 requests for nothing, then 0.2 cents each up to 100,000, then 0.1 cents; the same steps in euros.
const steps = (first: string, rest: string) => [
  { upTo: 1_000, unitAmount: 0 },
  { upTo: 100_000, unitAmountDecimal: first },
  { upTo: "inf" as const, unitAmountDecimal: rest },
];
new stripe.Price("requests", {
  product: requests.id,
  currency: "usd",
  billingScheme: "tiered",
  tiersMode: "graduated",
  tiers: steps("0.2", "0.1"),
  currencyOptions: { eur: { tiers: steps("0.18", "0.09") } },
  recurring: { interval: "month" },
  lookupKey: "requests",
});

const extras = new stripe.Product("extras", { name: "Extras" });
const packs = { small: 500, medium: 900, large: 1_600 };
for (const [size, unitAmount] of Object.entries(packs)) {
  const lookupKey = `extras-${size}`;
  new stripe.Price(lookupKey, { product: extras.id, currency: "usd", unitAmount, lookupKey, nickname: `${size} pack` });
}

// The buyer chooses, from one dollar on.
const tip = { enabled: true as const, minimum: 100, preset: 500 };
new stripe.Price("tip", { product: extras.id, currency: "usd", customUnitAmount: tip, lookupKey: "tip" });

// As any other program finds the price, which needs no id for it; this one has to wait until it is made.
const found = monthly.id.apply(() => stripe.getPrice({ lookupKey: "gold-monthly" }));
export const goldMonthly = { id: found.id, cents: found.unitAmount };
