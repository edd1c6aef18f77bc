import { z } from "zod";
import {
  clearable,
  computed,
  type DataSource,
  defineResource,
  fixed,
  has,
  type HookContext,
  metadata,
  type StripeObject,
  unwrap,
  updateOnly,
  writeOnly,
} from "../declare";
import { webPage } from "../formats";
import { isWhole } from "../plan";
import { fromWire } from "../wire";
import {
  amount,
  amountDecimal,
  checkPriced,
  currency,
  currencyOptions,
  customUnitAmount,
  interval,
  taxBehavior,
} from "./amount";

const dimensions = {
  /** In inches. */
  height: z.number().positive(),
  /** In inches. */
  length: z.number().positive(),
  /** In ounces. */
  weight: z.number().positive(),
  /** In inches. */
  width: z.number().positive(),
};

const defaultPriceData = {
  /** Lower-case ISO code. */
  currency: currency(),
  /** What one unit costs, in the currency's smallest unit; 0 is free. */
  unitAmount: amount().optional(),
  /** The same with up to 12 decimals. Either this or `unitAmount`. */
  unitAmountDecimal: has(amountDecimal(), { spells: "unitAmount" }).optional(),
  /** The buyer chooses the amount. */
  customUnitAmount: customUnitAmount().optional(),
  /** Prices in other currencies, by lower-case ISO code. */
  currencyOptions: currencyOptions().optional(),
  /** How often it is paid, for a subscription. */
  recurring: z
    .strictObject({ interval: interval(), intervalCount: has(z.int().positive(), { default: 1 }).optional() })
    .optional(),
  /** Whether taxes are in the amount. */
  taxBehavior: has(taxBehavior(), { default: "unspecified" }).optional(),
  /** Keys and values of the price. */
  metadata: metadata().optional(),
};

/** Stripe deletes no product that has a price. */
const archived = ({ id }: StripeObject) =>
  `product ${id} is not deleted by Stripe: it is archived, and can be seen in the Dashboard`;

