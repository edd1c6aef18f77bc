import { startEmulator, type Emulator } from "../../emulator";
import { StripeClient } from "../../provider/client";
import { readConfig } from "../../provider/config";
import { StripeError } from "../../provider/errors";
import { AccountGuard } from "../../provider/guard";
import { declarationOf, type KindName } from "../../provider/registry";
import { Stack } from "./engine-model";

// Every call about a resource of a connected account acts on that account: else it finds nothing, and the platform's "no such
// object" passes for "deleted", or for "never bought".

const stripeAccount = "acct_connectedone";
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ connectedAccounts: [stripeAccount] });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const stack = (kind: KindName, name?: string) =>
  new Stack(declarationOf(kind), emulator, name === undefined ? {} : { name });
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

test("a live key that may not tell its account is let do nothing", async () => {
  const settings: Record<string, string> = { "stripe:apiKey": "sk_live_x", "stripe:mode": "live" };
  const client = new StripeClient(readConfig({ config: (name) => settings[`stripe:${name}`], env: {} }));
  const request = { method: "GET", path: "/v1/account", attempts: 1, elapsedMs: 0, requestIds: [], replayed: false };
  jest.spyOn(client, "send").mockRejectedValue(new StripeError(403, {}, request as never));
  await expect(new AccountGuard(client).verify(undefined, undefined)).rejects.toThrow("may not read its own account");
});
