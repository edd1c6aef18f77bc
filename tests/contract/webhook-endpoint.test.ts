import { startEmulator, type Emulator } from "../../emulator";
import { webhookEndpoint } from "../../provider/resources/webhook-endpoint";
import { type Clock } from "../../provider/limiter";
import { unknownValue } from "../../provider/unknown";
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

test("state lost in the middle of a replacement: what it replaced is told of, and left alone", async () => {
  await newStack().up(endpoint);
  const [older] = endpoints();
  const stack = newStack();
  // Not to be told from the first by anything but what Stripe takes at creation only.
  const replacement = { ...endpoint, apiVersion: "2026-08-26.dahlia" };
  await stack.up(replacement);
  const again = newStack();
  await again.up(replacement);
  expect(again.messages.join()).toContain(`${older?.id} at Stripe carries the stamp of this resource too`);
  expect(endpoints()).toHaveLength(2);
  const third = newStack();
  await third.up(endpoint);
  expect(third.messages.join()).toMatch(/we_\w+ at Stripe carries the stamp of this resource too/);
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
      /Stripe told its secret only then\. Nothing was done\. If it was declared otherwise .* Else give signingSecret; or change triggers .*; or set onSecretLost: "leave-empty"/,
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

  test("is left empty, and the leave taken back: told of in every run, after a refresh too", async () => {
    const stack = newStack();
    await stack.up({ ...endpoint, onSecretLost: "leave-empty" });
    await expect(stack.up(endpoint)).rejects.toThrow(/Give signingSecret/);
    await stack.refresh();
    await expect(stack.up(endpoint)).rejects.toThrow(/Give signingSecret/);
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

describe("a secret recalled from Stripe's stored answer may have been rolled since", () => {
  // Found by its stamp, and by the stored answer alone.
  test.each<Record<string, string>>([{}, { "stripe:ownership": "none" }])(
    "which is told of, once: %j",
    async (config) => {
      const first = newStack("endpoint", config);
      await first.up(endpoint);
      expect(first.messages).toEqual([]);
      const stack = newStack("endpoint", config);
      await stack.up(endpoint);
      const made = new Date(Number(endpoints()[0]?.created) * 1000).toISOString();
      expect(stack.messages.filter((message) => message.includes("rolled"))).toEqual([
        `secret of ${stack.state?.id} is the one that Stripe told when it was made on ${made}: whether it was rolled in the Dashboard ` +
          "since, the API doesn't tell. If it was, give signingSecret",
      ]);
      expect(stack.messages.join()).not.toContain("whsec_");
      expect(await stack.up({ ...endpoint, signingSecret: "whsec_rolled" })).toBe("update");
      expect(stack.state?.outputs.secret).toBe("whsec_rolled");
    },
  );

  test("one that is given goes before it, and a difference is told of", async () => {
    await newStack().up(endpoint);
    const stack = newStack();
    await stack.up({ ...endpoint, signingSecret: "whsec_rolled" });
    expect(stack.state?.outputs.secret).toBe("whsec_rolled");
    expect(stack.messages.join()).toContain("is signingSecret as declared, and not the one that Stripe told");
    expect(stack.messages.join()).not.toContain("whsec_");
    expect(endpoints()).toHaveLength(1);
  });

  test("not so where an attempt of the same call made it", async () => {
    emulator.fail({ method: "POST", path, times: 1, with: "cut-after-commit" });
    const stack = newStack();
    await stack.up(endpoint);
    expect(stack.messages.join()).not.toContain("rolled");
    expect(stack.state?.outputs.secret).toMatch(/^whsec_/);
  });
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

test("another owner has the stamp rewritten in place, so that a lost state still finds the object", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  const owned = newStack(undefined, { "stripe:owner": "me" });
  owned.state = stack.state;
  expect(await owned.up(endpoint)).toBe("update");
  expect(await owned.up(endpoint)).toBe("same");
  await owned.refresh();
  expect(await owned.up(endpoint)).toBe("same");
  const lost = newStack(undefined, { "stripe:owner": "me" });
  await expect(lost.up(endpoint)).rejects.toThrow("was made for this resource before");
  expect(endpoints()).toHaveLength(1);
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
    url: endpoint.url,
    description: "Orders",
    metadata: { mine: "1" },
    status: "enabled",
  });
  expect(reader.state.outputs.metadata).toEqual({ mine: "1" });
});

test("a look-up in a lost state never makes an object, however its create was sent", async () => {
  await newStack().up(endpoint);
  // Set by hand at Stripe, and now declared: the object is as declared, but was never created so.
  emulator.edit("webhook_endpoint", String(endpoints()[0]?.id), { description: "later" });
  emulator.fail({ method: "DELETE", path: `${path}/:id`, times: Infinity, with: 500 });
  await expect(newStack().up({ ...endpoint, description: "later" })).rejects.toThrow(
    "Stripe told its secret only then",
  );
  expect(endpoints()).toHaveLength(1);
});

test("connect of an object found can't be read: the run says so", async () => {
  await newStack().up({ ...endpoint, connect: true });
  const stack = newStack();
  emulator.fail({ method: "POST", path, times: 1, with: 400 });
  await stack.up({ ...endpoint, connect: true, signingSecret: "whsec_known" });
  expect(stack.messages.join()).toMatch(/Stripe does not tell connect of we_\w+, which was made by an earlier run/);
});

test.each([
  ["enabledEvents", unknownValue],
  ["metadata", unknownValue],
  ["metadata", { a: unknownValue }],
  ["enabledEvents", ["invoice.paid", unknownValue]],
])("%s that is not known yet can be previewed on an update", async (field, value) => {
  const stack = newStack();
  await stack.up({ ...endpoint, metadata: { a: "1" } });
  expect(await stack.preview({ ...endpoint, metadata: { a: "1" }, [field]: value })).toBe("update");
});

test("an empty metadata value, which Stripe drops, is refused", async () => {
  await expect(newStack().up({ ...endpoint, metadata: { a: "" } })).rejects.toThrow(
    "metadata.a: must not be empty: Stripe drops a key whose value is empty",
  );
});

test("a key in use is no stored answer: no second endpoint under another key", async () => {
  const error = { type: "idempotency_error", code: "idempotency_key_in_use", message: "in use" };
  emulator.fail({ method: "POST", path, times: Infinity, with: 409, body: { error } });
  await expect(newStack().up(endpoint)).rejects.toThrow("It is not known whether the webhook endpoint was made");
  const creates = emulator.requests().filter(({ method }) => method === "POST");
  expect(new Set(creates.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
});

test("the order of events, and events named twice, are no other request and no difference", async () => {
  await newStack().up(endpoint);
  const stack = newStack();
  const [first = "", second = ""] = endpoint.enabledEvents;
  await stack.up({ ...endpoint, enabledEvents: [second, first, second] });
  expect(stack.state?.outputs.secret).toMatch(/^whsec_/);
  expect(await stack.preview(endpoint)).toBe("same");
  expect(endpoints()).toHaveLength(1);
});

test("a limit that meets the question about the key doesn't pass for an answer", async () => {
  await newStack().up(endpoint);
  emulator.fail({
    method: "POST",
    path,
    times: Infinity,
    with: 429,
    body: { error: { code: "rate_limit", message: "slow" } },
  });
  await expect(newStack().up({ ...endpoint, onSecretLost: "leave-empty" })).rejects.toThrow("slow");
});

test("a corrected signing secret becomes the secret", async () => {
  const stack = newStack();
  await stack.up(endpoint);
  await stack.up({ ...endpoint, signingSecret: "whsec_wrong" });
  await stack.up({ ...endpoint, signingSecret: "whsec_right" });
  expect(stack.state?.outputs.secret).toBe("whsec_right");
});

test("a stored failure of the first key doesn't keep the secret from being recalled", async () => {
  emulator.fail({ method: "POST", path, times: 1, with: 500, stored: true, committed: false });
  await newStack().up(endpoint);
  const stack = newStack();
  await stack.up(endpoint);
  expect(stack.state?.outputs.secret).toMatch(/^whsec_/);
  expect(endpoints()).toHaveLength(1);
});

test("get of an id that doesn't exist fails", async () => {
  const reader = newStack();
  reader.state = { id: "we_none", inputs: {}, outputs: { __get: true, __provider: "p", __urn: "u" } };
  await expect(reader.refresh()).rejects.toThrow(
    `webhook endpoint we_none does not exist in account ${emulator.accountId}`,
  );
});

test("an old state that deletes what a later one took over says that it stays, and refresh says it before", async () => {
  const old = newStack();
  await old.up(endpoint);
  const later = newStack();
  await later.up(endpoint);
  await old.refresh();
  expect(old.messages.join()).toMatch(/was taken over by another state/);
  await old.destroy();
  expect(old.messages.join()).toMatch(/it is forgotten here and left as it is at Stripe/);
  expect(endpoints()).toHaveLength(1);
});

describe("the wrong key", () => {
  test("of the other mode stops refresh, up and destroy, also where both modes share the account", async () => {
    const stack = newStack();
    await stack.up(endpoint);
    const live = newStack();
    live.state = stack.state && { ...stack.state, outputs: { ...stack.state.outputs, livemode: true } };
    const both = "this resource is in live mode, but the key is a test key";
    await expect(live.refresh()).rejects.toThrow(both);
    await expect(live.up({ ...endpoint, description: "x" })).rejects.toThrow(both);
    await expect(live.destroy()).rejects.toThrow(both);
  });

  test("that may not tell its account drops nothing", async () => {
    const stack = newStack();
    await stack.up(endpoint);
    const { id } = stack.state ?? {};
    emulator.reset();
    emulator.fail({ path: "/v1/account", times: Infinity, with: 403, body: { error: { message: "no permission" } } });
    await expect(stack.refresh()).rejects.toThrow(
      /does not exist in account \(unknown\)[^]*permission to read its account/,
    );
    await expect(stack.destroy()).rejects.toThrow("Nothing was forgotten");
    expect(stack.state?.id).toBe(id);
  });

  test("that may not tell its account, but reads an object of the state, acts on that one's account", async () => {
    const stack = newStack();
    await stack.up(endpoint);
    emulator.fail({ path: "/v1/account", times: Infinity, with: 403, body: { error: { message: "no permission" } } });
    const sure = newStack(undefined, { "stripe:accountId": emulator.accountId });
    sure.state = stack.state;
    expect(await sure.refresh()).toBe(true);
    expect(await sure.up({ ...endpoint, description: "x" })).toBe("update");
    const wrong = newStack(undefined, { "stripe:accountId": "acct_other" });
    wrong.state = sure.state;
    await expect(wrong.refresh()).rejects.toThrow("stripe:accountId is acct_other");
    // A new resource has no such object.
    await expect(newStack("new", { "stripe:accountId": emulator.accountId }).up(endpoint)).rejects.toThrow(
      "the key may not read its own account",
    );
  });

  test("a 404 that isn't Stripe's word on the object drops nothing", async () => {
    const stack = newStack();
    await stack.up(endpoint);
    for (const route of [path, `${path}/:id`]) {
      emulator.fail({ path: route, times: Infinity, with: 404, body: { error: { message: "no such route" } } });
    }
    await expect(stack.refresh()).rejects.toThrow("no such route");
    expect(stack.state).toBeDefined();
  });

  test("stripeAccount beside stripe:stripeContext is refused: both would be sent", async () => {
    const stack = newStack(undefined, { "stripe:stripeContext": "acct_a" });
    await expect(stack.up({ ...endpoint, stripeAccount: "acct_b" })).rejects.toThrow("exclude each other");
    expect(emulator.requests()).toEqual([]);
  });

  test("fails the preview of a new resource, and of a change, and without a call where there is none", async () => {
    const stack = newStack();
    await stack.up(endpoint);
    const config = { "stripe:accountId": "acct_mine" };
    await expect(newStack("new", config).preview(endpoint)).rejects.toThrow("stripe:accountId is acct_mine");
    const wrong = newStack(undefined, config);
    wrong.state = stack.state;
    await expect(wrong.preview({ ...endpoint, description: "x" })).rejects.toThrow("stripe:accountId is acct_mine");
    const calls = emulator.requests().length;
    await expect(wrong.preview(endpoint)).rejects.toThrow("stripe:accountId is acct_mine");
    expect(emulator.requests()).toHaveLength(calls);
  });

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
