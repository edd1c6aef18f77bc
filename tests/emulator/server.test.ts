import { connect } from "node:net";
import { startEmulator, type Emulator, type LoggedRequest } from "../../emulator";
import { hookForm, send } from "./client";

let emulator: Emulator;
const seen: LoggedRequest[] = [];
beforeAll(async () => {
  emulator = await startEmulator({
    now: () => 1_800_000_000_123,
    requestTimeoutMs: 200,
    maxBodyBytes: 10_000,
    log: (request) => seen.push(request),
  });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const path = "/v1/webhook_endpoints";

/** Everything the server sends until it closes the connection. */
function speak(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(emulator.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}

test("every answer names its request, its version and its type", async () => {
  const plain = await send(emulator, "GET", path);
  expect(plain.headers.get("request-id")).toMatch(/^req_[A-Za-z0-9]{14}$/);
  expect(plain.headers.get("stripe-version")).toBe("2026-10-28.endive");
  expect(plain.headers.get("content-type")).toBe("application/json");
  const pinned = await send(emulator, "GET", `${path}/we_none`, undefined, { "stripe-version": "2024-06-20" });
  expect(pinned.headers.get("stripe-version")).toBe("2024-06-20");
  expect(pinned.error.doc_url).toBe("https://stripe.com/docs/error-codes/resource-missing");
  expect(pinned.error.request_log_url).toBe(
    `https://dashboard.stripe.com/test/logs/${pinned.headers.get("request-id")}?t=1800000000`,
  );
  expect((await send(emulator, "GET", path, undefined, { "stripe-version": "yesterday" })).status).toBe(400);
});

test.each([
  ["GET", "/v1/nonsense"],
  ["POST", "/"],
  ["GET", "/v1"],
  ["PUT", path],
  ["PATCH", `${path}/we_1`],
  ["DELETE", path],
  ["GET", `${path}/we_1/secret`],
  ["GET", `${path}/%E0%A4%A`],
])("%s %s is no URL of Stripe's", async (method, target) => {
  const { status, error } = await send(emulator, method, target);
  expect([status, error.type]).toEqual([404, "invalid_request_error"]);
  expect(error.message).toContain(`Unrecognized request URL (${method}: ${target})`);
});

test.each([
  ["GET", "/v1/coupons"],
  ["POST", "/v1/coupons/co_1"],
  ["GET", "/v1/products/search"],
  ["GET", "/v1/prices/search"],
  ["GET", "/v1/products/prod_1/features"],
  ["DELETE", "/v1/products/prod_1/features/prodft_1"],
  ["POST", "/v1/accounts"],
  ["POST", "/v1/payment_intents"],
  ["POST", "/v1/test_helpers/test_clocks/clock_1/advance"],
  ["GET", "/v1/balance/history"],
])("%s %s is Stripe's, but not built: 501, not to be retried", async (method, target) => {
  const { status, error, headers } = await send(emulator, method, target);
  expect([status, error.type, headers.get("stripe-should-retry")]).toEqual([501, "api_error", "false"]);
  expect(error.message).toContain("Not built in this emulator");
});

test("doubled slashes count as one; ids are unescaped", async () => {
  expect((await send(emulator, "GET", "/v1//webhook_endpoints")).status).toBe(200);
  expect((await send(emulator, "GET", `${path}/a%2Fb`)).error.message).toBe("No such webhook endpoint: 'a/b'");
});

test("the log holds what was asked and answered", async () => {
  seen.length = 0;
  await send(emulator, "POST", `${path}?expand[]=x`, { ...hookForm, "metadata[k]": "" }, { "idempotency-key": "k" });
  await send(emulator, "GET", `${path}?limit=3`);
  const [first, second] = emulator.requests();
  expect(first).toMatchObject({
    method: "POST",
    path,
    query: { expand: ["x"] },
    params: { url: "https://example.com/hook", enabled_events: ["charge.failed"], metadata: { k: "" } },
    headers: { "idempotency-key": "k" },
    status: 400,
    requestId: expect.stringMatching(/^req_/) as string,
    idempotencyKey: "k",
    replayed: false,
    at: 1_800_000_000_123,
  });
  expect(second).toMatchObject({ method: "GET", query: { limit: "3" }, params: {}, status: 200 });
  expect(seen).toEqual(emulator.requests());
});

test("a huge body is refused", async () => {
  const { status, error } = await send(emulator, "POST", path, { ...hookForm, description: "x".repeat(20_000) });
  expect([status, error.type]).toEqual([413, "invalid_request_error"]);
  await expect(send(emulator, "POST", path, "x".repeat(10_000 * 65))).rejects.toThrow("fetch failed");
  expect((await send(emulator, "GET", path)).status).toBe(200);
});

test("JSON is not taken for a form", async () => {
  const { status, error } = await send(emulator, "POST", path, '{"url":"https://example.com"}', {
    "content-type": "application/json",
  });
  expect(status).toBe(400);
  expect(error.message).toContain("application/json");
});

test("a client that never finishes its request is cut off", async () => {
  expect(await speak(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nurl=`)).toMatch(
    /^HTTP\/1\.1 408 /,
  );
  expect(await speak("GET /v1/acc")).toMatch(/^HTTP\/1\.1 408 /);
});

test("bytes that are no HTTP end with a 400, and the server lives on", async () => {
  expect(await speak("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  expect(await speak(`GET /${"x".repeat(20_000)} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect((await send(emulator, "GET", path)).status).toBe(200);
});

test("it starts in well under 0.3 s", async () => {
  const before = performance.now();
  const own = await startEmulator();
  await fetch(own.url);
  expect(performance.now() - before).toBeLessThan(300);
  await own.close();
});

test("reset forgets objects, keys, faults and the log", async () => {
  await send(emulator, "POST", path, hookForm, { "idempotency-key": "k" });
  emulator.fail({ with: 500 });
  emulator.setBalance("usd", 1);
  emulator.reset();
  expect(emulator.requests()).toEqual([]);
  const fresh = await send(emulator, "POST", path, hookForm, { "idempotency-key": "k" });
  expect([fresh.status, fresh.headers.get("idempotent-replayed")]).toEqual([200, null]);
  expect(emulator.objects("webhook_endpoint")).toHaveLength(1);
  expect((await send(emulator, "GET", "/v1/balance")).body).toMatchObject({
    available: [{ amount: 10_000_000 }, {}, {}],
  });
  expect(emulator.apiKey).toMatch(/^sk_test_/);
});
