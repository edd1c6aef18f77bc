import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, officialClient, send } from "./client";

let emulator: Emulator;
let clock = 1_800_000_000_000;

beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(() => {
  clock = 1_800_000_000_000;
  emulator.reset();
});
afterAll(() => emulator.close());

const path = "/v1/webhook_endpoints";
const create = (more: Record<string, string> = {}) => send(emulator, "POST", path, { ...hookForm, ...more });

test("a creation shows every field, and the secret this once", async () => {
  const made = await create({
    description: "orders",
    "metadata[team]": "0",
    connect: "true",
    api_version: "2024-06-20",
  });
  expect(made.status).toBe(200);
  expect(made.body).toEqual({
    id: expect.stringMatching(/^we_[A-Za-z0-9]{24}$/) as string,
    object: "webhook_endpoint",
    api_version: "2024-06-20",
    application: null,
    created: 1_800_000_000,
    description: "orders",
    enabled_events: ["charge.failed"],
    livemode: false,
    metadata: { team: "0" },
    secret: expect.stringMatching(/^whsec_[A-Za-z0-9]{32}$/) as string,
    status: "enabled",
    url: "https://example.com/hook",
  });

  const shown = Object.fromEntries(Object.entries(made.body).filter(([field]) => field !== "secret"));
  const id = String(made.body["id"]);
  expect((await send(emulator, "GET", `${path}/${id}`)).body).toEqual(shown);
  expect((await send(emulator, "GET", path)).body["data"]).toEqual([shown]);
  expect((await send(emulator, "POST", `${path}/${id}`, {})).body).toEqual(shown);
  expect(emulator.objects("webhook_endpoint")).toEqual([shown]);
});

test("the official client sees a whole life", async () => {
  const stripe = officialClient(emulator);
  const made = await stripe.webhookEndpoints.create({
    url: "http://example.com/hook",
    enabled_events: ["*"],
    metadata: { a: "1", b: "2" },
  });
  expect(made.secret).toMatch(/^whsec_/);
  expect(made.lastResponse.statusCode).toBe(200);

  const changed = await stripe.webhookEndpoints.update(made.id, {
    url: "https://example.org/",
    enabled_events: ["charge.failed", "charge.captured"],
    description: "",
    disabled: true,
    metadata: { a: "", c: "3" },
  });
  expect(changed).toMatchObject({
    url: "https://example.org/",
    enabled_events: ["charge.failed", "charge.captured"],
    description: null,
    status: "disabled",
    metadata: { b: "2", c: "3" },
  });
  expect(changed.secret).toBeUndefined();

  const page = await stripe.webhookEndpoints.list({ limit: 1 });
  expect(page.data.map(({ id }) => id)).toEqual([made.id]);
  expect(await stripe.webhookEndpoints.del(made.id)).toEqual({
    id: made.id,
    object: "webhook_endpoint",
    deleted: true,
  });
  await expect(stripe.webhookEndpoints.retrieve(made.id)).rejects.toMatchObject({
    type: "StripeInvalidRequestError",
    statusCode: 404,
    code: "resource_missing",
    param: "webhook_endpoint",
    message: `No such webhook endpoint: '${made.id}'`,
  });
});

test("disabled turns off and on; other fields stay", async () => {
  const made = await create({ description: "keep" });
  const one = `${path}/${String(made.body["id"])}`;
  expect((await send(emulator, "POST", one, { disabled: "true" })).body).toMatchObject({
    status: "disabled",
    description: "keep",
  });
  expect((await send(emulator, "POST", one, { disabled: "false" })).body["status"]).toBe("enabled");
});

test("the empty string clears description and the whole metadata", async () => {
  const made = await create({ description: "x", "metadata[k]": "v" });
  const cleared = await send(emulator, "POST", `${path}/${String(made.body["id"])}`, { description: "", metadata: "" });
  expect(cleared.body).toMatchObject({ description: null, metadata: {} });
  expect((await create({ description: "", metadata: "" })).body).toMatchObject({ description: null, metadata: {} });
});

