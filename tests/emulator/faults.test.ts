import { connect } from "node:net";
import { startEmulator, type Emulator, type FaultRule } from "../../emulator";
import { hookForm, send } from "./client";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const path = "/v1/webhook_endpoints";
const create = (key = "k") => send(emulator, "POST", path, hookForm, { "idempotency-key": key });
const count = () => emulator.objects("webhook_endpoint").length;

test("cut-before: nothing happened, and the retry is a first request", async () => {
  emulator.fail({ method: "POST", path, with: "cut-before" });
  await expect(create()).rejects.toThrow("fetch failed");
  expect(count()).toBe(0);
  const retry = await create();
  expect([retry.status, retry.headers.get("idempotent-replayed")]).toEqual([200, null]);
  expect(emulator.requests().map(({ status, fault }) => [status, fault])).toEqual([
    [0, "cut-before"],
    [200, undefined],
  ]);
});

test("cut-after-commit: the object is there, and the retry learns of it", async () => {
  emulator.fail({ method: "POST", path, times: 1, with: "cut-after-commit" });
  await expect(create()).rejects.toThrow("fetch failed");
  const [made] = emulator.objects("webhook_endpoint");
  const retry = await create();
  expect([retry.status, retry.headers.get("idempotent-replayed"), retry.body["id"]]).toEqual([200, "true", made?.id]);
  expect(retry.body["secret"]).toMatch(/^whsec_/);
  expect(count()).toBe(1);
});

test("partial-body: half a JSON under its full length", async () => {
  emulator.fail({ with: "partial-body" });
  await expect(create()).rejects.toThrow();
  expect(count()).toBe(1);
  expect((await create()).headers.get("idempotent-replayed")).toBe("true");
});

