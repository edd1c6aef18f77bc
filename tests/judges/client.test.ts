import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Stripe from "stripe";
import { startEmulator, type Emulator } from "../../emulator";
import { kinds } from "../../emulator/registry";
import { routesOf } from "../../emulator/routes";
import { fillSettings } from "../../emulator/settings";
import { formatPage } from "../../tools/reference/format";
import { officialClient } from "../emulator/client";
import { coverage } from "./coverage";
import { judged, whatWasSeen } from "./witness";

let emulator: Emulator;
let stripe: Stripe;
beforeAll(async () => {
  emulator = await startEmulator({ olderOnrampQuotesPath: true });
  stripe = officialClient(emulator);
});
afterAll(() => emulator.close());

/** The client takes any body without `error` for success: what counts is the status. */
async function ok<T>(answer: Promise<T>): Promise<T> {
  const given = await answer;
  expect((given as { lastResponse?: { statusCode: number } }).lastResponse?.statusCode).toBe(200);
  return given;
}

test("account and balance", async () => {
  const { id } = await ok(stripe.accounts.retrieveCurrent());
  expect((await ok(stripe.accounts.retrieve(id))).object).toBe("account");
  expect((await ok(stripe.balance.retrieve())).available).not.toEqual([]);
});

test("webhook endpoints", async () => {
  const { webhookEndpoints } = stripe;
  const made = await ok(
    webhookEndpoints.create({
      url: "https://example.com/hook",
      enabled_events: ["*"],
      api_version: "2026-08-26.dahlia",
    }),
  );
  expect(made.secret).toMatch(/^whsec_/);
  await ok(webhookEndpoints.update(made.id, { disabled: true, description: "", metadata: { a: "0" } }));
  expect((await ok(webhookEndpoints.retrieve(made.id))).status).toBe("disabled");
  expect((await ok(webhookEndpoints.list({ limit: 1 }))).data).toHaveLength(1);
  expect(await ok(webhookEndpoints.del(made.id))).toMatchObject({ deleted: true });
});

test("products, prices, payment links and portal configurations", async () => {
  const { products, prices, paymentLinks, billingPortal } = stripe;
  const { id: product } = await ok(
    products.create({
      name: "Tea",
      tax_code: "txcd_10000000",
      unit_label: "cup",
      marketing_features: [{ name: "Hot" }],
    }),
  );
  await ok(products.update(product, { description: "Green", metadata: { a: "1" } }));
  await ok(products.retrieve(product));
  await ok(products.list({ active: true, ids: [product] }));

  const { id: price } = await ok(
    prices.create({ product, currency: "usd", unit_amount: 900, recurring: { interval: "month" } }),
  );
  await ok(prices.update(price, { nickname: "Monthly", metadata: { a: "1" } }));
  await ok(prices.retrieve(price, { expand: ["product", "currency_options", "tiers"] }));
  await ok(prices.list({ product, type: "recurring", expand: ["data.product"] }));

  const { id: link } = await ok(paymentLinks.create({ line_items: [{ price, quantity: 1 }], expand: ["line_items"] }));
  await ok(paymentLinks.update(link, { active: false }));
  await ok(paymentLinks.retrieve(link));
  await ok(paymentLinks.list({ active: false }));
  expect((await ok(paymentLinks.listLineItems(link))).data).toHaveLength(1);

  const { configurations } = billingPortal;
  const { id: configuration } = await ok(configurations.create({ features: { invoice_history: { enabled: true } } }));
  await ok(configurations.update(configuration, { business_profile: { headline: "Tea" } }));
  await ok(configurations.retrieve(configuration));
  await ok(configurations.list({ active: true }));

  const spare = await ok(products.create({ name: "Cake" }));
  expect(await ok(products.del(spare.id))).toMatchObject({ deleted: true });
});

test("climate", async () => {
  const { orders, products, suppliers } = stripe.climate;
  const [product] = (await ok(products.list())).data;
  await ok(products.retrieve(product?.id ?? ""));
  const [supplier] = (await ok(suppliers.list())).data;
  await ok(suppliers.retrieve(supplier?.id ?? ""));
  const { id } = await ok(
    orders.create({ product: product?.id ?? "", metric_tons: Stripe.Decimal.from("1"), currency: "usd" }),
  );
  await ok(orders.update(id, { beneficiary: { public_name: "Tea" }, metadata: { a: "" } }));
  await ok(orders.retrieve(id, { expand: ["product"] }));
  await ok(orders.list({ limit: 3 }));
  expect((await ok(orders.cancel(id))).status).toBe("canceled");
});

