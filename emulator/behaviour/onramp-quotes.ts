import { createHash } from "node:crypto";
import { Refusal } from "../errors";
import {
  spellingInAnswers,
  coinCents,
  coinDecimals,
  coinsByNetwork,
  onrampCurrencies,
  onrampNetworks,
} from "../facts/onramp";
import { type Call, defineKind, type Extra, type SingletonObject } from "../kind";
import { type AnyParams, type ParamsOf } from "../params";
import { checkCoinAmount, checkSourceAmount, refuseBothAmounts } from "./onramp-rules";

type Coin = (typeof onrampCurrencies)[number];
type Network = (typeof onrampNetworks)[number];

// An empty list means everything. [docs]
const params = {
  destination_amount: { type: "decimal", decimals: 18 },
  destination_currencies: { type: "list", unsettable: true, items: { type: "string", enum: onrampCurrencies } },
  destination_networks: { type: "list", unsettable: true, items: { type: "string", enum: onrampNetworks } },
  source_amount: { type: "decimal", decimals: 18 },
  source_currency: { type: "string", enum: ["usd"] },
} as const;

/** What is bought where neither amount is given: that of the sample. [docs: the object] */
const usualSourceAmount = "100.00";

const route = (path: string, available?: Extra["available"]): Extra => ({
  method: "GET",
  path,
  params,
  handle: (call: Call, _path, given: AnyParams) => quote(call, given),
  ...(available !== undefined && { available }),
});

/** Estimates of what an onramp session would buy: computed anew by each read, kept nowhere. [docs: Quotes API] */
export const onrampQuotesKind = defineKind({
  name: "crypto.onramp.quotes",
  noun: "crypto onramp quotes",
  path: "/v1/crypto/onramp/quotes",
  idParam: "quotes",
  permission: "crypto_onramp_quote",
  extras: [
    route("/v1/crypto/onramp/quotes"),
    route("/v1/crypto/onramp_quotes", ({ olderOnrampQuotesPath }) => olderOnrampQuotesPath),
  ],
});

/** [docs: Retrieve CryptoOnrampQuotes] Prices and fees are invented and move with the clock; texts unconfirmed. */
function quote(call: Call, given: ParamsOf<typeof params>): SingletonObject {
  const wanted = given.destination_amount;
  const coins = given.destination_currencies ?? [];
  const networks = given.destination_networks ?? [];
  refuseBothAmounts(given);
  checkSourceAmount(given.source_amount);
  const coin = coins[0];
  if (wanted !== undefined) {
    if (coin === undefined || coins.length > 1) throw exactlyOne("destination_currencies");
    if (networks.length !== 1) throw exactlyOne("destination_networks");
    checkCoinAmount(wanted, coin);
  }
  const fetchedAt = call.settings.now() / 1000;
  const sourceAmount = cents(given.source_amount ?? usualSourceAmount);
  const entries = Object.entries(coinsByNetwork) as [Network, readonly Coin[]][];
  const quotes = entries
    .filter(([network]) => networks.length === 0 || networks.includes(network))
    .map(([network, offered]) => [
      spellingInAnswers(network),
      offered
        .filter((one) => coins.length === 0 || coins.includes(one))
        .map((one) => quoteOne(network, one, wanted, sourceAmount, fetchedAt)),
    ]);
  // That a network without quotes is null is unconfirmed. [docs: "nullable array"]
  const without = networks.filter((network) => coinsByNetwork[network] === undefined).map((network) => [network, null]);
  return {
    id: digest(`${fetchedAt} ${JSON.stringify(given)}`),
    object: "crypto.onramp.quotes",
    destination_network_quotes: Object.fromEntries([...quotes, ...without]) as Record<string, unknown>,
    livemode: call.livemode,
    rate_fetched_at: fetchedAt,
    source_amount: money(sourceAmount),
    source_currency: given.source_currency ?? "usd",
  };
}

function exactlyOne(param: string): Refusal {
  return new Refusal(`You must set exactly one of ${param} when you set destination_amount.`, { param });
}

function quoteOne(network: Network, coin: Coin, wanted: string | undefined, source: bigint, fetchedAt: number): object {
  const decimals = coinDecimals[coin];
  const unit = 10n ** BigInt(decimals);
  // The price wanders by up to a hundredth from second to second: no two reads need agree.
  const price = BigInt(coinCents[coin]) * (1000n + BigInt(Math.floor(fetchedAt) % 10));
  const units = wanted === undefined ? (source * 1000n * unit) / price : toUnits(wanted, decimals);
  const cost = wanted === undefined ? source : (units * price + unit * 1000n - 1n) / (unit * 1000n);
  const networkFee = 3n;
  const transactionFee = cost / 25n + 4n;
  return {
    id: digest(`${network} ${coin} ${units} ${fetchedAt}`),
    destination_amount: fromUnits(units, decimals),
    destination_currency: coin,
    destination_network: network,
    fees: { network_fee_monetary: money(networkFee), transaction_fee_monetary: money(transactionFee) },
    source_total_amount: money(cost + networkFee + transactionFee),
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function cents(amount: string): bigint {
  return toUnits(amount, 2);
}

function money(amount: bigint): string {
  return fromUnits(amount, 2);
}

function toUnits(amount: string, decimals: number): bigint {
  const [whole = "0", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
}

function fromUnits(units: bigint, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
