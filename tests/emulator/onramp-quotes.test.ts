import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

let clock = 1_800_000_000_500;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(() => {
  clock = 1_800_000_000_500;
});
afterAll(() => emulator.close());

const path = "/v1/crypto/onramp/quotes";
const ask = (query: string) => send(emulator, "GET", `${path}?${query}`);
interface Quote {
  destination_amount: string;
  destination_currency: string;
  fees: { network_fee_monetary: string; transaction_fee_monetary: string };
  source_total_amount: string;
}
const quotesOf = (body: Record<string, unknown>) =>
  body["destination_network_quotes"] as Record<string, Quote[] | null>;

test("everything is quoted when nothing is chosen", async () => {
  const { body } = await ask("");
  expect(body).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    object: "crypto.onramp.quotes",
    livemode: false,
    rate_fetched_at: 1_800_000_000.5,
    source_amount: "100.00",
    source_currency: "usd",
  });
  expect(Object.keys(quotesOf(body)).sort()).toEqual([
    "avalanche",
    "base_network",
    "bitcoin",
    "ethereum",
    "polygon",
    "solana",
    "stellar",
  ]);
  expect(quotesOf(body)["base_network"]?.[1]).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    destination_amount: "100.000000",
    destination_currency: "usdc",
    destination_network: "base",
    fees: { network_fee_monetary: "0.03", transaction_fee_monetary: "4.04" },
    source_total_amount: "104.07",
  });
});

test("lists narrow, empty ones don't, amounts go either way", async () => {
  const narrowed = await ask(
    "destination_networks[]=ethereum&destination_networks[]=celo&destination_currencies[]=usdc",
  );
  expect(quotesOf(narrowed.body)).toMatchObject({ ethereum: [{ destination_currency: "usdc" }], celo: null });
  expect(Object.keys(quotesOf((await ask("destination_networks=&destination_currencies=")).body))).toHaveLength(7);
  const bought = await ask("destination_amount=0.5&destination_currencies[]=eth&destination_networks[]=ethereum");
  const [quote] = quotesOf(bought.body)["ethereum"] ?? [];
  expect(quote?.destination_amount).toBe("0.500000000000000000");
  expect(Number(quote?.source_total_amount)).toBeGreaterThan(1750);
  expect((await ask("source_amount=0.01")).body["source_amount"]).toBe("0.01");
});

test("every read differs, and none is kept", async () => {
  const first = await ask("");
  clock += 1000;
  const second = await ask("");
  expect(second.body["id"]).not.toBe(first.body["id"]);
  expect(quotesOf(second.body)).not.toEqual(quotesOf(first.body));
  expect((await send(emulator, "GET", `${path}/${String(first.body["id"])}`)).status).toBe(404);
  expect((await send(emulator, "POST", path)).status).toBe(404);
});

const usdc = "destination_currencies[]=usdc";
test.each([
  [`source_amount=1&destination_amount=1&${usdc}&destination_networks[]=base`, "destination_amount"],
  [`destination_amount=1&destination_networks[]=base`, "destination_currencies"],
  [`destination_amount=1&${usdc}&destination_currencies[]=eth&destination_networks[]=base`, "destination_currencies"],
  [`destination_amount=1&${usdc}`, "destination_networks"],
  [`destination_amount=1&${usdc}&destination_networks[]=base&destination_networks[]=solana`, "destination_networks"],
  [`destination_amount=0.0000001&${usdc}&destination_networks[]=base`, "destination_amount"],
  ["source_amount=0", "source_amount"],
  ["source_amount=1.001", "source_amount"],
  ["source_currency=eur", "source_currency"],
  ["destination_currencies[]=doge", "destination_currencies[0]"],
  ["destination_networks[]=base_network", "destination_networks[0]"],
  ["limit=1", "limit"],
])("%s is refused", async (query, param) => {
  const { status, error } = await ask(query);
  expect([status, error.type, error.param]).toEqual([400, "invalid_request_error", param]);
});

test("the older path answers only where it is asked for", async () => {
  expect((await send(emulator, "GET", "/v1/crypto/onramp_quotes")).status).toBe(404);
  const older = await startEmulator({ olderOnrampQuotesPath: true });
  for (const target of ["/v1/crypto/onramp_quotes", path]) {
    expect((await send(older, "GET", target)).body["object"]).toBe("crypto.onramp.quotes");
  }
  await older.close();
});

test("the official client reaches it by raw requests", async () => {
  const stripe = officialClient(emulator);
  const quotes: unknown = await stripe.rawRequest("GET", `${path}?destination_networks[0]=solana`);
  expect(quotes).toMatchObject({ destination_network_quotes: { solana: [{}, {}] } });
});
