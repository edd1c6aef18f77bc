import { catalogueSuppliers } from "../facts/climate-catalogue";
import { defineKind } from "../kind";
import { type StripeObject } from "../store";

/** A supplier of carbon removal; it has neither a creation time nor metadata. [openapi] */
export interface ClimateSupplier extends StripeObject {
  readonly object: "climate.supplier";
  readonly livemode: boolean;
}

export const climateSupplierName = "climate.supplier";

/** Suppliers of carbon removal: read-only. [openapi] */
export const climateSupplierKind = defineKind({
  name: climateSupplierName,
  noun: "climate supplier",
  path: "/v1/climate/suppliers",
  idParam: "supplier",
  permission: "climate_supplier",
  retrieve: true,
  list: { params: {} },
  seed: ({ livemode }): readonly ClimateSupplier[] =>
    catalogueSuppliers.map((supplier) => ({ ...structuredClone(supplier), object: climateSupplierName, livemode })),
});
