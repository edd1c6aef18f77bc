import type { z } from "zod";
import type { climateOrder } from "../provider/resources/climate/order";
import type { climateProduct, climateSupplier } from "../provider/resources/climate/product";
import { getter, lister, outputOf } from "./function";
import { type ResourceClass, resourceClass } from "./resource-class";
import type { ArgsOf, PropertiesOf } from "./types";

/** Arguments of {@link Order}. */
export interface OrderArgs extends ArgsOf<typeof climateOrder> {}

/**
 * A purchase of carbon removal, paid from the account's Stripe balance when the resource is first created and at no other
 * time. Only a new text in `repurchase` buys again.
 *
 * @example
 * new stripe.climate.Order("removal", { product: "climsku_…", metricTons: "0.5", maxAmountTotal: 50_000 });
 */
export const Order: ResourceClass<OrderArgs, PropertiesOf<typeof climateOrder>> = resourceClass<
  OrderArgs,
  typeof climateOrder
>("climate:Order");
export type Order = InstanceType<typeof Order>;

/** Where an order stands. */
export const OrderStatus = {
  Open: "open",
  AwaitingFunds: "awaiting_funds",
  Confirmed: "confirmed",
  Delivered: "delivered",
  Canceled: "canceled",
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** Why an order was canceled. */
export const OrderCancellationReason = {
  Expired: "expired",
  ProductUnavailable: "product_unavailable",
  Requested: "requested",
} as const;
export type OrderCancellationReason = (typeof OrderCancellationReason)[keyof typeof OrderCancellationReason];

/** A kind of carbon removal that can be ordered. */
export type Product = z.output<z.ZodObject<(typeof climateProduct)["shape"]>>;
/** A company that removes carbon. */
export type Supplier = z.output<z.ZodObject<(typeof climateSupplier)["shape"]>>;

/** Which object to read. */
export interface ById {
  /** Stripe's id of the object. */
  id: string;
}

/** The product with this id (`climsku_…`), with its present prices. Rejects where Stripe has none. */
export const getProduct = getter<ById, Product>("stripe:climate/getProduct", "climate:Product");
/** {@link getProduct} for an id that is an Output. */
export const getProductOutput = outputOf(getProduct);
/** Every product that can be ordered. Under mocks the call returns `{ data: [...] }`. */
export const getProducts = lister<Product>("stripe:climate/getProducts", "climate:Product");
/** {@link getProducts} as an Output. */
export const getProductsOutput = outputOf(getProducts);
/** The supplier with this id (`climsup_…`). Rejects where Stripe has none. */
export const getSupplier = getter<ById, Supplier>("stripe:climate/getSupplier", "climate:Supplier");
/** {@link getSupplier} for an id that is an Output. */
export const getSupplierOutput = outputOf(getSupplier);
/** Every supplier. Under mocks the call returns `{ data: [...] }`. */
export const getSuppliers = lister<Supplier>("stripe:climate/getSuppliers", "climate:Supplier");
/** {@link getSuppliers} as an Output. */
export const getSuppliersOutput = outputOf(getSuppliers);
