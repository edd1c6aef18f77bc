import Stripe from "stripe";
import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

let clock = 1_800_000_000_000;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(async () => {
  clock = 1_800_000_000_000;
  emulator.reset();
  await send(emulator, "POST", "/v1/products", { id: "tea", name: "Tea" });
});
afterAll(() => emulator.close());

const path = "/v1/prices";
const raw = (form: Record<string, string>, query = "") => send(emulator, "POST", path + query, form);
const create = (more: Record<string, string> = {}, query = "") =>
  raw({ product: "tea", currency: "usd", unit_amount: "100", ...more }, query);
const priced = (more: Record<string, string>, query = "") => raw({ product: "tea", currency: "usd", ...more }, query);
const update = (id: unknown, form: Record<string, string>, query = "") =>
  send(emulator, "POST", `${path}/${String(id)}${query}`, form);
const tiered = {
  billing_scheme: "tiered",
  tiers_mode: "graduated",
  "recurring[interval]": "month",
  "tiers[0][up_to]": "5",
  "tiers[0][unit_amount]": "0",
  "tiers[1][up_to]": "inf",
  "tiers[1][unit_amount_decimal]": "0.25",
  "tiers[1][flat_amount]": "10",
};

test("a creation shows every field, and hides tiers and currency options", async () => {
  const made = await create({ unit_amount: "0" });
  expect(made.body).toEqual({
    id: expect.stringMatching(/^price_[A-Za-z0-9]{24}$/) as string,
    object: "price",
    active: true,
    billing_scheme: "per_unit",
    created: 1_800_000_000,
    currency: "usd",
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: "tea",
    recurring: null,
    tax_behavior: "unspecified",
    tiers_mode: null,
    transform_quantity: null,
    type: "one_time",
    unit_amount: 0,
    unit_amount_decimal: "0",
  });
  expect((await send(emulator, "GET", `${path}/${String(made.body["id"])}`)).body).toEqual(made.body);
  expect((await send(emulator, "GET", path)).body["data"]).toEqual([made.body]);
  expect(emulator.objects("event")[0]).toMatchObject({ type: "price.created", data: { object: made.body } });
});

test("tiers and currency options are there when they are asked for, also below a product", async () => {
  const made = await priced(
    { ...tiered, "currency_options[eur][tiers][0][up_to]": "inf", "currency_options[eur][tiers][0][flat_amount]": "0" },
    "?expand[]=tiers",
  );
  expect(made.body).toMatchObject({ billing_scheme: "tiered", tiers_mode: "graduated", unit_amount: null });
  const tiers = [
    { flat_amount: null, flat_amount_decimal: null, unit_amount: 0, unit_amount_decimal: "0", up_to: 5 },
    { flat_amount: 10, flat_amount_decimal: "10", unit_amount: null, unit_amount_decimal: "0.25", up_to: null },
  ];
  expect(made.body["tiers"]).toEqual(tiers);
  expect(made.body).not.toHaveProperty("currency_options");
  const id = String(made.body["id"]);
  await send(emulator, "POST", "/v1/products/tea", { default_price: id });
  const whole = await send(emulator, "GET", `${path}/${id}?expand[]=tiers&expand[]=currency_options&expand[]=product`);
  expect(whole.body).toMatchObject({ tiers, currency_options: { usd: { tiers }, eur: {} }, product: { id: "tea" } });
  const listed = await send(emulator, "GET", `${path}?expand[]=data.currency_options`);
  expect(listed.body["data"]).toMatchObject([{ currency_options: { eur: { tax_behavior: "unspecified" } } }]);
  expect(JSON.stringify(emulator.objects("event"))).not.toContain("up_to");
  const below = await send(emulator, "GET", "/v1/products/tea?expand[]=default_price.tiers");
  expect(below.body["default_price"]).toMatchObject({ id, tiers });
  for (const wrong of ["tiers.up_to", "recurring", "metadata"]) {
    expect((await send(emulator, "GET", `${path}/${id}?expand[]=${wrong}`)).status).toBe(400);
  }
});

test("product_data makes the product too, or nothing at all", async () => {
  expect((await raw({ currency: "usd", unit_amount: "1" })).error.message).toBe(
    "You must specify either `product` or `product_data` when creating a price.",
  );
  const data = { currency: "usd", unit_amount: "1", "product_data[name]": "Cake", "product_data[id]": "cake" };
  expect((await raw({ ...data, "product_data[id]": "tea" })).error.code).toBe("resource_already_exists");
  expect((await raw({ ...data, currency: "nope" })).status).toBe(400);
  expect(emulator.objects("product")).toHaveLength(1);
  expect((await raw(data)).body["product"]).toBe("cake");
  expect((await send(emulator, "GET", "/v1/products/cake")).body).toMatchObject({ name: "Cake" });
});

