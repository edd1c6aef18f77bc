import { missingObject, Refusal } from "../errors";
import { productLimits } from "../facts/price-limits";
import { type Call } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";

export interface Product extends StripeObject {
  readonly object: "product";
  readonly active: boolean;
  readonly created: number;
  readonly default_price: string | null;
  readonly description: string | null;
  readonly images: readonly string[];
  readonly livemode: boolean;
  readonly marketing_features: readonly { readonly name: string }[];
  readonly metadata: Metadata;
  readonly name: string;
  readonly package_dimensions: object | null;
  readonly shippable: boolean | null;
  /** This and `unit_label` may be missing rather than null [openapi]; that they are when unset is unconfirmed. */
  readonly statement_descriptor?: string;
  readonly tax_code: string | null;
  readonly tax_details: { readonly performance_location: string | null; readonly tax_code: string | null } | null;
  readonly type: "good" | "service";
  readonly unit_label?: string;
  readonly updated: number;
  readonly url: string | null;
}

export const productName = "product";

const size = { type: "number", required: true } as const;
const text = { type: "string" } as const;

/** Parameters that creation and update share, as creation takes them. [openapi; tax_details: node, endive] */
export const productParams = {
  active: { type: "boolean" },
  description: { type: "string", maxLength: 40_000 },
  images: { type: "list", items: text, maxItems: productLimits.images },
  marketing_features: {
    type: "list",
    items: { type: "object", params: { name: { type: "string", required: true } } },
    maxItems: productLimits.features,
  },
  metadata: { type: "map", unsettable: true },
  package_dimensions: { type: "object", params: { height: size, length: size, weight: size, width: size } },
  shippable: { type: "boolean" },
  statement_descriptor: { type: "string", maxLength: 22 },
  tax_code: text,
  tax_details: { type: "object", params: { performance_location: text, tax_code: text } },
  unit_label: { type: "string", maxLength: 12 },
  url: text,
} as const;

/** What a product made together with its price may say. [openapi: product_data] */
export const inlineProductParams = {
  active: productParams.active,
  id: text,
  metadata: productParams.metadata,
  name: { type: "string", required: true },
  statement_descriptor: productParams.statement_descriptor,
  tax_code: productParams.tax_code,
  tax_details: productParams.tax_details,
  unit_label: productParams.unit_label,
} as const;

/** What makes a product, its price apart. [openapi; type: node] */
export const creationParams = {
  ...productParams,
  ...inlineProductParams,
  type: { type: "string", enum: ["good", "service"] },
} as const;

/** Checks and completes a product; stores nothing. `prefix` is "" or `product_data`. */
export function makeProduct(call: Call, params: ParamsOf<typeof creationParams>, prefix = ""): Product {
  checkProduct(params, prefix);
  const id = params.id ?? `prod_${randomText(14)}`;
  if ([...id].length > 255) throw new Refusal("Invalid id: must be at most 255 characters", { param: "id" });
  // That the id of a deleted product is free again is unconfirmed.
  if (call.account.collection(productName).get(id) !== undefined) {
    throw new Refusal("Product already exists.", { code: "resource_already_exists", param: "id" });
  }
  return {
    id,
    object: productName,
    active: params.active ?? true,
    created: call.now,
    default_price: null,
    description: params.description ?? null,
    images: params.images ?? [],
    livemode: call.livemode,
    marketing_features: params.marketing_features ?? [],
    metadata: mergeMetadata({}, params.metadata),
    name: params.name,
    package_dimensions: params.package_dimensions ?? null,
    shippable: params.shippable ?? null,
    ...(params.statement_descriptor !== undefined && { statement_descriptor: params.statement_descriptor }),
    tax_code: params.tax_code ?? null,
    tax_details: readTaxDetails(params.tax_details),
    type: params.type ?? "service",
    ...(params.unit_label !== undefined && { unit_label: params.unit_label }),
    updated: call.now,
    url: params.url ?? null,
  };
}

export function readTaxDetails(
  given: { readonly performance_location?: string; readonly tax_code?: string } | null | undefined,
): Product["tax_details"] {
  if (given === undefined || given === null) return null;
  return { performance_location: given.performance_location ?? null, tax_code: given.tax_code ?? null };
}

interface Checked {
  readonly images?: readonly string[] | null;
  readonly statement_descriptor?: string;
  readonly tax_code?: string | null;
  readonly tax_details?: { readonly tax_code?: string } | null;
  readonly url?: string | null;
}

/** What tables can't say. Tax codes are not emulated: any that looks like one is taken. Texts unconfirmed. */
export function checkProduct(params: Checked, prefix = ""): void {
  const name = (field: string): string => (prefix === "" ? field : `${prefix}[${field}]`);
  refuseUrl(params.url, name("url"));
  for (const [index, image] of (params.images ?? []).entries()) refuseUrl(image, `${name("images")}[${index}]`);
  if (/[<>\\"']/.test(params.statement_descriptor ?? "")) {
    throw new Refusal("The statement descriptor must not contain any of the characters <, >, \\, \", '.", {
      param: name("statement_descriptor"),
    });
  }
  refuseTaxCode(params.tax_code, name("tax_code"));
  refuseTaxCode(params.tax_details?.tax_code, `${name("tax_details")}[tax_code]`);
}

function refuseUrl(url: string | null | undefined, param: string): void {
  if (url === undefined || url === null) return;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new Refusal("Not a valid URL", { code: "url_invalid", param });
  }
}

function refuseTaxCode(code: string | null | undefined, param: string): void {
  if (code === undefined || code === null || /^txcd_\d{8}$/.test(code)) return;
  throw missingObject("tax code", code, param, 400);
}
