import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startEmulator, type Emulator } from "../../emulator";
import { controlRoutes } from "../../emulator/control";
import { hookForm, send } from "./client";

const start = 1_800_000_000_000;
let clock = start;
let emulator: Emulator;
const logged: string[] = [];
beforeAll(async () => {
  emulator = await startEmulator({
    now: () => clock,
    apiKeys: ["sk_test_second"],
    restrictedKeys: { rk_test_narrow: [] },
    connectedAccounts: ["acct_other"],
    maxBodyBytes: 10_000,
    log: ({ path }) => logged.push(path),
    autoAdvance: { "climate.order": [{ to: "delivered", afterSeconds: 3600 }] },
  });
});
beforeEach(() => {
  clock = start;
  emulator.reset();
  logged.length = 0;
});
afterAll(() => emulator.close());

const session = "identity.verification_session";
const sessions = "/v1/identity/verification_sessions";

/** What curl sends: its `-d` calls anything a form. */
async function control(method: string, path: string, body?: unknown, key: string | undefined = emulator.apiKey) {
  const response = await fetch(`${emulator.url}/_emulator/${path}`, {
    method,
    headers: {
      ...(key !== "" && { authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` }),
      ...(body !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { error?: { message: string }; data?: unknown } & Record<string, unknown>;
  return { status: response.status, body: answer, message: answer.error?.message };
}

const open = async (headers = {}) =>
  String((await send(emulator, "POST", sessions, { type: "document" }, headers)).body["id"]);
const order = async () => {
  const form = { product: "climsku_offtake_portfolio_2029", metric_tons: "0.01" };
  return String((await send(emulator, "POST", "/v1/climate/orders", form)).body["id"]);
};

test("advance takes a step, as the library does, and answers with the object", async () => {
  const id = await open();
  const taken = await control("POST", "advance", { kind: session, id, to: "processing" });
  expect(taken).toMatchObject({ status: 200, body: { id, status: "processing" } });
  const failed = await control("POST", "advance", {
    kind: session,
    id,
    to: "requires_input",
    details: { last_error: { code: "document_expired", reason: "" } },
  });
  expect(failed.body).toMatchObject({ status: "requires_input", last_error: { code: "document_expired" } });
  expect((await send(emulator, "GET", `${sessions}/${id}`)).body["status"]).toBe("requires_input");
});

test("advance and objects reach connected accounts by name", async () => {
  const id = await open({ "stripe-account": "acct_other" });
  expect((await control("GET", `objects?kind=${session}`)).body).toEqual({ data: [] });
  const step = { kind: session, id, to: "processing", account: "acct_other" };
  expect((await control("POST", "advance", step)).body["status"]).toBe("processing");
  const { body } = await control("GET", `objects?kind=${session}&account=acct_other`);
  expect(body.data).toMatchObject([{ id, status: "processing" }]);
});

test.each<[string, unknown, number, RegExp]>([
  ["advance", { id: "x", to: "y" }, 400, /"kind" is missing/],
  ["advance", { kind: 1, id: "x", to: "y" }, 400, /"kind" must be a string, got 1/],
  ["advance", { kind: session, id: "x", to: "y", details: [] }, 400, /"details" must be an object/],
  ["advance", { kind: session, id: "x", to: "y", status: "z" }, 400, /"status" is not known; it takes kind, id/],
  ["advance", { kind: session, id: "x", to: "y", toString: 1 }, 400, /"toString" is not known/],
  ["advance", { kind: "nonsense", id: "x", to: "y" }, 404, /no kind 'nonsense'/],
  ["advance", { kind: session, id: "vs_none", to: "processing" }, 404, /no identity.verification_session 'vs_none'/],
  ["advance", { kind: session, id: "x", to: "y", account: "acct_none" }, 404, /no account 'acct_none'/],
  ["advance", "kind=climate.order", 400, /must be JSON/],
  ["advance", "[]", 400, /must be a JSON object/],
  ["advance", "null", 400, /must be a JSON object/],
  ["advance", "", 400, /"kind" is missing/],
  ["pass-time", { seconds: -1 }, 400, /"seconds" must be a number from 0 on/],
  ["pass-time", { seconds: "60" }, 400, /"seconds" must be a number, got "60"/],
  ["pass-time", { seconds: 1e20 }, 400, /within what dates can tell/],
  ["pass-time", {}, 400, /"seconds" is missing/],
  ["fail", {}, 400, /"with" is missing/],
  ["fail", { with: "explode" }, 400, /unknown fault "explode"/],
  ["fail", { with: 700 }, 400, /between 200 and 599/],
  ["fail", { with: 500, path: 3 }, 400, /"path" must be a string/],
  ["fail", { with: 500, when: "always" }, 400, /"when" is not known/],
  ["fail", { with: 500, times: 0.5 }, 400, /whole number/],
  ["fail", { with: 500, headers: { "Retry-After": 1 } }, 400, /"headers" must hold nothing but texts/],
  ["reset", { all: true }, 400, /"all" is not known; nothing is taken/],
  ["resets", {}, 404, /no POST \/_emulator\/resets; it has POST \/_emulator\/advance/],
  ["objects", {}, 404, /no POST \/_emulator\/objects/],
])("%s with %j is refused", async (path, body, status, message) => {
  const refused = await control("POST", path, body);
  expect(refused.status).toBe(status);
  expect(refused.message).toMatch(message);
});

test("a step that doesn't begin where the object stands, or that isn't there, says so", async () => {
  const id = await open();
  const step = (to: string, details = {}) => control("POST", "advance", { kind: session, id, to, details });
  expect(await step("verified")).toMatchObject({
    status: 400,
    message: expect.stringContaining("can't go to 'verified'") as string,
  });
  expect(await step("famous")).toMatchObject({
    status: 400,
    message: expect.stringContaining("no step to 'famous'") as string,
  });
  expect(await step("processing", { hat: 1 })).toMatchObject({
    status: 400,
    message: expect.stringContaining("no field 'hat'") as string,
  });
  expect((await control("GET", "objects")).message).toBe('"kind" is missing');
  expect((await control("GET", "objects?kind=nonsense")).status).toBe(404);
  expect((await control("POST", "fail", { with: 500, body: "x".repeat(20_000) })).status).toBe(413);
  expect(emulator.objects(session)[0]?.["status"]).toBe("requires_input");
});

test("a key is needed, any that the emulator knows", async () => {
  for (const key of ["", "sk_test_stranger"]) {
    const refused = await control("POST", "reset", undefined, key);
    expect([key, refused.status]).toEqual([key, 401]);
    expect(refused.message).not.toContain("stranger");
  }
  for (const key of [emulator.apiKey, "sk_test_second", "rk_test_narrow"]) {
    expect([key, (await control("GET", "requests", undefined, key)).status]).toEqual([key, 200]);
  }
});

test("passing time brings what it would have brought, with its own times", async () => {
  const id = await order();
  expect(await control("POST", "pass-time", { seconds: 3599 })).toMatchObject({
    status: 200,
    body: { now: start / 1000 + 3599 },
  });
  expect(emulator.objects("climate.order")[0]?.["status"]).toBe("confirmed");
  await control("POST", "pass-time", { seconds: 0 });
  await control("POST", "pass-time", { seconds: 0.5 });
  await control("POST", "pass-time", { seconds: 86_400 });
  const { body } = await send(emulator, "GET", `/v1/climate/orders/${id}`);
  expect(body).toMatchObject({ status: "delivered", delivered_at: start / 1000 + 3600 });
  expect(await send(emulator, "POST", "/v1/webhook_endpoints", hookForm)).toMatchObject({
    body: { created: start / 1000 + 3599 + 86_400 },
  });
});

test("the library passes time on top of its clock, in every account, until a reset", async () => {
  const other = { "stripe-account": "acct_other" };
  const redacted = await open(other);
  await send(emulator, "POST", `${sessions}/${redacted}/redact`, undefined, other);
  clock += 1000;
  emulator.passTime(4 * 24 * 60 * 60 - 2);
  const redaction = () => emulator.objects(session, { account: "acct_other" })[0]?.["redaction"];
  expect(redaction()).toEqual({ status: "processing" });
  emulator.passTime(1);
  expect(redaction()).toEqual({ status: "redacted" });
  for (const seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => emulator.passTime(seconds)).toThrow(TypeError);
  }
  emulator.reset();
  await send(emulator, "POST", "/v1/webhook_endpoints", hookForm);
  expect(emulator.objects("webhook_endpoint")[0]?.["created"]).toBe(start / 1000 + 1);
});

test("idempotency keys age with the time that is passed", async () => {
  const repeat = () => send(emulator, "POST", "/v1/webhook_endpoints", hookForm, { "idempotency-key": "once" });
  const first = (await repeat()).body["id"];
  await control("POST", "pass-time", { seconds: 3600 });
  expect((await repeat()).body["id"]).toBe(first);
  await control("POST", "pass-time", { seconds: 86_400 });
  expect((await repeat()).body["id"]).not.toBe(first);
});

test("faults are armed, and never meet a control request", async () => {
  expect(await control("POST", "fail", { with: 503, times: 2, headers: { "Retry-After": "1" }, body: "down" })).toEqual(
    {
      status: 200,
      body: {},
      message: undefined,
    },
  );
  expect((await control("GET", "objects?kind=event")).status).toBe(200);
  const met = await fetch(`${emulator.url}/v1/balance`, { headers: { authorization: `Bearer ${emulator.apiKey}` } });
  expect([met.status, met.headers.get("retry-after"), await met.text()]).toEqual([503, "1", "down"]);
  await control("POST", "reset");
  expect((await send(emulator, "GET", "/v1/balance")).status).toBe(200);
});

test("requests are Stripe's only, the key masked; a reset empties all", async () => {
  await open();
  const { body } = await control("GET", "requests");
  expect(body.data).toMatchObject([{ method: "POST", path: sessions, params: { type: "document" }, status: 200 }]);
  expect(JSON.stringify(body)).not.toContain(emulator.apiKey);
  await control("POST", "advance", "not JSON");
  expect(emulator.requests().map(({ path }) => path)).toEqual([sessions]);
  expect(logged).toEqual([sessions]);
  expect((await control("POST", "reset", "")).status).toBe(200);
  expect((await control("GET", "requests")).body).toEqual({ data: [] });
  expect((await control("GET", `objects?kind=${session}`)).body).toEqual({ data: [] });
});

test("docs/emulator.md has a row for each route, with what it takes", () => {
  const text = readFileSync(join(__dirname, "../../docs/emulator.md"), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+ \/_emulator\/\S+)` \| (.*?) \|/gm)].map(([, route, takes]) => [
    route,
    takes,
  ]);
  const taken = Object.entries(controlRoutes).map(([route, { fields, required }]) => {
    const names = Object.keys(fields).map((field) => `\`${field}${required.includes(field) ? "" : "?"}\``);
    return [route, names.length === 0 ? "nothing" : names.join(", ")];
  });
  const sorted = (table: (string | undefined)[][]) => table.map(([route, takes]) => [route, takes?.split(", ").sort()]);
  // The stream is served beside them, as it never ends.
  const all = [...taken, ["GET /_emulator/stream", "nothing"]];
  expect(new Map(sorted(rows) as [string, unknown][])).toEqual(new Map(sorted(all) as [string, unknown][]));
  expect(rows).toHaveLength(all.length);
});

test("a retried control request does again what it did: no idempotency key is heeded", async () => {
  const headers = { authorization: `Bearer ${emulator.apiKey}`, "idempotency-key": "once" };
  for (let sent = 0; sent < 2; sent += 1) {
    await fetch(`${emulator.url}/_emulator/pass-time`, { method: "POST", headers, body: `{"seconds":10}` });
  }
  await send(emulator, "POST", "/v1/webhook_endpoints", hookForm);
  expect(emulator.objects("webhook_endpoint")[0]?.["created"]).toBe(start / 1000 + 20);
});
