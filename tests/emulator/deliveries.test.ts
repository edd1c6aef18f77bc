import { startEmulator } from "../../emulator";
import { officialClient, send } from "./client";
import { connected, emulator, makeProduct, newestEvent, options, receiver, register, start } from "./delivery-stage";
import { Receiver } from "./receiver";

test("an event is posted as Stripe posts it, and its signature is true", async () => {
  const hook = await register({ "enabled_events[]": "product.created" });
  await makeProduct();
  await emulator.untilDelivered();

  const [request] = receiver.requests;
  expect(request?.path).toBe("/hook");
  expect(request?.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
  });
  const { webhooks } = officialClient(emulator);
  const verify = (secret: string) =>
    webhooks.constructEvent(request?.body ?? "", request?.headers["stripe-signature"] ?? "", secret);
  const recorded = newestEvent();
  expect(verify(hook.secret)).toEqual({ ...recorded, pending_webhooks: 1 });
  expect(() => verify("whsec_other")).toThrow(/signature/i);
  expect(recorded?.pending_webhooks).toBe(0);
  expect(emulator.deliveries()).toEqual([
    {
      account: emulator.accountId,
      eventId: recorded?.id,
      eventType: "product.created",
      endpointId: hook.id,
      url: receiver.url(),
      attempt: 1,
      resent: false,
      at: start,
      sent: true,
      delivered: true,
      status: 200,
      responseBody: "",
      durationMs: expect.any(Number) as number,
    },
  ]);
});

test("only enabled endpoints registered for the type get it, each signed with its own secret", async () => {
  const all = await register({ url: receiver.url("/all") });
  const named = await register({ url: receiver.url("/named"), "enabled_events[]": "product.created" });
  await register({ url: receiver.url("/other"), "enabled_events[]": "product.deleted" });
  const disabled = await register({ url: receiver.url("/disabled") });
  await send(emulator, "POST", `/v1/webhook_endpoints/${disabled.id}`, { disabled: "true" });
  await register({ url: receiver.url("/connect"), connect: "true" });

  await makeProduct();
  expect(newestEvent()?.pending_webhooks).toBe(2);
  await emulator.untilDelivered();
  expect(receiver.requests.map(({ path }) => path).sort()).toEqual(["/all", "/named"]);
  const { webhooks } = officialClient(emulator);
  for (const { path, body, headers } of receiver.requests) {
    const { secret } = path === "/all" ? all : named;
    webhooks.constructEvent(body, headers["stripe-signature"] ?? "", secret);
  }
  expect(newestEvent()?.pending_webhooks).toBe(0);
});

test("connect endpoints get the events of connected accounts, which say whose they are", async () => {
  await register({ url: receiver.url("/platform") });
  await register({ url: receiver.url("/connect"), connect: "true" });
  const own = { url: receiver.url("/own"), "enabled_events[]": "*" };
  await send(emulator, "POST", "/v1/webhook_endpoints", own, { "stripe-account": connected });

  await makeProduct({ "stripe-account": connected });
  await emulator.untilDelivered();
  const accounts = receiver.requests.map(({ path, event }) => [path, event.account]);
  expect(accounts.sort()).toEqual([
    ["/connect", connected],
    ["/own", undefined],
  ]);
  expect(newestEvent(connected)).not.toHaveProperty("account");
  expect(emulator.deliveries().map(({ account }) => account)).toEqual([connected, connected]);
});

test("the body names the endpoint's own version", async () => {
  await register({ api_version: "2025-03-31.basil" });
  await makeProduct();
  await emulator.untilDelivered();
  expect(receiver.requests[0]?.event.api_version).toBe("2025-03-31.basil");
  expect(newestEvent()?.api_version).toBe("2026-10-28.endive");
});

test("a receiver that never answers delays no answer of the API, and is given up in time", async () => {
  const hasty = await startEmulator({ ...options, deliveryTimeoutMs: 200 });
  try {
    await register({ "enabled_events[]": "product.created" }, hasty);
    receiver.answer = () => undefined;
    const arrived = receiver.next();
    await makeProduct({}, hasty);
    await arrived;
    await makeProduct({}, hasty);
    expect(hasty.deliveries()).toEqual([]);
    await hasty.untilDelivered();
    expect(hasty.deliveries()).toMatchObject([
      { delivered: false, error: "timed out after 200 ms" },
      { delivered: false, error: "timed out after 200 ms" },
    ]);
  } finally {
    await hasty.close();
  }
});

test("a redirect is a failure and not followed", async () => {
  await register({ "enabled_events[]": "product.created" });
  receiver.answer = (response) => response.writeHead(307, { location: receiver.url("/elsewhere") }).end();
  await makeProduct();
  await emulator.untilDelivered();
  expect(receiver.requests.map(({ path }) => path)).toEqual(["/hook"]);
  expect(emulator.deliveries()).toMatchObject([{ status: 307, delivered: false }]);
});

test("of a long answer only the beginning is read", async () => {
  await register({ "enabled_events[]": "product.created" });
  // It never ends.
  receiver.answer = (response) => response.write("é".repeat(5000));
  await makeProduct();
  await emulator.untilDelivered();
  expect(emulator.deliveries()).toMatchObject([{ delivered: true, responseBody: "é".repeat(1000) }]);
});

test("nobody listening is an attempt that failed", async () => {
  const gone = new Receiver();
  await gone.listen();
  const url = gone.url();
  await gone.close();
  await register({ url, "enabled_events[]": "product.created" });
  await makeProduct();
  await emulator.untilDelivered();
  expect(emulator.deliveries()).toMatchObject([{ sent: true, delivered: false }]);
  expect(emulator.deliveries()[0]?.error).toContain("ECONNREFUSED");
  expect(emulator.deliveries()[0]?.nextAttemptAt).toBe(start + 600_000);
});
