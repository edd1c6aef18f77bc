import { type Emulator } from "../../emulator";
import { eachInItsWorkspace, failureOf, stampedName, unwrapped, type Workspace } from "./workspace";

jest.setTimeout(180_000);

const hook = (name: string, more = "", options = "{}") =>
  `const ${name} = new stripe.WebhookEndpoint("${name}", {
    url: "https://example.com/stripe", enabledEvents: ["invoice.paid"], ${more} }, ${options});\n`;
const order = (more = "", options = "{}") =>
  `new stripe.climate.Order("removal", {
    product: "climsku_biochar_spot", metricTons: "0.05", currency: "usd", maxAmountTotal: 50000, ${more} }, ${options});\n`;
const product = (more = "", options = "{}") =>
  `const gold = new stripe.Product("gold", { name: "Gold", ${more} }, ${options});\n`;
const price = (unitAmount: number) =>
  `new stripe.Price("monthly", { product: gold.id, currency: "usd", unitAmount: ${unitAmount} });\n`;
const session = 'new stripe.identity.VerificationSession("person", { type: "document" });\n';

let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given));

type StripeObject = ReturnType<Emulator["objects"]>[number];
const endpoints = () => emulator.objects("webhook_endpoint");
const orders = () => emulator.objects("climate.order");
const products = () => emulator.objects("product");
const prices = () => emulator.objects("price");
const endpointOf = (name: string) => endpoints().filter((object) => stampedName(object) === name);

/** What the state holds of an endpoint is an endpoint that there is, with the secret that Stripe signs with. */
async function expectSecretsTrue(...names: string[]): Promise<void> {
  const resources = await workspace.resources();
  for (const name of names) {
    const { id = "", outputs } = resources[name] ?? {};
    expect(unwrapped(outputs?.secret)).toBe(emulator.reveal("webhook_endpoint", id)?.secret ?? "no such endpoint");
  }
}

test("deleted and made again within a day: new objects that live, and no order bought unasked", async () => {
  const program = (more = "") => hook("orders") + product() + session + order(more);
  workspace.program(program());
  await workspace.stack.up();
  const [before] = [await workspace.resources()];
  await workspace.stack.destroy();
  expect([endpoints(), products()]).toEqual([[], []]);
  expect(orders()).toMatchObject([{ status: "canceled" }]);

  expect(await failureOf(workspace.stack.up({ continueOnError: true }))).toMatch(
    /climate order \S+ was bought for this resource and is canceled\. Nothing was bought\. .* set repurchase/,
  );
  expect(orders()).toHaveLength(1);
  workspace.program(program('repurchase: "1"'));
  await workspace.stack.up();
  const after = await workspace.resources();
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  expect(
    Object.values(after).filter(({ urn, id }) => Object.values(before).some((old) => old.urn === urn && old.id === id)),
  ).toEqual([]);
  expect([endpoints(), products()]).toMatchObject([[{ id: after.orders?.id }], [{ id: after.gold?.id }]]);
  expect(orders()).toMatchObject([{ id: after.removal?.id, status: "confirmed" }, { id: before.removal?.id }]);
  expect(emulator.objects("identity.verification_session")).toMatchObject([
    { id: after.person?.id, status: "requires_input" },
    { id: before.person?.id, status: "canceled" },
  ]);
  await expectSecretsTrue("orders");
  await workspace.stack.up({ expectNoChanges: true });
});

test("the same edit outside, twice within a day, is repaired twice", async () => {
  workspace.program(hook("orders", 'description: "Orders"') + product() + order('metadata: { a: "1" }'));
  await workspace.stack.up();
  const declared = () => [endpoints(), products(), orders()];
  const before = declared();
  const [hookId = "", productId = "", orderId = ""] = before.map(([object]) => object?.id);
  for (let time = 1; time <= 2; time++) {
    emulator.edit("webhook_endpoint", hookId, { description: "by hand", status: "disabled" });
    emulator.edit("product", productId, { name: "By hand" });
    emulator.edit("climate.order", orderId, { metadata: { ...(orders()[0]?.metadata as object), a: "2" } });
    const { summary } = await workspace.stack.up({ refresh: true });
    expect(summary.resourceChanges).toMatchObject({ update: 3 });
    const comparable = (objects: object[][]) => objects.map((list) => list.map((one) => ({ ...one, updated: 0 })));
    expect(comparable(declared())).toEqual(comparable(before));
  }
  await workspace.stack.up({ refresh: true, expectNoChanges: true });
});

test("there and back, and there and back again, within a day: Stripe has each in turn, and one of each", async () => {
  const seen: string[] = [];
  for (const [description, connect, amount] of [
    ["A", true, 1],
    ["B", false, 2],
    ["A", true, 1],
    ["B", false, 2],
  ] as const) {
    workspace.program(
      hook("updated", `description: "${description}"`) +
        hook("replaced", `connect: ${connect}`) +
        product(`description: "${description}"`) +
        price(amount) +
        order(`metadata: { a: "${description}" }`),
    );
    await workspace.stack.up();
    expect(endpointOf("updated")).toMatchObject([{ description }]);
    expect(products()).toMatchObject([{ description }]);
    expect(orders()).toMatchObject([{ metadata: { a: description } }]);
    expect(prices().filter(({ active }) => active)).toMatchObject([{ unit_amount: amount }]);
    const [replaced, ...others] = endpointOf("replaced").map(({ id }) => id);
    expect(others).toEqual([]);
    expect(emulator.reveal("webhook_endpoint", replaced ?? "")).toMatchObject({ connect });
    seen.push(replaced ?? "");
    await expectSecretsTrue("updated", "replaced");
  }
  expect(new Set(seen).size).toBe(4);
  await workspace.stack.up({ refresh: true, expectNoChanges: true });
});

