import { type Emulator, startEmulator } from "../../emulator";
import { Checkout } from "./checkout";
import { stampedName, textUnder } from "./workspace";

jest.setTimeout(180_000);

interface Features {
  subscription_update: { products: { product: string; prices: string[] }[] };
}

let emulator: Emulator;
let environment: Checkout;
beforeAll(async () => {
  emulator = await startEmulator({ accountPerKey: true });
  environment = await Checkout.of("bootstrap", {
    STRIPE_API_KEY: emulator.apiKey,
    STRIPE_API_BASE: emulator.url,
  });
});
afterAll(async () => {
  environment.close();
  await emulator.close();
});

test("an empty account is filled once, no other one at all, and its secret arrives in another stack as a secret", async () => {
  const up = "pulumi up --yes --skip-preview --non-interactive --stack dev";
  await environment.succeed("pulumi stack init dev");
  const unguarded = await environment.run(up);
  expect(unguarded.code).not.toBe(0);
  expect(unguarded.out).toMatch(/configuration variable 'stripe:accountId'/);
  await environment.succeed(`pulumi config set stripe:accountId ${emulator.accountId} --stack dev`);

  const other = "sk_test_ofanotheraccount";
  const astray = await environment.run(up, { STRIPE_API_KEY: other });
  expect(astray.code).not.toBe(0);
  expect(astray.out).toMatch(/belongs to account acct_\w+, but stripe:accountId is .*Nothing was done/);
  expect(emulator.requests().filter(({ method }) => method !== "GET")).toEqual([]);

  await environment.succeed(up);
  const names = (kind: string) => emulator.objects(kind).map(stampedName).sort();
  expect([names("product"), names("price"), names("webhook_endpoint")]).toEqual([
    ["pro", "starter"],
    ["pro-month", "pro-year", "starter-month", "starter-year"],
    ["billing", "shop"],
  ]);
  const writes = emulator.requests().filter(({ method }) => method === "POST").length;
  await environment.succeed(`${up} --expect-no-changes`);
  expect(emulator.requests().filter(({ method }) => method === "POST")).toHaveLength(writes);

  const price = (lookupKey: string) => emulator.objects("price").find((one) => one.lookup_key === lookupKey)?.id;
  /** All the portals there are, and what they offer. */
  const portals = () =>
    emulator.objects("billing_portal.configuration").map(({ id, active }) => {
      const { features } = emulator.reveal("billing_portal.configuration", id) as unknown as { features: Features };
      return {
        id,
        active,
        offers: features.subscription_update.products.map(({ product, prices }) => [product, [...prices].sort()]),
      };
    });
  const offers = () => [
    ["starter", [price("starter-month"), price("starter-year")].sort()],
    ["pro", [price("pro-month"), price("pro-year")].sort()],
  ];
  const [portal] = portals();
  expect(portals()).toEqual([{ id: portal?.id, active: true, offers: offers() }]);

  const consumer = (script: string) => environment.succeed(`cd consumer\n${script}`);
  await consumer("pulumi stack init dev");
  await consumer("pulumi config set environment organization/bootstrap/dev");
  await consumer(up);
  await consumer(`${up} --expect-no-changes`);
  const endpoint = emulator.objects("webhook_endpoint").find((object) => stampedName(object) === "shop");
  const secret = String(emulator.reveal("webhook_endpoint", endpoint?.id ?? "")?.secret);
  expect(secret).toMatch(/^whsec_/);
  const outputs = { account: emulator.accountId, proPrice: price("pro-month") };
  expect(JSON.parse(await consumer("pulumi stack output --json"))).toEqual({ ...outputs, webhookSecret: "[secret]" });
  expect(JSON.parse(await consumer("pulumi stack output --json --show-secrets"))).toEqual({
    ...outputs,
    webhookSecret: secret,
  });
  const state = textUnder(environment.stateFolder);
  expect(state).toContain("pulumi:pulumi:StackReference");
  expect(state).toContain(price("pro-month"));
  expect(state).not.toContain(secret);

  // A price that is replaced is offered in its new form, and nobody is told to see to a portal.
  const { proPrice } = outputs;
  expect(await environment.succeed(`sed -i s/2_900/3_100/ index.ts\n${up}`)).not.toContain("still offers");
  expect(price("pro-month")).not.toBe(proPrice);
  expect(portals()).toEqual([{ id: portal?.id, active: true, offers: offers() }]);
  await environment.succeed(`${up} --expect-no-changes`);

  // What can't be deleted is brought back.
  await environment.succeed("pulumi destroy --yes --skip-preview --non-interactive --stack dev");
  expect(portals()).toMatchObject([{ id: portal?.id, active: false }]);
  await environment.succeed(up);
  expect(portals()).toEqual([{ id: portal?.id, active: true, offers: offers() }]);
});
