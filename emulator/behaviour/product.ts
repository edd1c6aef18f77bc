import { missingObject, Refusal } from "../errors";
import { differingFields, recordEvent } from "../events";
import { type Call, defineKind } from "../kind";
import { inRange, type ParamsOf } from "../params";
import { defaultPriceParams, makePrice, type Price, priceName, tellPrice } from "./price-record";
import {
  checkProduct,
  creationParams,
  makeProduct,
  type Product,
  productName,
  productParams,
  readTaxDetails,
} from "./product-record";

const updateParams = {
  active: productParams.active,
  // Clearing it is not in the specification, and works. [issue: stripe-python#658]
  default_price: { type: "string", unsettable: true },
  description: { ...productParams.description, unsettable: true },
  images: { ...productParams.images, unsettable: true },
  marketing_features: { ...productParams.marketing_features, unsettable: true },
  metadata: productParams.metadata,
  name: { type: "string" },
  package_dimensions: { ...productParams.package_dimensions, unsettable: true },
  shippable: productParams.shippable,
  statement_descriptor: productParams.statement_descriptor,
  tax_code: { ...productParams.tax_code, unsettable: true },
  tax_details: { ...productParams.tax_details, unsettable: true },
  unit_label: { ...productParams.unit_label, unsettable: true },
  url: { ...productParams.url, unsettable: true },
} as const;

/** Fields that hold what was sent, or null. */
const plainFields = [
  "active",
  "default_price",
  "description",
  "name",
  "package_dimensions",
  "shippable",
  "tax_code",
  "url",
] as const;

/** What is sold. Parameters and fields: [openapi; type and tax_details: node]. */
export const productKind = defineKind({
  name: productName,
  noun: "product",
  path: "/v1/products",
  idParam: "id",
  permission: "product",
  expandable: { default_price: priceName },
  optionalFields: ["statement_descriptor", "unit_label"],
  create: {
    params: {
      ...creationParams,
      default_price_data: { type: "object", params: defaultPriceParams },
    },
    build(call, params): Product {
      const product = makeProduct(call, params);
      const priceData = params.default_price_data;
      if (priceData === undefined) return product;
      const price = makePrice(call, priceData, product.id, "default_price_data");
      call.account.collection<Price>(priceName).put(price);
      recordEvent(call, "price.created", tellPrice(price));
      return { ...product, default_price: price.id };
    },
    event: "product.created",
  },
  retrieve: true,
  list: {
    params: {
      active: { type: "boolean" },
      created: { type: "range" },
      ids: { type: "list", items: { type: "string" } },
      shippable: { type: "boolean" },
      type: { type: "string", enum: ["good", "service"] },
      url: { type: "string" },
    },
    keep: (product: Product, params) =>
      (params.active === undefined || product.active === params.active) &&
      inRange(product.created, params.created) &&
      (params.ids === undefined || params.ids.includes(product.id)) &&
      (params.shippable === undefined || (product.shippable ?? false) === params.shippable) &&
      (params.type === undefined || product.type === params.type) &&
      (params.url === undefined || product.url === params.url),
  },
  update: { params: updateParams, apply: changeProduct, event: "product.updated" },
  remove: {
    event: "product.deleted",
    check(call, { id }: Product) {
      const prices = call.account.collection<Price>(priceName).newestFirst();
      if (prices.some(({ product }) => product === id)) {
        throw new Refusal("This product cannot be deleted because it has one or more user-created prices.");
      }
    },
  },
});

/** `updated` moves with a change only (unconfirmed). */
function changeProduct(call: Call, record: Product, params: ParamsOf<typeof updateParams>): Product {
  checkProduct(params);
  if (typeof params.default_price === "string") checkDefaultPrice(call, record, params.default_price);
  const { statement_descriptor: descriptor, unit_label: label } = params;
  const { unit_label: oldLabel, ...rest } = record;
  const newLabel = label === undefined ? oldLabel : (label ?? undefined);
  const next: Product = {
    ...rest,
    ...Object.fromEntries(plainFields.filter((field) => field in params).map((field) => [field, params[field]])),
    ...(params.images !== undefined && { images: params.images ?? [] }),
    ...(params.marketing_features !== undefined && { marketing_features: params.marketing_features ?? [] }),
    ...(params.tax_details !== undefined && { tax_details: readTaxDetails(params.tax_details) }),
    ...(descriptor !== undefined && { statement_descriptor: descriptor }),
    ...(newLabel !== undefined && { unit_label: newLabel }),
  };
  const before = call.account.collection<Product>(productName).get(record.id);
  const same = before !== undefined && differingFields(before, next).length === 0;
  return same ? before : { ...next, updated: call.now };
}

/** That it must be the product's own is [openapi]; that it must be active, and both texts, are unconfirmed. */
function checkDefaultPrice(call: Call, product: Product, id: string): void {
  const price = call.account.collection<Price>(priceName).get(id);
  if (price === undefined) throw missingObject("price", id, "default_price", 400);
  if (price.product !== product.id) {
    throw new Refusal(`The price '${id}' does not belong to the product '${product.id}'.`, { param: "default_price" });
  }
  if (!price.active) {
    throw new Refusal("The default price of a product must be active.", { param: "default_price" });
  }
}
