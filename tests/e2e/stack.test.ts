import { type Emulator } from "../../emulator";
import { eachInItsWorkspace, failureOf, type Workspace } from "./workspace";

jest.setTimeout(180_000);

const endpoint = (args: string) => `exports.hook = new stripe.WebhookEndpoint("orders", { ${args} });\n`;
const usual = 'url: "https://example.com/stripe", enabledEvents: ["invoice.paid"]';
const order = `exports.order = new stripe.climate.Order("removal", {
  product: stripe.climate.getProductOutput({ id: "climsku_biochar_spot" }).id, metricTons: "0.05", currency: "usd", maxAmountTotal: 5000 });\n`;

let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given));

const endpoints = () => emulator.objects("webhook_endpoint");
const orders = () => emulator.objects("climate.order");
const writes = () => emulator.requests().filter(({ method }) => method !== "GET").length;

test("the whole cycle: up, nothing to do, update, an edit outside, gone outside, destroy", async () => {
  const { stack } = workspace;
  workspace.program(endpoint(usual) + order);
  const created = await stack.up();
  expect(created.summary.resourceChanges).toMatchObject({ create: 3 });
  expect(created.outputs.hook?.value).toMatchObject({ url: "https://example.com/stripe", status: "enabled" });
  expect(created.outputs.order?.value).toMatchObject({ status: "confirmed", currency: "usd", metricTons: "0.05" });
  const secret = (created.outputs.hook?.value as { secret: string }).secret;
  expect(secret).toMatch(/^whsec_/);

  const calls = writes();
  await stack.preview({ expectNoChanges: true });
  await stack.up({ expectNoChanges: true });
  await stack.refresh({ expectNoChanges: true });
  expect(writes()).toBe(calls);

  workspace.program(endpoint(`${usual}, description: "Orders"`) + order);
  const updated = await stack.up();
  expect(updated.summary.resourceChanges).toMatchObject({ update: 1, same: 2 });
  expect(endpoints()).toMatchObject([{ description: "Orders" }]);
  expect((updated.outputs.hook?.value as { secret: string }).secret).toBe(secret);

  emulator.edit("webhook_endpoint", endpoints()[0]?.id ?? "", { description: "by hand", status: "disabled" });
  const refreshed = await stack.refresh();
  expect(refreshed.summary.resourceChanges).toMatchObject({ update: 1 });
  const repaired = await stack.up();
  expect(repaired.summary.resourceChanges).toMatchObject({ update: 1 });
  expect(endpoints()).toMatchObject([{ description: "Orders", status: "enabled" }]);
  expect((repaired.outputs.hook?.value as { secret: string }).secret).toBe(secret);

  const response = await fetch(`${emulator.url}/v1/webhook_endpoints/${endpoints()[0]?.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${emulator.apiKey}` },
  });
  expect(response.status).toBe(200);
  await stack.refresh();
  expect(Object.keys(await workspace.resources())).toEqual(["removal"]);
  expect((await stack.up()).summary.resourceChanges).toMatchObject({ create: 1, same: 2 });

  await stack.destroy();
  expect(endpoints()).toEqual([]);
  expect(orders()).toMatchObject([{ status: "canceled" }]);
});

test("wrong input fails the preview with its path, and nothing is created", async () => {
  workspace.program(
    endpoint(
      'url: "example.com", enabledEvents: ["invoice.payed"], metadata: { pulumi_id: "x" }, signingSecret: "planted"',
    ),
  );
  const text = await failureOf(workspace.stack.up());
  expect(text).toMatch(/url: must be a full http\(s\) URL/);
  expect(text).toMatch(/metadata\.pulumi_id: this key is kept/);
  expect(text).toMatch(/signingSecret: must be a webhook signing secret/);
  workspace.program(endpoint('url: "https://example.com", enabledEvents: ["invoice.payed"]'));
  expect(await failureOf(workspace.stack.preview())).toMatch(/enabledEvents\[0\]: .* did you mean "invoice\.paid"\?/);
  expect(emulator.requests()).toEqual([]);
});

test("a missing key, a wrong key and an unreachable base are told, and drop nothing", async () => {
  workspace.program(endpoint(usual));
  workspace.setEnv({ STRIPE_API_KEY: "" });
  expect(await failureOf(workspace.stack.preview())).toMatch(/stripe:apiKey: is missing: set STRIPE_API_KEY/);
  workspace.setEnv({ STRIPE_API_KEY: emulator.apiKey });
  await workspace.stack.up();
  workspace.setEnv({ STRIPE_API_KEY: "sk_test_nobody" });
  const refused = await failureOf(workspace.stack.refresh());
  expect(refused).toMatch(/Invalid API Key provided[^]*To do: set a valid key/);
  workspace.setEnv({ STRIPE_API_KEY: emulator.apiKey, STRIPE_API_BASE: "http://127.0.0.1:9" });
  expect(await failureOf(workspace.stack.destroy())).toMatch(
    /the connection was refused \(http:\/\/127\.0\.0\.1:9, 4 attempts in [\d.]+ s\)/,
  );
  expect(Object.keys(await workspace.resources())).toEqual(["orders"]);
});

