import { startEmulator, type Emulator } from "../../emulator";
import { readConfig } from "../../provider/config";
import { type Clock } from "../../provider/limiter";
import { forwardingRequest } from "../../provider/resources/forwarding/request";
import { openSession } from "../../provider/session";
import { Stack } from "./engine-model";

const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const path = "/v1/forwarding/requests";
const request = {
  url: "https://api.checkout.com/payments",
  paymentMethod: "pm_1PqYhA2eZvKYlo2C",
  replacements: ["card_number", "card_cvc"],
  request: { body: '{"amount":0,"number":"","cvc":""}', headers: [{ name: "Destination-Key", value: "planted" }] },
};

let emulator: Emulator;
let time = Date.now();
beforeAll(async () => {
  emulator = await startEmulator({ now: () => time });
});
beforeEach(() => {
  time = Date.now();
  emulator.reset();
});
afterAll(() => emulator.close());

const newStack = () => new Stack(forwardingRequest as never, emulator, { clock });
const charges = () => emulator.forwarded().length;

test("is sent once, and never by a second up, a refresh or a changed order of replacements", async () => {
  const stack = newStack();
  await stack.up(request);
  await stack.up(request);
  await stack.refresh();
  expect(await stack.up({ ...request, replacements: ["card_cvc", "card_number"] })).toBe("same");
  expect(charges()).toBe(1);
  expect(stack.state?.outputs).toMatchObject({ responseDetails: { status: 200 }, livemode: false });
});

test.each([
  ["long", "<p>error</p> ".repeat(10_000)],
  ["deep", "[".repeat(5_000) + "]".repeat(5_000)],
])("an answer that is very %s hinders no later run", async (_what, body) => {
  emulator.forwardTo(() => ({ status: 200, body }));
  const stack = newStack();
  await stack.up(request);
  await stack.refresh();
  expect(await stack.up(undefined)).toBe("delete");
});

test("words of a body that messages and Stripe's codes are made of take nothing out of our messages, nor out of decisions", async () => {
  const words = { method: "POST", code: "rate_limit", type: "requests", name: "forwarding", card: "Payment" };
  const message = "Payment by POST was refused: Jenny Rosen";
  const sent = { ...request, request: { body: JSON.stringify({ ...words, holder: "Jenny Rosen" }) } };
  emulator.fail({ method: "POST", path, with: 429, body: { error: { code: "rate_limit", message } } });
  emulator.fail({ method: "POST", path, with: 400, body: { error: { type: "invalid_request_error", message } } });
  const failure = await newStack()
    .up(sent)
    .catch((error: Error) => error.message);
  expect(failure).toMatch(/^create forwarding request "\w+": \[secret\] by \[secret\] was refused: \[secret\]\n/);
  expect(failure).toMatch(/; POST \/v1\/forwarding\/requests; requests req_\w+, req_\w+; 2 attempts/);
});

test.each([402, 500])(
  "a destination that answers %d fails the resource, which stays and is never sent again",
  async (status) => {
    emulator.forwardTo(() => ({ status, body: "{}" }));
    const stack = newStack();
    const failure = `the destination answered ${status}. The request was sent, is recorded, and is not sent again`;
    await expect(stack.up(request)).rejects.toThrow(failure);
    const { id } = stack.state ?? {};
    await expect(stack.up(request)).rejects.toThrow(failure);
    await stack.refresh();
    await expect(stack.up(request)).rejects.toThrow(failure);
    expect(stack.state?.id).toBe(id);
    expect(charges()).toBe(1);
    expect(await stack.up({ ...request, failOnStatus: [] })).toBe("update");
    expect(await stack.up({ ...request, failOnStatus: [] })).toBe("same");
    expect(charges()).toBe(1);
  },
);

