import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

let emulator: Emulator;
let price: string;
let monthly: string;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => 1_800_000_000_000 });
});
beforeEach(async () => {
  emulator.reset();
  await send(emulator, "POST", "/v1/products", { id: "tea", name: "Tea" });
  price = await makePrice({ unit_amount: "250" });
  monthly = await makePrice({ unit_amount: "900", "recurring[interval]": "month" });
});
afterAll(() => emulator.close());

const path = "/v1/payment_links";
const makePrice = async (form: Record<string, string>): Promise<string> =>
  String((await send(emulator, "POST", "/v1/prices", { product: "tea", currency: "usd", ...form })).body["id"]);
const create = (more: Record<string, string> = {}, query = "", headers = {}) =>
  send(
    emulator,
    "POST",
    path + query,
    { "line_items[0][price]": price, "line_items[0][quantity]": "2", ...more },
    headers,
  );
const update = (id: unknown, form: Record<string, string>, query = "") =>
  send(emulator, "POST", `${path}/${String(id)}${query}`, form);
const lines = async (id: unknown, query = "") => send(emulator, "GET", `${path}/${String(id)}/line_items${query}`);

test("a creation shows every field, and no line items", async () => {
  const made = await create({ "metadata[a]": "" });
  expect(made.body).toEqual({
    id: expect.stringMatching(/^plink_[A-Za-z0-9]{24}$/) as string,
    object: "payment_link",
    active: true,
    after_completion: { hosted_confirmation: { custom_message: null }, type: "hosted_confirmation" },
    allow_promotion_codes: false,
    application: null,
    application_fee_amount: null,
    application_fee_percent: null,
    automatic_tax: { enabled: false, liability: null },
    billing_address_collection: "auto",
    consent_collection: null,
    currency: "usd",
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer_creation: "if_required",
    inactive_message: null,
    invoice_creation: expect.objectContaining({ enabled: false }) as object,
    livemode: false,
    managed_payments: null,
    metadata: {},
    on_behalf_of: null,
    payment_intent_data: null,
    payment_method_collection: "always",
    payment_method_options: null,
    payment_method_types: null,
    phone_number_collection: { enabled: false },
    restrictions: null,
    shipping_address_collection: null,
    shipping_options: [],
    submit_type: "auto",
    subscription_data: null,
    tax_id_collection: { enabled: false, required: "never" },
    transfer_data: null,
    url: expect.stringMatching(/^https:\/\/buy\.stripe\.com\/test_\w+$/) as string,
  });
  expect((await send(emulator, "GET", `${path}/${String(made.body["id"])}`)).body).toEqual(made.body);
  expect((await send(emulator, "GET", path)).body["data"]).toEqual([made.body]);
  expect(emulator.objects("event")[0]).toMatchObject({ type: "payment_link.created", data: { object: made.body } });
});

test("line items show when expanded, and at their own path, with the price as it is now", async () => {
  const made = await create(
    {
      "line_items[1][price]": monthly,
      "line_items[1][quantity]": "0",
      "line_items[1][adjustable_quantity][enabled]": "true",
    },
    "?expand[]=line_items",
  );
  const id = String(made.body["id"]);
  const shown = made.body["line_items"] as { url: string; data: Record<string, unknown>[] };
  expect(shown).toMatchObject({ object: "list", has_more: false, url: `${path}/${id}/line_items` });
  const whole = (await send(emulator, "GET", `/v1/prices/${price}`)).body;
  expect(shown.data).toEqual([
    {
      id: expect.stringMatching(/^li_\w{14}$/) as string,
      object: "item",
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: 500,
      amount_tax: 0,
      amount_total: 500,
      currency: "usd",
      description: "Tea",
      metadata: {},
      price: whole,
      quantity: 2,
    },
    expect.objectContaining({
      quantity: 0,
      amount_total: 0,
      adjustable_quantity: { enabled: true, maximum: 99, minimum: 0 },
    }),
  ]);
  await send(emulator, "POST", `/v1/prices/${price}`, { nickname: "new" });
  const listed = await send(emulator, "GET", `${path}?expand[]=data.line_items`);
  expect(listed.body["data"]).toMatchObject([{ line_items: { data: [{ price: { nickname: "new" } }, {}] } }]);
  const own = await lines(id);
  expect(own.body).toMatchObject({ object: "list", has_more: false, data: [{ quantity: 2 }, { quantity: 0 }] });
  const deeper = await lines(id, "?expand[]=data.price.product");
  expect(deeper.body["data"]).toMatchObject([{ price: { product: { id: "tea" } } }, {}]);
  expect(JSON.stringify(emulator.objects("event"))).not.toContain("li_");
  for (const wrong of ["line_items.price", "data.line_items", "metadata"]) {
    expect((await send(emulator, "GET", `${path}/${id}?expand[]=${wrong}`)).status).toBe(400);
  }
});