test("what isn't known in preview passes, and is known when it is used", async () => {
  workspace.program(`
    const first = new stripe.WebhookEndpoint("first", { ${usual} });
    const second = new stripe.WebhookEndpoint("second", {
      url: pulumi.interpolate\`https://example.com/\${first.id}\`, enabledEvents: [first.status.apply(() => "invoice.paid")],
      metadata: { after: first.id } });
    exports.url = second.url;`);
  await workspace.stack.preview();
  const { outputs } = await workspace.stack.up();
  expect(outputs.url?.value).toMatch(/^https:\/\/example\.com\/we_/);
  await workspace.stack.up({ expectNoChanges: true });
});

test("an identity follows a parent and an alias: the object stays, its stamp moves", async () => {
  workspace.program(endpoint(usual));
  await workspace.stack.up();
  const [before] = endpoints();
  workspace.program(`
    class Group extends pulumi.ComponentResource { constructor() { super("my:group:Group", "group"); } }
    new stripe.WebhookEndpoint("renamed", { ${usual} }, { parent: new Group(), aliases: [{ name: "orders", parent: pulumi.rootStackResource }] });`);
  const moved = await workspace.stack.up();
  expect(moved.summary.resourceChanges).not.toHaveProperty("replace");
  expect(endpoints().map(({ id }) => id)).toEqual([before?.id]);
  expect(endpoints()[0]?.metadata).toMatchObject({ pulumi_name: "renamed" });
  const { renamed } = await workspace.resources();
  expect(renamed?.outputs.__urn).toBe(renamed?.urn);
  expect(endpoints()[0]?.metadata).not.toEqual(before?.metadata);
  await workspace.stack.up({ expectNoChanges: true });
});

test("half-made: the endpoint and its secret stay in state, and the next run finishes it", async () => {
  workspace.program(endpoint(`${usual}, disabled: true`));
  emulator.fail({ method: "POST", path: "/v1/webhook_endpoints/:id", times: 4, with: 503 });
  expect(await failureOf(workspace.stack.up())).toMatch(/was created, but not brought up to date/);
  const { orders: half } = await workspace.resources();
  expect(half?.outputs.secret).toMatchObject({ plaintext: expect.stringContaining("whsec_") as string });
  await workspace.stack.up();
  expect(endpoints()).toMatchObject([{ id: half?.id, status: "disabled" }]);
  await workspace.stack.destroy();
  expect(endpoints()).toEqual([]);
});

test("get reads an object without managing it", async () => {
  workspace.program(endpoint(`${usual}, description: "Orders"`));
  await workspace.stack.up();
  const id = endpoints()[0]?.id;
  workspace.program(`${endpoint(`${usual}, description: "Orders"`)}
    const read = stripe.WebhookEndpoint.get("read", "${id}");
    exports.read = { url: read.url, description: read.description, events: read.enabledEvents };
    exports.account = stripe.getAccount().then((account) => account.id);
    exports.endpoints = stripe.getWebhookEndpointsOutput().apply((all) => all.map((one) => one.id));
    exports.suppliers = stripe.climate.getSuppliersOutput().length;`);
  const { outputs } = await workspace.stack.up();
  expect(outputs.read?.value).toEqual({
    url: "https://example.com/stripe",
    description: "Orders",
    events: ["invoice.paid"],
  });
  expect(outputs.account?.value).toBe(emulator.accountId);
  expect(outputs.endpoints?.value).toEqual([id]);
  expect(outputs.suppliers?.value).toBe(emulator.objects("climate.supplier").length);
  await workspace.stack.destroy();
  expect(endpoints()).toEqual([]);
});

test("what is made once: a forwarded request and an onramp session, up, again, refreshed, down", async () => {
  const program = (extra: string) => `
    const forwarded = new stripe.forwarding.Request("charge", {
      url: "https://api.checkout.com/payments", paymentMethod: "pm_card", replacements: ["card_number"],
      request: { body: JSON.stringify({ note: "paid", number: "" }), headers: [{ name: "Key", value: "key" }] } });
    const session = new stripe.crypto.OnrampSession("buy", {
      destinationNetwork: "ethereum", walletAddresses: { ethereum: "0x0" }, kycDetails: { first_name: "Jenny" } ${extra} });
    exports.status = forwarded.responseDetails.apply((details) => details.status);
    exports.quotes = stripe.crypto.getOnrampQuotes({ sourceAmount: "10", destinationNetworks: ["ethereum"] })
      .then((quotes) => quotes.destinationNetworkQuotes.ethereum.length > 0);`;
  workspace.program(program(""));
  const { outputs } = await workspace.stack.up();
  expect(outputs.status).toMatchObject({ value: 200, secret: true });
  expect(outputs.quotes?.value).toBe(true);
  await workspace.stack.up({ expectNoChanges: true });
  const id = String(emulator.objects("crypto.onramp_session")[0]?.id);
  emulator.advance("crypto.onramp_session", id, "requires_payment");
  await workspace.stack.refresh();
  await workspace.stack.up({ expectNoChanges: true });
  workspace.program(program(', sourceAmount: "12.50"'));
  expect((await workspace.stack.up()).summary.resourceChanges).toMatchObject({ replace: 1 });
  expect(emulator.forwarded()).toHaveLength(1);
  const { stdout } = await workspace.stack.destroy();
  expect(stdout).toMatch(/forwarded request was sent and can't be undone/);
  expect(stdout).toMatch(/onramp session can't be ended at Stripe/);
  expect(emulator.objects("crypto.onramp_session")).toHaveLength(2);
});
