import { startEmulator, type Emulator } from "../../emulator";
import { webhookEndpoint } from "../../provider/resources/webhook-endpoint";
import { type Clock } from "../../provider/limiter";
import { Stack } from "./engine-model";

const clock: Clock = { now: () => time, sleep: async () => undefined };
const path = "/v1/webhook_endpoints";
const endpoint = { url: "https://example.com/stripe", enabledEvents: ["invoice.paid", "charge.refunded"] };

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

const newStack = (name?: string, config?: Record<string, string>) =>
  new Stack(webhookEndpoint as never, emulator, { clock, name, config });
const endpoints = () => emulator.objects("webhook_endpoint");

test("the order of events is no difference", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  expect(await stack.preview({ ...endpoint, enabledEvents: [...endpoint.enabledEvents].reverse() })).toBe("same");
});

test("an endpoint switched off outside is found although disabled isn't declared, and switched on again", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  emulator.edit("webhook_endpoint", String(stack.state?.id), { status: "disabled" });
  await stack.refresh();
  expect(await stack.preview(endpoint)).toBe("update");
  await stack.up(endpoint);
  expect(endpoints()[0]?.status).toBe("enabled");
});

test("an edit outside shows on declared fields only", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  emulator.edit("webhook_endpoint", String(stack.state?.id), { description: "by hand" });
  await stack.refresh();
  expect(await stack.preview(endpoint)).toBe("same");
  emulator.edit("webhook_endpoint", String(stack.state?.id), { url: "https://example.com/elsewhere" });
  await stack.refresh();
  expect(stack.state?.inputs.url).toBe("https://example.com/elsewhere");
  expect(await stack.up(endpoint)).toBe("update");
  expect(endpoints()[0]?.url).toBe(endpoint.url);
});

test("a failed switch-off after the create keeps the endpoint and its secret, and the next run finishes", async () => {
  emulator.fail({ method: "POST", path: `${path}/:id`, times: 4, with: 503 });
  const stack = newStack();
  await expect(stack.up({ ...endpoint, disabled: true })).rejects.toThrow("was created, but not brought up to date");
  expect(stack.state?.outputs.secret).toMatch(/^whsec_/);
  await stack.up({ ...endpoint, disabled: true });
  expect(endpoints()).toHaveLength(1);
  expect(endpoints()[0]?.status).toBe("disabled");
});

describe("a secret that can't be known", () => {
  beforeEach(async () => {
    await newStack().up(endpoint);
    // Stripe keeps its answers for a day; after that nothing tells the secret.
    time += 25 * 3600 * 1000;
  });

  test("stops the run, takes nothing, and says what to do", async () => {
    const stack = newStack();
    await expect(stack.up(endpoint)).rejects.toThrow(
      /Stripe told its secret only then\. Nothing was done\. Give signingSecret, change triggers .*onSecretLost: "leave-empty"/,
    );
    expect(stack.state).toBeUndefined();
    expect(endpoints()).toHaveLength(1);
    expect(endpoints()[0]?.metadata).not.toHaveProperty("pulumi_claim");
  });

  test("is given", async () => {
    const stack = newStack();
    await stack.up({ ...endpoint, signingSecret: "whsec_known" });
    expect(stack.state?.outputs.secret).toBe("whsec_known");
    expect(endpoints()).toHaveLength(1);
  });

  test("is left empty on purpose, and given later", async () => {
    const stack = newStack();
    await stack.up({ ...endpoint, onSecretLost: "leave-empty" });
    expect(stack.state?.outputs.secret).toBe("");
    await stack.up({ ...endpoint, signingSecret: "whsec_known" });
    expect(stack.state?.outputs.secret).toBe("whsec_known");
  });

  test("is replaced by a new endpoint with new triggers", async () => {
    const stack = newStack();
    await stack.up({ ...endpoint, triggers: ["secret lost"] });
    expect(stack.state?.outputs.secret).toMatch(/^whsec_/);
    expect(endpoints()).toHaveLength(2);
  });
});

test("created, deleted and created again within a day: the stored answer of the first is not taken for the third", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  const first = stack.state?.id;
  await stack.destroy();
  await stack.up(endpoint);
  expect(stack.state?.id).not.toBe(first);
  expect(endpoints().map(({ id }) => id)).toEqual([stack.state?.id]);
});

test("state lost after a create in a later generation: secret and object are recalled all the same", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  await stack.destroy();
  await stack.up(endpoint);
  const first = stack.state;
  const next = newStack();
  await next.up(endpoint);
  expect(next.state?.id).toBe(first?.id);
  expect(next.state?.outputs.secret).toBe(first?.outputs.secret);
  expect(endpoints()).toHaveLength(1);
});

