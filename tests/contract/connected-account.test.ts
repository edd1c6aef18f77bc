import { startEmulator, type Emulator } from "../../emulator";
import { StripeClient } from "../../provider/client";
import { readConfig } from "../../provider/config";
import { StripeError } from "../../provider/errors";
import { AccountGuard } from "../../provider/guard";
import { declarationOf, type KindName } from "../../provider/registry";
import { Stack, type StackOptions } from "./engine-model";

// Every call about a resource of a connected account acts on that account: else it finds nothing, and the platform's "no such
// object" passes for "deleted", or for "never bought".

const stripeAccount = "acct_connectedone";
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ connectedAccounts: [stripeAccount] });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const stack = (kind: KindName, name = "subject", options: StackOptions = {}) =>
  new Stack(declarationOf(kind), emulator, { name, ...options });
/** The same resource of the same state, in another run. */
function continued({ state }: Stack, next: Stack): Stack {
  next.state = state;
  return next;
}
const there = (kind: string) => emulator.objects(kind, { account: stripeAccount });

test("what is deleted is deleted there", async () => {
  const endpoint = stack("WebhookEndpoint");
  await endpoint.up({ url: "https://example.com/hook", enabledEvents: ["*"], stripeAccount });
  expect(there("webhook_endpoint")).toHaveLength(1);
  await endpoint.destroy();
  expect(there("webhook_endpoint")).toEqual([]);
});

test("an order is found there after a lost state, also where its key tells nothing", async () => {
  const order = { product: "climsku_offtake_portfolio_2029", metricTons: "0.5", currency: "usd", stripeAccount };
  await stack("climate:Order").up(order);
  emulator.passTime(25 * 3600);
  await stack("climate:Order").up(order);
  expect(there("climate.order")).toHaveLength(1);
  expect(emulator.objects("climate.order")).toEqual([]);
  const purchases = emulator.requests().filter(({ method, path }) => `${method} ${path}` === "POST /v1/climate/orders");
  expect(purchases).toHaveLength(1);
});

test("a product's default moves to the new price there", async () => {
  const product = stack("Product", "product");
  await product.up({ name: "Gold", stripeAccount });
  const price = stack("Price");
  const args = { product: product.state?.id, currency: "usd", unitAmount: 100, stripeAccount };
  await price.up(args);
  await product.up({ name: "Gold", stripeAccount, defaultPrice: price.state?.id });
  await product.up({ name: "Gold", stripeAccount });
  await price.up({ ...args, unitAmount: 200 });
  expect(there("product")[0]?.default_price).toBe(price.state?.id);
});

describe("beside what is in the key's own account", () => {
  const own = { name: "Gold" };
  const connected = { ...own, stripeAccount };

  test.each<[string, Record<string, string>, { name: string; stripeAccount?: string }]>([
    ["a resource", {}, connected],
    ["a setting", { "stripe:stripeAccount": stripeAccount }, own],
  ])("stripe:accountId is that of the key, where %s names the connected one", async (_what, setting, args) => {
    const as = (accountId: string) =>
      stack("Product", "product", { config: { ...setting, "stripe:accountId": accountId } });
    await expect(as(stripeAccount).up(args)).rejects.toThrow(
      `the test key belongs to account ${emulator.accountId}, but stripe:accountId is ${stripeAccount}`,
    );
    expect(there("product")).toEqual([]);
    const product = as(emulator.accountId);
    await product.up(args);
    expect(there("product")).toHaveLength(1);
    expect(await product.preview(args)).toBe("same");
  });

  test("resources of both are compared in one run, unchanged and changed", async () => {
    const run = {};
    const both = await Promise.all(
      [own, connected].map(async (args, index) => {
        const before = stack("Product", `product-${index}`);
        await before.up(args);
        return { args, stack: continued(before, stack("Product", `product-${index}`, { run })) };
      }),
    );
    for (const [change, step] of [
      [{}, "same"],
      [{ name: "Golden" }, "update"],
      [{}, "same"],
    ] as const) {
      for (const { args, stack: product } of both) expect(await product.preview({ ...args, ...change })).toBe(step);
    }
  });

  test("resources of both are found in one run after their state was lost", async () => {
    await stack("Product", "connected").up(connected);
    await stack("Product", "own").up(own);
    emulator.passTime(25 * 3600);
    const run = {};
    await stack("Product", "connected", { run }).up(connected);
    await stack("Product", "own", { run }).up(own);
    expect(there("product")).toHaveLength(1);
    expect(emulator.objects("product")).toHaveLength(1);
  });

  test("two resources of one object are told of, though one names the account and a setting that of the other", async () => {
    const options = { run: {}, config: { "stripe:stripeAccount": stripeAccount } };
    const before = stack("Product", "named");
    await before.up(connected);
    const { inputs, outputs, id = "" } = before.state ?? {};
    const set = stack("Product", "set", options);
    set.state = {
      id,
      inputs: { ...inputs, stripeAccount: undefined },
      outputs: { ...outputs, stripeAccount: undefined },
    };
    expect(await continued(before, stack("Product", "named", options)).preview(connected)).toBe("same");
    await expect(set.preview(own)).rejects.toThrow(`::named has the object ${id} in state too`);
  });
});

test("a live key that may not tell its account is let do nothing", async () => {
  const settings: Record<string, string> = { "stripe:apiKey": "sk_live_x", "stripe:mode": "live" };
  const client = new StripeClient(readConfig({ config: (name) => settings[`stripe:${name}`], env: {} }));
  const request = { method: "GET", path: "/v1/account", attempts: 1, elapsedMs: 0, requestIds: [], replayed: false };
  jest.spyOn(client, "send").mockRejectedValue(new StripeError(403, {}, request as never));
  await expect(new AccountGuard(client).verify(undefined, undefined)).rejects.toThrow("may not read its own account");
});
