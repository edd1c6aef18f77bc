import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

let clock = 1_800_000_000_000;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(() => {
  clock = 1_800_000_000_000;
  emulator.reset();
});
afterAll(() => emulator.close());

const path = "/v1/products";
const create = (more: Record<string, string> = {}) => send(emulator, "POST", path, { name: "Tea", ...more });
const eventTypes = () => emulator.objects("event").map((event) => event["type"]);
const newPrice = async (product: string, more: Record<string, string> = {}): Promise<string> => {
  const { body } = await send(emulator, "POST", "/v1/prices", { product, currency: "usd", unit_amount: "0", ...more });
  return String(body["id"]);
};

test("a creation shows every field; what was never set may be missing", async () => {
  const made = await create();
  expect(made.status).toBe(200);
  expect(made.body).toEqual({
    id: expect.stringMatching(/^prod_[A-Za-z0-9]{14}$/) as string,
    object: "product",
    active: true,
    created: 1_800_000_000,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: "Tea",
    package_dimensions: null,
    shippable: null,
    tax_code: null,
    tax_details: null,
    type: "service",
    updated: 1_800_000_000,
    url: null,
  });
  expect((await send(emulator, "GET", `${path}/${String(made.body["id"])}`)).body).toEqual(made.body);
  expect(eventTypes()).toEqual(["product.created"]);
});

const full = {
  active: "false",
  description: "Green",
  "images[0]": "https://example.com/a.png",
  "marketing_features[0][name]": "Fresh",
  "metadata[a]": "0",
  "package_dimensions[height]": "1.5",
  "package_dimensions[length]": "0",
  "package_dimensions[weight]": "2",
  "package_dimensions[width]": "3",
  shippable: "false",
  statement_descriptor: "TEA",
  tax_code: "txcd_10000000",
  "tax_details[tax_code]": "txcd_10000000",
  unit_label: "cup",
  url: "https://example.com/tea",
};

test("everything set is shown, falsy values too, and can be unset where Stripe allows it", async () => {
  const made = await create({ ...full, id: "tea/green" });
  expect(made.body).toMatchObject({
    id: "tea/green",
    active: false,
    description: "Green",
    images: ["https://example.com/a.png"],
    marketing_features: [{ name: "Fresh" }],
    metadata: { a: "0" },
    package_dimensions: { height: 1.5, length: 0, weight: 2, width: 3 },
    shippable: false,
    statement_descriptor: "TEA",
    tax_code: "txcd_10000000",
    tax_details: { performance_location: null, tax_code: "txcd_10000000" },
    unit_label: "cup",
    url: "https://example.com/tea",
  });
  clock += 5000;
  const unset = ["description", "images", "marketing_features", "metadata", "package_dimensions", "tax_code"];
  const form = Object.fromEntries([...unset, "tax_details", "unit_label", "url"].map((field) => [field, ""]));
  const cleared = await send(emulator, "POST", `${path}/tea%2Fgreen`, form);
  expect(cleared.body).toMatchObject({
    description: null,
    images: [],
    marketing_features: [],
    metadata: {},
    package_dimensions: null,
    tax_code: null,
    tax_details: null,
    url: null,
    statement_descriptor: "TEA",
    updated: 1_800_000_005,
  });
  expect(cleared.body).not.toHaveProperty("unit_label");
  for (const field of ["name", "active", "shippable", "statement_descriptor"]) {
    const { error } = await send(emulator, "POST", `${path}/tea%2Fgreen`, { [field]: "" });
    expect(error).toMatchObject({ code: "parameter_invalid_empty", param: field });
  }
});

test.each([
  [{ name: "" }, "name", "parameter_invalid_empty"],
  [{ default_price: "price_1" }, "default_price", "parameter_unknown"],
  [{ "default_price_data[lookup_key]": "k" }, "default_price_data[lookup_key]", "parameter_unknown"],
  [{ "default_price_data[unit_amount]": "1" }, "default_price_data[currency]", "parameter_missing"],
  [{ "default_price_data[currency]": "usd" }, undefined, undefined],
  [{ active: "yes" }, "active", undefined],
  [{ "package_dimensions[height]": "1" }, "package_dimensions[length]", "parameter_missing"],
  [{ ...full, "package_dimensions[width]": "wide" }, "package_dimensions[width]", undefined],
  [{ ...full, "package_dimensions[width]": "-1" }, "package_dimensions[width]", undefined],
  [{ unit_label: "thirteen char" }, "unit_label", undefined],
  [{ statement_descriptor: "x".repeat(23) }, "statement_descriptor", undefined],
  [{ statement_descriptor: "<TEA>" }, "statement_descriptor", undefined],
  [{ tax_code: "food" }, "tax_code", "resource_missing"],
  [{ "tax_details[tax_code]": "food" }, "tax_details[tax_code]", "resource_missing"],
  [{ url: "example.com" }, "url", "url_invalid"],
  [{ "images[0]": "a.png" }, "images[0]", "url_invalid"],
  [Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`images[${i}]`, "https://a.example"])), "images", undefined],
  [
    Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`marketing_features[${i}][name]`, "x"])),
    "marketing_features",
    undefined,
  ],
  [{ id: "x".repeat(256) }, "id", undefined],
  [{ type: "gift" }, "type", undefined],
  [{ "metadata[a[b]]": "1" }, expect.anything(), undefined],
])("%j makes nothing", async (form, param, code) => {
  const { status, error } = await create(form);
  expect([status, error.type, error.code]).toEqual([400, "invalid_request_error", code]);
  expect(error.param).toEqual(param);
  expect(emulator.objects("product")).toEqual([]);
  expect(emulator.objects("price")).toEqual([]);
  expect(emulator.objects("event")).toEqual([]);
});

