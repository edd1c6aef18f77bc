import { startEmulator, type AutoAdvance, type Emulator } from "../../emulator";
import { send } from "./client";

const start = 1_800_000_000_000;
let clock = start;
let emulator: Emulator | undefined;
const begin = async (autoAdvance: AutoAdvance): Promise<Emulator> => {
  emulator = await startEmulator({ now: () => clock, autoAdvance });
  return emulator;
};
beforeEach(() => {
  clock = start;
});
afterEach(async () => {
  await emulator?.close();
  emulator = undefined;
});

const session = "identity.verification_session";
const path = "/v1/identity/verification_sessions";
const orders = "/v1/climate/orders";

test("after so many reads the next one shows the step; lists don't count", async () => {
  const stripe = await begin({
    [session]: [
      { to: "processing", afterReads: 2 },
      { to: "requires_input", afterReads: 0, details: { last_error: { code: "document_expired" } } },
      { to: "processing", afterReads: 1 },
      { to: "verified", afterReads: 1 },
    ],
  });
  const { body } = await send(stripe, "POST", path, { type: "document" });
  const seen: unknown[] = [];
  for (let read = 0; read < 6; read += 1) {
    await send(stripe, "GET", path);
    const { body: shown } = await send(stripe, "GET", `${path}/${String(body["id"])}`);
    seen.push(shown["last_error"] === null ? shown["status"] : "failed");
  }
  expect(seen).toEqual(["requires_input", "requires_input", "failed", "processing", "verified", "verified"]);
});

test("after so many seconds everything shows the step, as of its own time", async () => {
  const stripe = await begin({
    [session]: [
      { to: "processing", afterSeconds: 10 },
      { to: "verified", afterSeconds: 20 },
    ],
  });
  const { body } = await send(stripe, "POST", path, { type: "document" });
  clock += 9000;
  expect(stripe.objects(session)[0]?.["status"]).toBe("requires_input");
  clock += 1000;
  expect((await send(stripe, "GET", path)).body["data"]).toMatchObject([{ status: "processing" }]);
  clock += 100_000;
  expect((await send(stripe, "GET", `${path}/${String(body["id"])}`)).body["status"]).toBe("verified");
  expect(stripe.objects("event").map((event) => event["created"])).toEqual(
    [30, 10, 0].map((seconds) => start / 1000 + seconds),
  );
  expect(stripe.objects("event")[0]?.["request"]).toEqual({ id: null, idempotency_key: null });
});

test("a jump over several steps takes all; an object that went another way waits", async () => {
  const stripe = await begin({
    [session]: [
      { to: "processing", afterSeconds: 0 },
      { to: "verified", afterSeconds: 5 },
      { to: "redacted", afterSeconds: 60 },
    ],
  });
  const made = await send(stripe, "POST", path, { type: "document" });
  expect(made.body["status"]).toBe("requires_input");
  const id = String(made.body["id"]);
  expect((await send(stripe, "POST", `${path}/${id}/cancel`)).status).toBe(400);
  clock += 5000;
  expect((await send(stripe, "POST", `${path}/${id}/redact`)).body["redaction"]).toEqual({ status: "processing" });
  clock += 59_000;
  expect(stripe.objects(session)[0]?.["redaction"]).toEqual({ status: "processing" });
  clock += 1000;
  expect(stripe.objects(session)[0]?.["redaction"]).toEqual({ status: "redacted" });
});

test("each object goes at its own pace, in its own account, and a reset forgets", async () => {
  emulator = await startEmulator({
    now: () => clock,
    connectedAccounts: ["acct_other"],
    autoAdvance: { [session]: [{ to: "processing", afterReads: 1 }] },
  });
  const other = { "stripe-account": "acct_other" };
  const read = async (id: unknown, headers = {}) =>
    (await send(emulator as Emulator, "GET", `${path}/${String(id)}`, undefined, headers)).body["status"];
  const one = (await send(emulator, "POST", path, { type: "document" })).body["id"];
  const two = (await send(emulator, "POST", path, { type: "document" }, other)).body["id"];
  expect([await read(one), await read(two, other)]).toEqual(["requires_input", "requires_input"]);
  expect(await read(one)).toBe("processing");
  expect(emulator.objects(session, { account: "acct_other" })[0]?.["status"]).toBe("requires_input");
  expect(await read(two, other)).toBe("processing");
  emulator.reset();
  const three = (await send(emulator, "POST", path, { type: "document" })).body["id"];
  expect(await read(three)).toBe("requires_input");
});

test("climate orders are delayed, delivered or canceled the same way", async () => {
  const stripe = await begin({
    "climate.order": [
      { to: "delayed", afterReads: 1 },
      { to: "delivered", afterSeconds: 3600 },
    ],
  });
  const buy = async () => {
    const form = { product: "climsku_offtake_portfolio_2029", metric_tons: "0.01" };
    return String((await send(stripe, "POST", orders, form)).body["id"]);
  };
  const id = await buy();
  const read = async () => (await send(stripe, "GET", `${orders}/${id}`)).body;
  expect(await read()).toMatchObject({ status: "confirmed", delayed_at: null });
  expect(await read()).toMatchObject({ expected_delivery_year: 2030, delayed_at: start / 1000 });
  clock += 7_200_000;
  expect(await read()).toMatchObject({ status: "delivered", delivered_at: start / 1000 + 3600 });
  expect(() => stripe.advance("climate.order", id, "canceled")).toThrow("is delivered");
  const second = await buy();
  expect(stripe.advance("climate.order", second, "canceled")).toMatchObject({
    status: "canceled",
    cancellation_reason: "product_unavailable",
  });
  const third = await buy();
  stripe.advance("climate.order", third, "canceled", { cancellation_reason: "expired" });
  expect(stripe.objects("event").slice(0, 3)).toMatchObject([
    { type: "climate.order.canceled", data: { object: { id: third, cancellation_reason: "expired" } } },
    { type: "climate.order.created" },
    { type: "climate.order.canceled" },
  ]);
});

test.each([
  [{ nonsense: [] }, /no kind 'nonsense' with steps/],
  [{ webhook_endpoint: [] }, /no kind 'webhook_endpoint' with steps/],
  [{ [session]: [{ to: "famous", afterReads: 1 }] }, /no step to 'famous'/],
  [{ [session]: [{ to: "processing" }] }, /afterReads or afterSeconds/],
  [{ [session]: [{ to: "processing", afterReads: -1 }] }, /whole numbers/],
  [{ [session]: [{ to: "processing", afterSeconds: 0.5 }] }, /whole numbers/],
])("%j is no script", async (autoAdvance, message) => {
  await expect(startEmulator({ autoAdvance: autoAdvance as unknown as AutoAdvance })).rejects.toThrow(message);
});
