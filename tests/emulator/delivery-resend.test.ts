import { send } from "./client";
import { emulator, fail, failOnce, makeProduct, newestEvent, receiver, register } from "./delivery-stage";

describe("resend", () => {
  test("sends again to one endpoint, or to all that are registered", async () => {
    const one = await register({ url: receiver.url("/one"), "enabled_events[]": "product.created" });
    await makeProduct();
    await emulator.untilDelivered();
    const two = await register({ url: receiver.url("/two") });
    const { id = "" } = newestEvent() ?? {};

    expect(emulator.resend(id, two.id)).toEqual([two.id]);
    await emulator.untilDelivered();
    expect(emulator.resend(id)).toEqual([one.id, two.id]);
    await emulator.untilDelivered();
    const attempts = emulator.deliveries().map(({ endpointId, attempt, resent }) => [endpointId, attempt, resent]);
    expect(attempts.slice(0, 2)).toEqual([
      [one.id, 1, false],
      [two.id, 1, true],
    ]);
    expect(attempts.slice(2)).toEqual(
      expect.arrayContaining([
        [one.id, 2, true],
        [two.id, 2, true],
      ]),
    );
    expect(new Set(receiver.requests.map(({ event }) => event.id))).toEqual(new Set([id]));
    expect(newestEvent()?.pending_webhooks).toBe(0);
  });

  test("settles what failed, and changes nothing about automatic retries", async () => {
    await register({ "enabled_events[]": "product.created" });
    failOnce();
    await makeProduct();
    await emulator.untilDelivered();
    expect(newestEvent()?.pending_webhooks).toBe(1);
    emulator.resend(String(newestEvent()?.id));
    await emulator.untilDelivered();
    expect(newestEvent()?.pending_webhooks).toBe(0);
    emulator.passTime(600);
    await emulator.untilDelivered();
    expect(emulator.deliveries().map(({ resent, delivered }) => [resent, delivered])).toEqual([
      [false, false],
      [true, true],
      [false, true],
    ]);
  });

  test("that fails is not tried again", async () => {
    await register({ "enabled_events[]": "product.created" });
    await makeProduct();
    await emulator.untilDelivered();
    fail();
    emulator.resend(String(newestEvent()?.id));
    emulator.passTime(86_400);
    await emulator.untilDelivered();
    expect(receiver.requests).toHaveLength(2);
  });

  test("refuses what it can't do", async () => {
    const { id } = await register();
    await makeProduct();
    const event = String(newestEvent()?.id);
    expect(() => emulator.resend("evt_none")).toThrow("resend: the emulator has no event 'evt_none'");
    expect(() => emulator.resend(event, "we_none")).toThrow("'we_none' is no webhook endpoint");
    await send(emulator, "POST", `/v1/webhook_endpoints/${id}`, { disabled: "true" });
    expect(() => emulator.resend(event, id)).toThrow("is disabled");
    expect(emulator.resend(event)).toEqual([]);
  });
});

test("over HTTP: what was attempted, and resend", async () => {
  const { id } = await register({ "enabled_events[]": "product.created" });
  await makeProduct();
  await emulator.untilDelivered();
  const listed = await send(emulator, "GET", "/_emulator/deliveries");
  expect(listed.body["data"]).toEqual(emulator.deliveries());
  const event = String(newestEvent()?.id);
  const again = await send(emulator, "POST", "/_emulator/resend", JSON.stringify({ event, endpoint: id }));
  expect(again.body).toEqual({ endpoints: [id] });
  await emulator.untilDelivered();
  expect(receiver.requests).toHaveLength(2);
  const missing = await send(emulator, "POST", "/_emulator/resend", JSON.stringify({ event: "evt_none" }));
  expect([missing.status, missing.error.message]).toEqual([404, "resend: the emulator has no event 'evt_none'"]);
  expect((await send(emulator, "POST", "/_emulator/resend", "{}")).error.message).toBe('"event" is missing');
});
