import { startEmulator } from "../../emulator";
import { type OwedDelivery } from "../../emulator/delivery";
import { OwedQueue } from "../../emulator/owed";
import { send } from "./client";

const owed = (eventId: string, endpointId: string, dueAt: number): OwedDelivery => ({
  account: "acct_1",
  eventId,
  eventType: "product.created",
  holder: "acct_1",
  endpointId,
  url: "http://localhost/",
  resent: false,
  failures: 0,
  firstAt: 0,
  dueAt,
});

test("the longest due comes first, of two that are due together the one added first", () => {
  const queue = new OwedQueue();
  const all = [owed("a", "x", 5), owed("b", "x", 3), owed("c", "x", 5), owed("d", "y", 4), owed("e", "x", 3)];
  for (const one of all) queue.add(one);
  expect(queue.first((endpoint) => endpoint === "y")?.eventId).toBe("d");
  expect(queue.first(() => false)).toBeUndefined();
  const order: string[] = [];
  for (let next = queue.first(); next !== undefined; next = queue.first()) {
    order.push(next.eventId);
    queue.remove(next);
    expect(queue.has(next)).toBe(false);
  }
  expect(order).toEqual(["b", "e", "d", "a", "c"]);
});

test("what is forgotten is only what is meant", () => {
  const queue = new OwedQueue();
  for (const one of [owed("a", "x", 1), owed("b", "y", 2), owed("c", "x", 3)]) queue.add(one);
  queue.clear(({ eventId }) => eventId !== "b");
  expect(queue.list().map(({ eventId }) => eventId)).toEqual(["b"]);
  queue.clear();
  expect([queue.first(), queue.list()]).toEqual([undefined, []]);
});

// Each attempt looked at all that waited several times: 20,000 took half a minute, and stood in the way of every request.
test("thousands that wait cost each attempt nothing", async () => {
  const emulator = await startEmulator({ deliverTo: "nowhere" });
  const hook = { url: "https://example.com/hook", "enabled_events[]": "*" };
  const endpointId = String((await send(emulator, "POST", "/v1/webhook_endpoints", hook)).body["id"]);
  await send(emulator, "POST", "/v1/products", { name: "Tea" });
  await emulator.untilDelivered();
  const eventId = String(emulator.objects("event")[0]?.id);
  const one = { ...owed(eventId, endpointId, 0), account: emulator.accountId, holder: emulator.accountId };
  const waiting = Array.from({ length: 20_000 }, () => ({ ...one }));
  const begun = performance.now();
  emulator.restore({ ...emulator.snapshot(), deliveries: { owed: waiting, undelivered: new Map() } });
  await emulator.untilDelivered();
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(emulator.deliveries()).toHaveLength(1000);
  await emulator.close();
}, 60_000);
