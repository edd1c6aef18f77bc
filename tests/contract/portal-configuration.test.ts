import { readAccount } from "../../cli/export-account";
import { type Emulator, startEmulator } from "../../emulator";
import { type Clock } from "../../provider/limiter";
import { portalConfiguration } from "../../provider/resources/billing-portal/configuration";
import { Stack } from "./engine-model";
import { post as postTo } from "./post";

type Values = Record<string, unknown>;

const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };
const { object, api } = portalConfiguration;
const plain = { features: { invoiceHistory: { enabled: true } } };

let emulator: Emulator;
let prices: string[];
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(async () => {
  emulator.reset();
  await post("/v1/products", { id: "gold", name: "Gold" });
  // Their order means nothing, and what is sent is in this one.
  prices = (await Promise.all([900, 9000].map((amount) => priceOf("gold", amount)))).sort();
});
afterAll(() => emulator.close());

const post = (path: string, params: Values) => postTo(emulator, path, params);
const priceOf = async (product: string, amount: number) =>
  String((await post("/v1/prices", { product, currency: "usd", unit_amount: amount })).id);
const newStack = (name?: string) => new Stack(portalConfiguration as never, emulator, { clock, name });
const all = () => emulator.objects(object);
const live = ({ state }: Stack) =>
  emulator.reveal(object, state?.id ?? "") as unknown as { features: Record<string, Values> };
const edit = (stack: Stack, params: Values) => post(`${api.path}/${stack.state?.id}`, params);
const switching = (more: Values = {}) => ({
  features: { subscriptionUpdate: { enabled: true, products: [{ product: "gold", prices }], ...more } },
});
/** What the updates say that some work sends. */
async function updates(work: () => Promise<unknown>): Promise<Values[]> {
  const before = emulator.requests().length;
  await work();
  const sent = emulator.requests().slice(before);
  return sent
    .filter(({ method, path }) => method === "POST" && path.startsWith(`${api.path}/`))
    .map(({ params }) => params);
}

test("what customers may change to is read back, and seen when it is changed outside", async () => {
  const stack = newStack();
  await stack.up(switching({ defaultAllowedUpdates: ["quantity", "price"] }));
  await stack.refresh();
  expect(await stack.up(switching({ defaultAllowedUpdates: ["price", "quantity"] }))).toBe("same");
  await edit(stack, { features: { subscription_update: { products: [{ product: "gold", prices: [prices[1]] }] } } });
  await stack.refresh();
  expect(await stack.up(switching({ defaultAllowedUpdates: ["price", "quantity"] }))).toBe("update");
  expect(live(stack).features.subscription_update?.products).toMatchObject([{ product: "gold", prices }]);
  const more = await priceOf("gold", 5);
  const products = [
    { product: "gold", prices: [...prices, more].sort(), adjustableQuantity: { enabled: true, maximum: 0 } },
  ];
  await stack.up(switching({ products }));
  await stack.refresh();
  expect(await stack.up(switching({ products }))).toBe("same");
  expect(live(stack).features.subscription_update?.products).toMatchObject([
    { prices: products[0]?.prices, adjustable_quantity: { enabled: true, maximum: 0, minimum: 1 } },
  ]);
});

test("an update says every feature that is declared, and of others nothing", async () => {
  const stack = newStack();
  const cancel = { enabled: true, mode: "immediately" };
  await stack.up({ features: { ...plain.features, subscriptionCancel: cancel } });
  await edit(stack, { features: { customer_update: { enabled: true, allowed_updates: ["email"] } } });
  await stack.refresh();
  const goal = { features: { invoiceHistory: { enabled: false }, subscriptionCancel: cancel } };
  const [sent] = await updates(() => stack.up(goal));
  expect(sent?.features).toEqual({
    invoice_history: { enabled: "false" },
    subscription_cancel: { enabled: "true", mode: "immediately" },
  });
  expect(live(stack).features.customer_update).toEqual({ enabled: true, allowed_updates: ["email"] });
  expect(await stack.up(goal)).toBe("same");
});

test("a feature that is taken out of the program is off, and what else was said of it is as if it hadn't been", async () => {
  const stack = newStack();
  const { features } = portalConfiguration.samples.full;
  const products = [{ product: "gold", prices }];
  await stack.up({ features: { ...features, subscriptionUpdate: { ...features.subscriptionUpdate, products } } });
  await stack.up(plain);
  const untouched = newStack("untouched");
  await untouched.up(plain);
  const { subscription_update: update, ...others } = live(untouched).features;
  // Stripe's own default, said.
  const anchor = { billing_cycle_anchor: "unchanged" };
  expect(live(stack).features).toEqual({ ...others, subscription_update: { ...update, ...anchor } });
  await stack.refresh();
  expect(await stack.up(plain)).toBe("same");
});

test("an emptied list is empty at Stripe with the first update, also in a feature that wasn't declared before", async () => {
  const stack = newStack();
  await stack.up(plain);
  await edit(stack, { features: { customer_update: { enabled: true, allowed_updates: ["email"] } } });
  const goal = { features: { ...plain.features, customerUpdate: { enabled: true, allowedUpdates: [] } } };
  await stack.up(goal);
  expect(live(stack).features.customer_update).toEqual({ enabled: true, allowed_updates: [] });
  expect(await stack.up(goal)).toBe("same");
});