test("identity", async () => {
  const { verificationSessions: sessions, verificationReports: reports } = stripe.identity;
  const { id } = await ok(sessions.create({ type: "document", options: { document: { require_id_number: true } } }));
  await ok(sessions.update(id, { provided_details: { email: "a@b.example" }, metadata: { a: "1" } }));
  for (const step of ["processing", "verified"]) emulator.advance("identity.verification_session", id, step);
  await ok(sessions.retrieve(id, { expand: ["last_verification_report"] }));
  await ok(sessions.list({ status: "verified" }));
  const [report] = (await ok(reports.list({ verification_session: id }))).data;
  await ok(reports.retrieve(report?.id ?? ""));
  expect((await ok(sessions.redact(id))).redaction?.status).toBe("processing");
  emulator.passTime(5 * 86_400);
  expect((await ok(sessions.retrieve(id, { expand: ["verified_outputs"] }))).redaction?.status).toBe("redacted");
  const spare = await ok(sessions.create({ type: "id_number" }));
  expect((await ok(sessions.cancel(spare.id))).status).toBe("canceled");
});

test("forwarding", async () => {
  const { requests } = stripe.forwarding;
  const { id } = await ok(
    requests.create({
      payment_method: "pm_card_visa",
      url: "https://acme-checkout-live.adyenpayments.com/checkout/v68/payments",
      replacements: ["card_number"],
      request: { body: JSON.stringify({ card: { number: "" } }), headers: [{ name: "X-Trace", value: "0" }] },
    }),
  );
  await ok(requests.retrieve(id));
  await ok(requests.list());
});

test("the onramp, which the client reaches by raw requests", async () => {
  const sessions = "/v1/crypto/onramp_sessions";
  const made: unknown = await ok(stripe.rawRequest("POST", sessions, { source_amount: "5.00" }));
  const { id } = made as { id: string };
  await ok(stripe.rawRequest("GET", `${sessions}/${id}`));
  await ok(stripe.rawRequest("GET", sessions));
  await ok(stripe.rawRequest("GET", "/v1/crypto/onramp/quotes"));
  await ok(stripe.rawRequest("GET", "/v1/crypto/onramp_quotes"));
});

test("event destinations and thin events", async () => {
  const { eventDestinations, events } = stripe.v2.core;
  const made = await ok(
    eventDestinations.create({
      ...{ name: "Orders", type: "webhook_endpoint", event_payload: "snapshot", enabled_events: ["*"] },
      webhook_endpoint: { url: "https://example.com/hook" },
      include: ["webhook_endpoint.signing_secret"],
    }),
  );
  expect(made.webhook_endpoint?.signing_secret).toMatch(/^whsec_/);
  await ok(eventDestinations.update(made.id, { name: "All", metadata: { a: "0" } }));
  expect((await ok(eventDestinations.retrieve(made.id))).name).toBe("All");
  expect((await ok(eventDestinations.list({ limit: 1 }))).data).toHaveLength(1);
  expect((await ok(eventDestinations.disable(made.id))).status).toBe("disabled");
  expect((await ok(eventDestinations.enable(made.id))).status).toBe("enabled");
  const { id } = await ok(eventDestinations.ping(made.id));
  // The client copies events, and with that loses their status.
  expect((await events.list({ object_id: made.id })).data.map((event) => event.id)).toEqual([id]);
  expect(await events.retrieve(id)).toMatchObject({ related_object: { id: made.id } });
  await ok(eventDestinations.del(made.id));
});

test("events", async () => {
  const [event] = (await ok(stripe.events.list({ limit: 100 }))).data;
  await ok(stripe.events.retrieve(event?.id ?? ""));
});

// Last, since it tells what those above did.
judged("docs/emulator-coverage.md says who has seen which operation, and Stripe's client has seen all", async () => {
  const settings = fillSettings({ olderOnrampQuotesPath: true });
  const operations = kinds
    .flatMap((kind) => routesOf(kind, settings))
    .map(({ method, template }) => `${method} ${template.replace(/:(\w+)/g, "{$1}")}`);
  const seen = await whatWasSeen();
  expect(operations.filter((operation) => seen.get(operation)?.has("stripe-node") !== true)).toEqual([]);
  const page = await formatPage(coverage(operations, seen));
  const file = join(__dirname, "..", "..", "docs", "emulator-coverage.md");
  if (process.env["WRITE_COVERAGE"] !== undefined) writeFileSync(file, page);
  expect(page).toBe(readFileSync(file, "utf8"));
});
