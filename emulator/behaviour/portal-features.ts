import { missingObject, Refusal } from "../errors";
import { type Call } from "../kind";
import { type ParamsOf } from "../params";
import { type Price, priceName } from "./price-record";
import { productName } from "./product-record";

const flag = { type: "boolean" } as const;
const needed = { type: "boolean", required: true } as const;
const oneOf = <const W extends readonly string[]>(...words: W) => ({ type: "string", enum: words }) as const;
const listOf = <const W extends readonly string[]>(...words: W) =>
  ({ type: "list", unsettable: true, items: oneOf(...words) }) as const;

const prorationBehavior = oneOf("always_invoice", "create_prorations", "none");

const customerUpdate = { allowed_updates: listOf("address", "email", "name", "phone", "shipping", "tax_id") } as const;

const cancellationReason = {
  enabled: needed,
  feedback_options: { type: "unbuilt" },
  options: listOf(
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
  ),
} as const;

const subscriptionCancel = {
  cancellation_reason: { type: "object", params: cancellationReason },
  mode: oneOf("at_period_end", "immediately"),
  proration_behavior: prorationBehavior,
} as const;

const conditions = {
  type: "list",
  items: {
    type: "object",
    params: { type: { ...oneOf("decreasing_item_amount", "shortening_interval"), required: true } },
  },
} as const;

const subscriptionUpdate = {
  billing_cycle_anchor: oneOf("now", "unchanged"),
  default_allowed_updates: listOf("price", "promotion_code", "quantity"),
  products: {
    type: "list",
    unsettable: true,
    // [node: description of products]
    maxItems: 10,
    items: {
      type: "object",
      params: {
        adjustable_quantity: {
          type: "object",
          params: {
            enabled: needed,
            maximum: { type: "integer", min: 0 },
            minimum: { type: "integer", min: 0 },
          },
        },
        prices: { type: "list", items: { type: "string" }, required: true, minItems: 1 },
        product: { type: "string", required: true },
      },
    },
  },
  proration_behavior: prorationBehavior,
  schedule_at_period_end: { type: "object", params: { conditions } },
  trial_update_behavior: oneOf("continue_trial", "end_trial"),
} as const;

const switches = {
  invoice_history: { type: "object", params: { enabled: needed } },
  payment_method_update: {
    type: "object",
    params: { enabled: needed, payment_method_configuration: { type: "string", unsettable: true } },
  },
  subscription_pause: { type: "unbuilt" },
} as const;

/** Features as a creation takes them. [openapi] */
export const newFeatures = {
  ...switches,
  customer_update: { type: "object", params: { ...customerUpdate, enabled: needed } },
  subscription_cancel: {
    type: "object",
    params: {
      ...subscriptionCancel,
      cancellation_reason: {
        type: "object",
        params: { ...cancellationReason, options: { ...cancellationReason.options, required: true } },
      },
      enabled: needed,
    },
  },
  subscription_update: { type: "object", params: { ...subscriptionUpdate, enabled: needed } },
} as const;

/** Features as an update takes them. [openapi] */
export const changedFeatures = {
  ...switches,
  customer_update: { type: "object", params: { ...customerUpdate, enabled: flag } },
  subscription_cancel: { type: "object", params: { ...subscriptionCancel, enabled: flag } },
  subscription_update: {
    type: "object",
    params: {
      ...subscriptionUpdate,
      enabled: flag,
      schedule_at_period_end: { type: "object", params: { conditions: { ...conditions, unsettable: true } } },
    },
  },
} as const;

type Given = ParamsOf<typeof newFeatures> | ParamsOf<typeof changedFeatures>;
type GivenProducts = NonNullable<NonNullable<Given["subscription_update"]>["products"]>;
type Fields = Readonly<Record<string, unknown>>;

export interface Features {
  readonly customer_update: Fields;
  readonly invoice_history: Fields;
  readonly payment_method_update: Fields;
  readonly subscription_cancel: Fields & { readonly cancellation_reason: Fields };
  readonly subscription_update: Fields & {
    readonly enabled: boolean;
    /** Shown only when asked for. */
    readonly products: readonly Fields[] | null;
    readonly schedule_at_period_end: Fields;
  };
}