test.each([
  ["POST", {}, "url", "parameter_missing"],
  ["POST", { url: "https://example.com" }, "enabled_events", "parameter_missing"],
  ["POST", { ...hookForm, url: "" }, "url", "parameter_invalid_empty"],
  ["POST", { ...hookForm, enabled_events: "" }, "enabled_events", undefined],
  ["POST", { ...hookForm, disabled: "true" }, "disabled", "parameter_unknown"],
  ["POST", { ...hookForm, secret: "whsec_mine" }, "secret", "parameter_unknown"],
  ["POST", { ...hookForm, "enabled_events[1]": "no.such" }, "enabled_events[1]", undefined],
  ["POST", { ...hookForm, api_version: "2024-06-21" }, "api_version", undefined],
  ["POST", { ...hookForm, connect: "yes" }, "connect", undefined],
])("%s %j is refused for %s", async (method, form, param, code) => {
  const refused = await send(emulator, method, path, form);
  expect(refused.status).toBe(400);
  expect(refused.error.type).toBe("invalid_request_error");
  expect(refused.error.param).toBe(param);
  if (code !== undefined) expect(refused.error.code).toBe(code);
  expect(emulator.objects("webhook_endpoint")).toEqual([]);
});

test("an unknown event is refused with its index and the allowed names", async () => {
  const { error } = await create({ "enabled_events[1]": "charge.exploded" });
  expect(error.message).toMatch(/^Invalid enabled_events\[1\]: must be one of \*, account\.application\.authorized, /);
  expect(error.code).toBeUndefined();
});

test("connect and api_version can't change", async () => {
  const one = `${path}/${String((await create()).body["id"])}`;
  for (const name of ["connect", "api_version"]) {
    const { status, error } = await send(emulator, "POST", one, { [name]: "true" });
    expect([status, error.code, error.param]).toEqual([400, "parameter_unknown", name]);
  }
});

test.each([
  "example.com/hook",
  "localhost:3000",
  "ftp://example.com",
  "http://localhost:3000",
  "https://127.0.0.1/x",
  "https://10.1.2.3/",
  "https://172.31.0.1/",
  "https://192.168.1.1/",
  "https://169.254.169.254/",
  "https://[::1]/",
  "https://[fd00::1]/",
  "https://intranet/",
  "https://api.localhost/",
  "https://",
])("the URL %s is refused", async (url) => {
  const { status, error } = await create({ url });
  expect([status, error.type, error.param]).toEqual([400, "invalid_request_error", "url"]);
  expect(error.message).toMatch(/^Invalid URL: /);
});

test("private addresses pass when the option allows them; http is refused in live mode", async () => {
  const live = await startEmulator({ livemode: true, allowLocalUrls: true });
  const local = await send(live, "POST", path, { ...hookForm, url: "https://localhost:8443/hook" });
  expect(local.body).toMatchObject({ livemode: true, url: "https://localhost:8443/hook" });
  expect((await send(live, "POST", path, { ...hookForm, url: "http://example.com" })).error.param).toBe("url");
  await live.close();
});

test("the seventeenth endpoint is refused without a code, and a deletion makes room", async () => {
  const ids: unknown[] = [];
  for (let count = 0; count < 16; count += 1) ids.push((await create()).body["id"]);
  const refused = await create();
  expect(refused.status).toBe(400);
  expect(refused.error).toMatchObject({
    type: "invalid_request_error",
    message: "You have reached the maximum of 16 test webhook endpoints.",
  });
  expect(refused.error.code).toBeUndefined();
  await send(emulator, "DELETE", `${path}/${String(ids[0])}`);
  expect((await create()).status).toBe(200);
});

test("what the Dashboard does is an edit: endpoint disabled, secret rolled", async () => {
  const id = String((await create()).body["id"]);
  expect(emulator.edit("webhook_endpoint", id, { status: "disabled" })["status"]).toBe("disabled");
  expect(emulator.edit("webhook_endpoint", id, { secret: "whsec_rolled" })["secret"]).toBeUndefined();
  expect((await send(emulator, "GET", `${path}/${id}`)).body["status"]).toBe("disabled");
  expect(() => emulator.edit("webhook_endpoint", id, { colour: 1 })).toThrow("no field 'colour'");
  expect(() => emulator.edit("webhook_endpoint", "we_none", {})).toThrow("no webhook_endpoint 'we_none'");
  expect(() => emulator.edit("webhook", id, {})).toThrow("no kind 'webhook'");
  expect(() => emulator.objects("nonsense")).toThrow("no kind 'nonsense'");
});
