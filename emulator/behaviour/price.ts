import { readCurrency } from "../currency";
import { missingObject, Refusal } from "../errors";
import { recordEvent } from "../events";
import { type Call, defineKind } from "../kind";
import { inRange, type ParamsOf } from "../params";
import {
  currencyOptions,
  makePrice,
  type Price,
  priceHidden,
  priceName,
  priceParams,
  readOptions,
  takeLookupKey,
} from "./price-record";
import { inlineProductParams, makeProduct, type Product, productName } from "./product-record";

const createParams = {
  ...priceParams,
  product: { type: "string", orElse: "product_data" },
  product_data: { type: "object", params: inlineProductParams, orElse: "product" },
} as const;

const updateParams = {
  active: priceParams.active,
  currency_options: { ...currencyOptions, unsettable: true },
  lookup_key: priceParams.lookup_key,
  metadata: priceParams.metadata,
  nickname: priceParams.nickname,
  tax_behavior: priceParams.tax_behavior,
  transfer_lookup_key: priceParams.transfer_lookup_key,
} as const;

/** What a product costs: its amount never changes, and it is never deleted. Parameters and fields: [openapi]. */
export const priceKind = defineKind({
  name: priceName,
  noun: "price",
  path: "/v1/prices",
  idParam: "price",
  permission: "price",
  expandable: { product: productName },
  hidden: priceHidden,
  create: { params: createParams, build: createPrice, event: "price.created" },
  retrieve: true,
  list: {
    params: {
      active: { type: "boolean" },
      created: { type: "range" },
      currency: { type: "string" },
      lookup_keys: { type: "list", items: { type: "string" }, maxItems: 10 },
      product: { type: "string" },
      recurring: {
        type: "object",
        params: {
          interval: { type: "string", enum: ["day", "month", "week", "year"] },
          meter: { type: "string" },
          usage_type: { type: "string", enum: ["licensed", "metered"] },
        },
      },
      type: { type: "string", enum: ["one_time", "recurring"] },
    },
    /** A filter by a product that isn't there is refused. [3rd: live probe] */
    check(call, { product, currency }) {
      if (product !== undefined) findProduct(call, product);
      if (currency !== undefined) readCurrency(currency, "currency");
    },
    keep: (price: Price, params) =>
      (params.active === undefined || price.active === params.active) &&
      inRange(price.created, params.created) &&
      (params.currency === undefined || price.currency === params.currency.toLowerCase()) &&
      (params.lookup_keys === undefined || params.lookup_keys.some((key) => key === price.lookup_key)) &&
      (params.product === undefined || price.product === params.product) &&
      (params.type === undefined || price.type === params.type) &&
      Object.entries(params.recurring ?? {}).every(
        ([field, value]) =>
          price.recurring !== null && Object.entries(price.recurring).some(([f, v]) => f === field && v === value),
      ),
  },
  update: { params: updateParams, apply: changePrice, event: "price.updated" },
});

/** Exactly one of product and product_data. [3rd: live probe, texts included] */
function createPrice(call: Call, params: ParamsOf<typeof createParams>): Price {
  const { product: productId, product_data: productData } = params;
  if (productId !== undefined && productData !== undefined) {
    throw new Refusal("You may only specify one of these parameters: product, product_data.", { param: "product" });
  }
  if (productId === undefined && productData === undefined) {
    throw new Refusal("You must specify either `product` or `product_data` when creating a price.");
  }
  const product =
    productData === undefined ? findProduct(call, productId ?? "") : makeProduct(call, productData, "product_data");
  const price = makePrice(call, params, product.id);
  takeLookupKey(call, params.lookup_key, price.id, params.transfer_lookup_key === true);
  if (productData !== undefined) {
    call.account.collection<Product>(productName).put(product);
    recordEvent(call, "product.created", product);
  }
  return price;
}

function findProduct(call: Call, id: string): Product {
  const product = call.account.collection<Product>(productName).get(id);
  if (product === undefined) throw missingObject("product", id, "product", 400);
  return product;
}

/**
 * A currency option named replaces that currency's whole, others stay, "" removes them all: unconfirmed.
 * `tax_behavior` is frozen once it was specified. [docs: Update a price; text unconfirmed]
 */
function changePrice(call: Call, record: Price, params: ParamsOf<typeof updateParams>): Price {
  if (params.active === false) refuseArchive(call, record);
  const behaviour = params.tax_behavior;
  if (behaviour !== undefined && behaviour !== record.tax_behavior && record.tax_behavior !== "unspecified") {
    throw new Refusal("You cannot update the tax behavior of a price once it is set to exclusive or inclusive.", {
      param: "tax_behavior",
    });
  }
  const given = params.currency_options;
  const added = readOptions(
    given ?? undefined,
    record.currency,
    record.billing_scheme === "tiered",
    "currency_options",
  );
  const { [record.currency]: own, ...others } = record.currency_options;
  const tax = behaviour !== undefined && { tax_behavior: behaviour };
  const next: Price = {
    ...record,
    ...tax,
    ...(params.active !== undefined && { active: params.active }),
    ...(params.lookup_key !== undefined && { lookup_key: params.lookup_key }),
    ...(params.nickname !== undefined && { nickname: params.nickname }),
    currency_options: {
      ...(own !== undefined && { [record.currency]: { ...own, ...tax } }),
      ...(given !== null && others),
      ...added,
    },
  };
  takeLookupKey(call, params.lookup_key, record.id, params.transfer_lookup_key === true);
  return next;
}

/** [issue: stripe-python#658, live text] */
function refuseArchive(call: Call, price: Price): void {
  const product = call.account.collection<Product>(productName).get(price.product);
  if (price.active && product?.default_price === price.id) {
    throw new Refusal("This price cannot be archived because it is the default price of its product.");
  }
}
