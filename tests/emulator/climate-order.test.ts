import Stripe from "stripe";
import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

const start = 1_800_000_000_000;
const hour = 3_600_000;
let clock = start;
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock, balance: { usd: 100_000, eur: 100_000 } });
});
beforeEach(() => {
  clock = start;
  emulator.reset();
});
afterAll(() => emulator.close());

const path = "/v1/climate/orders";
const portfolio = "climsku_offtake_portfolio_2029";
const buy = (more: Record<string, string> = { metric_tons: "0.01" }, product = portfolio) =>
  send(emulator, "POST", path, { product, ...more });
const available = async (currency: string): Promise<number> => {
  const { body } = await send(emulator, "GET", "/v1/balance");
  const rows = body["available"] as { currency: string; amount: number }[];
  return rows.find((row) => row.currency === currency)?.amount ?? NaN;
};
const tonsLeft = async (product: string): Promise<unknown> =>
  (await send(emulator, "GET", `/v1/climate/products/${product}`)).body["metric_tons_available"];
const eventTypes = () => emulator.objects("event").map((event) => event["type"]);

test("an order is confirmed, paid and reserved at once", async () => {
  const bought = await buy({ metric_tons: "0.01", "metadata[a]": "0", "beneficiary[public_name]": "Acme" });
  expect(bought.status).toBe(200);
  expect(bought.body).toEqual({
    id: expect.stringMatching(/^climorder_[A-Za-z0-9]{24}$/) as string,
    object: "climate.order",
    amount_fees: 17,
    amount_subtotal: 550,
    amount_total: 567,
    beneficiary: { public_name: "Acme" },
    canceled_at: null,
    cancellation_reason: null,
    certificate: null,
    confirmed_at: 1_800_000_000,
    created: 1_800_000_000,
    currency: "usd",
    delayed_at: null,
    delivered_at: null,
    delivery_details: [],
    expected_delivery_year: 2029,
    livemode: false,
    metadata: { a: "0" },
    metric_tons: "0.01",
    product: portfolio,
    product_substituted_at: null,
    status: "confirmed",
  });
  expect(await available("usd")).toBe(100_000 - 567);
  expect(await tonsLeft(portfolio)).toBe("299999.99");
  expect(eventTypes()).toEqual(["climate.order.created"]);
  expect((await send(emulator, "GET", `${path}/${String(bought.body["id"])}`)).body).toEqual(bought.body);
  expect((await send(emulator, "GET", path)).body["data"]).toEqual([bought.body]);
});

test.each([
  // Exact where floats are not: 0.07 × 90,001 = 6,300.07.
  [{ metric_tons: "0.07" }, "climsku_direct_air_2030", { amount_subtotal: 6301, amount_fees: 190, amount_total: 6491 }],
  [{ metric_tons: "1.10" }, portfolio, { amount_subtotal: 60_500, amount_fees: 1815, metric_tons: "1.1" }],
  [{ metric_tons: "1", currency: "eur" }, portfolio, { amount_total: 52_530, currency: "eur" }],
  [{ amount: "10000" }, portfolio, { amount_subtotal: 10_000, amount_fees: 300, metric_tons: "0.181818" }],
  [{ amount: "55000" }, portfolio, { amount_total: 56_650, metric_tons: "1" }],
  [{ amount: "1" }, portfolio, { amount_subtotal: 1, amount_fees: 1, metric_tons: "0.000018" }],
  [{ metric_tons: "0.5" }, "climsku_weathering_2024", { expected_delivery_year: 2024 }],
  [{ metric_tons: "0.5" }, "climsku_biochar_spot", { expected_delivery_year: 2027 }],
])("%j of %s is priced exactly", async (form, product, expected) => {
  expect((await buy(form as Record<string, string>, product)).body).toMatchObject(expected);
});

