import { officialClient } from "./client";
import { connected, emulator, makeProduct, newestEvent, receiver } from "./delivery-stage";
import { sendV2 } from "./v2";

const path = "/v2/core/event_destinations";

/** Registers the receiver as a destination; its secret is told this once. */
async function register(more: object = {}): Promise<{ id: string; secret: string }> {
  const { body } = await sendV2(emulator, "POST", path, {
    name: "Here",
    type: "webhook_endpoint",
    event_payload: "snapshot",
    enabled_events: ["*"],
    webhook_endpoint: { url: receiver.url() },
    include: ["webhook_endpoint.signing_secret"],
    ...more,
  });
  const { signing_secret: secret } = body["webhook_endpoint"] as { signing_secret: string };
  return { id: String(body["id"]), secret };
}

test("a destination of v2 gets snapshots, signed with its secret, in its version", async () => {
  const { id, secret } = await register({ snapshot_api_version: "2026-09-30.endive" });
  await makeProduct();
  expect(newestEvent()?.pending_webhooks).toBe(1);
  await emulator.untilDelivered();
  const [request] = receiver.requests;
  const { webhooks } = officialClient(emulator);
  const event = webhooks.constructEvent(request?.body ?? "", request?.headers["stripe-signature"] ?? "", secret);
  expect([event.type, event.api_version]).toEqual(["product.created", "2026-09-30.endive"]);
  expect(newestEvent()?.pending_webhooks).toBe(0);
  expect(emulator.deliveries().map(({ endpointId, delivered }) => [endpointId, delivered])).toEqual([[id, true]]);
});

test("neither other types nor thin, disabled, deleted or AWS destinations get snapshots", async () => {
  await register({ enabled_events: ["product.deleted"] });
  await register({ event_payload: "thin" });
  const disabled = await register();
  await sendV2(emulator, "POST", `${path}/${disabled.id}/disable`, {});
  const deleted = await register();
  await sendV2(emulator, "DELETE", `${path}/${deleted.id}`);
  await sendV2(emulator, "POST", path, {
    name: "AWS",
    type: "amazon_eventbridge",
    event_payload: "snapshot",
    enabled_events: ["*"],
    amazon_eventbridge: { aws_account_id: "123456789012", aws_region: "us-east-1" },
  });
  await makeProduct();
  await emulator.untilDelivered();
  expect([newestEvent()?.pending_webhooks, emulator.deliveries()]).toEqual([0, []]);

  await sendV2(emulator, "POST", `${path}/${disabled.id}/enable`, {});
  await makeProduct();
  await emulator.untilDelivered();
  expect(emulator.deliveries().map(({ endpointId }) => endpointId)).toEqual([disabled.id]);
});

test.each([
  [["@self"], ["own"]],
  [["@accounts"], ["connected"]],
  [
    ["@self", "@accounts"],
    ["own", "connected"],
  ],
])("events from %j come from where they are asked for", async (from, whose) => {
  await register({ events_from: from });
  await makeProduct();
  await makeProduct({ "stripe-account": connected });
  await emulator.untilDelivered();
  const accounts = receiver.requests.map(({ event }) => event.account);
  expect(accounts).toEqual(whose.map((one) => (one === "own" ? undefined : connected)));
});

test("a ping comes as a thin event, whatever the destination is for", async () => {
  for (const more of [{ enabled_events: ["product.deleted"] }, { event_payload: "thin" }]) {
    receiver.reset();
    const { id, secret } = await register(more);
    await register();
    const { body } = await sendV2(emulator, "POST", `${path}/${id}/ping`, {}, { "idempotency-key": id });
    await sendV2(emulator, "POST", `${path}/${id}/ping`, {}, { "idempotency-key": id });
    await emulator.untilDelivered();
    expect(receiver.requests).toHaveLength(1);
    const [request] = receiver.requests;
    // What has changed and other data are told by a read of the event only.
    const pushed = JSON.parse(request?.body ?? "") as object;
    expect({ ...pushed, changes: null, data: {} }).toEqual(body);
    expect(Object.keys(pushed)).toHaveLength(Object.keys(body).length - 2);

    const stripe = officialClient(emulator);
    const signature = request?.headers["stripe-signature"] ?? "";
    const notification = stripe.parseEventNotification(request?.body ?? "", signature, secret);
    if (notification.type !== "v2.core.event_destination.ping") throw new Error(`a ${notification.type}`);
    expect((await notification.fetchEvent()).id).toBe(body["id"]);
    expect((await notification.fetchRelatedObject()).id).toBe(id);
  }
});

test("a disabled destination gets no ping", async () => {
  const { id } = await register();
  await sendV2(emulator, "POST", `${path}/${id}/disable`, {});
  expect((await sendV2(emulator, "POST", `${path}/${id}/ping`, {})).status).toBe(200);
  await emulator.untilDelivered();
  expect(emulator.deliveries()).toEqual([]);
});

test("what fails is tried again, and can be sent again to a destination", async () => {
  const { id } = await register();
  receiver.answer = (response) => response.writeHead(500).end();
  await makeProduct();
  await emulator.untilDelivered();
  expect(emulator.deliveries()[0]?.nextAttemptAt).toBeGreaterThan(0);
  receiver.reset();
  expect(emulator.resend(newestEvent()?.id ?? "", id)).toEqual([id]);
  await emulator.untilDelivered();
  expect(newestEvent()?.pending_webhooks).toBe(0);
});
