import { startEmulator, type Emulator } from "../../emulator";
import { eventTypes } from "../../emulator/facts/event-types";
import { kinds } from "../../emulator/registry";
import { send } from "./client";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ balance: { usd: 10_000_000 } });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const create = async (path: string, form: Record<string, string>) =>
  String((await send(emulator, "POST", path, form)).body["id"]);
const product = () => create("/v1/products", { name: "Tea" });
const price = async () => create("/v1/prices", { currency: "usd", unit_amount: "100", "product_data[name]": "Tea" });
const link = async () =>
  create("/v1/payment_links", { "line_items[0][price]": await price(), "line_items[0][quantity]": "1" });
const portal = () => create("/v1/billing_portal/configurations", { "features[invoice_history][enabled]": "true" });
const order = () => create("/v1/climate/orders", { product: "climsku_biochar_spot", metric_tons: "0.5" });
const session = () => create("/v1/identity/verification_sessions", { type: "document" });
const onramp = () => create("/v1/crypto/onramp_sessions", {});
const request = async (method: string, path: string, form?: Record<string, string>) => {
  expect((await send(emulator, method, path, form)).status).toBe(200);
};

/** What happens to an object, after whatever made it, and the events Stripe has for that. */
const changes: readonly [
  what: string,
  make: () => Promise<string>,
  change: (id: string) => unknown,
  types: string[],
][] = [
  ["a product made", async () => "", product, ["product.created"]],
  ["a product changed", product, (id) => request("POST", `/v1/products/${id}`, { name: "Mate" }), ["product.updated"]],
  [
    "a product changed by a person",
    product,
    (id) => emulator.edit("product", id, { active: false }),
    ["product.updated"],
  ],
  ["a product deleted", product, (id) => request("DELETE", `/v1/products/${id}`), ["product.deleted"]],
  ["a price made", async () => "", price, ["product.created", "price.created"]],
  ["a price changed", price, (id) => request("POST", `/v1/prices/${id}`, { nickname: "x" }), ["price.updated"]],
  ["a price changed by a person", price, (id) => emulator.edit("price", id, { active: false }), ["price.updated"]],
  ["a link made", async () => "", link, ["product.created", "price.created", "payment_link.created"]],
  [
    "a link changed",
    link,
    (id) => request("POST", `/v1/payment_links/${id}`, { active: "false" }),
    ["payment_link.updated"],
  ],
  [
    "a link changed by a person",
    link,
    (id) => emulator.edit("payment_link", id, { active: false }),
    ["payment_link.updated"],
  ],
  ["a portal made", async () => "", portal, ["billing_portal.configuration.created"]],
  [
    "a portal changed",
    portal,
    (id) => request("POST", `/v1/billing_portal/configurations/${id}`, { active: "false" }),
    ["billing_portal.configuration.updated"],
  ],
  [
    "a portal changed by a person",
    portal,
    (id) => emulator.edit("billing_portal.configuration", id, { is_default: true }),
    ["billing_portal.configuration.updated"],
  ],
  ["an order made", async () => "", order, ["climate.order.created"]],
  [
    "an order with metadata changed",
    order,
    (id) => request("POST", `/v1/climate/orders/${id}`, { "metadata[a]": "b" }),
    [],
  ],
  ["an order canceled", order, (id) => request("POST", `/v1/climate/orders/${id}/cancel`), ["climate.order.canceled"]],
  [
    "an order canceled by Stripe",
    order,
    (id) => emulator.advance("climate.order", id, "canceled"),
    ["climate.order.canceled"],
  ],
  ["an order delayed", order, (id) => emulator.advance("climate.order", id, "delayed"), ["climate.order.delayed"]],
  [
    "an order delivered",
    order,
    (id) => emulator.advance("climate.order", id, "delivered"),
    ["climate.order.delivered"],
  ],
  [
    "an order of another product",
    order,
    (id) => emulator.edit("climate.order", id, { product: "climsku_offtake_portfolio_2029" }),
    ["climate.order.product_substituted"],
  ],
  [
    "a climate product with a new price",
    async () => "climsku_biochar_spot",
    (id) => emulator.edit("climate.product", id, { current_prices_per_metric_ton: {} }),
    ["climate.product.pricing_updated"],
  ],
  ["a session made", async () => "", session, ["identity.verification_session.created"]],
  [
    "a session canceled",
    session,
    (id) => request("POST", `/v1/identity/verification_sessions/${id}/cancel`),
    ["identity.verification_session.canceled"],
  ],
  [
    "a session canceled by a person",
    session,
    (id) => emulator.edit("identity.verification_session", id, { status: "canceled" }),
    ["identity.verification_session.canceled"],
  ],
  [
    "a session verified",
    session,
    (id) => {
      emulator.advance("identity.verification_session", id, "processing");
      emulator.advance("identity.verification_session", id, "verified");
    },
    ["identity.verification_session.processing", "identity.verification_session.verified"],
  ],
  [
    "a session that needs input again",
    session,
    (id) => {
      emulator.edit("identity.verification_session", id, { status: "processing" });
      emulator.edit("identity.verification_session", id, { status: "requires_input" });
    },
    ["identity.verification_session.processing", "identity.verification_session.requires_input"],
  ],
  [
    "a session redacted",
    session,
    async (id) => {
      await request("POST", `/v1/identity/verification_sessions/${id}/redact`);
      emulator.advance("identity.verification_session", id, "redacted");
    },
    ["identity.verification_session.canceled", "identity.verification_session.redacted"],
  ],
  ["an onramp session made", async () => "", onramp, []],
  [
    "an onramp session paid",
    onramp,
    (id) => emulator.edit("crypto.onramp_session", id, { status: "requires_payment" }),
    ["crypto.onramp_session.updated"],
  ],
  [
    "an onramp session with other metadata",
    onramp,
    (id) => emulator.edit("crypto.onramp_session", id, { metadata: {} }),
    [],
  ],
  [
    "an account changed",
    async () => emulator.accountId,
    (id) => emulator.edit("account", id, { charges_enabled: false }),
    ["account.updated"],
  ],
  [
    "an account edited to what it is",
    async () => emulator.accountId,
    (id) => emulator.edit("account", id, { country: "US" }),
    [],
  ],
  ["money that came", async () => "", () => emulator.setBalance("usd", 10_000_001), ["balance.available"]],
  ["money that went", async () => "", () => emulator.setBalance("usd", 1), []],
];

