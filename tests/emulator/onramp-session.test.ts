import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

let clock = 1_800_000_000_000;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(() => {
  clock = 1_800_000_000_000;
  emulator.reset();
});
afterAll(() => emulator.close());

const kind = "crypto.onramp_session";
const path = "/v1/crypto/onramp_sessions";
const create = (form: Record<string, string> = {}) => send(emulator, "POST", path, form);

test("nothing is required, and everything is shown", async () => {
  const made = await create();
  const id = String(made.body["id"]);
  expect(made.body).toEqual({
    id: expect.stringMatching(/^cos_[A-Za-z0-9]{24}$/) as string,
    object: kind,
    client_secret: expect.stringContaining(`${id}_secret_`) as string,
    created: 1_800_000_000,
    kyc_details_provided: false,
    livemode: false,
    metadata: {},
    redirect_url: null,
    status: "initialized",
    transaction_details: {
      destination_amount: null,
      destination_currencies: ["btc", "eth", "matic", "sol", "xlm", "avax", "usdc"],
      destination_currency: null,
      destination_network: null,
      destination_networks: ["bitcoin", "ethereum", "base", "polygon", "solana", "stellar", "avalanche"],
      fees: null,
      lock_wallet_address: false,
      settlement_speed: "instant",
      source_amount: null,
      source_currency: null,
      transaction_id: null,
      wallet_address: null,
      wallet_addresses: null,
    },
  });
  expect((await send(emulator, "GET", `${path}/${id}`)).body).toEqual(made.body);
  expect(emulator.objects("event")).toEqual([]);
});

test("inputs come back under transaction_details", async () => {
  const { body } = await create({
    customer_ip_address: "8.8.8.8",
    "destination_currencies[0]": "usdc",
    "destination_currencies[1]": "eth",
    destination_currency: "eth",
    "destination_networks[0]": "base",
    destination_network: "base",
    destination_amount: "0.000000000000000001",
    source_currency: "eur",
    "wallet_addresses[base]": "0xb",
    "wallet_addresses[stellar]": "G",
    "wallet_addresses[destination_tags][stellar]": "7",
    lock_wallet_address: "true",
    settlement_speed: "standard",
    "kyc_details[first_name]": "Jenny",
    "metadata[a]": "0",
  });
  expect(body).toMatchObject({ kyc_details_provided: true, metadata: { a: "0" } });
  expect(body).not.toHaveProperty("customer_ip_address");
  expect(JSON.stringify(body)).not.toContain("Jenny");
  expect(body["transaction_details"]).toMatchObject({
    destination_amount: "0.000000000000000001",
    destination_currencies: ["usdc", "eth"],
    destination_currency: "eth",
    destination_network: "base",
    destination_networks: ["base"],
    lock_wallet_address: true,
    settlement_speed: "standard",
    source_currency: "eur",
    wallet_addresses: { base_network: "0xb", stellar: "G", bitcoin: null, destination_tags: { stellar: "7" } },
  });
});

const coin = { destination_currency: "usdc", destination_network: "solana" };
test.each([
  [{ source_amount: "1", destination_amount: "1", ...coin }, "destination_amount", "parameters_exclusive"],
  [{ destination_amount: "1", destination_network: "solana" }, "destination_currency", "parameter_missing"],
  [{ destination_amount: "1", destination_currency: "usdc" }, "destination_network", "parameter_missing"],
  [{ destination_amount: "0.0000001", ...coin }, "destination_amount", undefined],
  [{ destination_amount: "0", ...coin }, "destination_amount", undefined],
  [{ source_amount: "0.001" }, "source_amount", undefined],
  [{ source_amount: "0.00" }, "source_amount", undefined],
  [{ source_amount: "-1" }, "source_amount", undefined],
  [{ source_amount: "1e2" }, "source_amount", undefined],
  [{ source_currency: "jpy" }, "source_currency", undefined],
  [{ destination_currency: "doge" }, "destination_currency", undefined],
  [{ destination_network: "lightning" }, "destination_network", undefined],
  [{ "destination_currencies[0]": "btc", destination_currency: "eth" }, "destination_currency", undefined],
  [{ "destination_networks[0]": "base", destination_network: "solana" }, "destination_network", undefined],
  [{ destination_currencies: "" }, "destination_currencies", "parameter_invalid_empty"],
  [{ destination_networks: "" }, "destination_networks", "parameter_invalid_empty"],
  [{ "wallet_addresses[ethereum]": "0x" }, "destination_network", "parameter_missing"],
  [
    { destination_network: "solana", "wallet_addresses[lightning]": "l" },
    "wallet_addresses[lightning]",
    "parameter_unknown",
  ],
  [
    { destination_network: "stellar", "wallet_addresses[destination_tags][stellar]": "7" },
    "wallet_addresses[stellar]",
    "parameter_missing",
  ],
  [{ lock_wallet_address: "true" }, "wallet_addresses", "parameter_missing"],
  [{ lock_wallet_address: "maybe" }, "lock_wallet_address", undefined],
  [{ settlement_speed: "slow" }, "settlement_speed", undefined],
  [{ customer_ip_address: "home" }, "customer_ip_address", undefined],
  [{ customer_ip_address: "203.0.113.7" }, "customer_ip_address", "crypto_onramp_unsupportable_customer"],
  [{ customer_ip_address: "2001:db8::1" }, "customer_ip_address", "crypto_onramp_unsupportable_customer"],
  [{ metadata: "" }, "metadata", "parameter_invalid_empty"],
  [{ status: "rejected" }, "status", "parameter_unknown"],
])("%j opens nothing", async (form, param, code) => {
  const { status, error } = await create(form);
  expect([status, error.type, error.param, error.code]).toEqual([400, "invalid_request_error", param, code]);
  expect(emulator.objects(kind)).toEqual([]);
});