test.each([
  ["cut after commit", { with: "cut-after-commit" }],
  ["cut short", { with: "partial-body" }],
  ["a stored 500", { with: 500, stored: true, committed: true }],
] as const)("an answer that is lost (%s): the request is found, and sent no second time", async (_name, fault) => {
  emulator.fail({ method: "POST", path, times: Infinity, ...fault });
  const stack = newStack();
  await stack.up(request);
  expect(charges()).toBe(1);
  expect(stack.state?.id).toBe(emulator.objects("forwarding.request")[0]?.id);
});

test("in doubt: stops, never uses another key, and asks for new triggers", async () => {
  emulator.fail({ method: "POST", path, times: 1, with: 500, stored: true, committed: false });
  const stack = newStack();
  await expect(stack.up(request)).rejects.toThrow(/Nothing is sent again in this run\..*set triggers to a new text/);
  await expect(stack.up(request)).rejects.toThrow(/Nothing is sent again in this run/);
  expect(new Set(emulator.requests().flatMap(({ idempotencyKey }) => idempotencyKey ?? [])).size).toBe(1);
  expect(charges()).toBe(0);
  time += 25 * 3600 * 1000;
  await stack.refresh();
  await expect(stack.up(request)).rejects.toThrow("Nothing is sent again in this run");
  expect(charges()).toBe(0);
  await stack.up({ ...request, triggers: ["I looked: it was not charged"] });
  expect(charges()).toBe(1);
});

test("in live mode none is sent without checkpoints: of a killed run nothing would be known", async () => {
  const live = await startEmulator({ apiKey: "sk_live_51testing" });
  try {
    const stackIn = (env: Record<string, string>) => {
      const given = { apiKey: live.apiKey, mode: "live" };
      const config = readConfig({ config: (name) => new Map(Object.entries(given)).get(name), env });
      // The settings take a live key for no base but Stripe's.
      const run = { session: openSession({ ...config, apiBase: live.url }, () => undefined, clock) };
      return new Stack(forwardingRequest as never, live, { run, config: { "stripe:apiKey": emulator.apiKey } });
    };
    const fast = stackIn({ PULUMI_SKIP_CHECKPOINTS: "true" });
    const refusal = "can't be sent in live mode without checkpoints";
    await expect(fast.preview(request)).rejects.toThrow(refusal);
    await expect(fast.up(request)).rejects.toThrow(refusal);
    expect(live.forwarded()).toEqual([]);
    expect(await stackIn({}).up(request)).toBe("create");
  } finally {
    await live.close();
  }
});