/** What is sold: goods or services. Its prices are `stripe.Price`. https://docs.stripe.com/api/products */
export const product = defineResource({
  kind: "Product",
  object: "product",
  api: {
    path: "/v1/products",
    source: "https://docs.stripe.com/api/products",
    beside: [
      {
        path: "/v1/prices",
        access: "read",
        why: "the default price of a product that an earlier run made is compared",
      },
    ],
  },
  inputs: {
    /** Name that customers see. */
    name: z.string().min(1),
    /** An id of your own choice instead of Stripe's `prod_…`; it is Stripe's `id`, and can't be used for another product. */
    productId: fixed(computed(z.string().min(1).max(255), { usual: (id) => /^prod_/.test(id) }), {
      param: "id",
    }).optional(),
    /** Whether it can be bought; true where left out. */
    active: z.boolean().optional(),
    /** Description that customers see. */
    description: clearable(z.string().min(1).max(40_000)).optional(),
    /** URLs of at most 8 pictures that customers see. */
    images: clearable(z.array(webPage()).max(8, "must be at most 8")).optional(),
    /** At most 15 features that pricing tables list, each with a `name`. */
    marketingFeatures: clearable(
      z.array(z.strictObject({ name: z.string().min(1).max(5000) })).max(15, "must be at most 15"),
    ).optional(),
    /** Your own keys and values, at most 46; keys other programs set are left alone. */
    metadata: metadata().optional(),
    /** Size and weight for shipping: inches and ounces. */
    packageDimensions: clearable(z.strictObject(dimensions)).optional(),
    /** Whether it is shipped. */
    shippable: z.boolean().optional(),
    /** What a card statement says for subscriptions: at most 22 characters, one of them a letter, without `<>\"'`. */
    statementDescriptor: z
      .string()
      .max(22)
      .regex(/^[^<>\\"']*$/, "must not contain <, >, \\, \" or '")
      .regex(/[A-Za-z]/, "must contain a letter")
      .optional(),
    /** How it is taxed: a tax code of Stripe's, `txcd_…`. */
    taxCode: clearable(z.string().regex(/^txcd_\d+$/, "must be a tax code such as txcd_10000000")).optional(),
    /** What one unit is called on receipts: at most 12 characters. */
    unitLabel: clearable(z.string().min(1).max(12)).optional(),
    /** Page about it that customers can see. */
    url: clearable(webPage()).optional(),
    /** `service`, Stripe's default, or `good`; of older versions of Stripe's API. */
    type: fixed(computed(z.enum(["good", "service"]), { usual: (type) => type === "service" })).optional(),
    /**
     * The price that is taken where none is named, `price_…`: one that was made elsewhere, as a `stripe.Price` of this very
     * program needs the product first. Left as it is where it isn't declared.
     */
    defaultPrice: updateOnly(
      computed(z.string().regex(/^\w+$/, "must be the id of a price"), { usual: () => true, refersTo: "price" }),
    ).optional(),
    /** A price that is made with the product and is its default. Can't be changed afterwards; may be removed. */
    defaultPriceData: fixed(writeOnly(computed(z.strictObject(defaultPriceData)))).optional(),
  },
  outputs: {
    /** When it was created, in Unix seconds. */
    created: z.number(),
    /** When it was changed last, in Unix seconds. */
    updated: z.number(),
    livemode: z.boolean(),
  },
  route: ({ productId }) => (typeof productId === "string" ? { id: productId } : undefined),
  // One that this resource archived when it ended is sold again.
  revive: { active: true },
  refuseTaking: otherDefaultPrice,
  notCopied: {
    param: "default_price",
    text:
      "the default price is left out, as a product is made before its prices. In this account it stays; in another one set it once " +
      "they are made, in the Dashboard or with defaultPrice",
  },
  ends: { by: "delete", otherwise: { update: { active: false }, done: archived } },
  rules: [
    {
      fields: ["defaultPrice", "defaultPriceData"],
      check: ({ defaultPrice, defaultPriceData }) =>
        defaultPrice !== undefined && defaultPriceData !== undefined
          ? [{ path: "defaultPriceData", message: "and defaultPrice exclude each other: give one" }]
          : [],
    },
    {
      fields: ["defaultPriceData"],
      check: ({ defaultPriceData: price }) =>
        price === undefined ? [] : checkPriced(price as Parameters<typeof checkPriced>[0], "defaultPriceData."),
    },
  ],
  refuse: (_olds, news, changed, replaces) => {
    if (changed.includes("defaultPriceData") && !changed.includes("triggers")) {
      const message = "is used when the product is made, and can't be changed: declare a stripe.Price, and remove this";
      return [{ path: "defaultPriceData", message }];
    }
    // The new product would need the id while the old one has it.
    return news.productId === undefined || replaces.includes("productId") || replaces.includes("stripeAccount")
      ? []
      : replaces.map((path) => ({
          path,
          message: "asks for a new product, which can't have the same productId: change that too",
        }));
  },
  samples: {
    minimal: { name: "Gold plan" },
    full: {
      name: "Gold plan",
      productId: "gold-0",
      active: false,
      description: "All of it",
      images: ["https://example.com/gold.png"],
      marketingFeatures: [{ name: "Unlimited 0" }, { name: "Support" }],
      metadata: { tier: "0", beta: "false" },
      packageDimensions: { height: 1, length: 2.5, weight: 0.5, width: 3 },
      shippable: false,
      statementDescriptor: "GOLD 0",
      taxCode: "txcd_10000000",
      unitLabel: "seat",
      url: "https://example.com/gold",
      type: "good",
      defaultPriceData: { currency: "usd", unitAmount: 0 },
    },
    update: {
      name: "Golden plan",
      active: true,
      description: undefined,
      images: [],
      metadata: { tier: "1" },
      packageDimensions: undefined,
      shippable: true,
      marketingFeatures: [{ name: "Support" }],
      unitLabel: undefined,
    },
    replace: [{ productId: "gold-1" }, { type: "good" }, { triggers: ["again"] }],
    invalid: [
      { args: {}, path: "name" },
      { args: { name: "" }, path: "name" },
      { args: { name: "x", unitLabel: "more than twelve" }, path: "unitLabel" },
      { args: { name: "x", statementDescriptor: "<x>" }, path: "statementDescriptor" },
      { args: { name: "x", statementDescriptor: "0" }, path: "statementDescriptor" },
      { args: { name: "x", images: ["gold.png"] }, path: "images[0]" },
      { args: { name: "x", images: Array<string>(9).fill("https://example.com/x.png") }, path: "images" },
      { args: { name: "x", packageDimensions: { height: 1, length: 1, weight: 1 } }, path: "packageDimensions.width" },
      { args: { name: "x", taxCode: "food" }, path: "taxCode" },
      { args: { name: "x", metadata: { a: "x".repeat(501) } }, path: "metadata.a" },
      {
        args: { name: "x", defaultPrice: "price_1", defaultPriceData: { currency: "usd", unitAmount: 1 } },
        path: "defaultPriceData",
      },
      { args: { name: "x", defaultPriceData: { currency: "usd" } }, path: "defaultPriceData.unitAmount" },
      {
        args: { name: "x", defaultPriceData: { currency: "usd", unitAmount: 0, unitAmountDecimal: "0" } },
        path: "defaultPriceData.unitAmountDecimal",
      },
      { args: { name: "x", defaultPriceData: { currency: "USD", unitAmount: 0 } }, path: "defaultPriceData.currency" },
    ],
  },
});

/**
 * A product that an earlier run made sells at the price it was made with: where the program names another by now, it is not
 * taken, and not made a second time either.
 */
async function otherDefaultPrice(
  { defaultPriceData: declared }: Record<string, unknown>,
  { id, default_price: price }: StripeObject,
  context: HookContext,
): Promise<string | undefined> {
  if (declared === undefined) return undefined;
  const schema = unwrap(product.inputs.defaultPriceData);
  if (typeof price === "string") {
    const live = await context.get(`/v1/prices/${encodeURIComponent(price)}`, { expand: ["currency_options"] });
    const options = live.currency_options as Record<string, unknown>;
    const others = Object.entries(options).filter(([code]) => code !== live.currency);
    const told = fromWire(schema.schema, {
      ...live,
      currency_options: others.length === 0 ? null : Object.fromEntries(others),
    });
    if (isWhole({ ...schema, writeOnly: false }, told, declared)) return undefined;
  }
  return (
    `product ${id} was made for this resource before, and its default price ${typeof price === "string" ? price : "(none)"} is not ` +
    "what defaultPriceData says. Nothing was made. Take defaultPriceData out and declare a stripe.Price, or change triggers to get " +
    "a new product"
  );
}

const { name, active, description, images, marketingFeatures, metadata: labels, packageDimensions } = product.inputs;
const { shippable, statementDescriptor, taxCode, unitLabel, url, type, defaultPrice } = product.inputs;

/** Products as Stripe tells them, managed or not. */
export const products = {
  path: product.api.path,
  params: {
    /** Only what can be bought, or only what is archived. */
    active: z.boolean().optional(),
    /** Only those with these ids. */
    ids: z.array(z.string()).optional(),
    /** Only what is shipped, or only what isn't. */
    shippable: z.boolean().optional(),
    /** Only those with this page. */
    url: z.string().optional(),
  },
  shape: {
    /** `prod_…`, or an id of its own. */
    id: z.string(),
    name,
    active: active.unwrap(),
    description,
    images,
    marketingFeatures,
    metadata: labels,
    packageDimensions,
    shippable,
    statementDescriptor,
    taxCode,
    unitLabel,
    url,
    type,
    defaultPrice,
    ...product.outputs,
  },
} satisfies DataSource;