test.each([
  [{}, "amount", "parameter_missing"],
  [{ amount: "100", metric_tons: "0.01" }, "metric_tons", "parameters_exclusive"],
  [{ amount: "1.5" }, "amount", "parameter_invalid_integer"],
  [{ amount: "0" }, "amount", "parameter_invalid_integer"],
  [{ amount: "-5" }, "amount", "parameter_invalid_integer"],
  [{ metric_tons: "0" }, "metric_tons", undefined],
  [{ metric_tons: "-1" }, "metric_tons", undefined],
  [{ metric_tons: "1e2" }, "metric_tons", undefined],
  [{ metric_tons: "0.0000001" }, "metric_tons", undefined],
  [{ metric_tons: "" }, "metric_tons", "parameter_invalid_empty"],
  [{ metric_tons: "0.01", currency: "gbp" }, "currency", undefined],
  [{ metric_tons: "0.01", currency: "USD" }, "currency", undefined],
  [{ metric_tons: "0.01", currency: "toString" }, "currency", undefined],
  [{ metric_tons: "0.01", metadata: "" }, "metadata", "parameter_invalid_empty"],
  [{ metric_tons: "0.01", "beneficiary[public_name]": "" }, "beneficiary[public_name]", "parameter_invalid_empty"],
  [{ metric_tons: "0.01", "beneficiary[name]": "x" }, "beneficiary[name]", "parameter_unknown"],
  [{ metric_tons: "0.01", beneficiary: "Acme" }, "beneficiary", undefined],
  [{ metric_tons: "0.01", product: "climsku_none" }, "product", "resource_missing"],
  [{ metric_tons: "300001" }, "metric_tons", "out_of_inventory"],
  [{ amount: "9007199254740991" }, "amount", undefined],
  [{ amount: "99999999999" }, "amount", "out_of_inventory"],
  [{ metric_tons: "0.01", "expand[]": "supplier" }, "expand", undefined],
])("%j buys nothing", async (form, param, code) => {
  const { status, error } = await buy(form);
  expect([status, error.type, error.param]).toEqual([400, "invalid_request_error", param]);
  expect(error.code).toBe(code);
  expect(await available("usd")).toBe(100_000);
  expect(await tonsLeft(portfolio)).toBe("300000");
  expect(emulator.objects("climate.order")).toEqual([]);
  expect(emulator.objects("event")).toEqual([]);
});

test("the last tons can be bought, and no more", async () => {
  const product = "climsku_weathering_2024";
  expect((await buy({ metric_tons: "0.75" }, product)).status).toBe(200);
  expect(await tonsLeft(product)).toBe("0");
  expect((await buy({ metric_tons: "0.01" }, product)).error.code).toBe("out_of_inventory");
});

test("too little balance refuses, keeps the refusal under its key, and a top-up helps a new key", async () => {
  emulator.setBalance("usd", 566);
  const attempt = (key: string) =>
    send(emulator, "POST", path, { product: portfolio, metric_tons: "0.01" }, { "idempotency-key": key });
  expect((await attempt("one")).error).toMatchObject({ type: "invalid_request_error", code: "balance_insufficient" });
  emulator.setBalance("usd", 567);
  const replay = await attempt("one");
  expect([replay.status, replay.headers.get("idempotent-replayed")]).toEqual([400, "true"]);
  expect((await attempt("two")).status).toBe(200);
  expect(await available("usd")).toBe(0);
});

test("with the option, too little balance makes an order that awaits its funds", async () => {
  const patient = await startEmulator({ balance: { usd: 0 }, insufficientFunds: "await", now: () => clock });
  const { body } = await send(patient, "POST", path, { product: portfolio, metric_tons: "0.01" });
  expect(body).toMatchObject({ status: "awaiting_funds", confirmed_at: null, amount_total: 567 });
  patient.setBalance("usd", 600);
  expect(patient.edit("climate.order", String(body["id"]), { status: "confirmed" })).toMatchObject({
    status: "confirmed",
    confirmed_at: 1_800_000_000,
  });
  expect((await send(patient, "GET", "/v1/balance")).body).toMatchObject({ available: [{ amount: 33 }] });
  const second = await send(patient, "POST", path, { product: portfolio, metric_tons: "0.01" });
  await send(patient, "POST", `${path}/${String(second.body["id"])}/cancel`);
  expect((await send(patient, "GET", "/v1/balance")).body).toMatchObject({ available: [{ amount: 33 }] });
  await patient.close();
});

test("beneficiary and metadata change, the rest does not", async () => {
  const one = `${path}/${String((await buy({ metric_tons: "0.01", "metadata[a]": "1", "metadata[b]": "2" })).body["id"])}`;
  const named = await send(emulator, "POST", one, { "beneficiary[public_name]": "Acme", "metadata[a]": "" });
  expect(named.body).toMatchObject({ beneficiary: { public_name: "Acme" }, metadata: { b: "2" } });
  expect((await send(emulator, "POST", one, { beneficiary: "" })).body).not.toHaveProperty("beneficiary");
  await send(emulator, "POST", one, { "beneficiary[public_name]": "Acme" });
  expect((await send(emulator, "POST", one, { "beneficiary[public_name]": "" })).body).not.toHaveProperty(
    "beneficiary",
  );
  expect((await send(emulator, "POST", one, { metadata: "" })).error).toMatchObject({
    code: "parameter_invalid_empty",
    param: "metadata",
  });
  for (const fixed of ["product", "amount", "metric_tons", "currency"]) {
    expect((await send(emulator, "POST", one, { [fixed]: "1" })).error).toMatchObject({
      code: "parameter_unknown",
      param: fixed,
    });
  }
  expect(eventTypes()).toEqual(["climate.order.created"]);
});

