import { startEmulator, type Emulator } from "../../emulator";
import { IdempotencyTable } from "../../emulator/idempotency";
import { hookForm, send } from "./client";

let clock = 1_800_000_000_000;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock, connectedAccounts: ["acct_connected"] });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const path = "/v1/webhook_endpoints";
const create = (key: string, form: string | Record<string, string> = hookForm, headers: Record<string, string> = {}) =>
  send(emulator, "POST", path, form, { "idempotency-key": key, ...headers });
const count = (account?: string) =>
  emulator.objects("webhook_endpoint", account === undefined ? {} : { account }).length;

test("the first answer is replayed, secret included, and says so", async () => {
  const first = await create("k");
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(first.headers.get("idempotency-key")).toBe("k");
  const replay = await create("k");
  expect(replay.body).toEqual(first.body);
  expect(replay.headers.get("idempotent-replayed")).toBe("true");
  expect(replay.headers.get("idempotency-key")).toBe("k");
  expect(replay.headers.get("request-id")).not.toBe(first.headers.get("request-id"));
  expect(count()).toBe(1);
  expect(emulator.requests().map((request) => [request.idempotencyKey, request.replayed])).toEqual([
    ["k", false],
    ["k", true],
  ]);
});

test("a replay is what was, not what is", async () => {
  const first = await create("k");
  await send(emulator, "DELETE", `${path}/${String(first.body["id"])}`);
  expect((await create("k")).body).toEqual(first.body);
  expect(count()).toBe(0);
});

test("the order of parameters and the spelling of brackets don't make another request", async () => {
  await create("k", "url=https%3A%2F%2Fexample.com&enabled_events[0]=charge.failed");
  const replay = await create("k", "enabled_events%5B%5D=charge.failed&url=https://example.com");
  expect(replay.headers.get("idempotent-replayed")).toBe("true");
});

test("the same key for other parameters or another path is refused", async () => {
  const first = await create("k");
  for (const refused of [
    await create("k", { ...hookForm, description: "other" }),
    await create("k", { nonsense: "1" }),
    await send(emulator, "POST", `${path}/${String(first.body["id"])}`, hookForm, { "idempotency-key": "k" }),
  ]) {
    expect([refused.status, refused.error.type, refused.error.code]).toEqual([400, "idempotency_error", undefined]);
    expect(refused.error.message).toContain("same parameters they were first used with");
  }
  expect(count()).toBe(1);
});

test("a refusal after execution began is kept", async () => {
  for (let made = 0; made < 16; made += 1) await send(emulator, "POST", path, hookForm);
  const full = await create("k");
  expect(full.status).toBe(400);
  emulator.reset();
  for (let made = 0; made < 16; made += 1) await send(emulator, "POST", path, hookForm);
  await create("k");
  await send(emulator, "DELETE", `${path}/${String(emulator.objects("webhook_endpoint")[0]?.id)}`);
  const replay = await create("k");
  expect([replay.status, replay.headers.get("idempotent-replayed")]).toEqual([400, "true"]);
  expect((await create("fresh")).status).toBe(200);
});

test("refused parameters, a wrong key and a 429 are not kept", async () => {
  expect((await create("k", { ...hookForm, connect: "maybe" })).status).toBe(400);
  expect((await create("k", hookForm, { authorization: "Bearer sk_test_wrong_wrong" })).status).toBe(401);
  emulator.fail({ with: 429 });
  expect((await create("k")).status).toBe(429);
  const made = await create("k");
  expect([made.status, made.headers.get("idempotent-replayed")]).toEqual([200, null]);
});

test("a key is in use while its first request is being answered", async () => {
  emulator.fail({ with: "slow:150" });
  const first = create("k");
  while (emulator.requests().length === 0) await new Promise((resolve) => setImmediate(resolve));
  const second = await create("k");
  expect([second.status, second.error.code]).toEqual([409, "idempotency_key_in_use"]);
  const made = await first;
  expect((await create("k")).body).toEqual(made.body);
  expect(count()).toBe(1);
});

test("a key lives for 24 hours", async () => {
  const first = await create("k");
  clock += 24 * 3_600_000 - 1;
  expect((await create("k")).body).toEqual(first.body);
  clock += 1;
  const later = await create("k");
  expect(later.body["id"]).not.toBe(first.body["id"]);
  expect(count()).toBe(2);
});

test("keys mean nothing to GET and DELETE", async () => {
  const id = String((await create("k")).body["id"]);
  const headers = { "idempotency-key": "k" };
  const read = await send(emulator, "GET", `${path}/${id}`, undefined, headers);
  expect([read.status, read.headers.get("idempotent-replayed"), read.headers.get("idempotency-key")]).toEqual([
    200,
    null,
    null,
  ]);
  expect((await send(emulator, "DELETE", `${path}/${id}`, undefined, headers)).body["deleted"]).toBe(true);
  expect((await send(emulator, "DELETE", `${path}/${id}`, undefined, headers)).status).toBe(404);
});

test("accounts have keys and objects of their own", async () => {
  const own = await create("k");
  const other = await create("k", hookForm, { "stripe-account": "acct_connected" });
  expect(other.body["id"]).not.toBe(own.body["id"]);
  expect([count(), count("acct_connected")]).toEqual([1, 1]);
  const foreign = await send(emulator, "GET", `${path}/${String(own.body["id"])}`, undefined, {
    "stripe-account": "acct_connected",
  });
  expect(foreign.status).toBe(404);
});

test("an overlong key is refused, an empty one is none", async () => {
  expect((await create("k".repeat(256))).status).toBe(400);
  await create("");
  await create("");
  expect(count()).toBe(2);
});

test("kept answers of any size have an end: the oldest go first", () => {
  const table = new IdempotencyTable(() => 0);
  const body = "x".repeat(1024 * 1024);
  for (let at = 0; at < 200; at += 1) table.keep(`key ${at}`, "same", { status: 200, body, headers: {} }, 1000)();
  expect(table.entries().length).toBeLessThan(70);
  expect(table.find("key 199", "same")?.body).toHaveLength(body.length);
  expect(table.find("key 0", "same")).toBeUndefined();
  const restored = new IdempotencyTable(() => 0, table.entries());
  for (let at = 200; at < 210; at += 1) restored.keep(`key ${at}`, "same", { status: 200, body, headers: {} }, 1000);
  expect(restored.entries().length).toBeLessThan(70);
});
