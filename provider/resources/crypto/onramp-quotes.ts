import { z } from "zod";
import { type DataSource } from "../../declare";

const quote = {
  /** Identifies this estimate. */
  id: z.string(),
  /** Crypto currency that would be delivered, as a decimal string. */
  destinationAmount: z.string(),
  destinationCurrency: z.string(),
  destinationNetwork: z.string(),
  /** What it costs beside the coins, as decimal strings. */
  fees: z.object({ networkFeeMonetary: z.string(), transactionFeeMonetary: z.string() }),
  /** All the money it would take, as a decimal string. */
  sourceTotalAmount: z.string(),
};

/** Estimates, for display. https://docs.stripe.com/api/crypto/onramp_quotes (preview) */
export const onrampQuotes = {
  path: "/v1/crypto/onramp/quotes",
  olderPath: "/v1/crypto/onramp_quotes",
  params: {
    sourceAmount: z.string().optional(),
    sourceCurrency: z.string().optional(),
    destinationAmount: z.string().optional(),
    destinationCurrencies: z.array(z.string()).optional(),
    destinationNetworks: z.array(z.string()).optional(),
  },
  shape: {
    /** Estimates by network. */
    destinationNetworkQuotes: z.record(z.string(), z.array(z.object(quote)).optional()),
    livemode: z.boolean(),
    /** When the rates were read, in Unix seconds with fractions. */
    rateFetchedAt: z.number(),
    sourceAmount: z.string().optional(),
    sourceCurrency: z.string().optional(),
  },
} satisfies DataSource;