test("killed between the create and the switch-off: the secret is recalled all the same", async () => {
  await newStack().up(endpoint);
  const stack = newStack();
  await stack.up({ ...endpoint, disabled: true });
  expect(stack.state?.outputs.secret).toMatch(/^whsec_/);
  expect(endpoints()).toMatchObject([{ status: "disabled" }]);
});

test("deleted before it is made again: a list from before is not believed", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  const run = {};
  await new Stack(webhookEndpoint as never, emulator, { clock, run, name: "neighbour" }).up(endpoint);
  const same = new Stack(webhookEndpoint as never, emulator, { clock, run });
  same.state = stack.state;
  await same.destroy();
  expect(await same.up(endpoint)).toBe("create");
  expect(same.state?.id).not.toBe(stack.state?.id);
  expect(endpoints()).toHaveLength(2);
});

test("a run in doubt says so; the next one makes no second", async () => {
  emulator.fail({ method: "POST", path, times: 1, with: "cut-after-commit" });
  emulator.fail({ method: "POST", path, times: 3, with: "cut-before" });
  emulator.fail({ method: "GET", path, skip: 1, times: 4, with: 500 });
  const stack = newStack();
  await expect(stack.up(endpoint)).rejects.toThrow();
  expect(await stack.up(endpoint)).toBe("create");
  expect(endpoints()).toHaveLength(1);
  expect(stack.state?.outputs.secret).toMatch(/^whsec_/);
});

test("the 17th endpoint is refused with what to do", async () => {
  for (let count = 0; count < 16; count++) await newStack(`endpoint-${count}`).up(endpoint);
  await expect(newStack("one-more").up(endpoint)).rejects.toThrow(
    /maximum of 16 test webhook endpoints[^]*request req_\w+; 1 attempt[^]*To do: delete an endpoint/,
  );
  expect(endpoints()).toHaveLength(16);
});

test("a moved resource has its stamp rewritten in place", async () => {
  const before = newStack("old-name");
  await before.up(endpoint);
  const after = newStack("new-name");
  after.state = before.state;
  expect(await after.up(endpoint)).toBe("update");
  expect(endpoints()[0]?.metadata).toMatchObject({ pulumi_name: "new-name" });
  expect(await after.up(endpoint)).toBe("same");
});

test("ownership none leaves no stamp", async () => {
  const stack = newStack("plain", { "stripe:ownership": "none" });
  await stack.up({ ...endpoint, metadata: { mine: "1" } });
  expect(endpoints()[0]?.metadata).toEqual({ mine: "1" });
});

test("an object read but not managed shows all of it", async () => {
  const stack = newStack();
  await stack.up({ ...endpoint, description: "Orders", metadata: { mine: "1" } });
  const reader = newStack();
  reader.state = { id: String(stack.state?.id), inputs: {}, outputs: { __get: true, __provider: "p", __urn: "u" } };
  expect(await reader.refresh()).toBe(true);
  expect(reader.state.outputs).toMatchObject({
    ...endpoint,
    description: "Orders",
    metadata: { mine: "1" },
    status: "enabled",
  });
  expect(reader.state.outputs.metadata).toEqual({ mine: "1" });
});

describe("the wrong key", () => {
  test("that Stripe doesn't know names what to set, and drops nothing", async () => {
    const stack = newStack();
    await stack.up(endpoint);
    const wrong = newStack(undefined, { "stripe:apiKey": "sk_test_unknown" });
    wrong.state = stack.state;
    await expect(wrong.refresh()).rejects.toThrow(/Invalid API Key[^]*To do: set a valid key/);
    expect(wrong.state).toBe(stack.state);
  });

  test("of another account stops refresh, up and destroy with both accounts named", async () => {
    const other = await startEmulator({ accountId: "acct_other" });
    try {
      const stack = newStack();
      await stack.up(endpoint);
      const wrong = new Stack(webhookEndpoint as never, other, { clock });
      wrong.state = stack.state;
      const both = new RegExp(`is in account ${emulator.accountId}, but the test key acts on account acct_other`);
      await expect(wrong.refresh()).rejects.toThrow(both);
      await expect(wrong.up({ ...endpoint, description: "x" })).rejects.toThrow(both);
      await expect(wrong.destroy()).rejects.toThrow(both);
      expect(wrong.state).toBe(stack.state);
    } finally {
      await other.close();
    }
  });

  test("for stripe:accountId stops before the first write", async () => {
    await expect(newStack(undefined, { "stripe:accountId": "acct_mine" }).up(endpoint)).rejects.toThrow(
      `the test key belongs to account ${emulator.accountId}, but stripe:accountId is acct_mine`,
    );
    expect(endpoints()).toEqual([]);
  });
});