test("within 24 hours a cancel refunds the subtotal and gives the tons back, once", async () => {
  const id = String((await buy()).body["id"]);
  clock = start + 24 * hour;
  const canceled = await send(emulator, "POST", `${path}/${id}/cancel`);
  expect(canceled.body).toMatchObject({
    status: "canceled",
    canceled_at: clock / 1000,
    cancellation_reason: "requested",
  });
  expect(await available("usd")).toBe(100_000 - 17);
  expect(await tonsLeft(portfolio)).toBe("300000");
  expect(eventTypes()).toEqual(["climate.order.canceled", "climate.order.created"]);
  const again = await send(emulator, "POST", `${path}/${id}/cancel`);
  expect([again.status, again.error.type]).toEqual([400, "invalid_request_error"]);
  expect(await available("usd")).toBe(100_000 - 17);
});

test("after 24 hours and after delivery there is no cancel", async () => {
  const id = String((await buy()).body["id"]);
  clock = start + 24 * hour + 1000;
  expect((await send(emulator, "POST", `${path}/${id}/cancel`)).status).toBe(400);
  const delivered = String((await buy()).body["id"]);
  emulator.edit("climate.order", delivered, { status: "delivered" });
  expect((await send(emulator, "POST", `${path}/${delivered}/cancel`)).error.message).toContain("delivered");
  expect((await send(emulator, "POST", `${path}/climorder_none/cancel`)).error).toMatchObject({
    code: "resource_missing",
    param: "order",
  });
  expect((await send(emulator, "DELETE", `${path}/${id}`)).status).toBe(404);
});

test("what Stripe does by itself: delay, substitution, delivery", async () => {
  const id = String((await buy()).body["id"]);
  clock += hour;
  const now = clock / 1000;
  expect(emulator.edit("climate.order", id, { expected_delivery_year: 2031 })).toMatchObject({ delayed_at: now });
  expect(emulator.edit("climate.order", id, { product: "climsku_direct_air_2030" })).toMatchObject({
    product: "climsku_direct_air_2030",
    product_substituted_at: now,
    expected_delivery_year: 2030,
  });
  expect(await tonsLeft(portfolio)).toBe("300000");
  expect(await tonsLeft("climsku_direct_air_2030")).toBe("3999.99");
  expect(emulator.edit("climate.order", id, { status: "delivered" })).toMatchObject({
    status: "delivered",
    delivered_at: now,
    certificate: expect.stringMatching(/^https:/) as string,
    delivery_details: [{ metric_tons: "0.01", supplier: { id: "climsup_north_air", object: "climate.supplier" } }],
  });
  expect(eventTypes()).toEqual([
    "climate.order.delivered",
    "climate.order.product_substituted",
    "climate.order.delayed",
    "climate.order.created",
  ]);
  expect(() => emulator.edit("climate.order", id, { product: "climsku_none" })).toThrow("climsku_none");
});

test("Frontier's own cancellation refunds everything", async () => {
  const id = String((await buy()).body["id"]);
  expect(emulator.edit("climate.order", id, { status: "canceled" })).toMatchObject({
    cancellation_reason: "product_unavailable",
  });
  expect(await available("usd")).toBe(100_000);
});

test("a product re-priced by Stripe costs its new price", async () => {
  emulator.edit("climate.product", portfolio, {
    current_prices_per_metric_ton: { usd: { amount_fees: 200, amount_subtotal: 1000, amount_total: 1200 } },
  });
  expect((await buy({ metric_tons: "1" })).body).toMatchObject({ amount_total: 1200 });
  expect(eventTypes()).toEqual(["climate.order.created", "climate.product.pricing_updated"]);
});

test("the official client buys, expands, lists, updates and cancels", async () => {
  const stripe = officialClient(emulator);
  const order = await stripe.climate.orders.create({
    product: portfolio,
    metric_tons: Stripe.Decimal.from("0.02"),
    expand: ["product"],
  });
  expect(order.product).toMatchObject({
    object: "climate.product",
    suppliers: [{ object: "climate.supplier" }, {}, {}],
  });
  const listed = await stripe.climate.orders.list({ expand: ["data.product"] });
  expect(listed.data[0]?.product).toMatchObject({ id: portfolio, delivery_year: 2029 });
  expect((await stripe.climate.orders.retrieve(order.id)).product).toBe(portfolio);
  const changed = await stripe.climate.orders.update(order.id, { beneficiary: { public_name: "Acme" } });
  expect(changed.beneficiary).toEqual({ public_name: "Acme" });
  expect((await stripe.climate.orders.cancel(order.id)).status).toBe("canceled");
});
