import { join } from "node:path";
import { type DriftReport } from "../../cli/drift-report";
import { type Emulator } from "../../emulator";
import { post } from "../contract/post";
import { finish } from "../unit/command-line";
import { eachInItsWorkspace, type Workspace } from "./workspace";

jest.setTimeout(120_000);

let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given));

/** `stripe-as-code drift` as a pipeline runs it. */
const drift = (...args: string[]) =>
  finish(["drift", "--cwd", workspace.folder, "--stack", "e2e", ...args], {
    env: { ...process.env, ...workspace.stack.workspace.envVars },
  });
const remove = (path: string) =>
  fetch(`${emulator.url}${path}`, { method: "DELETE", headers: { authorization: `Bearer ${emulator.apiKey}` } });

const program = `
new stripe.WebhookEndpoint("orders", { url: "https://example.com/orders", enabledEvents: ["invoice.paid"], description: pulumi.secret("Till") });
new stripe.WebhookEndpoint("gone", { url: "https://example.com/gone", enabledEvents: ["*"] });
new stripe.WebhookEndpoint("calm", { url: "https://example.com/calm", enabledEvents: ["*"], description: "a" }, { ignoreChanges: ["description"] });
const gold = new stripe.Product("gold", { name: "Gold", metadata: { tier: "1", team: "a" }, active: true, defaultPriceData: { currency: "usd", unitAmount: 1 } });
new stripe.Price("monthly", { product: gold.id, currency: "usd", unitAmount: 1500, recurring: { interval: "month" } });
new stripe.Product("taken", { name: "Taken" });
`;

