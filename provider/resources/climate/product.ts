import { z } from "zod";
import { type DataSource } from "../../declare";

/** A place on earth, as far as it is known. */
export const location = {
  /** City, where known. */
  city: z.string().optional(),
  /** Two-letter country code. */
  country: z.string(),
  /** Degrees north. */
  latitude: z.number().optional(),
  /** Degrees east. */
  longitude: z.number().optional(),
  /** State, province or region. */
  region: z.string().optional(),
};

/** A company that removes carbon. https://docs.stripe.com/api/climate/supplier */
export const supplier = {
  /** `climsup_…`. */
  id: z.string(),
  /** Its page at Frontier or Stripe. */
  infoUrl: z.string(),
  livemode: z.boolean(),
  /** Where it removes carbon. */
  locations: z.array(z.object(location)),
  name: z.string(),
  /** How it removes carbon, e.g. `direct_air_capture`. Stripe may add values. */
  removalPathway: z.string(),
};

const product = {
  /** `climsku_…`. */
  id: z.string(),
  /** When it was created, in Unix seconds. */
  created: z.number(),
  /** Price of one metric ton by lower-case currency, in the currency's smallest unit. */
  currentPricesPerMetricTon: z.record(
    z.string(),
    z.object({ amountFees: z.number(), amountSubtotal: z.number(), amountTotal: z.number() }),
  ),
  /** Year of delivery; undefined where it has none. */
  deliveryYear: z.number().optional(),
  livemode: z.boolean(),
  /** Decimal string: tons left to order. */
  metricTonsAvailable: z.string(),
  name: z.string(),
  /** Who removes the carbon. */
  suppliers: z.array(z.object(supplier)),
};

/** A kind of carbon removal that can be ordered. https://docs.stripe.com/api/climate/product */
export const climateProduct = { path: "/v1/climate/products", shape: product } satisfies DataSource;

/** https://docs.stripe.com/api/climate/supplier */
export const climateSupplier = { path: "/v1/climate/suppliers", shape: supplier } satisfies DataSource;
