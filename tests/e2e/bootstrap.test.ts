import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Emulator, startEmulator } from "../../emulator";
import { Checkout } from "./checkout";
import { stampedName, textUnder } from "./workspace";

jest.setTimeout(180_000);

const readme = readFileSync(resolve(__dirname, "../../examples/bootstrap/README.md"), "utf8");
/** The lines of shell in the README that hold a text. */
const told = (holding: string): string => {
  const blocks = Array.from(readme.matchAll(/```sh\n(.*?)```/gs), ([, block]) => block ?? "");
  const found = blocks.filter((block) => block.includes(holding));
  expect(found).toHaveLength(1);
  return found[0] ?? "";
};

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

  await environment.succeed(told("billing_portal"));
  const [portal] = emulator.objects("billing_portal.configuration");
  const price = (lookupKey: string) => emulator.objects("price").find((one) => one.lookup_key === lookupKey)?.id;
  expect(emulator.reveal("billing_portal.configuration", portal?.id ?? "")?.features).toMatchObject({
    subscription_update: {
      enabled: true,
      products: [
        { product: "starter", prices: [price("starter-month"), price("starter-year")] },
        { product: "pro", prices: [price("pro-month"), price("pro-year")] },
      ],
    },
  });

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
});