test("what was edited, deleted, archived, added and taken over is told, and nothing is written", async () => {
  workspace.program(program);
  await workspace.stack.up();
  const clean = await drift();
  expect([clean.code, clean.err]).toEqual([0, ""]);
  expect(clean.out).toContain("0 unmanaged, 6 unchanged");

  const { orders, gone, calm, gold, monthly, taken } = await workspace.resources();
  await post(emulator, `/v1/webhook_endpoints/${orders?.id}`, {
    enabled_events: ["*"],
    description: "Safe",
    disabled: true,
  });
  await post(emulator, `/v1/webhook_endpoints/${calm?.id}`, { description: "b" });
  await remove(`/v1/webhook_endpoints/${gone?.id}`);
  await post(emulator, `/v1/products/${gold?.id}`, { name: "Silver", metadata: { tier: "2", other: "x" } });
  await post(emulator, `/v1/prices/${monthly?.id}`, { active: false });
  await post(emulator, `/v1/products/${taken?.id}`, {
    metadata: { pulumi_id: "0".repeat(32), pulumi_stack: "shop/prod", pulumi_name: "theirs" },
  });
  const { id: added } = await post(emulator, "/v1/products", { name: "By hand" });
  await post(emulator, "/v1/products", { name: "myproduct", description: "(created by Stripe CLI)" });
  await emulator.trigger("price.created");
  await post(emulator, "/v1/products", {
    name: "Of others",
    metadata: { pulumi_id: "1".repeat(32), pulumi_stack: "shop/prod", pulumi_name: "theirs" },
  });

  const since = emulator.requests().length;
  const { code, out } = await drift("--json");
  const calls = emulator.requests().slice(since);
  expect(calls.filter(({ method }) => method !== "GET")).toEqual([]);
  expect(calls.length).toBeLessThanOrEqual(7);
  expect(code).toBe(2);
  const told = JSON.parse(out) as DriftReport;
  const byName = Object.fromEntries(
    told.resources.map(({ name, status, differences }) => [name, { status, differences }]),
  );
  expect(byName).toEqual({
    orders: {
      status: "changed",
      differences: [
        { field: "enabledEvents", code: ["invoice.paid"], live: ["*"] },
        { field: "description", code: "[hidden]", live: "[hidden]" },
        { field: "disabled", code: false, live: true },
      ],
    },
    gone: { status: "gone", differences: [] },
    calm: { status: "unchanged", differences: [] },
    gold: {
      status: "changed",
      differences: [
        { field: "name", code: "Gold", live: "Silver" },
        { field: "metadata.tier", code: "1", live: "2" },
      ],
    },
    monthly: { status: "archived", differences: [] },
    taken: { status: "foreign-owned", differences: [] },
  });
  expect(told.resources.find(({ name }) => name === "taken")?.detail).toBe("shop/prod");
  expect(told.unmanaged.map(({ id, kind, label }) => [id, kind, label])).toEqual([[added, "Product", "By hand"]]);
  expect(told.accounts).toEqual([{ id: emulator.accountId, livemode: false }]);

  const table = await drift("--unmanaged=false");
  expect(table.code).toBe(2);
  for (const line of [
    /^~ WebhookEndpoint orders {2}we_\w+ {2}changed$/m,
    /^ {4}enabledEvents {2}code: \["invoice.paid"\] {2}live: \["\*"\]$/m,
    /^- WebhookEndpoint gone {2}we_\w+ {2}gone$/m,
    /^× Price monthly {2}price_\w+ {2}archived$/m,
    /^! Product taken {2}prod_\w+ {2}foreign-owned \(shop\/prod\)$/m,
  ]) {
    expect(table.out).toMatch(line);
  }
  expect(table.out).not.toMatch(/By hand|Safe|Till|\x1b/);
  expect(table.out).toContain("Note: objects that no stack has were not looked for");

  // A name that no file system takes.
  const pageless = await drift("--html", join(workspace.folder, "x".repeat(300)));
  expect([pageless.code, pageless.out.includes("Page:")]).toEqual([1, false]);
  expect(pageless.out).toMatch(/^~ WebhookEndpoint orders/m);
  expect(pageless.err).toMatch(/the page can't be written: ENAMETOOLONG.*The report itself is printed/);
});

test("what a refresh took over is drift still, until the next up", async () => {
  workspace.program(program);
  await workspace.stack.up();
  const { orders, gold } = await workspace.resources();
  const edit = async () => {
    await post(emulator, `/v1/webhook_endpoints/${orders?.id}`, { disabled: true, enabled_events: ["charge.failed"] });
    await post(emulator, `/v1/products/${gold?.id}`, { active: false, metadata: { tier: "2" } });
  };
  await edit();
  for (let count = 0; count < 2; count++) {
    await workspace.stack.refresh();
    const { code, out } = await drift("--json");
    const changed = (JSON.parse(out) as DriftReport).resources.filter(({ status }) => status !== "unchanged");
    expect([code, Object.fromEntries(changed.map(({ name, status }) => [name, status]))]).toEqual([
      2,
      { orders: "changed", gold: "changed" },
    ]);
    expect(changed.map(({ detail }) => /what Stripe has in (.*), not/.exec(detail ?? "")?.[1]).sort()).toEqual([
      "active, metadata",
      "disabled, enabledEvents",
    ]);
  }
  await workspace.stack.up();
  expect((await drift()).code).toBe(0);
  await edit();
  await workspace.stack.refresh();
  workspace.program(
    program
      .replace('["invoice.paid"]', '["charge.failed"], disabled: true')
      .replace('tier: "1"', 'tier: "2"')
      .replace("active: true", "active: false"),
  );
  await workspace.stack.up({ expectNoChanges: true });
  expect((await drift()).code).toBe(0);
});

test("a key that may only read, and not its account, is enough", async () => {
  workspace.program(program);
  await workspace.stack.up();
  const { gone } = await workspace.resources();
  await remove(`/v1/webhook_endpoints/${gone?.id}`);
  emulator.fail({ path: "/v1/account", times: Infinity, with: 403, body: { error: { message: "not for this key" } } });
  emulator.fail({ method: "POST", path: "/v1/:rest*", times: Infinity, with: 403 });
  const { code, out } = await drift("--json");
  const { summary } = JSON.parse(out) as DriftReport;
  expect([code, summary.gone, summary.failed, summary.unchanged]).toEqual([2, 1, 0, 5]);
});

test("another account's key tells both accounts, and is no drift", async () => {
  workspace.program(program);
  await workspace.stack.up();
  await post(emulator, "/v1/products", { name: "The stranger's own" });
  emulator.fail({
    path: "/v1/account",
    times: Infinity,
    with: 200,
    body: { id: "acct_1Stranger", object: "account", default_currency: "usd" },
  });
  const { code, out } = await drift("--json");
  const told = JSON.parse(out) as DriftReport;
  expect([code, told.summary.failed, told.summary.gone]).toEqual([1, 6, 0]);
  const reason = `this resource is in account ${emulator.accountId}, but the test key acts on account acct_1Stranger`;
  expect(told.resources[0]?.detail).toContain(reason);
  expect([told.accounts, told.unmanaged]).toEqual([[{ id: "acct_1Stranger", livemode: false }], []]);
  const { out: text } = await drift();
  expect(text).toContain("/e2e against acct_1Stranger (test)");
  expect([text.split(reason).length - 1, text.split("failed (the same)").length - 1]).toEqual([1, 5]);
});

test("what it can't begin with is said, with what to do", async () => {
  const nothing = await finish(["drift", "--cwd", workspace.folder, "--stack", "none"], {
    env: { ...process.env, ...workspace.stack.workspace.envVars },
  });
  expect([nothing.code, nothing.out]).toEqual([1, ""]);
  expect(nothing.err).toMatch(/^error: .*no stack named 'none' found.*Check --stack/);
  const folder = await finish(["drift", "--cwd", "/", "--stack", "e2e"], { env: process.env });
  expect(folder.err).toMatch(/^error: there is no Pulumi project in \/\. Go to its folder, or name it with --cwd\./);
});
