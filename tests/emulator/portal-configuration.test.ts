import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

let clock = 1_800_000_000_000;
let emulator: Emulator;
let price: string;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(async () => {
  clock = 1_800_000_000_000;
  emulator.reset();
  await send(emulator, "POST", "/v1/products", { id: "tea", name: "Tea" });
  const form = { product: "tea", currency: "usd", unit_amount: "900", "recurring[interval]": "month" };
  price = String((await send(emulator, "POST", "/v1/prices", form)).body["id"]);
});
afterAll(() => emulator.close());

const path = "/v1/billing_portal/configurations";
const products = "features.subscription_update.products";
const create = (form: Record<string, string> = { "features[invoice_history][enabled]": "true" }, query = "") =>
  send(emulator, "POST", path + query, form);
const update = (id: unknown, form: Record<string, string>, query = "") =>
  send(emulator, "POST", `${path}/${String(id)}${query}`, form);
const switching = (): Record<string, string> => ({
  "features[subscription_update][enabled]": "true",
  "features[subscription_update][default_allowed_updates][0]": "price",
  "features[subscription_update][products][0][product]": "tea",
  "features[subscription_update][products][0][prices][0]": price,
});

test("a creation shows every field, what was left out by its default", async () => {
  const made = await create({ "features[invoice_history][enabled]": "false" });
  expect(made.body).toEqual({
    id: expect.stringMatching(/^bpc_[A-Za-z0-9]{24}$/) as string,
    object: "billing_portal.configuration",
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created: 1_800_000_000,
    default_return_url: null,
    features: {
      customer_update: { allowed_updates: [], enabled: false },
      invoice_history: { enabled: false },
      payment_method_update: { enabled: false, payment_method_configuration: null },
      subscription_cancel: {
        cancellation_reason: {
          enabled: false,
          feedback_options: null,
          options: ["too_expensive", "missing_features", "switched_service", "unused", "other"],
        },
        enabled: false,
        mode: "at_period_end",
        proration_behavior: "none",
      },
      subscription_update: {
        billing_cycle_anchor: null,
        default_allowed_updates: [],
        enabled: false,
        proration_behavior: "none",
        schedule_at_period_end: { conditions: [] },
        trial_update_behavior: "end_trial",
      },
    },
    is_default: false,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: 1_800_000_000,
  });
  expect((await send(emulator, "GET", `${path}/${String(made.body["id"])}`)).body).toEqual(made.body);
  expect((await send(emulator, "GET", path)).body["data"]).toEqual([made.body]);
  expect(emulator.objects("event")[0]).toMatchObject({
    type: "billing_portal.configuration.created",
    data: { object: made.body },
  });
});

test("products are kept, and shown when they are asked for only", async () => {
  const made = await create(switching());
  const shown = { features: { subscription_update: { default_allowed_updates: ["price"], enabled: true } } };
  expect(made.body).toMatchObject(shown);
  const one = `${path}/${String(made.body["id"])}`;
  for (const { body } of [made, await send(emulator, "GET", one)]) {
    expect(JSON.stringify(body)).not.toContain("products");
  }
  expect(JSON.stringify(emulator.objects("event"))).not.toContain(`"products"`);
  const whole = {
    features: {
      subscription_update: {
        enabled: true,
        products: [
          { product: "tea", prices: [price], adjustable_quantity: { enabled: false, maximum: null, minimum: 1 } },
        ],
      },
    },
  };
  expect((await send(emulator, "GET", `${one}?expand[]=${products}`)).body).toMatchObject(whole);
  expect((await send(emulator, "GET", `${path}?expand[]=data.${products}`)).body["data"]).toMatchObject([whole]);
  for (const wrong of ["features", "features.subscription_update", `${products}.prices`, `data.${products}`]) {
    expect([wrong, (await send(emulator, "GET", `${one}?expand[]=${wrong}`)).status]).toEqual([wrong, 400]);
  }
});