test("twenty lines at most, ten a page; cursors go in the link's own order", async () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        [`line_items[${index}][price]`, price],
        [`line_items[${index}][quantity]`, String(index)],
      ]).flat() as [string, string][],
    );
  expect((await create(many(21))).error.param).toBe("line_items");
  const made = await create(many(20), "?expand[]=line_items");
  expect(made.body["line_items"]).toMatchObject({ has_more: true });
  expect((made.body["line_items"] as { data: unknown[] }).data).toHaveLength(10);
  const quantities = async (query: string) => {
    const { body } = await lines(made.body["id"], query);
    return [(body["data"] as { quantity: number }[]).map(({ quantity }) => quantity), body["has_more"]];
  };
  const all = (await lines(made.body["id"], "?limit=100")).body["data"] as { id: string }[];
  expect(await quantities("?limit=2")).toEqual([[0, 1], true]);
  expect(await quantities(`?limit=3&starting_after=${all[16]?.id}`)).toEqual([[17, 18, 19], false]);
  expect(await quantities(`?limit=2&ending_before=${all[2]?.id}`)).toEqual([[0, 1], false]);
  const strange = await lines(made.body["id"], "?starting_after=li_none");
  expect([strange.status, strange.error.message]).toEqual([400, "No such line item: 'li_none'"]);
  const gone = await lines("plink_none");
  expect([gone.status, gone.error.code, gone.error.param]).toEqual([404, "resource_missing", "payment_link"]);
});

test.each<[Record<string, string>, string, string | undefined]>([
  [{ "line_items[0][price]": "price_none" }, "line_items[0][price]", "resource_missing"],
  [{ "line_items[0][price]": "" }, "line_items[0][price]", "parameter_invalid_empty"],
  [{ "line_items[0][quantity]": "-1" }, "line_items[0][quantity]", "parameter_invalid_integer"],
  [{ "line_items[0][tier]": "1" }, "line_items[0][tier]", "parameter_unknown"],
  [{ "line_items[1][quantity]": "1" }, "line_items[1][price]", "parameter_missing"],
  [{ currency: "eur" }, "line_items[0][price]", undefined],
  [{ currency: "nope" }, "currency", undefined],
  [{ active: "true" }, "active", "parameter_unknown"],
  [{ metadata: "" }, "metadata", "parameter_invalid_empty"],
  [{ inactive_message: "" }, "inactive_message", "parameter_invalid_empty"],
  [{ "after_completion[type]": "redirect" }, "after_completion[redirect]", "parameter_missing"],
  [
    { "after_completion[type]": "redirect", "after_completion[redirect][url]": "x" },
    "after_completion[redirect][url]",
    "url_invalid",
  ],
  [{ "subscription_data[trial_period_days]": "7" }, "subscription_data", undefined],
  [{ payment_method_collection: "if_required" }, "payment_method_collection", undefined],
  [
    { "shipping_address_collection[allowed_countries][0]": "XX" },
    "shipping_address_collection[allowed_countries][0]",
    undefined,
  ],
])("%j is refused", async (form, param, code) => {
  const { status, error } = await create(form);
  expect([status, error.param, error.code]).toEqual([400, param, code]);
  expect(emulator.objects("payment_link")).toEqual([]);
});

test("line items are required, and an archived price is none to sell by", async () => {
  const none = await send(emulator, "POST", path, { "metadata[a]": "1" });
  expect([none.status, none.error.code, none.error.param]).toEqual([400, "parameter_missing", "line_items"]);
  await send(emulator, "POST", `/v1/prices/${price}`, { active: "false" });
  expect((await create()).error.message).toBe(
    "The price specified is inactive. This field only accepts active prices.",
  );
});

test.each(["line_items[0][price_data][currency]", "optional_items[0][price]", "transfer_data[destination]"])(
  "%s, which Stripe takes and this emulator doesn't, is never ignored",
  async (param) => {
    const { status, error } = await create({ [param]: "usd" });
    expect(status).toBe(501);
    expect(error.message).toContain(
      `Not built in this emulator: the parameter ${param.replace(/\[\w+\]$/, "").replace(/\[0\]$/, "")}`,
    );
    expect(emulator.objects("payment_link")).toEqual([]);
  },
);

