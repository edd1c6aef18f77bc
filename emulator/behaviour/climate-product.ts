import { type CataloguePrice, catalogueProducts, catalogueSuppliers } from "../facts/climate-catalogue";
import { defineKind } from "../kind";
import { type StripeObject } from "../store";
import { type ClimateSupplier, climateSupplierName } from "./climate-supplier";

/** A kind of carbon removal that can be ordered. [openapi] */
export interface ClimateProduct extends StripeObject {
  readonly object: "climate.product";
  readonly created: number;
  readonly current_prices_per_metric_ton: Readonly<Record<string, CataloguePrice>>;
  readonly delivery_year: number | null;
  readonly livemode: boolean;
  readonly metric_tons_available: string;
  readonly name: string;
  /** Whole objects, not ids. [openapi] */
  readonly suppliers: readonly ClimateSupplier[];
}

export const climateProductName = "climate.product";

/** Products of the climate catalogue: read-only, priced per ton and currency. [openapi] */
export const climateProductKind = defineKind({
  name: climateProductName,
  noun: "climate product",
  path: "/v1/climate/products",
  idParam: "product",
  permission: "climate_product",
  retrieve: true,
  list: { params: {} },
  seed: ({ livemode, now }): readonly ClimateProduct[] =>
    catalogueProducts.map((product) => ({
      ...structuredClone(product),
      object: climateProductName,
      created: now,
      livemode,
      suppliers: catalogueSuppliers
        .filter(({ id }) => product.suppliers.includes(id))
        .map((supplier) => ({ ...structuredClone(supplier), object: climateSupplierName, livemode })),
    })),
  steps: {
    // Prices are what `details` give; left out, they stay what they were and Stripe only tells of them.
    pricing_updated: {
      from: () => true,
      take: (_call, product: ClimateProduct, details) => ({
        record: { ...product, ...details },
        events: ["climate.product.pricing_updated"],
      }),
    },
  },
  edit: (_call, _before, after: ClimateProduct, patch) => ({
    record: after,
    events: patch["current_prices_per_metric_ton"] === undefined ? [] : ["climate.product.pricing_updated"],
  }),
});
