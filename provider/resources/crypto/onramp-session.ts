import { z } from "zod";
import { defineResource, fixed, identity, metadata, secret, set, writeOnly, type Finding } from "../../declare";

const currency = z.enum(["avax", "btc", "eth", "matic", "ripusd", "sol", "usdc", "usdt", "wld", "xlm"]);
const network = z.enum([
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
]);
const amount = z.string().regex(/^\d+(\.\d+)?$/, 'must be a decimal string such as "12.50"');
const nonEmpty = "must name at least one, or be left out";

/**
 * Sent once and kept as declared: the buyer may choose otherwise in the session, which is no drift and shows in
 * `transactionDetails`. Part of the identity, so that no session made with other values, another wallet's above all, is ever
 * taken for this one.
 */
const sent = <S extends z.ZodType>(schema: S) => identity(writeOnly(schema));

const wallets = {
  ...(Object.fromEntries(network.options.map((name) => [name, z.string().min(1).optional()])) as Record<
    z.output<typeof network>,
    z.ZodOptional<z.ZodString>
  >),
  /** Tags that some networks want beside the address. */
  destinationTags: z.strictObject({ stellar: z.string().optional() }).optional(),
};

/**
 * One person's purchase of crypto currency. A session is made once and never changed; a changed argument makes another one.
 * https://docs.stripe.com/api/crypto/onramp_sessions (preview: the account has to be approved)
 */