test.each([
  [undefined, 0],
  [true, 1],
])("hang with stored %s leaves %i objects and ends with the emulator", async (stored, objects) => {
  const own = await startEmulator();
  own.fail({ with: "hang", ...(stored !== undefined && { stored }) });
  const waiting = send(own, "POST", path, hookForm).then(
    () => "answered",
    () => "ended",
  );
  while (own.requests().length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(own.objects("webhook_endpoint")).toHaveLength(objects);
  await own.close();
  expect(await waiting).toBe("ended");
});

test("close() ends slow answers too", async () => {
  const own = await startEmulator();
  own.fail({ with: "slow:600000" });
  const waiting = send(own, "GET", path).then(
    () => "answered",
    () => "ended",
  );
  while (own.requests().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await own.close();
  expect(await waiting).toBe("ended");
});

test("slow: executed at once, answered later", async () => {
  emulator.fail({ with: "slow:20" });
  const before = performance.now();
  expect((await create()).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThanOrEqual(18);
});

test("drip: executed at once, answered byte by byte", async () => {
  emulator.fail({ with: "drip:0" });
  const { body } = await fetch(`${emulator.url}${path}`, { headers: { authorization: `Bearer ${emulator.apiKey}` } });
  const pieces: Uint8Array[] = [];
  for await (const piece of body ?? []) pieces.push(piece as Uint8Array);
  expect(JSON.parse(Buffer.concat(pieces).toString())).toMatchObject({ object: "list", data: [] });
  expect(pieces.length).toBeGreaterThan(5);
  emulator.fail({ method: "POST", path, with: "drip:600000" });
  const abandoned = new AbortController();
  const waiting = fetch(`${emulator.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${emulator.apiKey}`, "idempotency-key": "k" },
    body: new URLSearchParams(hookForm),
    signal: abandoned.signal,
  });
  expect((await waiting).status).toBe(200);
  abandoned.abort();
  expect((await create()).headers.get("idempotent-replayed")).toBe("true");
  expect(count()).toBe(1);
});

test("a 500 before execution is not kept", async () => {
  emulator.fail({ with: 500 });
  const failed = await create();
  expect([failed.status, failed.error.type]).toEqual([500, "api_error"]);
  expect(failed.headers.get("request-id")).toMatch(/^req_/);
  expect(count()).toBe(0);
  expect((await create()).status).toBe(200);
});

test("a stored 500 left its object behind and is replayed", async () => {
  emulator.fail({ with: 500, stored: true });
  expect((await create()).status).toBe(500);
  expect(count()).toBe(1);
  const replay = await create();
  expect([replay.status, replay.headers.get("idempotent-replayed")]).toEqual([500, "true"]);
  expect((await create("fresh")).status).toBe(200);
  expect(count()).toBe(2);
});

test("a stored 500 without its object, and a stored 402", async () => {
  emulator.fail({ with: 500, stored: true, committed: false });
  emulator.fail({ with: 402, stored: true });
  expect((await create("a")).status).toBe(500);
  expect((await create("b")).status).toBe(402);
  expect(count()).toBe(0);
  expect((await create("a")).headers.get("idempotent-replayed")).toBe("true");
  expect((await create("b")).status).toBe(402);
});

test("a 429 says why", async () => {
  emulator.fail({ with: 429 });
  const limited = await create();
  expect([limited.status, limited.error.code, limited.headers.get("stripe-rate-limited-reason")]).toEqual([
    429,
    "rate_limit",
    "global-rate",
  ]);
});

test("a header of a fault takes the place of the usual one, however it is written", async () => {
  const headers = { "content-type": "text/html; charset=latin1", "request-id": "req_of_a_proxy" };
  emulator.fail({ with: 502, body: "<html>", headers });
  const answer = await fetch(emulator.url + path, { headers: { authorization: `Bearer ${emulator.apiKey}` } });
  expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
});

test("a lock timeout, headers and a proxy's page can be told in full", async () => {
  emulator.fail({ with: 429, body: { error: { code: "lock_timeout" } }, headers: { "Stripe-Should-Retry": "true" } });
  const locked = await create();
  expect([
    locked.error.code,
    locked.headers.get("stripe-should-retry"),
    locked.headers.get("stripe-rate-limited-reason"),
  ]).toEqual(["lock_timeout", "true", null]);
  emulator.fail({ with: 502, body: "<html>Bad gateway</html>" });
  const page = await fetch(emulator.url + path, { headers: { authorization: `Bearer ${emulator.apiKey}` } });
  expect([page.status, page.headers.get("content-type"), await page.text()]).toEqual([
    502,
    "text/html",
    "<html>Bad gateway</html>",
  ]);
});

test("rules are tried in order, counted, skipped and matched by method, template and condition", async () => {
  const statusOf = async (method: string, target: string, form?: Record<string, string>) =>
    (await send(emulator, method, target, form)).status;
  emulator.fail({ method: "post", path: "/v1/climate/orders/:id/cancel", with: 503 });
  emulator.fail({ method: "GET", path, times: 2, skip: 1, with: 500 });
  emulator.fail({ method: "GET", path, times: Infinity, with: 502 });
  emulator.fail({ when: ({ params }) => params["description"] === "bad", with: 504 });

  expect(await statusOf("POST", "/v1/climate/orders", {})).toBe(400);
  expect(await statusOf("POST", "/v1/climate/orders/climorder_1/cancel")).toBe(503);
  expect(await statusOf("POST", "/v1/climate/orders/climorder_1/cancel")).toBe(404);
  const reads: number[] = [];
  for (let read = 0; read < 5; read += 1) reads.push(await statusOf("GET", path));
  expect(reads).toEqual([502, 500, 500, 502, 502]);
  expect(await statusOf("POST", path, hookForm)).toBe(200);
  expect(await statusOf("POST", path, { ...hookForm, description: "bad" })).toBe(504);
  emulator.reset();
  expect(await statusOf("GET", path)).toBe(200);
});

test.each([
  { with: 99 },
  { with: 600 },
  { with: 500.5 },
  { with: "slow:" },
  { with: "slow:-1" },
  { with: "explode" },
  { with: 429, stored: true },
  { with: 500, times: -1 },
  { with: 500, times: NaN },
  { with: 500, skip: 0.5 },
  // A timer that is told to wait longer than this waits a millisecond.
  { with: "slow:2147483648" },
  { with: 500, headers: { "no name": "x" } },
  { with: 500, headers: { x: "a\nb" } },
  { with: 500, headers: { "transfer-encoding": "chunked" } },
  { with: 500, headers: { "Content-Length": "5" } },
])("the rule %j is refused", (rule) => {
  expect(() => emulator.fail(rule as FaultRule)).toThrow(TypeError);
});

test("a cut is a cut on the wire: no byte of an answer", async () => {
  emulator.fail({ with: "cut-after-commit" });
  const received = await new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(emulator.port, "127.0.0.1", () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${emulator.apiKey}\r\n\r\n`);
    });
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
  expect(received).toBe("");
});

test("a condition that throws fails its request, not the process", async () => {
  emulator.fail({
    when: () => {
      throw new Error("mistaken");
    },
    with: 500,
  });
  const failed = await create();
  expect([failed.status, failed.error.message]).toEqual([500, "Emulator: Error: mistaken"]);
});

test("late: the key is in use until the request is executed, which nobody waits for", async () => {
  emulator.fail({ method: "POST", path, with: "late:1000" });
  const abandoned = new AbortController();
  const first = fetch(`${emulator.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${emulator.apiKey}`, "idempotency-key": "k" },
    body: new URLSearchParams(hookForm),
    signal: abandoned.signal,
  }).catch(() => "given up");
  while (emulator.requests().length === 0) await new Promise((resolve) => setImmediate(resolve));
  abandoned.abort();
  expect(await first).toBe("given up");
  expect((await create()).status).toBe(409);
  expect(count()).toBe(0);
  while (count() === 0) await new Promise((resolve) => setImmediate(resolve));
  const retry = await create();
  expect([retry.status, retry.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
  expect(count()).toBe(1);
});