test.each<[Record<string, string>, string, string | undefined]>([
  [{ name: "x" }, "features", "parameter_missing"],
  [
    { "features[customer_update][allowed_updates][0]": "email" },
    "features[customer_update][enabled]",
    "parameter_missing",
  ],
  [{ "features[customer_update][enabled]": "maybe" }, "features[customer_update][enabled]", undefined],
  [{ "features[nonsense][enabled]": "true" }, "features[nonsense]", "parameter_unknown"],
  [
    { "features[subscription_update][enabled]": "true" },
    "features[subscription_update][products]",
    "parameter_missing",
  ],
  [
    { "features[subscription_update][enabled]": "true", "features[subscription_update][products]": "" },
    "features[subscription_update][products]",
    "parameter_missing",
  ],
  [
    {
      "features[subscription_cancel][enabled]": "true",
      "features[subscription_cancel][cancellation_reason][enabled]": "true",
    },
    "features[subscription_cancel][cancellation_reason][options]",
    "parameter_missing",
  ],
  [
    {
      "features[payment_method_update][enabled]": "true",
      "features[payment_method_update][payment_method_configuration]": "nope",
    },
    "features[payment_method_update][payment_method_configuration]",
    "resource_missing",
  ],
  [
    {
      "features[subscription_cancel][enabled]": "true",
      "features[subscription_cancel][mode]": "immediately",
      "features[subscription_cancel][proration_behavior]": "always_invoice",
    },
    "features[subscription_cancel][proration_behavior]",
    undefined,
  ],
  [
    {
      "features[subscription_cancel][enabled]": "true",
      "features[subscription_cancel][proration_behavior]": "create_prorations",
    },
    "features[subscription_cancel][proration_behavior]",
    undefined,
  ],
  [{ "features[invoice_history][enabled]": "true", active: "false" }, "active", "parameter_unknown"],
  [
    { "features[invoice_history][enabled]": "true", default_return_url: "nowhere" },
    "default_return_url",
    "url_invalid",
  ],
  [
    { "features[invoice_history][enabled]": "true", "business_profile[headline]": "x".repeat(61) },
    "business_profile[headline]",
    undefined,
  ],
  [{ "features[invoice_history][enabled]": "true", metadata: "" }, "metadata", "parameter_invalid_empty"],
])("%j is refused", async (form, param, code) => {
  const { status, error } = await create(form);
  expect([status, error.param, error.code]).toEqual([400, param, code]);
  expect(emulator.objects("billing_portal.configuration")).toEqual([]);
});

test("products and prices must be there, and belong together", async () => {
  const refused = async (form: Record<string, string>) => {
    const { status, error } = await create({ ...switching(), ...form });
    return [status, error.code, error.param?.replace("features[subscription_update][products]", "")];
  };
  const at = "features[subscription_update][products][0]";
  expect(await refused({ [`${at}[product]`]: "none" })).toEqual([400, "resource_missing", "[0][product]"]);
  expect(await refused({ [`${at}[prices][1]`]: "price_none" })).toEqual([400, "resource_missing", "[0][prices][1]"]);
  await send(emulator, "POST", "/v1/products", { id: "cake", name: "Cake" });
  expect(await refused({ [`${at}[product]`]: "cake" })).toEqual([400, undefined, "[0][prices][0]"]);
  const more = Array.from({ length: 11 }, (_, index) => [
    [`features[subscription_update][products][${index}][product]`, "tea"],
    [`features[subscription_update][products][${index}][prices][0]`, price],
  ]).flat() as [string, string][];
  expect(await refused(Object.fromEntries(more))).toEqual([400, undefined, ""]);
});

test.each([
  "features[subscription_pause][enabled]",
  "features[subscription_cancel][cancellation_reason][feedback_options][0]",
])("%s is not built, and says so", async (param) => {
  const reason = "features[subscription_cancel][cancellation_reason]";
  const needed: Record<string, string> = param.startsWith(reason)
    ? {
        "features[subscription_cancel][enabled]": "true",
        [`${reason}[enabled]`]: "true",
        [`${reason}[options][0]`]: "unused",
      }
    : {};
  expect((await create({ ...needed, [param]: "true" })).status).toBe(501);
  expect(emulator.objects("billing_portal.configuration")).toEqual([]);
});

test("an update merges features, replaces lists, and clears with the empty string", async () => {
  const made = await create({
    ...switching(),
    "features[customer_update][enabled]": "true",
    "features[customer_update][allowed_updates][0]": "email",
    "features[customer_update][allowed_updates][1]": "name",
    "features[subscription_cancel][enabled]": "true",
    "features[subscription_cancel][mode]": "immediately",
    "business_profile[headline]": "Hi",
    "business_profile[privacy_policy_url]": "https://example.com/privacy",
    default_return_url: "https://example.com",
    name: "first",
    "metadata[a]": "1",
    "login_page[enabled]": "true",
  });
  const { id } = made.body;
  const login = made.body["login_page"] as { url: string };
  expect(login.url).toMatch(/^https:\/\/billing\.stripe\.com\/p\/login\/test_\w+$/);
  clock += 60_000;
  const changed = await update(
    id,
    {
      "features[customer_update][allowed_updates][0]": "phone",
      "features[subscription_cancel][enabled]": "false",
      "features[subscription_update][default_allowed_updates]": "",
      "features[invoice_history][enabled]": "true",
      "business_profile[headline]": "",
      default_return_url: "",
      name: "",
      metadata: "",
      "login_page[enabled]": "false",
      active: "false",
    },
    `?expand[]=${products}`,
  );
  expect(changed.body).toMatchObject({
    active: false,
    business_profile: { headline: null, privacy_policy_url: "https://example.com/privacy" },
    default_return_url: null,
    features: {
      customer_update: { allowed_updates: ["phone"], enabled: true },
      invoice_history: { enabled: true },
      subscription_cancel: { enabled: false, mode: "immediately" },
      subscription_update: { enabled: true, default_allowed_updates: [], products: [{ product: "tea" }] },
    },
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    created: 1_800_000_000,
    updated: 1_800_000_060,
  });
  const emptied = await update(id, { "features[subscription_update][products]": "" });
  expect([emptied.status, emptied.error.param]).toEqual([400, "features[subscription_update][products]"]);
  const off = { "features[subscription_update][enabled]": "false", "features[subscription_update][products]": "" };
  expect((await update(id, off, `?expand[]=${products}`)).body["features"]).toMatchObject({
    subscription_update: { enabled: false, products: null },
  });
  expect((await send(emulator, "DELETE", `${path}/${String(id)}`)).status).toBe(404);
});

