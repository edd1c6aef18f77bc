import * as pulumi from "@pulumi/pulumi";
import * as stripe from "stripe-as-code";

const config = new pulumi.Config();

// One session is one person's purchase: a changed argument, or new triggers, makes another.
const session = new stripe.crypto.OnrampSession("buy", {
  sourceAmount: "50.00",
  sourceCurrency: "usd",
  destinationCurrency: "usdc",
  destinationNetwork: "ethereum",
  walletAddresses: { ethereum: config.get("wallet") ?? "0x0000000000000000000000000000000000000000" },
});

export const status = session.status;
export const clientSecret = session.clientSecret;
export const estimate = stripe.crypto
  .getOnrampQuotesOutput({ sourceAmount: "50.00", destinationCurrencies: ["usdc"], destinationNetworks: ["ethereum"] })
  .apply(({ destinationNetworkQuotes }) => destinationNetworkQuotes.ethereum?.[0]?.destinationAmount);