test("a paid session is fulfilled step by step, with an event for each, and then names its transaction", async () => {
  const id = String((await create({ source_amount: "10.00" })).body["id"]);
  expect(() => emulator.advance(kind, id, "fulfillment_complete")).toThrow("is initialized");
  emulator.advance(kind, id, "requires_payment");
  const fees = { network_fee_amount: "0.03", transaction_fee_amount: "0.44" };
  emulator.advance(kind, id, "fulfillment_processing", { transaction_details: { fees } });
  const processing = await send(emulator, "GET", `${path}/${id}`);
  expect(processing.body).toMatchObject({
    status: "fulfillment_processing",
    transaction_details: { transaction_id: null, fees, source_amount: "10.00" },
  });
  emulator.advance(kind, id, "fulfillment_complete");
  const done = await send(emulator, "GET", `${path}/${id}`);
  expect(done.body["transaction_details"]).toMatchObject({
    transaction_id: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
  });
  expect(() => emulator.advance(kind, id, "rejected")).toThrow("can't go to 'rejected'");
  const second = String((await create()).body["id"]);
  expect(emulator.advance(kind, second, "rejected")["status"]).toBe("rejected");
  const told = emulator.objects("event").reverse();
  expect(new Set(told.map(({ type }) => type))).toEqual(new Set(["crypto.onramp_session.updated"]));
  expect(told.map(({ data }) => (data as { object: { status: string } }).object.status)).toEqual([
    "requires_payment",
    "fulfillment_processing",
    "fulfillment_complete",
    "rejected",
  ]);
});

test("sessions are listed and filtered, never changed or deleted", async () => {
  const one = String((await create({ destination_currency: "btc" })).body["id"]);
  clock += 10_000;
  const two = String((await create({ destination_network: "base" })).body["id"]);
  emulator.advance(kind, two, "rejected");
  const ids = async (query: string) => {
    const { body } = await send(emulator, "GET", `${path}?${query}`);
    return (body["data"] as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids("")).toEqual([two, one]);
  expect(await ids("status=initialized")).toEqual([one]);
  expect(await ids("destination_currency=btc")).toEqual([one]);
  expect(await ids("destination_network=base")).toEqual([two]);
  expect(await ids("created[gte]=1800000010")).toEqual([two]);
  expect((await send(emulator, "GET", `${path}?status=paid`)).error.param).toBe("status");
  for (const [method, target] of [
    ["POST", `${path}/${one}`],
    ["DELETE", `${path}/${one}`],
    ["POST", `${path}/${one}/cancel`],
  ] as const) {
    expect((await send(emulator, method, target)).status).toBe(404);
  }
});

test("the official client reaches it by raw requests", async () => {
  const stripe = officialClient(emulator);
  const made = (await stripe.rawRequest("POST", path, { source_amount: "5.00", metadata: { a: "1" } })) as unknown as {
    id: string;
    transaction_details: { source_amount: string };
  };
  expect(made.transaction_details.source_amount).toBe("5.00");
  const seen: unknown = await stripe.rawRequest("GET", `${path}/${made.id}`);
  expect(seen).toMatchObject({ id: made.id, metadata: { a: "1" } });
});