test("an adopted request is never sent again, whatever is said of it later", async () => {
  const config = { "stripe:ownership": "none" };
  const made = new Stack(forwardingRequest as never, emulator, { clock, config });
  await made.up(request);
  const { url, replacements } = request;
  const without = { url, replacements, failOnStatus: [] };
  const adopted = { ...without, adopt: made.state?.id };
  const stack = new Stack(forwardingRequest as never, emulator, { clock, name: "exported" });
  await stack.up(adopted);
  await expect(stack.up(without)).rejects.toThrow(/paymentMethod.*is required, unless adopt[^]*request.*is required/);
  for (const args of [adopted, without]) {
    for (const filledIn of [{ request: request.request }, { ...request }, { ...request, url: "https://x.com" }]) {
      const refusal = stack.up({ ...args, ...filledIn });
      await expect(refusal).rejects.toThrow(/request: can't be changed without sending the request again|is required/);
      await expect(refusal).rejects.not.toThrow("take adopt out");
    }
  }
  expect(await stack.up(adopted)).toBe("same");
  expect(charges()).toBe(1);
  await stack.up({ ...request, triggers: ["on purpose"] });
  expect(charges()).toBe(2);
});

test("a new name, which its stamp can't follow, is warned of", async () => {
  const stack = new Stack(forwardingRequest as never, emulator, { clock, name: "old" });
  await stack.up(request);
  const renamed = new Stack(forwardingRequest as never, emulator, { clock, name: "new" });
  renamed.state = stack.state;
  expect(await renamed.up(request)).toBe("same");
  expect(renamed.messages.join()).toMatch(/was sent under another name, .* it would be sent again/);
  expect(stack.messages.join()).not.toContain("another name");
});

test.each<[what: string, fault: 401 | "cut-before"]>([
  ["its key is refused", 401],
  ["nothing is reached any more", "cut-before"],
])("sent, and then %s: the doubt is remembered, and it is never sent again", async (_what, fault) => {
  const stack = newStack();
  let broken = true;
  emulator.fail({ method: "POST", path, with: "cut-after-commit" });
  emulator.fail({ with: fault, times: Infinity, when: () => broken && charges() > 0 });
  await expect(stack.up(request)).rejects.toThrow(/It is not known whether .*; looking for it failed/);
  broken = false;
  // Longer than Stripe keeps a record of it.
  time += 31 * 24 * 3600 * 1000;
  await expect(stack.up(request)).rejects.toThrow(/It is not known whether/);
  expect(charges()).toBe(1);
});

test("a destination that can't be reached may have been: in doubt", async () => {
  emulator.fail({
    method: "POST",
    path,
    times: 1,
    with: 424,
    body: { error: { code: "forwarding_api_upstream_connection_timeout" } },
  });
  await expect(newStack().up(request)).rejects.toThrow("It is not known whether the forwarding request was made");
});

test.each(["forwarding_api_upstream_connection_timeout", "forwarding_api_retryable_upstream_error"])(
  "%s leaves doubt, whatever its status",
  async (code) => {
    emulator.fail({
      method: "POST",
      path,
      times: 1,
      with: 400,
      body: { error: { type: "invalid_request_error", code } },
    });
    await expect(newStack().up(request)).rejects.toThrow("It is not known whether the forwarding request was made");
  },
);

test("another spelling of the URL at Stripe is no drift", async () => {
  const stack = newStack();
  await stack.up(request);
  emulator.edit("forwarding.request", String(stack.state?.id), { url: "https://API.checkout.com/payments" });
  await stack.refresh();
  expect(await stack.preview(request)).toBe("same");
});

test("state lost: the request is found, and sent no second time", async () => {
  await newStack().up(request);
  const stack = newStack();
  await stack.up(request);
  expect(charges()).toBe(1);
  expect(await stack.preview(request)).toBe("same");
});

test.each([
  ["metadata", { metadata: { a: "1" } }],
  ["stripeAccount", { stripeAccount: "acct_other" }],
])("%s can't be changed without sending again: refused", async (field, change) => {
  const stack = newStack();
  await stack.up(request);
  await expect(stack.preview({ ...request, ...change })).rejects.toThrow(`${field}: can't be changed without sending`);
  expect(charges()).toBe(1);
});

test("after 30 days Stripe has forgotten it: what is recorded stays, and nothing is sent", async () => {
  const stack = newStack();
  await stack.up(request);
  const recorded = stack.state;
  time += 31 * 24 * 3600 * 1000;
  await stack.refresh();
  expect(stack.state).toEqual(recorded);
  expect(await stack.up(request)).toBe("same");
  expect(await stack.destroy()).toBe("delete");
  expect(stack.messages.join()).toContain("was sent and can't be undone");
  expect(charges()).toBe(1);
});

test("no message quotes what was sent", async () => {
  emulator.forwardTo(() => ({ status: 500, body: "planted" }));
  const stack = newStack();
  const error = await stack.up(request).catch((reason: unknown) => reason as Error);
  const wrong = await newStack()
    .up({ ...request, paymentMethod: "planted", request: { body: 0, planted: "planted" } })
    .catch((reason: unknown) => reason as Error);
  expect(
    [
      String((error as Error).message),
      String((wrong as Error).message).replace("request.planted", ""),
      ...stack.messages,
    ].join(),
  ).not.toContain("planted");
});
