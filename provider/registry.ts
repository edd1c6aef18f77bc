import { type DataSource, type Declaration } from "./declare";

/* Declarations are loaded when a resource of their kind is first met: a program pays for the kinds it uses. */
/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports */
const kinds = {
  WebhookEndpoint: () =>
    (require("./resources/webhook-endpoint") as typeof import("./resources/webhook-endpoint")).webhookEndpoint,
  "climate:Order": () =>
    (require("./resources/climate/order") as typeof import("./resources/climate/order")).climateOrder,
};

const dataSources = {
  "climate:Product": () => climateProducts().climateProduct,
  "climate:Supplier": () => climateProducts().climateSupplier,
};

const climateProducts = () => require("./resources/climate/product") as typeof import("./resources/climate/product");
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