test("a lookup key has one holder, archived or not; transferring takes it and no more", async () => {
  const holder = await create({ lookup_key: "k" });
  await update(holder.body["id"], { active: "false" });
  const clash = await create({ lookup_key: "k" });
  expect([clash.status, clash.error.code, clash.error.param]).toEqual([400, undefined, "lookup_key"]);
  expect(clash.error.message).toBe(`A price (\`${String(holder.body["id"])}\`) already uses that lookup key.`);
  expect((await create({ lookup_key: "k", transfer_lookup_key: "false" })).status).toBe(400);
  await update(holder.body["id"], { active: "true" });
  const taker = await create({ lookup_key: "k", transfer_lookup_key: "true" });
  expect(taker.body).toMatchObject({ lookup_key: "k" });
  expect(taker.body).not.toHaveProperty("transfer_lookup_key");
  const robbed = await send(emulator, "GET", `${path}/${String(holder.body["id"])}`);
  expect(robbed.body).toMatchObject({ lookup_key: null, active: true });
  expect(emulator.objects("event").slice(0, 2)).toMatchObject([
    { type: "price.created" },
    { type: "price.updated", data: { previous_attributes: { lookup_key: "k" } } },
  ]);
  expect((await update(holder.body["id"], { lookup_key: "k" })).error.param).toBe("lookup_key");
  expect((await update(taker.body["id"], { lookup_key: "k" })).status).toBe(200);
  await update(holder.body["id"], { lookup_key: "k", transfer_lookup_key: "true" });
  const keys = await send(emulator, "GET", `${path}?lookup_keys[]=k`);
  expect((keys.body["data"] as { id: string }[]).map(({ id }) => id)).toEqual([holder.body["id"]]);
});

test("what may change changes; the amount and its like never do", async () => {
  const { body } = await create({ "metadata[a]": "1", "currency_options[eur][unit_amount]": "90" });
  const changed = await update(
    body["id"],
    {
      nickname: "n",
      tax_behavior: "inclusive",
      "metadata[b]": "2",
      "currency_options[gbp][unit_amount_decimal]": "80.5",
    },
    "?expand[]=currency_options",
  );
  expect(changed.body).toMatchObject({
    nickname: "n",
    tax_behavior: "inclusive",
    metadata: { a: "1", b: "2" },
    currency_options: {
      usd: { unit_amount: 100, tax_behavior: "inclusive" },
      eur: { unit_amount: 90 },
      gbp: { unit_amount: null, unit_amount_decimal: "80.5" },
    },
  });
  const bare = await update(body["id"], { currency_options: "", metadata: "" }, "?expand[]=currency_options");
  expect(Object.keys(bare.body["currency_options"] as object)).toEqual(["usd"]);
  expect(bare.body["metadata"]).toEqual({});
  expect((await update(body["id"], { tax_behavior: "inclusive" })).status).toBe(200);
  expect((await update(body["id"], { tax_behavior: "exclusive" })).error.param).toBe("tax_behavior");
  expect((await update(body["id"], { "currency_options[usd][unit_amount]": "1" })).error).toMatchObject({
    param: "currency_options[usd]",
    message: expect.stringContaining("matches the top-level currency") as string,
  });
  for (const fixed of ["unit_amount", "currency", "product", "recurring", "tiers", "billing_scheme", "tiers_mode"]) {
    expect((await update(body["id"], { [fixed]: "1" })).error).toMatchObject({
      code: "parameter_unknown",
      param: fixed,
    });
  }
});

test("a price is archived, unless its product sells by it, and never deleted", async () => {
  const id = String((await create()).body["id"]);
  await send(emulator, "POST", "/v1/products/tea", { default_price: id });
  const refused = await update(id, { active: "false" });
  expect([refused.status, refused.error.code, refused.error.message]).toEqual([
    400,
    undefined,
    "This price cannot be archived because it is the default price of its product.",
  ]);
  await send(emulator, "POST", "/v1/products/tea", { default_price: "" });
  expect((await update(id, { active: "false" })).body["active"]).toBe(false);
  const deletion = await send(emulator, "DELETE", `${path}/${id}`);
  expect([deletion.status, deletion.error.message]).toEqual([404, expect.stringContaining("Unrecognized request URL")]);
  expect((await send(emulator, "GET", `${path}/${id}`)).status).toBe(200);
});

test("lists filter", async () => {
  const once = String((await create({ active: "false" })).body["id"]);
  clock += 10_000;
  const monthly = String((await create({ currency: "eur", "recurring[interval]": "month" })).body["id"]);
  const ids = async (query: string) => {
    const { body } = await send(emulator, "GET", `${path}?${query}`);
    return (body["data"] as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids("product=tea")).toEqual([monthly, once]);
  expect(await ids("active=false")).toEqual([once]);
  expect(await ids("currency=eur")).toEqual([monthly]);
  expect(await ids("type=one_time")).toEqual([once]);
  expect(await ids("created[gte]=1800000010")).toEqual([monthly]);
  expect(await ids("recurring[interval]=month")).toEqual([monthly]);
  expect(await ids("recurring[usage_type]=metered")).toEqual([]);
  expect(await ids("lookup_keys[]=none")).toEqual([]);
  const refused = await send(emulator, "GET", `${path}?product=none`);
  expect([refused.status, refused.error.message]).toEqual([400, "No such product: 'none'"]);
});

test("the official client sees a whole life", async () => {
  const stripe = officialClient(emulator);
  const made = await stripe.prices.create({
    currency: "usd",
    product: "tea",
    billing_scheme: "tiered",
    tiers_mode: "volume",
    recurring: { interval: "year" },
    tiers: [
      { up_to: 10, unit_amount: 0 },
      { up_to: "inf", unit_amount_decimal: Stripe.Decimal.from("0.05") },
    ],
    lookup_key: "yearly",
    expand: ["tiers", "product"],
  });
  expect(made.tiers?.[1]?.up_to).toBeNull();
  expect(made.product).toMatchObject({ object: "product" });
  const found = await stripe.prices.list({ lookup_keys: ["yearly"], active: true });
  expect(found.data.map(({ id }) => id)).toEqual([made.id]);
  expect((await stripe.prices.update(made.id, { active: false, metadata: { a: "1" } })).active).toBe(false);
});