test("an id of one's own is taken once", async () => {
  expect((await create({ id: "tea" })).body["id"]).toBe("tea");
  const { status, error } = await create({ id: "tea" });
  expect([status, error.code, error.param]).toEqual([400, "resource_already_exists", "id"]);
  expect(emulator.objects("product")).toHaveLength(1);
});

test("a product without prices is deleted, then gone; one with prices only archives", async () => {
  await create({ id: "free" });
  expect((await send(emulator, "DELETE", `${path}/free`)).body).toEqual({
    id: "free",
    object: "product",
    deleted: true,
  });
  expect((await send(emulator, "GET", `${path}/free`)).error).toMatchObject({
    code: "resource_missing",
    param: "id",
    message: "No such product: 'free'",
  });
  await create({ id: "sold" });
  await newPrice("sold", { active: "false" });
  const refused = await send(emulator, "DELETE", `${path}/sold`);
  expect([refused.status, refused.error.code]).toEqual([400, undefined]);
  expect(refused.error.message).toBe("This product cannot be deleted because it has one or more user-created prices.");
  expect((await send(emulator, "POST", `${path}/sold`, { active: "false" })).body["active"]).toBe(false);
  expect(eventTypes()).toEqual([
    "product.updated",
    "price.created",
    "product.created",
    "product.deleted",
    "product.created",
  ]);
});

test("the default price must be the product's own and active; it can be unset", async () => {
  await create({ id: "tea" });
  await create({ id: "cake" });
  const [own, other] = [await newPrice("tea"), await newPrice("cake")];
  const idle = await newPrice("tea", { active: "false" });
  const set = (price: string) => send(emulator, "POST", `${path}/tea`, { default_price: price });
  expect((await set("price_none")).error).toMatchObject({ code: "resource_missing", param: "default_price" });
  expect((await set(other)).error).toMatchObject({ type: "invalid_request_error", param: "default_price" });
  expect((await set(idle)).error.param).toBe("default_price");
  expect((await set(own)).body["default_price"]).toBe(own);
  const shown = await send(emulator, "GET", `${path}/tea?expand[]=default_price&expand[]=default_price.tiers`);
  expect(shown.body["default_price"]).toMatchObject({ id: own, unit_amount: 0 });
  expect((await set("")).body["default_price"]).toBeNull();
});

test("default_price_data makes the product and its price at once", async () => {
  const { body } = await create({
    "default_price_data[currency]": "eur",
    "default_price_data[unit_amount_decimal]": "0.5",
    "default_price_data[recurring][interval]": "month",
    "default_price_data[metadata][a]": "1",
  });
  const price = await send(emulator, "GET", `/v1/prices/${String(body["default_price"])}`);
  expect(price.body).toMatchObject({
    product: body["id"],
    currency: "eur",
    unit_amount: null,
    unit_amount_decimal: "0.5",
    recurring: { interval: "month", interval_count: 1 },
    metadata: { a: "1" },
  });
  expect(eventTypes().sort()).toEqual(["price.created", "product.created"]);
});

test("a change tells what was; a repetition tells nothing", async () => {
  await create({ id: "tea" });
  clock += 1000;
  await send(emulator, "POST", `${path}/tea?expand[]=default_price`, { name: "Chai" });
  clock += 1000;
  const again = await send(emulator, "POST", `${path}/tea`, { name: "Chai" });
  expect(again.body).toMatchObject({ name: "Chai", updated: 1_800_000_001 });
  expect(again.body).not.toHaveProperty("expand");
  expect(emulator.objects("event").map((event) => event["data"])).toMatchObject([
    { previous_attributes: { name: "Tea", updated: 1_800_000_000 } },
    { object: { name: "Tea" } },
  ]);
});

test("lists filter", async () => {
  await create({ id: "a", shippable: "true", url: "https://a.example/" });
  clock += 10_000;
  await create({ id: "b", active: "false", type: "good" });
  const ids = async (query: string) => {
    const { body } = await send(emulator, "GET", `${path}?${query}`);
    return (body["data"] as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids("")).toEqual(["b", "a"]);
  expect(await ids("active=true")).toEqual(["a"]);
  expect(await ids("active=false")).toEqual(["b"]);
  expect(await ids("created[gt]=1800000000")).toEqual(["b"]);
  expect(await ids("ids[]=a&ids[]=none")).toEqual(["a"]);
  expect(await ids("shippable=true")).toEqual(["a"]);
  expect(await ids("shippable=false")).toEqual(["b"]);
  expect(await ids("type=good")).toEqual(["b"]);
  expect(await ids("url=https%3A%2F%2Fa.example%2F")).toEqual(["a"]);
  expect((await send(emulator, "GET", `${path}?name=Tea`)).error.code).toBe("parameter_unknown");
});

test("the official client sees a whole life", async () => {
  const stripe = officialClient(emulator);
  const made = await stripe.products.create({ name: "Tea", default_price_data: { currency: "usd", unit_amount: 0 } });
  const changed = await stripe.products.update(made.id, {
    description: "Hot",
    default_price: "",
    package_dimensions: { height: 0.5, length: 1, weight: 1, width: 1 },
    metadata: { a: "1" },
  });
  expect(changed).toMatchObject({ default_price: null, package_dimensions: { height: 0.5 } });
  await expect(stripe.products.del(made.id)).rejects.toMatchObject({ statusCode: 400 });
  const bare = await stripe.products.create({ id: "bare", name: "Bare" });
  expect((await stripe.products.list({ ids: [bare.id] })).data).toHaveLength(1);
  expect(await stripe.products.del("bare")).toEqual({ id: "bare", object: "product", deleted: true });
});
