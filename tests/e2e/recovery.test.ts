import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator } from "../../emulator";
import { eachInItsWorkspace, failureOf, stampedName, until, unwrapped, type Workspace } from "./workspace";

jest.setTimeout(180_000);

const hook = (name: string, more = "") =>
  `new stripe.WebhookEndpoint("${name}", { url: "https://example.com/${name}", enabledEvents: ["invoice.paid"], ${more} });\n`;
const order = (more = 'metricTons: "0.05"') =>
  `new stripe.climate.Order("removal", { product: "climsku_biochar_spot", currency: "usd", maxAmountTotal: 50000, ${more} });\n`;
const product = (name = "Gold") => `const gold = new stripe.Product("gold", { name: "${name}" });\n`;
const price = (unitAmount: number) =>
  `new stripe.Price("monthly", { product: gold.id, currency: "usd", unitAmount: ${unitAmount} });\n`;
const session = 'new stripe.identity.VerificationSession("person", { type: "document" });\n';
const forwarded = `new stripe.forwarding.Request("charge", { url: "https://api.checkout.com/payments", paymentMethod: "pm_card",
  replacements: ["card_number"], request: { body: JSON.stringify({ number: "" }) } });\n`;

let emulator: Emulator;
let workspace: Workspace;
eachInItsWorkspace((...given) => ([emulator, workspace] = given), { maxWebhookEndpoints: 4 });

const kinds = [
  "webhook_endpoint",
  "climate.order",
  "product",
  "price",
  "identity.verification_session",
  "forwarding.request",
];
const endpoints = () => emulator.objects("webhook_endpoint");
const orders = () => emulator.objects("climate.order");
/** Every object there is, by kind. */
const books = () => kinds.map((kind) => [kind, ...emulator.objects(kind).map(({ id }) => id)]);
const endpointNamed = (name: string) => endpoints().filter((object) => stampedName(object) === name);

/** The objects that the state holds are those that there are, and the endpoints' secrets are the ones Stripe signs with. */
async function expectStateTrue(): Promise<void> {
  const resources = Object.values(await workspace.resources());
  const there = kinds
    .flatMap((kind) => emulator.objects(kind))
    .filter(({ active, status }) => active !== false && status !== "canceled");
  expect(resources.map(({ id }) => id).sort()).toEqual(there.map(({ id }) => id).sort());
  for (const { id, outputs } of resources.filter(({ id }) => id.startsWith("we_"))) {
    expect(unwrapped(outputs.secret)).toBe(emulator.reveal("webhook_endpoint", id)?.secret);
  }
}

test("a state that can't be written after Stripe committed: once it can, the next run makes no second", async () => {
  workspace.program(hook("orders") + order() + product() + forwarded);
  for (const path of ["/v1/webhook_endpoints", "/v1/climate/orders", "/v1/forwarding/requests"]) {
    emulator.fail({ method: "POST", path, with: "slow:3000" });
  }
  // The engine tries each write for half a minute: here there is one, at the end.
  workspace.setEnv({ PULUMI_EXPERIMENTAL: "1", PULUMI_SKIP_CHECKPOINTS: "1" });
  const run = failureOf(workspace.stack.up());
  await until(() => endpoints().length + orders().length + emulator.forwarded().length === 3);
  // A file stands where the folder of the stacks was: not even root can write into it.
  const stacks = join(workspace.folder, "state", ".pulumi", "stacks");
  renameSync(stacks, `${stacks}-away`);
  writeFileSync(stacks, "");
  expect(await run).toMatch(/not a directory/);
  rmSync(stacks);
  renameSync(`${stacks}-away`, stacks);
  expect(await workspace.resources()).toEqual({});
  const before = books();

  await workspace.stack.cancel();
  await workspace.stack.up();
  expect(books()).toEqual(before);
  expect(emulator.forwarded()).toHaveLength(1);
  await expectStateTrue();
  await workspace.stack.up({ expectNoChanges: true });
});

test("state lost within a day, and after it: all is found, and a secret nobody tells any more is never made up for", async () => {
  const rest = order() + product() + price(900) + session + forwarded;
  const hooks = (given = "", renewed = "", empty = "") =>
    hook("given", given) + hook("renewed", renewed) + hook("empty", empty);
  workspace.program(hooks() + rest);
  await workspace.stack.up();
  const before = books();
  await workspace.loseState();
  await workspace.stack.up();
  expect(books()).toEqual(before);
  await expectStateTrue();

  await workspace.loseState();
  emulator.passTime(25 * 3600);
  const text = await failureOf(workspace.stack.up({ continueOnError: true }));
  expect(books()).toEqual(before);
  for (const [{ id } = { id: "none" }] of ["given", "renewed", "empty"].map(endpointNamed)) {
    expect(text).toMatch(
      new RegExp(
        `${id} was made for this .* Else give signingSecret; or change triggers .* onSecretLost: "leave-empty"`,
      ),
    );
  }
  expect(Object.keys(await workspace.resources()).sort()).toEqual(["charge", "gold", "monthly", "person", "removal"]);

  const [given, renewed, empty] = ["given", "renewed", "empty"].map((name) => endpointNamed(name)[0]?.id ?? "");
  const known = String(emulator.reveal("webhook_endpoint", given ?? "")?.secret);
  workspace.program(hooks(`signingSecret: "${known}"`, 'triggers: ["2"]', 'onSecretLost: "leave-empty"') + rest);
  await workspace.stack.up();
  const after = await workspace.resources();
  expect(after.given?.id).toBe(given);
  expect(unwrapped(after.given?.outputs.secret)).toBe(known);
  expect(after.empty?.id).toBe(empty);
  expect(unwrapped(after.empty?.outputs.secret)).toBe("");
  expect(endpointNamed("renewed").map(({ id }) => id)).toEqual([after.renewed?.id, renewed]);
  expect(unwrapped(after.renewed?.outputs.secret)).toBe(
    emulator.reveal("webhook_endpoint", after.renewed?.id ?? "")?.secret,
  );
  expect(books().slice(1)).toEqual(before.slice(1));
  expect(emulator.forwarded()).toHaveLength(1);
  await workspace.stack.up({ expectNoChanges: true });
});