test("one that its resource deactivated is used again, and none is made beside it", async () => {
  const stack = newStack();
  await stack.up(plain);
  const [made] = all();
  await stack.destroy();
  expect(all()).toMatchObject([{ id: made?.id, active: false }]);
  expect(stack.messages.join()).toContain("is deactivated: Stripe deletes none");
  const again = newStack();
  await again.up({ ...plain, name: "Again" });
  expect(all()).toMatchObject([{ id: made?.id, active: true, name: "Again" }]);
  await again.destroy();
  // What is to stay inactive is never in use in between.
  const sent = await updates(() => newStack().up({ ...plain, active: false }));
  expect(sent.map(({ active }) => active)).not.toContain("true");
  expect(all()).toMatchObject([{ active: false }]);
});

test("one that is used again lets customers do only what the program says now", async () => {
  const stack = newStack();
  const cancel = { subscriptionCancel: { enabled: true, mode: "immediately", prorationBehavior: "create_prorations" } };
  const texts = { businessProfile: { headline: "Old" }, defaultReturnUrl: "https://example.com/old", name: "Old" };
  await stack.up({ features: { ...cancel, ...plain.features }, ...texts, loginPage: { enabled: true } });
  await stack.destroy();
  const again = newStack();
  await again.up(plain);
  expect(all()).toMatchObject([
    {
      active: true,
      business_profile: { headline: null },
      default_return_url: null,
      features: { subscription_cancel: { enabled: false }, invoice_history: { enabled: true } },
      login_page: { enabled: false },
      name: null,
    },
  ]);
  expect(await again.up(plain)).toBe("same");
});

test("what somebody else deactivated is told by the drift report, and changed where active is declared", async () => {
  const stack = newStack();
  await stack.up({ ...plain, active: true });
  await edit(stack, { active: false });
  await stack.refresh();
  expect(await stack.up({ ...plain, active: true })).toBe("update");
  expect(all()).toMatchObject([{ active: true }]);
});

test("the account's default is left in use, and said to be; so is what onDelete leaves", async () => {
  const stack = newStack();
  await stack.up(plain);
  emulator.edit(object, stack.state?.id ?? "", { is_default: true });
  await stack.refresh();
  expect(stack.state?.outputs.isDefault).toBe(true);
  await expect(stack.up({ ...plain, active: false })).rejects.toThrow(/You can't deactivate the default/);
  const sent = await updates(() => stack.destroy());
  expect(sent).toEqual([]);
  expect(stack.messages.join()).toMatch(/is the account's default.*stays in use/);
  const other = newStack("other");
  await other.up({ ...plain, onDelete: "retain" });
  await other.destroy();
  expect(other.messages.join()).toMatch(/stays in use, as onDelete says/);
  expect(all().map(({ active }) => active)).toEqual([true, true]);
});

test("a refusal to deactivate keeps the resource and says what to do", async () => {
  const stack = newStack();
  await stack.up(plain);
  emulator.fail({ method: "POST", path: `${api.path}/${stack.state?.id}`, times: 1, with: 400 });
  await expect(stack.destroy()).rejects.toThrow(/could not be deactivated and stays in use.*onDelete: "retain"/s);
  expect(stack.state).toBeDefined();
});

test("the address of the login page is an output while there is one", async () => {
  const stack = newStack();
  await stack.up({ ...plain, loginPage: { enabled: true } });
  expect(stack.state?.outputs.loginPageUrl).toMatch(/^https:\/\/billing\.stripe\.com\/p\/login\//);
  await stack.up(plain);
  expect(stack.state?.outputs).not.toHaveProperty("loginPageUrl");
});

test("an export says every switch, and what stands as Stripe set it is left out", async () => {
  const reason = { enabled: false, options: ["other"] };
  const { id } = await post(api.path, {
    features: { subscription_cancel: { enabled: false, cancellation_reason: reason } },
  });
  const emptied = { cancellation_reason: { enabled: false, options: "" } };
  await post(`${api.path}/${String(id)}`, { features: { subscription_cancel: emptied } });
  const form = { subscription_update: { enabled: true, products: [{ product: "gold", prices }] } };
  await post(api.path, { features: form, name: "Switching" });
  const given: Record<string, string> = { apiKey: emulator.apiKey, apiBase: emulator.url };
  const source = { config: (name: string) => given[name], env: {} };
  const { resources } = await readAccount(source, {
    kinds: ["billingPortal:Configuration"],
    onProgress: () => undefined,
  });
  const off = { enabled: false };
  const features = {
    customerUpdate: off,
    invoiceHistory: off,
    paymentMethodUpdate: off,
    subscriptionCancel: off,
    subscriptionUpdate: off,
  };
  const common = { active: true, loginPage: off };
  const switched = { ...features, subscriptionUpdate: { enabled: true, products: [{ product: "gold", prices }] } };
  expect(resources.find(({ name }) => name === "switching")?.inputs).toEqual({
    ...common,
    name: "Switching",
    features: switched,
  });
  const unasked = { ...off, cancellationReason: { ...off, options: [] } };
  expect(resources.find((one) => one.id === id)?.inputs).toEqual({
    ...common,
    features: { ...features, subscriptionCancel: unasked },
  });
});