test.each(changes)("%s is told of", async (_what, make, change, types) => {
  const id = await make();
  const before = emulator.objects("event").length;
  await change(id);
  const told = emulator.objects("event").reverse().slice(before);
  expect(told.map(({ type }) => type)).toEqual(types);
});

/** No object of these is made or deleted in the emulator, by a request or otherwise. */
const unmade = ["climate.product.created", "price.deleted"];

test("nothing Stripe tells of an emulated kind is left out", () => {
  const names = kinds.map(({ name }) => name).filter((name) => name !== "account" && name !== "event");
  const known = eventTypes.filter((type) => names.some((name) => type.startsWith(`${name}.`)));
  const covered = new Set([...changes.flatMap(([, , , types]) => types), ...unmade]);
  expect(known.filter((type) => !covered.has(type))).toEqual([]);
});

test("every event is of a type that endpoints can name, but for the onramp's", () => {
  const told = new Set(changes.flatMap(([, , , types]) => types));
  expect([...told].filter((type) => !eventTypes.includes(type))).toEqual(["crypto.onramp_session.updated"]);
});

test("a change by a person tells what was different, and of no request", async () => {
  const id = await product();
  emulator.edit("product", id, { name: "Mate" });
  expect(emulator.objects("event")[0]).toMatchObject({
    type: "product.updated",
    data: { object: { id, name: "Mate" }, previous_attributes: { name: "Tea" } },
    request: { id: null, idempotency_key: null },
  });
});

test("the balance is told of as it is read", async () => {
  emulator.setBalance("usd", 20_000_000);
  const { body } = await send(emulator, "GET", "/v1/balance");
  expect(emulator.objects("event")[0]).toMatchObject({ type: "balance.available", data: { object: body } });
});

test("a session that a person canceled gives no access any more", async () => {
  const id = await session();
  emulator.edit("identity.verification_session", id, { status: "canceled" });
  const { body } = await send(emulator, "GET", `/v1/identity/verification_sessions/${id}`);
  expect(body).toMatchObject({ status: "canceled", client_secret: null, url: null });
});
