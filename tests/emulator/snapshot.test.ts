import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, send } from "./client";

const start = 1_800_000_000_000;
const settings = { now: () => start, apiKey: "sk_test_snapshot", accountId: "acct_1Snapshot" };
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator(settings);
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const endpoints = "/v1/webhook_endpoints";
const create = (to: Emulator, key: string) => send(to, "POST", endpoints, hookForm, { "idempotency-key": key });
const order = { product: "climsku_biochar_spot", metric_tons: "0.5", currency: "usd" };
const sessionForm = { type: "document" };

test("brings back objects, secrets, money, kept answers, forwarded calls and the time that was passed", async () => {
  const first = await create(emulator, "one");
  await send(emulator, "POST", "/v1/climate/orders", order);
  emulator.passTime(3600);
  const before = { all: emulator.objects("climate.order"), balance: await send(emulator, "GET", "/v1/balance") };
  const snapshot = emulator.snapshot();

  await send(emulator, "DELETE", `${endpoints}/${String(first.body.id)}`);
  await send(emulator, "POST", "/v1/climate/orders", order);
  emulator.passTime(25 * 3600);
  emulator.fail({ with: 500 });
  emulator.restore(snapshot);

  expect(emulator.objects("climate.order")).toEqual(before.all);
  expect((await send(emulator, "GET", "/v1/balance")).body).toEqual(before.balance.body);
  expect(emulator.reveal("webhook_endpoint", String(first.body.id))?.secret).toBe(first.body.secret);
  const again = await create(emulator, "one");
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.body).toEqual(first.body);
  const later = await create(emulator, "two");
  expect(later.body.created).toBe(start / 1000 + 3600);
});

test("can be restored as often as one likes, and in another emulator of the same account", async () => {
  const { body } = await create(emulator, "one");
  const snapshot = emulator.snapshot();
  const other = await startEmulator(settings);
  try {
    for (let time = 0; time < 2; time++) {
      other.restore(snapshot);
      expect(other.objects("webhook_endpoint")).toMatchObject([{ id: body.id, status: "enabled" }]);
      await send(other, "POST", `${endpoints}/${String(body.id)}`, { disabled: "true" });
      expect(other.objects("webhook_endpoint")).toMatchObject([{ status: "disabled" }]);
    }
    expect(emulator.objects("webhook_endpoint")).toMatchObject([{ status: "enabled" }]);
  } finally {
    await other.close();
  }
});

test("an object goes on in its life from where it stood", async () => {
  const { body } = await send(emulator, "POST", "/v1/identity/verification_sessions", sessionForm);
  const id = String(body.id);
  await send(emulator, "POST", `/v1/identity/verification_sessions/${id}/redact`);
  const snapshot = emulator.snapshot();
  const status = () => (emulator.objects("identity.verification_session")[0]?.redaction as { status: string }).status;
  expect(status()).toBe("processing");
  emulator.passTime(5 * 24 * 3600);
  expect(status()).toBe("redacted");
  emulator.restore(snapshot);
  expect(status()).toBe("processing");
  emulator.passTime(5 * 24 * 3600);
  expect(status()).toBe("redacted");
});

test("refuses what belongs to an account that it doesn't have, and keeps what it has", async () => {
  const other = await startEmulator();
  try {
    await create(emulator, "one");
    expect(() => emulator.restore(other.snapshot())).toThrow(/has no account/);
    expect(emulator.objects("webhook_endpoint")).toHaveLength(1);
  } finally {
    await other.close();
  }
});