test('what may change changes; 0, false and "" are values', async () => {
  const made = await create({
    "metadata[a]": "1",
    "metadata[b]": "2",
    inactive_message: "closed",
    allow_promotion_codes: "true",
    "restrictions[completed_sessions][limit]": "5",
    "custom_text[submit][message]": "Soon yours",
    "payment_intent_data[description]": "Tea",
    "payment_intent_data[metadata][k]": "v",
    "custom_fields[0][key]": "size",
    "custom_fields[0][label][custom]": "Size",
    "custom_fields[0][label][type]": "custom",
    "custom_fields[0][type]": "numeric",
    "custom_fields[0][numeric][minimum_length]": "0",
  });
  expect(made.body).toMatchObject({
    restrictions: { completed_sessions: { count: 0, limit: 5 } },
    custom_text: { submit: { message: "Soon yours" }, after_submit: null },
    payment_intent_data: { description: "Tea", capture_method: null, metadata: { k: "v" } },
    custom_fields: [
      { key: "size", optional: false, numeric: { default_value: null, maximum_length: null, minimum_length: 0 } },
    ],
  });
  const { id, url } = made.body;
  const changed = await update(id, {
    active: "false",
    allow_promotion_codes: "false",
    inactive_message: "",
    "metadata[a]": "",
    restrictions: "",
    "custom_text[submit]": "",
    custom_fields: "",
    "payment_intent_data[description]": "",
    submit_type: "donate",
    "after_completion[type]": "redirect",
    "after_completion[redirect][url]": "https://example.com/thanks",
  });
  expect(changed.body).toMatchObject({
    active: false,
    allow_promotion_codes: false,
    inactive_message: null,
    metadata: { b: "2" },
    restrictions: null,
    custom_text: { submit: null },
    custom_fields: [],
    payment_intent_data: { description: null, metadata: { k: "v" } },
    after_completion: { type: "redirect", redirect: { url: "https://example.com/thanks" } },
    url: String(url).replace("buy.", "donate."),
  });
  expect(changed.body["after_completion"]).not.toHaveProperty("hosted_confirmation");
  expect(emulator.objects("event")[0]).toMatchObject({
    type: "payment_link.updated",
    data: { previous_attributes: { active: true, inactive_message: "closed" } },
  });
  const frozen: Record<string, string>[] = [
    { currency: "eur" },
    { "line_items[0][price]": price },
    { "payment_intent_data[capture_method]": "manual" },
  ];
  for (const form of frozen) {
    expect((await update(id, form)).error.code).toMatch(/parameter_(?:unknown|missing)/);
  }
  expect((await send(emulator, "DELETE", `${path}/${String(id)}`)).status).toBe(404);
});

test("lines change by their id; none comes and none goes", async () => {
  const made = await create(
    { "line_items[1][price]": monthly, "line_items[1][quantity]": "1" },
    "?expand[]=line_items",
  );
  const [first, second] = (made.body["line_items"] as { data: { id: string }[] }).data;
  const changed = await update(
    made.body["id"],
    { "line_items[0][id]": second?.id ?? "", "line_items[0][quantity]": "0" },
    "?expand[]=line_items",
  );
  expect(changed.body["line_items"]).toMatchObject({
    data: [
      { id: first?.id, quantity: 2 },
      { id: second?.id, quantity: 0, price: { id: monthly } },
    ],
  });
  const strange = await update(made.body["id"], { "line_items[0][id]": "li_none" });
  expect([strange.status, strange.error.code, strange.error.param]).toEqual([
    400,
    "resource_missing",
    "line_items[0][id]",
  ]);
  const trial = await update(made.body["id"], { "subscription_data[trial_period_days]": "7" });
  expect(trial.body["subscription_data"]).toMatchObject({ trial_period_days: 7, metadata: {}, description: null });
  const ended = await update(made.body["id"], { "subscription_data[trial_period_days]": "" });
  expect(ended.body["subscription_data"]).toMatchObject({ trial_period_days: null });
});

test("a creation repeated under its key makes one link", async () => {
  const key = { "idempotency-key": "once" };
  const first = await create({}, "", key);
  const again = await create({}, "", key);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect((await create({ submit_type: "book" }, "", key)).error.type).toBe("idempotency_error");
  expect(emulator.objects("payment_link")).toHaveLength(1);
});

test("a key needs the link's permission, for its lines too", async () => {
  const narrow = await startEmulator({ restrictedKeys: { rk_test_prices: ["price_write"] } });
  for (const route of [path, `${path}/plink_1/line_items`]) {
    expect((await send({ url: narrow.url, apiKey: "rk_test_prices" }, "GET", route)).status).toBe(403);
  }
  await narrow.close();
});

test("the official client sees a whole life", async () => {
  const stripe = officialClient(emulator);
  const made = await stripe.paymentLinks.create({
    line_items: [{ price, quantity: 1, adjustable_quantity: { enabled: true, minimum: 0, maximum: 3 } }],
    after_completion: { type: "redirect", redirect: { url: "https://example.com/thanks" } },
    metadata: { a: "1" },
    expand: ["line_items"],
  });
  expect(made.line_items?.data[0]).toMatchObject({ price: { id: price }, quantity: 1 });
  const other = await stripe.paymentLinks.create({ line_items: [{ price, quantity: 1 }] });
  expect((await stripe.paymentLinks.update(made.id, { active: false, metadata: { a: "" } })).metadata).toEqual({});
  const active = await stripe.paymentLinks.list({ active: true, expand: ["data.line_items"] });
  expect(active.data.map(({ id, line_items: items }) => [id, items?.data.length])).toEqual([[other.id, 1]]);
  expect((await stripe.paymentLinks.list({ active: false })).data.map(({ id }) => id)).toEqual([made.id]);
  const quantities: (number | null)[] = [];
  for await (const item of stripe.paymentLinks.listLineItems(made.id)) quantities.push(item.quantity);
  expect(quantities).toEqual([1]);
  await expect(stripe.paymentLinks.retrieve("plink_none")).rejects.toMatchObject({
    statusCode: 404,
    code: "resource_missing",
  });
});
