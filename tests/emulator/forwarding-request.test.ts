import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

const day = 86_400_000;
let clock = 1_800_000_000_000;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock, forwardingHosts: ["vault.example.com"] });
});
beforeEach(() => {
  clock = 1_800_000_000_000;
  emulator.reset();
});
afterAll(() => emulator.close());

const path = "/v1/forwarding/requests";
const url = "https://acme-checkout-live.adyenpayments.com/checkout/v68/payments";
const base = {
  payment_method: "pm_card_visa",
  url,
  "replacements[0]": "card_number",
  "replacements[1]": "card_cvc",
  "request[headers][0][name]": "X-Api-Key",
  "request[headers][0][value]": "adyen-secret",
  "request[headers][1][name]": "X-Trace",
  "request[headers][1][value]": "t-1",
  "request[body]": JSON.stringify({ amount: 0, card: { number: "", cvc: "" }, apiKey: "k-1" }),
};
const create = (more: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  send(emulator, "POST", path, { ...base, ...more }, headers);

test("a card goes out once, and nothing secret is kept", async () => {
  const made = await create({ "metadata[order]": "0" });
  expect(made.status).toBe(200);
  expect(made.body).toEqual({
    id: expect.stringMatching(/^fwdreq_[A-Za-z0-9]{24}$/) as string,
    object: "forwarding.request",
    created: 1_800_000_000,
    livemode: false,
    metadata: { order: "0" },
    payment_method: "pm_card_visa",
    replacements: ["card_number", "card_cvc"],
    request_context: { destination_duration: 12, destination_ip_address: "203.0.113.10" },
    request_details: {
      body: '{"amount":0,"card":{"number":"424242******4242","cvc":"[REDACTED]"},"apiKey":"[REDACTED]"}',
      headers: [
        { name: "X-Api-Key", value: "[REDACTED]" },
        { name: "X-Trace", value: "t-1" },
        { name: "Content-Type", value: "application/json" },
      ],
      http_method: "POST",
    },
    response_details: {
      body: '{"ok":true}',
      headers: [{ name: "content-type", value: "application/json" }],
      status: 200,
    },
    url,
  });
  expect(emulator.forwarded()).toMatchObject([
    {
      url,
      method: "POST",
      account: emulator.accountId,
      at: clock,
      headers: [{ value: "adyen-secret" }, {}, {}],
      body: '{"amount":0,"card":{"number":"4242424242424242","cvc":"737"},"apiKey":"k-1"}',
    },
  ]);
  expect((await send(emulator, "GET", `${path}/${String(made.body["id"])}`)).body).toEqual(made.body);
  expect(emulator.objects("event")).toEqual([]);
});

test("one idempotency key, one call: also when the answer was lost, also after a failure", async () => {
  const key = { "idempotency-key": "stripe-1" };
  emulator.fail({ with: "cut-after-commit", path });
  await expect(create({}, key)).rejects.toThrow();
  const replay = await create({}, key);
  expect([replay.status, replay.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
  expect(emulator.forwarded()).toMatchObject([{ idempotencyKey: "stripe-1" }]);

  emulator.forwardTo(() => ({ failure: "timeout" }));
  const lost = { "idempotency-key": "stripe-2" };
  expect((await create({}, lost)).error.code).toBe("forwarding_api_upstream_connection_timeout");
  emulator.forwardTo(undefined);
  expect((await create({}, lost)).error.code).toBe("forwarding_api_upstream_connection_timeout");
  expect(emulator.forwarded()).toHaveLength(2);
  expect((await create({}, { "idempotency-key": "stripe-3" })).status).toBe(200);
  expect(emulator.forwarded()).toHaveLength(3);
  await create();
  await create();
  expect(emulator.forwarded()).toHaveLength(5);
});

test("a request that never began to execute reached nobody", async () => {
  emulator.fail({ with: "cut-before", path });
  await expect(create()).rejects.toThrow();
  emulator.fail({ with: 500, stored: true, committed: false, path });
  expect((await create()).status).toBe(500);
  expect(emulator.forwarded()).toEqual([]);
  emulator.fail({ with: 500, stored: true, path });
  expect((await create()).status).toBe(500);
  expect(emulator.forwarded()).toHaveLength(1);
});

test("what the destination says is kept with a 200, redacted", async () => {
  emulator.forwardTo(({ body }) => ({
    status: 422,
    headers: { "Set-Cookie": "session=1", "X-Id": "7" },
    body: { echo: body, number: "5555555555554444", token: "tok", at: 1_800_000_000_000 },
    durationMs: 0,
  }));
  const { status, body } = await create();
  expect(status).toBe(200);
  expect(body["request_context"]).toMatchObject({ destination_duration: 0 });
  expect(body["response_details"]).toMatchObject({
    status: 422,
    headers: [
      { name: "Set-Cookie", value: "[REDACTED]" },
      { name: "X-Id", value: "7" },
    ],
  });
  const text = JSON.stringify(body);
  for (const secret of ["4242424242424242", "5555555555554444", '"tok"', "adyen-secret"]) {
    expect(text).not.toContain(secret);
  }
  emulator.forwardTo(() => ({ body: "plain 4242424242424242" }));
  expect((await create()).body["response_details"]).toMatchObject({ body: "plain 424242******4242" });
});

test.each([
  ["connection", "forwarding_api_upstream_connection_error"],
  ["timeout", "forwarding_api_upstream_connection_timeout"],
  ["upstream", "forwarding_api_upstream_error"],
  ["retryable", "forwarding_api_retryable_upstream_error"],
] as const)("a destination that fails by %s is %s, and nothing is kept", async (failure, code) => {
  emulator.forwardTo(() => ({ failure }));
  const { status, error } = await create();
  expect([status, error.type, error.code]).toEqual([424, "api_error", code]);
  expect(emulator.objects("forwarding.request")).toEqual([]);
  expect(emulator.forwarded()).toHaveLength(1);
});

const invalid = "forwarding_api_invalid_parameter";
test.each([
  [{ payment_method: "" }, "payment_method", "parameter_invalid_empty"],
  [{ payment_method: "card" }, "payment_method", "resource_missing"],
  [{ url: "http://api.checkout.com/tokens" }, "url", invalid],
  [{ url: "api.checkout.com/tokens" }, "url", invalid],
  [{ url: "https://example.com/" }, "url", invalid],
  [{ url: "https://api.checkout.com/refunds" }, "url", invalid],
  [{ url: "https://api.checkout.com:8443/tokens" }, "url", invalid],
  [{ url: "https://api.checkout.com.example.com/tokens" }, "url", invalid],
  [{ url: "https://evilverygoodproxy.com/" }, "url", invalid],
  [{ url: url.replace("v68", "v67") }, "url", invalid],
  [{ "replacements[0]": "card_colour" }, "replacements[0]", undefined],
  [{ "request[method]": "GET" }, "request[method]", "parameter_unknown"],
  [{ "request[headers][2][name]": "A" }, "request[headers][2][value]", "parameter_missing"],
  [{ "request[headers][1][name]": "no spaces" }, "request[headers][1][name]", invalid],
  [{ "request[headers][1][name]": "Host" }, "request[headers][1][name]", invalid],
  [{ "request[body]": "number=" }, "request[body]", invalid],
  [{ metadata: "" }, "metadata", "parameter_invalid_empty"],
])("%j goes nowhere", async (form, param, code) => {
  const { status, error } = await create(form);
  expect([status, error.type, error.param, error.code]).toEqual([400, "invalid_request_error", param, code]);
  expect(emulator.forwarded()).toEqual([]);
});

test("what is required is; the keys of both sides must differ", async () => {
  for (const missing of ["payment_method", "url"]) {
    const form = Object.fromEntries(Object.entries(base).filter(([field]) => field !== missing));
    const { error } = await send(emulator, "POST", path, form);
    expect(error).toMatchObject({ code: "parameter_missing", param: missing });
  }
  expect((await send(emulator, "POST", path, { payment_method: "pm_1", url })).error.param).toBe("replacements");
  const same = { "request[headers][1][name]": "Idempotency-Key", "request[headers][1][value]": "both" };
  const clash = await create(same, { "idempotency-key": "both" });
  expect(clash.error).toMatchObject({ code: invalid, param: "request[headers][1][value]" });
  expect((await create(same, { "idempotency-key": "mine" })).status).toBe(200);
});

test("XML, vaults of one's own and requests without a body", async () => {
  const xml = "<pay><v:number></v:number><cvc/><amount>0</amount></pay>";
  await create({ url: "https://vault.example.com/any", "request[body]": xml });
  expect(emulator.forwarded()[0]).toMatchObject({
    body: "<pay><v:number>4242424242424242</v:number><cvc/><amount>0</amount></pay>",
  });
  expect(emulator.objects("forwarding.request")[0]).toMatchObject({
    request_details: { body: "<pay><v:number>424242******4242</v:number><cvc/><amount>0</amount></pay>" },
  });
  const bare = await send(emulator, "POST", path, { payment_method: "pm_1", url, "replacements[0]": "card_number" });
  expect(bare.body["request_details"]).toMatchObject({ body: "" });
});

test("a security code is used up by its first use", async () => {
  await create();
  await create({ "request[body]": '{"number":0,"cvc":""}' });
  expect(emulator.forwarded().map(({ body }) => body)).toEqual([
    expect.stringContaining('"cvc":"737"'),
    '{"number":4242424242424242,"cvc":""}',
  ]);
});

test("after 30 days a request is gone; it can't be changed or deleted before", async () => {
  const id = String((await create()).body["id"]);
  clock += 10_000;
  const later = String((await create()).body["id"]);
  const listed = await send(emulator, "GET", `${path}?created[gt]=1800000000`);
  expect((listed.body["data"] as { id: string }[]).map((request) => request.id)).toEqual([later]);
  expect((await send(emulator, "POST", `${path}/${id}`, { "metadata[a]": "1" })).status).toBe(404);
  expect((await send(emulator, "DELETE", `${path}/${id}`)).status).toBe(404);
  clock += 30 * day - 11_000;
  expect((await send(emulator, "GET", `${path}/${id}`)).status).toBe(200);
  clock += 1000;
  const gone = await send(emulator, "GET", `${path}/${id}`);
  expect([gone.status, gone.error.code, gone.error.param]).toEqual([404, "resource_missing", "id"]);
  expect(emulator.objects("forwarding.request").map((request) => request.id)).toEqual([later]);
  emulator.advance("forwarding.request", later, "expired");
  expect(emulator.objects("forwarding.request")).toEqual([]);
  expect(emulator.forwarded()).toHaveLength(2);
  emulator.reset();
  expect(emulator.forwarded()).toEqual([]);
});

test("an account Stripe hasn't activated forwards nothing; keys need their permission", async () => {
  const key = "rk_test_forwarding_reader";
  const idle = await startEmulator({ forwardingActive: false, restrictedKeys: { [key]: ["forwarding_request_read"] } });
  expect((await send(idle, "POST", path, base)).error.code).toBe("forwarding_api_inactive");
  const restricted = { url: idle.url, apiKey: key };
  expect((await send(restricted, "GET", path)).status).toBe(200);
  expect((await send(restricted, "POST", path, base)).status).toBe(403);
  await idle.close();
});

test("the official client forwards, reads and lists", async () => {
  const stripe = officialClient(emulator);
  const made = await stripe.forwarding.requests.create({
    payment_method: "pm_card_visa",
    url: "https://api.checkout.com/payments",
    replacements: ["card_number", "card_expiry", "cardholder_name"],
    request: {
      headers: [{ name: "Authorization", value: "Bearer checkout-key" }],
      body: JSON.stringify({ source: { number: "", expiry_month: 0, expiry_year: "", name: "" } }),
    },
  });
  expect(made.request_details?.headers[0]).toEqual({ name: "Authorization", value: "[REDACTED]" });
  expect(JSON.parse(emulator.forwarded()[0]?.body ?? "")).toEqual({
    source: { number: "4242424242424242", expiry_month: 3, expiry_year: "2030", name: "Jenny Rosen" },
  });
  expect((await stripe.forwarding.requests.retrieve(made.id)).response_details?.status).toBe(200);
  expect((await stripe.forwarding.requests.list()).data).toHaveLength(1);
});