test("what an end at once credits has to go before it waits for the period to end", async () => {
  const cancel = (more: Record<string, string>) =>
    Object.fromEntries(Object.entries(more).map(([name, value]) => [`features[subscription_cancel][${name}]`, value]));
  const credited = cancel({ enabled: "true", mode: "immediately", proration_behavior: "create_prorations" });
  const { id } = (await create(credited)).body;
  const waiting = await update(id, cancel({ mode: "at_period_end" }));
  expect([waiting.status, waiting.error.param]).toEqual([400, "features[subscription_cancel][proration_behavior]"]);
  expect((await update(id, cancel({ mode: "at_period_end", proration_behavior: "none" }))).status).toBe(200);
});

test("an update that changes nothing tells nobody and moves no time", async () => {
  const { body } = await create();
  clock += 60_000;
  const same = await update(body["id"], { "features[invoice_history][enabled]": "true" });
  expect(same.body).toEqual(body);
  expect(emulator.objects("event").map(({ type }) => type)).not.toContain("billing_portal.configuration.updated");
});

test("lists filter, and the default one stays active", async () => {
  const one = String((await create()).body["id"]);
  const two = String((await create()).body["id"]);
  await update(one, { active: "false" });
  emulator.edit("billing_portal.configuration", two, { is_default: true });
  const ids = async (query: string) => {
    const { body } = await send(emulator, "GET", `${path}?${query}`);
    return (body["data"] as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids("active=false")).toEqual([one]);
  expect(await ids("active=true")).toEqual([two]);
  expect(await ids("is_default=true")).toEqual([two]);
  expect(await ids("is_default=false")).toEqual([one]);
  expect((await send(emulator, "GET", `${path}?name=x`)).error.code).toBe("parameter_unknown");
  expect((await update(two, { active: "false" })).error.param).toBe("active");
});

test("a creation repeated under its key makes one configuration", async () => {
  const repeat = (form: Record<string, string>) => send(emulator, "POST", path, form, { "idempotency-key": "once" });
  const first = await repeat(switching());
  const again = await repeat(switching());
  expect(again.body).toEqual(first.body);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect((await repeat({ ...switching(), name: "x" })).error.type).toBe("idempotency_error");
  expect(emulator.objects("billing_portal.configuration")).toHaveLength(1);
});

test("the official client sees a whole life", async () => {
  const stripe = officialClient(emulator);
  const made = await stripe.billingPortal.configurations.create({
    features: {
      subscription_update: {
        enabled: true,
        default_allowed_updates: ["price", "quantity"],
        products: [{ product: "tea", prices: [price] }],
        proration_behavior: "create_prorations",
      },
      customer_update: { enabled: false, allowed_updates: [] },
    },
    name: "portal",
    expand: [products],
  });
  expect(made.features.subscription_update.products?.[0]?.prices).toEqual([price]);
  const listed = await stripe.billingPortal.configurations.list({ active: true, expand: [`data.${products}`] });
  expect(listed.data[0]?.features.subscription_update.products).toHaveLength(1);
  const bare = await stripe.billingPortal.configurations.retrieve(made.id);
  expect(bare.features.subscription_update.products).toBeUndefined();
  const changed = await stripe.billingPortal.configurations.update(made.id, {
    active: false,
    features: { subscription_update: { enabled: false, products: "" } },
    expand: [products],
  });
  expect([changed.active, changed.features.subscription_update.products]).toEqual([false, null]);
  await expect(stripe.billingPortal.configurations.retrieve("bpc_none")).rejects.toMatchObject({ statusCode: 404 });
});
