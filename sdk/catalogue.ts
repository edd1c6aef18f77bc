import type { z } from "zod";
import type { price, prices } from "../provider/resources/price";
import type { product, products } from "../provider/resources/product";
import { finder, getter, lister, outputOf } from "./function";
import { type ResourceClass, resourceClass } from "./resource-class";
import type { ArgsOf, PropertiesOf } from "./types";

/** Arguments of {@link Product}. */
export interface ProductArgs extends ArgsOf<typeof product> {}

/**
 * What is sold: goods or services. It is deleted where Stripe allows that, and archived where it has prices.
 *
 * @example
 * const gold = new stripe.Product("gold", { name: "Gold plan", metadata: { tier: "1" } });
 */
export const Product: ResourceClass<ProductArgs, PropertiesOf<typeof product>> = resourceClass<
  ProductArgs,
  typeof product
>("Product");
export type Product = InstanceType<typeof Product>;

/** Arguments of {@link Price}. */
export interface PriceArgs extends ArgsOf<typeof price> {}

/**
 * What a product costs. Stripe never changes an amount: a changed one makes a new price, which takes over the lookup key and
 * the place of the product's default, and archives the old one.
 *
 * @example
 * const monthly = new stripe.Price("gold-monthly", {
 *   product: gold.id,
 *   currency: "usd",
 *   unitAmount: 1_000, // in cents
 *   recurring: { interval: "month" },
 *   lookupKey: "gold-monthly",
 * });
 */
export const Price: ResourceClass<PriceArgs, PropertiesOf<typeof price>> = resourceClass<PriceArgs, typeof price>(
  "Price",
);
export type Price = InstanceType<typeof Price>;

/** Whether a price is paid once or over and over. */
export const PriceType = { OneTime: "one_time", Recurring: "recurring" } as const;
export type PriceType = (typeof PriceType)[keyof typeof PriceType];

/** A product as Stripe tells it, managed or not. */
export type ProductSummary = z.output<z.ZodObject<(typeof products)["shape"]>>;
/** A price as Stripe tells it, managed or not, with its steps and other currencies. */
export type PriceSummary = z.output<z.ZodObject<(typeof prices)["shape"]>>;
/** What narrows products down. */
export type ProductsArgs = z.input<z.ZodObject<(typeof products)["params"]>>;
/** What narrows prices down. */
export type PricesArgs = z.input<z.ZodObject<(typeof prices)["params"]>>;

/** The product with this id. Rejects where Stripe has none. */
export const getProduct = getter<{ id: string }, ProductSummary>("stripe:index/getProduct", "Products");
/** {@link getProduct} for an id that is an Output. */
export const getProductOutput = outputOf(getProduct);

/** Every product, newest first, narrowed down by the arguments. */
export const getProducts = lister<ProductSummary, ProductsArgs>("stripe:index/getProducts", "Products");
/** {@link getProducts} for arguments that are Outputs. */
export const getProductsOutput = outputOf(getProducts);

/** Every price, newest first, narrowed down by the arguments. */
export const getPrices = lister<PriceSummary, PricesArgs>("stripe:index/getPrices", "Prices");
/** {@link getPrices} for arguments that are Outputs. */
export const getPricesOutput = outputOf(getPrices);

/** Which price to read: by Stripe's id or by its lookup key, one of both. */
export interface PriceReference {
  /** `price_…`. */
  id?: string;
  /** The lookup key it has, archived or not. */
  lookupKey?: string;
}

/** The price with this id or lookup key, archived or not. Rejects where there is none. */
export const getPrice = finder<PriceReference, PriceSummary>("stripe:index/getPrice", "Prices", "lookupKey");
/** {@link getPrice} for an id or lookup key that is an Output. */
export const getPriceOutput = outputOf(getPrice);
