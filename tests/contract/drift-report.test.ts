import { driftPage } from "../../cli/drift-page";
import { begin, type Begun, type DriftReport, lookForDrift } from "../../cli/drift-report";
import { type ManagedResource, type StackFile } from "../../cli/stack";
import { type Emulator, startEmulator } from "../../emulator";
import { namesUnsaid } from "../../provider/outputs";
import { declarationOf, type KindName } from "../../provider/registry";
import { Stack } from "./engine-model";
import { post } from "./post";

// What `drift` makes of a whole stack, without the engine that keeps it.

let emulator: Emulator;
const connected = "acct_connectedone";
beforeAll(async () => {
  emulator = await startEmulator({ connectedAccounts: [connected] });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

async function made(kind: KindName, name: string, args: object, more: Partial<ManagedResource> = {}) {
  const stack = new Stack(declarationOf(kind), emulator, { name });
  await stack.up(args as Record<string, unknown>).catch((failure: Error) => {
    if (stack.state === undefined) throw failure;
  });
  return { ...inState(stack), name, ...more } satisfies ManagedResource;
}

/** A resource of a state, as drift is given it. */
function inState({ state, declaration }: Stack, ignoreChanges: string[] = []): ManagedResource {
  const { id = "", inputs = {}, outputs = {}, initErrors = [] } = state ?? {};
  return {
    ...{ kind: declaration.name as KindName, name: "orders", id, outputs, declaration, urn: String(outputs.__urn) },
    ...{ encrypted: new Set<string>(), settings: {}, initErrors, ignoreChanges, unsaid: namesUnsaid(inputs, outputs) },
  };
}

let settings: Record<string, string> = {};
beforeAll(() => {
  settings = { apiKey: emulator.apiKey, apiBase: emulator.url, maxRequestsPerSecond: "1000", readOnly: "true" };
});

function look(
  resources: ManagedResource[],
  more: Partial<StackFile> = {},
  unmanaged = true,
  begun?: Begun,
): Promise<DriftReport> {
  const none = { config: {}, plain: new Set<string>(), replaced: [], unknownTypes: [] };
  const file: StackFile = { project: "contract", stack: "test", resources, ...none, ...more };
  return lookForDrift(file, {
    unmanaged,
    ...(begun !== undefined && { begun }),
    onProgress: () => undefined,
    settings: (own) => ({
      config: (name) => own[`stripe:${name}`] ?? file.config[`stripe:${name}`] ?? settings[name],
      env: {},
    }),
  });
}
const told = ({ resources }: DriftReport) =>
  Object.fromEntries(
    resources.map(({ name, status, differences }) => [name, [status, ...differences.map(({ field }) => field)]]),
  );

test("what another provider of the stack has in the same account is managed", async () => {
  const one = await made("Product", "one", { name: "One" });
  const other = await made("Product", "other", { name: "Other" }, { settings: { "stripe:timeoutSeconds": "9" } });
  await post(emulator, "/v1/products", { name: "By hand" });
  const { unmanaged, summary } = await look([one, other]);
  expect(unmanaged.map(({ label }) => label)).toEqual(["By hand"]);
  expect(summary).toMatchObject({ unchanged: 2, unmanaged: 1 });
});

test.each([
  ["metadata.tier", ["metadata.a.b"]],
  ['metadata["a.b"]', ["metadata.tier"]],
  ['["metadata"]["tier"]', ["metadata.a.b"]],
  ["metadata", []],
  ["metadata.*", []],
  ['metadata["*"]', []],
  ["*", []],
  ["meta", ["metadata.tier", "metadata.a.b"]],
] as const)("ignoreChanges: %s", async (path, left) => {
  const args = { name: "Gold", metadata: { tier: "1", "a.b": "1" } };
  const gold = await made("Product", "gold", args, { ignoreChanges: [path] });
  await post(emulator, `/v1/products/${gold.id}`, { metadata: { tier: "2", "a.b": "2" } });
  expect(told(await look([gold]))).toEqual({ gold: [left.length > 0 ? "changed" : "unchanged", ...left] });
});

test.each([
  ["tiers[0].upTo", "unchanged"],
  ["tiers[1].upTo", "changed"],
  ["tiers[*].upTo", "unchanged"],
] as const)("ignoreChanges within a list: %s", async (path, status) => {
  await post(emulator, "/v1/products", { id: "prod_x", name: "X" });
  const args = {
    ...{
      product: "prod_x",
      currency: "usd",
      billingScheme: "tiered",
      tiersMode: "volume",
      recurring: { interval: "month" },
    },
    tiers: [
      { upTo: 10, unitAmount: 1 },
      { upTo: "inf", unitAmount: 0 },
    ],
  };
  const price = await made("Price", "tiered", args, { ignoreChanges: [path] });
  // As a state restored from elsewhere has it: Stripe changes no tier.
  price.outputs.tiers = [
    { upTo: 9, unitAmount: 1 },
    { upTo: "inf", unitAmount: 0 },
  ];
  expect(told(await look([price]))).toEqual({ tiered: status === "changed" ? ["changed", "tiers"] : ["unchanged"] });
});

test("lists are begun while the account is asked for, and read once: for the stack's objects, and for those no stack has", async () => {
  const resources = [];
  for (let count = 0; count < 130; count++) resources.push(await made("Product", `product-${count}`, { name: "P" }));
  const since = emulator.requests().length;
  emulator.fail({ path: "/v1/account", with: "slow:200" });
  const { summary, calls } = await look(resources);
  expect(summary).toMatchObject({ unchanged: 130, unmanaged: 0 });
  const asked = emulator.requests().slice(since);
  expect(asked.filter(({ path }) => path.startsWith("/v1/products")).map(({ path }) => path)).toEqual(
    Array(2).fill("/v1/products"),
  );
  expect(new Set(asked.map(({ path }) => path)).size).toBe(asked.length - 1);
  expect(calls).toBe(asked.length);
  const account = asked.findIndex(({ path }) => path === "/v1/account");
  expect(account).toBeGreaterThanOrEqual(5);
});

test("what is begun before the stack is read isn't read again, and is counted where it was for nothing", async () => {
  const own = await made("Product", "own", { name: "A" });
  const elsewhere = { ...own, settings: { "stripe:timeoutSeconds": "9" } };
  for (const [resources, lists] of [
    [[own], 5],
    [[elsewhere], 10],
  ] as const) {
    const since = emulator.requests().length;
    const begun = begin({ config: (name) => settings[name], env: {} });
    const { summary, calls, unmanaged } = await look([...resources], {}, true, begun);
    expect([summary.unchanged, unmanaged]).toEqual([1, []]);
    const asked = emulator.requests().slice(since);
    expect([asked.filter(({ path }) => path !== "/v1/account").length, calls]).toEqual([lists, asked.length]);
  }
  expect(begin({ config: () => "no key", env: {} })).toBeUndefined();
});

test("an end that the engine is told to ignore is none", async () => {
  const gold = await made("Product", "gold", { name: "Gold", active: true }, { ignoreChanges: ["active"] });
  await post(emulator, `/v1/products/${gold.id}`, { active: false });
  expect(told(await look([gold]))).toEqual({ gold: ["unchanged"] });
});

test("an end that the engine is told to ignore is none, also where the code says nothing of it", async () => {
  const gold = await made("Product", "gold", { name: "Gold" }, { ignoreChanges: ["active"] });
  await post(emulator, `/v1/products/${gold.id}`, { active: false });
  expect(told(await look([gold]))).toEqual({ gold: ["unchanged"] });
});

test("every account that was looked at is named", async () => {
  const own = await made("Product", "own", { name: "A" });
  const theirs = await made("Product", "theirs", { name: "B", stripeAccount: connected });
  const ids = ({ accounts }: DriftReport) => accounts.map(({ id }) => id).sort();
  expect(ids(await look([theirs, own]))).toEqual([connected, emulator.accountId].sort());
  expect(ids(await look([theirs], {}, false))).toEqual([connected]);
});

test("a stack without resources is no excuse for a key that will not do", async () => {
  await post(emulator, "/v1/products", { name: "A stranger's" });
  emulator.fail({ path: "/v1/account", with: 401 });
  await expect(look([])).rejects.toThrow();
  const config = { "stripe:accountId": "acct_1Other" };
  await expect(look([], { config })).rejects.toThrow(/but stripe:accountId is acct_1Other/);
});

test("what was replaced and not ended yet is no leftover, but said", async () => {
  const { id, outputs } = await made("Product", "old", { name: "Old" });
  const { unmanaged, notes } = await look([], { replaced: [{ id, outputs }] });
  expect(unmanaged).toEqual([]);
  expect(notes).toEqual([`objects that were replaced still have to be ended: ${id}; pulumi up does that`]);
  expect((await look([])).unmanaged).toMatchObject([{ id, leftBehind: true }]);
});

test("of what is secret it isn't told how many parts differ", async () => {
  const more = { encrypted: new Set(["metadata"]) };
  const gold = await made("Product", "gold", { name: "Gold", metadata: { a: "1", b: "2" } }, more);
  await post(emulator, `/v1/products/${gold.id}`, { metadata: { a: "", b: "3" } });
  const { resources } = await look([gold]);
  expect(resources[0]?.differences).toEqual([{ field: "metadata", code: "[hidden]", live: "[hidden]" }]);
});

test("where nothing is answered as it should be, nothing is gone, and each resource is asked for once", async () => {
  const resources = [];
  for (const name of ["a", "b", "c", "d", "e"]) resources.push(await made("Product", name, { name }));
  // Without the waits of what is worth another attempt.
  const headers = { "stripe-should-retry": "false" };
  for (const fault of [401, 429, 500] as const) {
    emulator.reset();
    emulator.fail({ times: Infinity, with: fault, headers });
    const { summary, calls } = await look(resources, {}, false);
    expect([fault, summary.gone, summary.failed]).toEqual([fault, 0, 5]);
    // One question after the account, and one more for the report.
    expect(calls).toBeLessThanOrEqual(2);
  }
});

test("what is in doubt is no object that is as declared: it failed, and the doubt is the reason", async () => {
  emulator.fail({ method: "POST", path: "/v1/forwarding/requests", with: 500, stored: true, committed: false });
  const doubted = await made("forwarding:Request", "doubted", declarationOf("forwarding:Request").samples.minimal);
  const { resources, summary } = await look([doubted]);
  expect(resources).toMatchObject([{ status: "failed", differences: [], detail: doubted.outputs.__doubt }]);
  expect(resources[0]?.detail).toMatch(/It is not known whether the forwarding request was made/);
  expect(summary).toMatchObject({ failed: 1, unchanged: 0 });
});

const statusOf = async (stack: Stack, ignoreChanges: string[] = []) => {
  const { resources } = await look([inState(stack, ignoreChanges)]);
  return [resources[0]?.status, /what Stripe has in (.*), not/.exec(resources[0]?.detail ?? "")?.[1]];
};
const hook = { url: "https://example.com", enabledEvents: ["charge.failed", "invoice.paid"] };
const refuseUpdate = () =>
  emulator.fail({
    method: "POST",
    path: "/v1/webhook_endpoints/:id",
    with: 400,
    body: { error: { message: "not now" } },
  });
const edit = ({ state }: Stack, params: Record<string, unknown>) =>
  post(emulator, `/v1/webhook_endpoints/${state?.id}`, params);

test("what a refresh took over is told until a program has said what it says, but for what is ignored", async () => {
  const stack = new Stack(declarationOf("WebhookEndpoint"), emulator, { name: "orders" });
  const turnOff = { disabled: true, enabled_events: ["charge.failed"] };
  await stack.up(hook);
  await edit(stack, turnOff);
  for (let count = 0; count < 2; count++) {
    await stack.refresh();
    expect(await statusOf(stack)).toEqual(["changed", "disabled, enabledEvents"]);
  }
  expect(await statusOf(stack, ["disabled", "enabledEvents"])).toEqual(["unchanged", undefined]);
  // Of a part alone it isn't known whether that is what differs.
  expect(await statusOf(stack, ["disabled", "enabledEvents[0]"])).toEqual(["changed", "enabledEvents"]);
  // A later refresh that finds more keeps what an earlier one found.
  await edit(stack, { description: "else" });
  await stack.refresh();
  expect(await statusOf(stack, ["enabledEvents"])).toEqual(["changed", "disabled"]);
  expect(await stack.up(hook)).toBe("update");
  expect(await statusOf(stack)).toEqual(["unchanged", undefined]);
  await edit(stack, turnOff);
  await stack.refresh();
  expect(await stack.up({ ...hook, enabledEvents: ["charge.failed"], disabled: true })).toBe("same");
  expect(await statusOf(stack)).toEqual(["unchanged", undefined]);
});

test("what an update met at Stripe and was not to change is drift, unless it is ignored, and a refresh takes it", async () => {
  const stack = new Stack(declarationOf("WebhookEndpoint"), emulator, { name: "orders" });
  const before = { ...hook, description: "a" };
  await stack.up(before);
  await edit(stack, { description: "by hand" });
  await stack.up({ ...before, enabledEvents: ["*"] });
  expect(await statusOf(stack)).toEqual(["changed", "description"]);
  expect(await statusOf(stack, ["description"])).toEqual(["unchanged", undefined]);
  await stack.refresh();
  // With ignoreChanges the engine goes on with what a refresh says, and changes nothing.
  expect(stack.state?.inputs.description).toBe("by hand");
  expect(await statusOf(stack, ["description"])).toEqual(["unchanged", undefined]);
  expect(await stack.up({ ...before, enabledEvents: ["*"], description: "by hand" })).toBe("same");
});

test("what was refused after a create stays told once a refresh has cleared the failure", async () => {
  refuseUpdate();
  const stack = new Stack(declarationOf("WebhookEndpoint"), emulator, { name: "orders" });
  await expect(stack.up({ ...hook, disabled: true })).rejects.toThrow(/not brought up to date/);
  expect((await statusOf(stack))[0]).toBe("failed");
  await stack.refresh();
  expect(await statusOf(stack)).toEqual(["changed", "disabled"]);
});

test("what the last run left unfinished is not as declared, whatever its object is like", async () => {
  refuseUpdate();
  const args = { url: "https://example.com", enabledEvents: ["*"], disabled: true };
  const { resources, summary } = await look([await made("WebhookEndpoint", "half", args)]);
  expect(summary).toMatchObject({ failed: 1, unchanged: 0 });
  expect(resources[0]?.detail).toMatch(
    /^the last pulumi up left it unfinished: .*was created, but not brought up to date: .*not now/,
  );
});

test("a kind that Stripe never deletes is not gone, but in another account or mode", async () => {
  const order = await made("climate:Order", "order", declarationOf("climate:Order").samples.minimal);
  const { resources, summary } = await look([{ ...order, id: "climorder_none" }]);
  expect(summary).toMatchObject({ failed: 1, gone: 0 });
  expect(resources[0]?.detail).toMatch(/Stripe's API never deletes this kind/);
});

test.each([{}, { "stripe:accountId": "the account's" }])(
  "what is gone is believed under a key that may not read its account once another object told it: %p",
  async (settings) => {
    const own = "stripe:accountId" in settings ? { settings: { "stripe:accountId": emulator.accountId } } : {};
    const [gone, there] = [
      await made("Product", "gone", { name: "A" }, own),
      await made("Product", "there", { name: "B" }, own),
    ];
    await fetch(`${emulator.url}/v1/products/${gone.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${emulator.apiKey}` },
    });
    emulator.fail({
      path: "/v1/account",
      times: Infinity,
      with: 403,
      body: { error: { message: "not for this key" } },
    });
    expect(told(await look([gone, there]))).toEqual({ gone: ["gone"], there: ["unchanged"] });
  },
);

test("that unmanaged objects were not looked for is said", async () => {
  const note = "objects that no stack has were not looked for, as --unmanaged=false says";
  const report = await look([], {}, false);
  expect(report.notes).toEqual([note]);
  expect(driftPage(report)).toContain(`<li>${note}</li>`);
  expect((await look([])).notes).toEqual([]);
});

test("an unmanaged endpoint is told without what gives access in its URL", async () => {
  const url = "https://hook:S3cr3tPass@example.com/stripe?token=abcDEF123";
  await post(emulator, "/v1/webhook_endpoints", { url, enabled_events: ["*"] });
  const report = await look([]);
  expect(report.unmanaged.map(({ label }) => label)).toEqual(["https://example.com/stripe"]);
  expect(JSON.stringify(report) + driftPage(report)).not.toMatch(/S3cr3t|abcDEF/);
});

test("lists that can't be read for one reason are told in one note, another reason in another", async () => {
  const refuse = (path: string, message: string) =>
    emulator.fail({ times: Infinity, method: "GET", path, with: 403, body: { error: { message } } });
  for (const path of ["/v1/products", "/v1/prices"]) refuse(path, "the key may read nothing");
  refuse("/v1/climate/orders", "no climate");
  const { notes } = await look([]);
  expect(notes.map((note) => note.split("\n")[0]).sort()).toEqual([
    "unmanaged objects of kind climate order could not be looked for: no climate",
    "unmanaged objects of kind price, product could not be looked for: the key may read nothing",
  ]);
});
