import { networkInterfaces } from "node:os";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { hookForm, send } from "./client";

const key = "sk_test_4eC39HqLyjWDarjtT1zdp7dc";
const reader = "rk_test_reader000000000000001111";
const writer = "rk_test_writer000000000000002222";
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({
    apiKey: key,
    apiKeys: ["sk_test_second000000000000003333"],
    accountId: "acct_1Own",
    connectedAccounts: ["acct_1Connected"],
    restrictedKeys: { [reader]: ["webhook_endpoint_read"], [writer]: ["rak_webhook_endpoint_write"] },
  });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const path = "/v1/webhook_endpoints";
const as = (authorization: string) => send(emulator, "GET", path, undefined, { authorization });

test("Bearer and Basic are both taken, and every key of the account", async () => {
  const basic = Buffer.from(`${key}:`).toString("base64");
  for (const header of [
    `Bearer ${key}`,
    `bearer ${key}`,
    `Basic ${basic}`,
    "Bearer sk_test_second000000000000003333",
  ]) {
    expect((await as(header)).status).toBe(200);
  }
});

test.each(["", "Bearer", "Bearer ", "Digest abc", `Basic ${Buffer.from(":").toString("base64")}`])(
  "no key in %j: 401",
  async (header) => {
    const { status, error, headers } = await as(header);
    expect([status, error.type]).toEqual([401, "invalid_request_error"]);
    expect(error.message).toMatch(/^You did not provide an API key\./);
    expect(headers.get("request-id")).toMatch(/^req_/);
  },
);

test("an unknown key: 401 that shows only its ends", async () => {
  const { status, error } = await as("Bearer sk_test_unknownunknownunknown9876");
  expect(status).toBe(401);
  expect(error.message).toMatch(/^Invalid API Key provided: sk_test_\*+9876$/);
  expect((await as("Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc")).error.message).toMatch(/: sk_live_\*+p7dc$/);
  expect((await as("Bearer short")).error.message).toBe("Invalid API Key provided: ***");
});

test("a restricted key does what it may; a refusal names account and permission", async () => {
  const bearer = (name: string) => ({ authorization: `Bearer ${name}` });
  expect((await send(emulator, "GET", path, undefined, bearer(reader))).status).toBe(200);
  const refused = await send(emulator, "POST", path, hookForm, bearer(reader));
  expect([refused.status, refused.error.type]).toEqual([403, "invalid_request_error"]);
  expect(refused.error.message).toContain("'acct_1Own'");
  expect(refused.error.message).toContain("'rak_webhook_endpoint_write'");
  expect(refused.error.message).not.toContain(reader);
  expect((await send(emulator, "POST", path, hookForm, bearer(writer))).status).toBe(200);
  expect((await send(emulator, "GET", path, undefined, bearer(writer))).status).toBe(200);
  expect((await send(emulator, "GET", "/v1/account", undefined, bearer(writer))).status).toBe(403);
});

test("the log never shows a key", async () => {
  await as(`Bearer ${key}`);
  await as(`Basic ${Buffer.from(`${key}:`).toString("base64")}`);
  const log = JSON.stringify(emulator.requests());
  expect(log).toContain("p7dc");
  expect(log).not.toContain(key);
  expect(log).not.toContain(Buffer.from(`${key}:`).toString("base64"));
});

test("the account is the key's own, or a connected one by header", async () => {
  const account = (headers: Record<string, string> = {}) => send(emulator, "GET", "/v1/account", undefined, headers);
  const own = (await account()).body;
  expect(own).toMatchObject({
    id: "acct_1Own",
    object: "account",
    default_currency: "usd",
    country: "US",
    charges_enabled: true,
  });
  expect(own).not.toHaveProperty("livemode");
  expect((await account({ "stripe-account": "acct_1Connected" })).body["id"]).toBe("acct_1Connected");
  expect((await account({ "stripe-context": "acct_1Own/acct_1Connected" })).body["id"]).toBe("acct_1Connected");
  const foreign = await account({ "stripe-account": "acct_1Foreign" });
  expect([foreign.status, foreign.error.code]).toEqual([403, "account_invalid"]);
  expect((await send(emulator, "GET", "/v1/accounts/acct_1Own")).body["id"]).toBe("acct_1Own");
});

test("the balance is the option's, by currency", async () => {
  const rich = await startEmulator({ balance: { eur: 0, usd: 12 }, livemode: true });
  expect((await send(rich, "GET", "/v1/balance")).body).toMatchObject({
    object: "balance",
    available: [
      { amount: 0, currency: "eur" },
      { amount: 12, currency: "usd" },
    ],
    livemode: true,
  });
  expect(rich.apiKey).toMatch(/^sk_live_/);
  await rich.close();
});

test("the mode follows the key, and keys of the other mode are a mistake", async () => {
  const live = await startEmulator({ apiKey: "sk_live_1234567890" });
  expect((await send(live, "POST", path, hookForm)).body["livemode"]).toBe(true);
  await live.close();
  await expect(startEmulator({ apiKey: "sk_live_1234567890", livemode: false })).rejects.toThrow(TypeError);
  await expect(startEmulator({ restrictedKeys: { pk_test_1: [] } })).rejects.toThrow(TypeError);
});

test("an option there is none of is a mistake, which JavaScript would let pass", async () => {
  const misspelled = { allowLocalUrl: true } as EmulatorOptions;
  await expect(startEmulator(misspelled)).rejects.toThrow(
    "startEmulator: there is no option 'allowLocalUrl'; the nearest is 'allowLocalUrls'",
  );
});

test("it listens on loopback only", async () => {
  expect(emulator.url).toBe(`http://127.0.0.1:${emulator.port}`);
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4");
  if (outward !== undefined) await expect(fetch(`http://${outward.address}:${emulator.port}${path}`)).rejects.toThrow();
});

test("two emulators are two accounts", async () => {
  const other = await startEmulator();
  expect(other.accountId).not.toBe(emulator.accountId);
  expect((await send({ url: other.url, apiKey: key }, "GET", path)).status).toBe(401);
  await send(other, "POST", path, hookForm);
  expect(emulator.objects("webhook_endpoint")).toEqual([]);
  await expect(startEmulator({ port: other.port })).rejects.toThrow("EADDRINUSE");
  await other.close();
});