export const onrampSession = defineResource({
  kind: "OnrampSession",
  namespace: "crypto",
  object: "crypto.onramp_session",
  api: { path: "/v1/crypto/onramp_sessions", source: "https://docs.stripe.com/api/crypto/onramp_sessions" },
  inputs: {
    /** Addresses to deliver to, by network. Needs `destinationNetwork` or `destinationNetworks`. */
    walletAddresses: secret(sent(z.strictObject(wallets))).optional(),
    /** Whether the buyer can't change the address. */
    lockWalletAddress: sent(z.boolean()).optional(),
    /** Money to spend, fees included, as a decimal string. Either this or `destinationAmount`. */
    sourceAmount: sent(amount.regex(/^\d+(\.\d{1,2}0*)?$/, "must not have fractions of a cent")).optional(),
    /** Lower-case ISO code of the money. */
    sourceCurrency: sent(z.enum(["cad", "cop", "eur", "gbp", "php", "usd"])).optional(),
    /** Crypto currency to deliver, as a decimal string. Needs `destinationCurrency` and `destinationNetwork`. */
    destinationAmount: sent(amount).optional(),
    /** The crypto currency that is chosen at first. */
    destinationCurrency: sent(currency).optional(),
    /** The crypto currencies the buyer can choose from. Order carries no meaning. */
    destinationCurrencies: sent(set(z.array(currency).min(1, { error: nonEmpty }))).optional(),
    /** The network that is chosen at first. */
    destinationNetwork: sent(network).optional(),
    /** The networks the buyer can choose from. Order carries no meaning. */
    destinationNetworks: sent(set(z.array(network).min(1, { error: nonEmpty }))).optional(),
    /** How fast it is delivered: `instant`, Stripe's default, or `standard`. */
    settlementSpeed: sent(z.enum(["instant", "standard"])).optional(),
    /** The buyer's address in the internet; regions that aren't served are refused. */
    customerIpAddress: secret(sent(z.union([z.ipv4(), z.ipv6()], { error: "must be an IP address" }))).optional(),
    /** What is known of the buyer, in Stripe's own field names, which are not published. */
    kycDetails: secret(sent(z.record(z.string(), z.string()))).optional(),
    /** Your own keys and values, at most 46; Stripe takes them at creation only. */
    metadata: fixed(metadata()).optional(),
  },
  outputs: {
    /** For the embedded widget. */
    clientSecret: secret(z.string()),
    /** Page of Stripe's where the buyer can go instead. */
    redirectUrl: secret(z.string().optional()),
    /** `initialized`, `rejected`, `requires_payment`, `fulfillment_processing` or `fulfillment_complete`. */
    status: z.string(),
    /** What the buyer chose and what became of it, with the address. */
    transactionDetails: secret(
      z.object({
        destinationAmount: z.string().optional(),
        destinationCurrency: z.string().optional(),
        destinationNetwork: z.string().optional(),
        fees: z
          .object({ networkFeeAmount: z.string().optional(), transactionFeeAmount: z.string().optional() })
          .optional(),
        sourceAmount: z.string().optional(),
        sourceCurrency: z.string().optional(),
        transactionId: z.string().optional(),
        walletAddress: z.string().optional(),
      }),
    ),
    /** Whether something is known of the buyer. */
    kycDetailsProvided: z.boolean(),
    /** When it was created, in Unix seconds. */
    created: z.number(),
    livemode: z.boolean(),
  },
  createOnce: true,
  missing: "error",
  transient: true,
  isEnded: ({ status }) => status === "fulfillment_complete" || status === "rejected",
  ends: {
    by: "forget",
    remains: ({ status }) =>
      `the onramp session can't be ended at Stripe: it stays ${String(status)} there, and is only forgotten here`,
  },
  rules: [
    {
      fields: ["sourceAmount", "destinationAmount"],
      check: ({ sourceAmount, destinationAmount }) =>
        sourceAmount !== undefined && destinationAmount !== undefined
          ? [{ path: "destinationAmount", message: "and sourceAmount exclude each other: give one" }]
          : [],
    },
    {
      fields: ["destinationAmount", "destinationCurrency", "destinationNetwork"],
      check: (inputs): Finding[] =>
        inputs.destinationAmount === undefined
          ? []
          : ["destinationCurrency", "destinationNetwork"]
              .filter((path) => inputs[path] === undefined)
              .map((path) => ({ path, message: "is required with destinationAmount" })),
    },
    {
      fields: ["destinationCurrency", "destinationCurrencies"],
      check: ({ destinationCurrency: one, destinationCurrencies: all }) => isAmong("destinationCurrency", one, all),
    },
    {
      fields: ["destinationNetwork", "destinationNetworks"],
      check: ({ destinationNetwork: one, destinationNetworks: all }) => isAmong("destinationNetwork", one, all),
    },
    {
      fields: ["walletAddresses", "destinationNetwork", "destinationNetworks"],
      check: ({ walletAddresses, destinationNetwork, destinationNetworks }) =>
        walletAddresses !== undefined && destinationNetwork === undefined && destinationNetworks === undefined
          ? [{ path: "walletAddresses", message: "needs destinationNetwork or destinationNetworks" }]
          : [],
    },
  ],
  samples: {
    minimal: {},
    full: {
      walletAddresses: { ethereum: "0x0000000000000000000000000000000000000000" },
      lockWalletAddress: true,
      sourceAmount: "12.50",
      sourceCurrency: "usd",
      destinationCurrency: "eth",
      destinationCurrencies: ["usdc", "eth"],
      destinationNetwork: "ethereum",
      destinationNetworks: ["ethereum"],
      settlementSpeed: "instant",
      customerIpAddress: "198.51.100.0",
      kycDetails: { first_name: "Jenny" },
      metadata: { cart: "0" },
    },
    update: {},
    replace: [{ sourceAmount: "10" }, { lockWalletAddress: false }, { triggers: ["again"] }],
    invalid: [
      { args: { sourceAmount: "1", destinationAmount: "1" }, path: "destinationAmount" },
      { args: { destinationAmount: "1", destinationCurrency: "eth" }, path: "destinationNetwork" },
      { args: { sourceAmount: "1.005" }, path: "sourceAmount" },
      { args: { destinationCurrency: "doge" }, path: "destinationCurrency" },
      { args: { destinationCurrencies: [] }, path: "destinationCurrencies" },
      { args: { destinationCurrency: "eth", destinationCurrencies: ["btc"] }, path: "destinationCurrency" },
      { args: { destinationNetwork: "base", destinationNetworks: ["celo"] }, path: "destinationNetwork" },
      { args: { walletAddresses: { ethereum: "0x0" } }, path: "walletAddresses" },
      {
        args: { walletAddresses: { dogechain: "0x0" }, destinationNetwork: "base" },
        path: "walletAddresses.dogechain",
      },
      { args: { customerIpAddress: "localhost" }, path: "customerIpAddress" },
    ],
  },
});

function isAmong(path: string, one: unknown, all: unknown): Finding[] {
  return one === undefined || all === undefined || (all as unknown[]).includes(one)
    ? []
    : [{ path, message: `must be among those of ${path.replace(/y$/, "ie")}s` }];
}
