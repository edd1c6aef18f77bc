/*
 * Tags of sources: [docs] Stripe's documentation, [openapi] its public spec, [node] stripe-node's types, [py-alpha]
 * stripe-python's private preview, [3rd] third parties' transcripts. What has none is said to be unconfirmed.
 */
/** Coins an onramp session may buy. [py-alpha; docs: Create a CryptoOnrampSession] */
export const onrampCurrencies = ["avax", "btc", "eth", "matic", "ripusd", "sol", "usdc", "usdt", "wld", "xlm"] as const;

/** Networks coins are delivered on. [py-alpha; docs] */
export const onrampNetworks = [
  "avalanche",
  "base",
  "bitcoin",
  "celo",
  "ethereum",
  "optimism",
  "polygon",
  "solana",
  "stellar",
  "sui",
  "tempo",
  "worldchain",
] as const;

/** Money a session takes, and its decimals: no fractions of a cent. [py-alpha; docs] That cop has two is ISO 4217. */
export const sourceCurrencies = ["cad", "cop", "eur", "gbp", "php", "usd"] as const;
export const sourceDecimals = 2;

export const onrampStatuses = [
  "fulfillment_complete",
  "fulfillment_processing",
  "initialized",
  "rejected",
  "requires_payment",
] as const;

/** What a session offers where its request leaves the choice open, in the order of Stripe's sample. [docs: the object] */
export const offeredCurrencies = ["btc", "eth", "matic", "sol", "xlm", "avax", "usdc"] as const;
export const offeredNetworks = ["bitcoin", "ethereum", "base", "polygon", "solana", "stellar", "avalanche"] as const;

/** Full precision of each coin. [docs: eth 18; the others are those of the coins themselves] */
export const coinDecimals: Readonly<Record<(typeof onrampCurrencies)[number], number>> = {
  avax: 18,
  btc: 8,
  eth: 18,
  matic: 18,
  ripusd: 18,
  sol: 9,
  usdc: 6,
  usdt: 6,
  wld: 18,
  xlm: 7,
};

/** Coins by network, those that can be quoted. [docs: Retrieve CryptoOnrampQuotes, the sample] Invented beyond it. */
export const coinsByNetwork: Readonly<
  Partial<Record<(typeof onrampNetworks)[number], readonly (typeof onrampCurrencies)[number][]>>
> = {
  avalanche: ["avax", "usdc"],
  base: ["eth", "usdc"],
  bitcoin: ["btc"],
  ethereum: ["eth", "usdc"],
  polygon: ["matic", "usdc"],
  solana: ["sol", "usdc"],
  stellar: ["xlm", "usdc"],
};

/** Invented prices of one coin in cents of a dollar. */
export const coinCents: Readonly<Record<(typeof onrampCurrencies)[number], number>> = {
  avax: 2878,
  btc: 9_500_000,
  eth: 350_000,
  matic: 55,
  ripusd: 100,
  sol: 15_000,
  usdc: 100,
  usdt: 100,
  wld: 120,
  xlm: 25,
};

/** Networks are called so in answers where the name differs. [py-alpha; docs: the quotes sample] */
export function spellingInAnswers(network: string): string {
  return network === "base" ? "base_network" : network;
}

/** Addresses of documentation stand for a region Stripe can't serve; which are is unconfirmed. [RFC 5737] */
export const unsupportedRegion = /^203\.0\.113\.|^2001:db8:/i;
