import { type DataSource, type Declaration } from "./declare";

/* Declarations are loaded when a resource of their kind is first met: a program pays for the kinds it uses. */
/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports */
const webhooks = () => require("./resources/webhook-endpoint") as typeof import("./resources/webhook-endpoint");
const climateOrders = () => require("./resources/climate/order") as typeof import("./resources/climate/order");
const climateProducts = () => require("./resources/climate/product") as typeof import("./resources/climate/product");
const forwardingRequests = () =>
  require("./resources/forwarding/request") as typeof import("./resources/forwarding/request");
const onrampSessions = () =>
  require("./resources/crypto/onramp-session") as typeof import("./resources/crypto/onramp-session");
const onrampQuotes = () =>
  require("./resources/crypto/onramp-quotes") as typeof import("./resources/crypto/onramp-quotes");
const verificationSessions = () =>
  require("./resources/identity/verification-session") as typeof import("./resources/identity/verification-session");
const verificationReports = () =>
  require("./resources/identity/verification-report") as typeof import("./resources/identity/verification-report");
const products = () => require("./resources/product") as typeof import("./resources/product");
const prices = () => require("./resources/price") as typeof import("./resources/price");
const portals = () =>
  require("./resources/billing-portal/configuration") as typeof import("./resources/billing-portal/configuration");
const accounts = () => require("./resources/account") as typeof import("./resources/account");

const kinds = {
  WebhookEndpoint: () => webhooks().webhookEndpoint,
  Product: () => products().product,
  Price: () => prices().price,
  "billingPortal:Configuration": () => portals().portalConfiguration,
  "climate:Order": () => climateOrders().climateOrder,
  "identity:VerificationSession": () => verificationSessions().verificationSession,
  "crypto:OnrampSession": () => onrampSessions().onrampSession,
  "forwarding:Request": () => forwardingRequests().forwardingRequest,
};

const dataSources = {
  Account: () => accounts().account,
  WebhookEndpoints: () => webhooks().webhookEndpoints,
  Products: () => products().products,
  Prices: () => prices().prices,
  "identity:VerificationReports": () => verificationReports().verificationReport,
  "climate:Product": () => climateProducts().climateProduct,
  "climate:Supplier": () => climateProducts().climateSupplier,
  "crypto:OnrampQuotes": () => onrampQuotes().onrampQuotes,
};
/* eslint-enable */

export type KindName = keyof typeof kinds;
export type DataSourceName = keyof typeof dataSources;

export const kindNames = Object.keys(kinds) as KindName[];

/** The declaration of a kind, by its unique name. */
export function declarationOf(name: KindName): Declaration {
  return kinds[name]() as unknown as Declaration;
}

export function dataSourceOf(name: DataSourceName): DataSource {
  return dataSources[name]();
}
