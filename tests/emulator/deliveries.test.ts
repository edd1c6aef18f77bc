import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";
import { Receiver } from "./receiver";

const connected = "acct_1Connected";
const start = Date.now();
let clock = start;
const options = { now: () => clock, allowLocalUrls: true, accountId: "acct_1Platform", connectedAccounts: [connected] };
const receiver = new Receiver();
let emulator: Emulator;
beforeAll(async () => {
  await receiver.listen();
  emulator = await startEmulator(options);
});
beforeEach(() => {
  clock = start;
  receiver.reset();
  emulator.reset();
});
afterAll(async () => {
  await emulator.close();
  await receiver.close();
});

interface Hook {
  id: string;
  secret: string;
}

async function register(form: Record<string, string> = {}, to: Emulator = emulator): Promise<Hook> {
  const all = { url: receiver.url(), "enabled_events[]": "*", ...form };
  return (await send(to, "POST", "/v1/webhook_endpoints", all)).body as unknown as Hook;
}

async function makeProduct(headers: Record<string, string> = {}, to: Emulator = emulator): Promise<string> {
  return String((await send(to, "POST", "/v1/products", { name: "Tea" }, headers)).body["id"]);
}

const newestEvent = (account?: string) => emulator.objects("event", account === undefined ? {} : { account })[0];
const fail = (): void => {
  receiver.answer = (response) => response.writeHead(500).end("no");
};
const failOnce = (): void => {
  receiver.answer = (response) => {
    response.writeHead(500).end("no");
    receiver.answer = (later) => later.end();
  };
};
/** Seconds after the start at which the attempts were made. */
const times = () => emulator.deliveries().map(({ at }) => (at - start) / 1000);

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
    clock += 600_000;
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