test("a forced replacement - --replace, taint, replaceWith - leaves what is live alone, buys and sends nothing; triggers replace", async () => {
  const program = (triggers: string) => `
    ${hook("asked", triggers)} ${hook("first", "", "{ deleteBeforeReplace: true }")}
    ${product("", "{ replaceWith: [asked] }")} ${order("", "{ replaceWith: [asked], deleteBeforeReplace: true }")} ${session}
    new stripe.forwarding.Request("charge", { url: "https://api.checkout.com/payments", paymentMethod: "pm_card",
      replacements: ["card_number"], request: { body: JSON.stringify({ number: "" }) } });`;
  const books = () =>
    ["product", "climate.order", "identity.verification_session", "forwarding.request"].map((kind) =>
      emulator.objects(kind).map(({ id, status, active }) => [id, status, active]),
    );
  workspace.program(program(""));
  await workspace.stack.up();
  const [live, made, { asked, first, charge, person }] = [books(), endpoints(), await workspace.resources()];
  await workspace.command("state", "taint", charge?.urn ?? "", "--yes");
  await workspace.command("state", "taint", person?.urn ?? "", "--yes");
  const forced = await workspace.stack.up({ replace: [asked?.urn ?? "", first?.urn ?? ""] });
  expect(forced.summary.resourceChanges).toMatchObject({ replace: 6 });
  expect(forced.stdout).toMatch(new RegExp(`${asked?.id} was not replaced and not ended.*change triggers`));
  expect(books()).toEqual(live);
  expect(emulator.forwarded()).toHaveLength(1);
  expect(endpointOf("asked").map(({ id }) => id)).toEqual([asked?.id]);
  // The engine ends this one before it asks for another.
  expect(endpointOf("first")).toHaveLength(1);
  expect(endpointOf("first")[0]?.id).not.toBe(first?.id);
  expect(made).toHaveLength(2);
  await expectSecretsTrue("asked", "first");

  workspace.program(program('triggers: ["1"]'));
  const replaced = await workspace.stack.up();
  expect(replaced.summary.resourceChanges).toMatchObject({ replace: 3 });
  expect(books()).toEqual(live);
  expect(endpointOf("asked")).toHaveLength(1);
  expect(endpointOf("asked")[0]?.id).not.toBe(asked?.id);
  await expectSecretsTrue("asked", "first");
  await workspace.stack.up({ expectNoChanges: true });
});

test("a resource renamed by an alias, and another one given its old name: two objects, and each keeps its own", async () => {
  const program = (name: string, options = "{}") =>
    hook(name, "", options) +
    `new stripe.Product("${name}-plan", { name: "Gold" }, ${options.replace("orders", "orders-plan")});\n`;
  workspace.program(program("orders"));
  await workspace.stack.up();
  const [[hookBefore], [productBefore]] = [endpoints(), products()];
  workspace.program(program("invoices", '{ aliases: [{ name: "orders" }], ignoreChanges: ["*"] }'));
  await workspace.stack.up();
  expect([endpoints(), products()]).toMatchObject([
    [{ id: hookBefore?.id, metadata: { pulumi_name: "invoices" } }],
    [{ id: productBefore?.id, metadata: { pulumi_name: "invoices-plan" } }],
  ]);
  workspace.program(program("invoices") + program("orders"));
  await workspace.stack.up();
  const named = (made: StripeObject[]) => made.map((object) => [stampedName(object), object.id]);
  const { orders, "orders-plan": plan } = await workspace.resources();
  expect(named(endpoints())).toEqual([
    ["orders", orders?.id],
    ["invoices", hookBefore?.id],
  ]);
  expect(named(products())).toEqual([
    ["orders-plan", plan?.id],
    ["invoices-plan", productBefore?.id],
  ]);
  await expectSecretsTrue("orders", "invoices");
  await workspace.stack.up({ expectNoChanges: true });
});

test("equally named children of two components: two objects each, none mixed up, also after the state was lost", async () => {
  workspace.program(`
    for (const kind of ["One", "Other"]) {
      const parent = new pulumi.ComponentResource("my:group:" + kind, "group");
      new stripe.WebhookEndpoint("orders", { url: "https://example.com/stripe", enabledEvents: ["*"] }, { parent });
      new stripe.Product("gold", { name: "Gold" }, { parent });
      new stripe.climate.Order("removal", {
        product: "climsku_biochar_spot", metricTons: "0.05", currency: "usd", maxAmountTotal: 5000 }, { parent });
    }`);
  const recorded = async () =>
    (await workspace.allResources()).map(({ urn, id, outputs }) => [urn, id, unwrapped(outputs.secret)]).sort();
  await workspace.stack.up();
  const books = () => [endpoints(), products(), orders()].map((objects) => objects.map(({ id }) => id).sort());
  const [before, made] = [await recorded(), books()];
  expect(made.map((ids) => ids.length)).toEqual([2, 2, 2]);
  expect(new Set(before.map(([, id]) => id)).size).toBe(6);
  await workspace.loseState();
  await workspace.stack.up();
  expect(await recorded()).toEqual(before);
  expect(books()).toEqual(made);
  await workspace.stack.up({ expectNoChanges: true });
});