test("killed after Stripe committed, and the program edited before the next run: no second of anything", async () => {
  workspace.program(hook("same") + hook("edited") + order() + product() + session + forwarded);
  // No answer: a late one could still be on time for the state, where the machine is slower than the answer.
  for (const path of ["/v1/webhook_endpoints", "/v1/climate/orders", "/v1/products"]) {
    emulator.fail({ method: "POST", path, times: 2, with: "hang", stored: true });
  }
  const count = (kind: string) => emulator.objects(kind).length;
  const made = () => ["webhook_endpoint", "climate.order", "product", "identity.verification_session"].map(count);
  await workspace.upKilledOnce(() => made().join() === "2,1,1,1" && emulator.forwarded().length === 1);
  workspace.endLeftovers();
  await workspace.stack.cancel();
  const before = books();

  const others = product("Silver") + session + forwarded;
  const refused = async (program: string) => {
    workspace.program(program + others);
    const text = await failureOf(workspace.stack.up({ continueOnError: true }));
    expect(books()).toEqual(before);
    return text;
  };
  // More tons would be another purchase; and a secret is repeated only to who repeats the request that it was told to.
  expect(await refused(hook("same") + hook("edited") + order('metricTons: "0.5"'))).toMatch(
    new RegExp(`climate order ${orders()[0]?.id} .* differs in metricTons\\. Nothing was bought`),
  );
  expect(await refused(hook("same") + hook("edited", 'description: "b"') + order())).toMatch(
    new RegExp(`${endpointNamed("edited")[0]?.id} was made for this .* take the change back and run pulumi up`),
  );
  expect(emulator.objects("product")).toMatchObject([{ name: "Silver" }]);

  workspace.program(hook("same") + hook("edited") + order('metricTons: "0.05", metadata: { a: "b" }') + others);
  await workspace.stack.up();
  expect(books()).toEqual(before);
  expect(orders()).toMatchObject([{ metric_tons: "0.05", metadata: { a: "b" } }]);
  expect(emulator.forwarded()).toHaveLength(1);
  await expectStateTrue();
  await workspace.stack.up({ expectNoChanges: true });
});

test("a refusal whose cause is mended is not repeated for a day", async () => {
  workspace.program(hook("one") + hook("two") + hook("three") + hook("four"));
  await workspace.stack.up();
  emulator.setBalance("usd", 0);
  workspace.program(hook("one") + hook("two") + hook("three") + hook("four") + hook("five") + order());
  const text = await failureOf(workspace.stack.up({ continueOnError: true }));
  expect(text).toMatch(/You have reached the maximum of 4 test webhook endpoints/);
  expect(text).toMatch(/balance/i);
  expect([endpoints().length, orders().length]).toEqual([4, 0]);

  emulator.setBalance("usd", 10_000_000);
  // One that is let go in the same run is let go last, which would be too late.
  workspace.program(hook("one") + hook("two") + hook("three"));
  await workspace.stack.up();
  workspace.program(hook("one") + hook("two") + hook("three") + hook("five") + order());
  await workspace.stack.up();
  expect(endpoints()).toHaveLength(4);
  expect(orders()).toMatchObject([{ status: "confirmed" }]);
  await expectStateTrue();
  await workspace.stack.up({ expectNoChanges: true });
});

test("killed while a replacement is made, and between its create and its delete: one is left, and it is the new one", async () => {
  // `triggers` gives the new one an identity of its own; by `connect`, and the price's amount, it keeps the old one's.
  const program = (version: number) =>
    hook("asked", `triggers: ["${version}"]`) +
    hook("fixed", `connect: ${version % 2 === 0}`) +
    product() +
    price(version);
  const first = () => [...endpoints(), ...emulator.objects("price").filter(({ active }) => active)].map(({ id }) => id);
  workspace.program(program(1));
  await workspace.stack.up();
  let before = first();

  emulator.fail({ method: "POST", path: "/v1/webhook_endpoints", times: 2, with: "hang", stored: true });
  emulator.fail({ method: "POST", path: "/v1/prices", with: "hang", stored: true });
  workspace.program(program(2));
  await workspace.upKilledOnce(() => endpoints().length === 4 && emulator.objects("price").length === 2);
  workspace.endLeftovers();
  await workspace.stack.cancel();
  await workspace.stack.up();
  expect(first()).toHaveLength(3);
  expect(first().filter((id) => before.includes(id))).toEqual([]);
  expect(emulator.objects("price")).toHaveLength(2);
  await expectStateTrue();
  before = first();

  let reached = 0;
  const when = ({ path }: { path: string }) => before.some((id) => path.endsWith(id)) && (reached += 1) > 0;
  emulator.fail({ method: "DELETE", when, times: 2, with: "hang" });
  emulator.fail({ method: "POST", when, with: "hang" });
  workspace.program(program(3));
  await workspace.upKilledOnce(() => reached === 3);
  workspace.endLeftovers();
  await workspace.stack.cancel();
  expect(first()).toHaveLength(6);
  await workspace.stack.up();
  expect(first()).toHaveLength(3);
  expect(first().filter((id) => before.includes(id))).toEqual([]);
  await expectStateTrue();
  await workspace.stack.up({ expectNoChanges: true });
});
