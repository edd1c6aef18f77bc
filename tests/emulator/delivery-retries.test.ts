import { startEmulator } from "../../emulator";
import { officialClient, send } from "./client";
import {
  clock,
  emulator,
  fail,
  failOnce,
  makeProduct,
  newestEvent,
  options,
  receiver,
  register,
  start,
  times,
} from "./delivery-stage";

test("what fails in test mode is tried three more times, further and further apart", async () => {
  await register({ "enabled_events[]": "product.created" });
  fail();
  await makeProduct();
  await emulator.untilDelivered();
  expect(emulator.deliveries()).toMatchObject([{ status: 500, responseBody: "no", delivered: false }]);
  for (const [seconds, attempts] of [
    [599, 1],
    [1, 2],
    [1799, 2],
    [1, 3],
    [5400, 4],
    [7 * 86_400, 4],
  ] as const) {
    emulator.passTime(seconds);
    await emulator.untilDelivered();
    expect(receiver.requests).toHaveLength(attempts);
  }
  expect(times()).toEqual([0, 600, 2400, 7800]);
  expect(emulator.deliveries().map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  expect(emulator.deliveries().map(({ nextAttemptAt: next }) => next !== undefined && (next - start) / 1000)).toEqual([
    600,
    2400,
    7800,
    false,
  ]);
  const failed = await send(emulator, "GET", "/v1/events?delivery_success=false");
  expect(failed.body["data"]).toMatchObject([{ pending_webhooks: 1 }]);
  expect((await send(emulator, "GET", "/v1/events?delivery_success=true")).body["data"]).toEqual([]);
});

test("live retries end within three days", async () => {
  const live = await startEmulator({ ...options, apiKey: "sk_live_deliveries" });
  try {
    const { id } = await register({ url: "https://127.0.0.1/hook" }, live);
    live.edit("webhook_endpoint", id, { url: receiver.url() });
    fail();
    await makeProduct({}, live);
    live.passTime(30 * 86_400);
    await live.untilDelivered();
    const next = live.deliveries().map(({ nextAttemptAt }) => nextAttemptAt);
    expect(next).toHaveLength(7);
    expect(next.at(-1)).toBeUndefined();
    expect(next.at(-2)).toBeLessThan(start + 3 * 86_400_000);
  } finally {
    await live.close();
  }
});

test("a long time brings all retries at once, in the order in which they were due", async () => {
  await register({ "enabled_events[]": "product.created" });
  fail();
  await makeProduct();
  await emulator.untilDelivered();
  emulator.passTime(650);
  await emulator.untilDelivered();
  await makeProduct();
  await emulator.untilDelivered();
  const [first, again, second] = receiver.requests.map(({ event }) => event.id);
  expect(again).toBe(first);
  emulator.passTime(86_400);
  await emulator.untilDelivered();
  expect(receiver.requests.slice(3).map(({ event }) => event.id)).toEqual([second, first, second, first, second]);
});

test("a clock that goes by itself brings retries too", async () => {
  const timers = jest.spyOn(global, "setTimeout");
  try {
    await register({ "enabled_events[]": "product.created" });
    failOnce();
    await makeProduct();
    await emulator.untilDelivered();
    const [wake] = timers.mock.calls.find(([, delay]) => delay === 600_000) ?? [];
    clock.now += 600_000;
    wake?.();
    await emulator.untilDelivered();
    expect(times()).toEqual([0, 600]);
  } finally {
    timers.mockRestore();
  }
});

test("a retry that is taken is the last, with a signature of its own time", async () => {
  const hook = await register({ "enabled_events[]": "product.created" });
  failOnce();
  await makeProduct();
  await emulator.untilDelivered();
  emulator.passTime(86_400);
  await emulator.untilDelivered();
  expect(emulator.deliveries().map(({ delivered }) => delivered)).toEqual([false, true]);
  expect(newestEvent()?.pending_webhooks).toBe(0);
  const signatures = receiver.requests.map(({ headers }) => headers["stripe-signature"] ?? "");
  const signedAt = signatures.map((signature) => Number(/^t=(\d+)/.exec(String(signature))?.[1]));
  expect(signedAt).toEqual([Math.floor(start / 1000), Math.floor(start / 1000) + 86_400]);
  officialClient(emulator).webhooks.constructEvent(
    receiver.requests[1]?.body ?? "",
    String(signatures[1]),
    hook.secret,
  );
});

test.each([
  ["disabled", "not sent: the endpoint is disabled"],
  ["deleted", "not sent: the endpoint is deleted"],
])("an endpoint that is %s when a retry comes gets no more, even if it is back later", async (how, error) => {
  const { id } = await register({ "enabled_events[]": "product.created" });
  const path = `/v1/webhook_endpoints/${id}`;
  fail();
  await makeProduct();
  await emulator.untilDelivered();
  if (how === "deleted") await send(emulator, "DELETE", path);
  else await send(emulator, "POST", path, { disabled: "true" });
  emulator.passTime(600);
  await emulator.untilDelivered();
  expect(emulator.deliveries().at(-1)).toMatchObject({ attempt: 2, sent: false, error });
  if (how === "disabled") await send(emulator, "POST", path, { disabled: "false" });
  emulator.passTime(86_400);
  await emulator.untilDelivered();
  expect(receiver.requests).toHaveLength(1);
});

test("an endpoint that is enabled again before its retry gets it, at its new address", async () => {
  const { id } = await register({ "enabled_events[]": "product.created" });
  failOnce();
  await makeProduct();
  await emulator.untilDelivered();
  await send(emulator, "POST", `/v1/webhook_endpoints/${id}`, { disabled: "true" });
  await send(emulator, "POST", `/v1/webhook_endpoints/${id}`, { disabled: "false", url: receiver.url("/new") });
  emulator.passTime(600);
  await emulator.untilDelivered();
  expect(receiver.requests.map(({ path }) => path)).toEqual(["/hook", "/new"]);
});

describe("what is still owed", () => {
  test("is in a snapshot, also what is under way, and is sent again by whoever restores it", async () => {
    await register({ "enabled_events[]": "product.created" });
    receiver.answer = () => undefined;
    const arrived = receiver.next();
    await makeProduct();
    await arrived;
    const snapshot = emulator.snapshot();
    emulator.reset();
    await emulator.untilDelivered();
    expect(emulator.deliveries()).toEqual([]);

    receiver.reset();
    const other = await startEmulator(options);
    try {
      other.restore(snapshot);
      await other.untilDelivered();
      expect(receiver.types).toEqual(["product.created"]);
      expect(other.deliveries()).toMatchObject([{ attempt: 1, delivered: true }]);
      expect(other.objects("event")[0]?.pending_webhooks).toBe(0);
    } finally {
      await other.close();
    }
  });

  test("of before a snapshot is restored is forgotten", async () => {
    const snapshot = emulator.snapshot();
    await register({ "enabled_events[]": "product.created" });
    fail();
    await makeProduct();
    await emulator.untilDelivered();
    emulator.restore(snapshot);
    emulator.passTime(86_400);
    await emulator.untilDelivered();
    expect(receiver.requests).toHaveLength(1);
  });

  test("keeps no process alive", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    await register({ "enabled_events[]": "product.created" });
    await makeProduct();
    await emulator.untilDelivered();
    const before = timers();
    fail();
    await makeProduct();
    await emulator.untilDelivered();
    expect(emulator.deliveries().at(-1)?.nextAttemptAt).toBe(start + 600_000);
    expect(timers()).toBe(before);
  });

  test("ends with the emulator, also what is under way", async () => {
    const other = await startEmulator(options);
    await register({ "enabled_events[]": "product.created" }, other);
    receiver.answer = () => undefined;
    const arrived = receiver.next();
    await makeProduct({}, other);
    await makeProduct({}, other);
    await arrived;
    const waiting = other.untilDelivered();
    await other.close();
    await waiting;
    expect(receiver.requests).toHaveLength(1);
    expect(other.deliveries()).toEqual([]);
  });
});