/** A configuration whose features were left out. [docs: The portal configuration object; node; what isn't there: unconfirmed] */
export const noFeatures: Features = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: {
      enabled: false,
      feedback_options: null,
      options: ["too_expensive", "missing_features", "switched_service", "unused", "other"],
    },
    enabled: false,
    mode: "at_period_end",
    proration_behavior: "none",
  },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    products: null,
    proration_behavior: "none",
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: "end_trial",
  },
};

/** Hashes are merged, lists inside replaced, "" empties them. [inferred in facts; unconfirmed] */
export function mergeFeatures(call: Call, before: Features, given: Given): Features {
  const { customer_update: customer, subscription_cancel: cancel, subscription_update: update } = given;
  const configuration = given.payment_method_update?.payment_method_configuration;
  // Payment method configurations are not emulated: any id that looks like one is taken.
  if (typeof configuration === "string" && !/^pmc_\w+$/.test(configuration)) {
    const param = "features[payment_method_update][payment_method_configuration]";
    throw missingObject("payment method configuration", configuration, param, 400);
  }
  const { cancellation_reason: reason, ...cancelRest } = cancel ?? {};
  const { products, schedule_at_period_end: schedule, ...updateRest } = update ?? {};
  const after: Features = {
    customer_update: { ...before.customer_update, ...withEmptyLists(customer ?? {}) },
    invoice_history: { ...before.invoice_history, ...given.invoice_history },
    payment_method_update: { ...before.payment_method_update, ...given.payment_method_update },
    subscription_cancel: {
      ...before.subscription_cancel,
      ...cancelRest,
      cancellation_reason: { ...before.subscription_cancel.cancellation_reason, ...withEmptyLists(reason ?? {}) },
    },
    subscription_update: {
      ...before.subscription_update,
      ...withEmptyLists(updateRest),
      ...(products !== undefined && { products: products && readProducts(call, products) }),
      schedule_at_period_end: {
        ...before.subscription_update.schedule_at_period_end,
        ...withEmptyLists(schedule ?? {}),
      },
    },
  };
  refuseEmptyOffer(after);
  refuseProration(after);
  return after;
}

function withEmptyLists(given: object): Fields {
  return Object.fromEntries(Object.entries(given).map(([field, value]: [string, unknown]) => [field, value ?? []]));
}

/** That products are demanded once the feature is on is [3rd: notes of a live account]; the text is unconfirmed. */
function refuseEmptyOffer({ subscription_update: { enabled, products } }: Features): void {
  if (!enabled || (products ?? []).length > 0) return;
  const param = "features[subscription_update][products]";
  throw new Refusal(`Missing required param: ${param}.`, { code: "parameter_missing", param });
}

/**
 * An end can be credited only where it comes at once, and never be invoiced [node: proration_behavior of subscription_cancel]; the
 * texts are unconfirmed.
 */
function refuseProration({ subscription_cancel: { mode, proration_behavior: behavior } }: Features): void {
  const param = "features[subscription_cancel][proration_behavior]";
  if (behavior === "always_invoice")
    throw new Refusal("`always_invoice` is not supported for cancellations.", { param });
  if (behavior === "create_prorations" && mode !== "immediately") {
    throw new Refusal("`create_prorations` is only supported with `mode=immediately`.", { param });
  }
}

/** A price that isn't there is refused [3rd: as above]; that it must be the product's own is unconfirmed. */
function readProducts(call: Call, given: GivenProducts): readonly Fields[] {
  return given.map(({ product, prices, adjustable_quantity: adjustable }, index) => {
    const at = `features[subscription_update][products][${index}]`;
    if (call.account.collection(productName).get(product) === undefined) {
      throw missingObject("product", product, `${at}[product]`, 400);
    }
    for (const [place, id] of prices.entries()) {
      const param = `${at}[prices][${place}]`;
      const price = call.account.collection<Price>(priceName).get(id);
      if (price === undefined) throw missingObject("price", id, param, 400);
      if (price.product !== product) {
        throw new Refusal(`The price '${id}' does not belong to the product '${product}'.`, { param });
      }
    }
    return { adjustable_quantity: { enabled: false, maximum: null, minimum: 1, ...adjustable }, prices, product };
  });
}
