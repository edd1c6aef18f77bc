import { z } from "zod";
import {
  atEnd,
  clearable,
  defineResource,
  expanded,
  has,
  metadata,
  set,
  snakeCase,
  type StripeObject,
  updateOnly,
} from "../../declare";
import { webPage } from "../../formats";

/** Whether a feature is on; off in a feature that the program doesn't name any more. */
const enabled = () => has(z.boolean(), { default: false });

const businessProfile = {
  /** What the portal says to customers: at most 60 characters. */
  headline: clearable(z.string().min(1).max(60)).optional(),
  /** Your privacy policy. */
  privacyPolicyUrl: clearable(webPage()).optional(),
  /** Your terms of service. */
  termsOfServiceUrl: clearable(webPage()).optional(),
};

const customerUpdate = {
  /** Whether customers may change what you know of them. */
  enabled: enabled(),
  /** What they may change; nothing where it is empty. */
  allowedUpdates: has(clearable(set(z.array(z.enum(["address", "email", "name", "phone", "shipping", "tax_id"])))), {
    default: [],
  }).optional(),
};

const invoiceHistory = {
  /** Whether customers see their invoices. */
  enabled: enabled(),
};

const paymentMethodUpdate = {
  /** Whether customers may change how they pay. */
  enabled: enabled(),
  /** The payment method configuration they choose from, `pmc_…`; the account's default one where left out. */
  paymentMethodConfiguration: clearable(z.string().regex(/^pmc_\w+$/, "must be an id such as pmc_1…")).optional(),
};

const cancellationReason = {
  /** Whether customers are asked why. */
  enabled: enabled(),
  /** The reasons they can choose from. */
  options: clearable(
    set(
      z.array(
        z.enum([
          "customer_service",
          "low_quality",
          "missing_features",
          "other",
          "switched_service",
          "too_complex",
          "too_expensive",
          "unused",
        ]),
      ),
    ),
  ),
};

const subscriptionCancel = {
  /** Whether customers may cancel their subscriptions. */
  enabled: enabled(),
  /** Whether that ends them at once or when the period that is paid ends. */
  mode: has(z.enum(["at_period_end", "immediately"]), { default: "at_period_end" }).optional(),
  /** Whether time that is paid and left is credited: `create_prorations`, only with the mode `immediately`. */
  prorationBehavior: has(z.enum(["create_prorations", "none"]), { default: "none" }).optional(),
  /** Asking why; with options of Stripe's, not with feedback options of your own. */
  cancellationReason: has(z.strictObject(cancellationReason), {
    default: {
      enabled: false,
      options: ["too_expensive", "missing_features", "switched_service", "unused", "other"],
    },
  }).optional(),
};

const adjustableQuantity = {
  /** Whether customers may change the quantity. */
  enabled: enabled(),
  /** The most they can have. */
  maximum: z.int().nonnegative().optional(),
  /** The least they can have. */
  minimum: has(z.int().nonnegative(), { default: 1 }).optional(),
};

const offeredProduct = {
  /** Id of the product, such as `gold.id` of a `stripe.Product`. */
  product: has(z.string().min(1), { refersTo: "product" }),
  /** Ids of those of its prices that customers may change to, such as `monthly.id` of a `stripe.Price`. */
  prices: set(z.array(has(z.string().regex(/^\w+$/, "must be the id of a price"), { refersTo: "price" })).min(1)),
  /** Whether they may change the quantity too, and between which limits. */
  adjustableQuantity: has(z.strictObject(adjustableQuantity), { default: { enabled: false } }).optional(),
};

const condition = {
  /** The subscription costs less afterwards, or its periods are shorter. */
  type: z.enum(["decreasing_item_amount", "shortening_interval"]),
};

const scheduleAtPeriodEnd = {
  /** Changes to which one of these applies wait until the period ends. */
  conditions: has(clearable(z.array(z.strictObject(condition))), { default: [] }).optional(),
};

const subscriptionUpdate = {
  /** Whether customers may change their subscriptions. */
  enabled: enabled(),
  /** What of a subscription they may change; nothing where it is empty. */
  defaultAllowedUpdates: has(clearable(set(z.array(z.enum(["price", "promotion_code", "quantity"])))), {
    default: [],
  }).optional(),
  // That Stripe shows them by expand: https://github.com/lukasaron/terraform-provider-stripe/pull/51, in whose issue 49 nothing
  // differs any more from then on: so their order is kept. Of the order of their prices nothing is known: it means nothing here.
  /** At most 10 products that they may change to, in your order. Sent whole: what isn't said of one is as in a new configuration. */
  products: has(clearable(expanded(z.array(z.strictObject(offeredProduct)).max(10, "must be at most 10"))), {
    default: [],
  }).optional(),
  /** What becomes of the time that is paid and left. */
  prorationBehavior: has(z.enum(["always_invoice", "create_prorations", "none"]), { default: "none" }).optional(),
  /** Whether a change starts a new period `now`. */
  billingCycleAnchor: has(z.enum(["now", "unchanged"]), { default: "unchanged" }).optional(),
  /** Which changes wait until the period ends. */
  scheduleAtPeriodEnd: z.strictObject(scheduleAtPeriodEnd).optional(),
  /** What becomes of a trial when its subscription is changed. */
  trialUpdateBehavior: has(z.enum(["continue_trial", "end_trial"]), { default: "end_trial" }).optional(),
};

/*
 * Left out: `subscription_pause`, which came with a later version of Stripe's API than the pinned one, and `feedback_options`
 * of a cancellation reason, whose objects are no kind of this package. What a switch left out stands at is that of the example
 * in https://docs.stripe.com/api/customer_portal/configurations/object, which names two features only; that an anchor stays
 * `unchanged` is in the reference of the update.
 */
const features = {
  /** Changing what you know of a customer. */
  customerUpdate: z.strictObject(customerUpdate).optional(),
  /** Past invoices. */
  invoiceHistory: z.strictObject(invoiceHistory).optional(),
  /** Changing how they pay. */
  paymentMethodUpdate: z.strictObject(paymentMethodUpdate).optional(),
  /** Canceling a subscription. */
  subscriptionCancel: z.strictObject(subscriptionCancel).optional(),
  /** Changing a subscription's plan, quantity or promotion code. */
  subscriptionUpdate: z.strictObject(subscriptionUpdate).optional(),
};

type Features = z.output<z.ZodObject<typeof features>>;

const loginPage = {
  /** Whether there is one, at the address that `loginPageUrl` tells. */
  enabled: enabled(),
};

/** What customers may do in the customer portal. https://docs.stripe.com/api/customer_portal/configurations */
export const portalConfiguration = defineResource({
  kind: "Configuration",
  namespace: "billingPortal",
  object: "billing_portal.configuration",
  api: {
    path: "/v1/billing_portal/configurations",
    source: "https://docs.stripe.com/api/customer_portal/configurations",
  },
  inputs: {
    /**
     * What customers can do: at least one of the features. One that isn't named is left as it is, off in a new configuration;
     * one that is taken out of the program is switched off.
     */
    features: z.strictObject(features),
    /** Whether portal sessions can be opened with it; a new one is active where this is left out. */
    active: updateOnly(z.boolean()).optional(),
    /** Your business, as customers see it; Stripe shows what the account says where it is left out. */
    businessProfile: z.strictObject(businessProfile).optional(),
    /** Where the portal's link back leads, unless a session says otherwise. */
    defaultReturnUrl: clearable(z.url()).optional(),
    /** A page where customers log in by themselves. Its address ends when it is switched off; that it comes back is unconfirmed. */
    loginPage: z.strictObject(loginPage).optional(),
    /** A name for yourself: at most 256 characters. */
    name: clearable(z.string().min(1).max(256)).optional(),
    /** Your own keys and values, at most 46; keys other programs set are left alone. */
    metadata: metadata().optional(),
    /** What deleting or replacing does to it: `deactivate`, the default, or `retain`, which leaves it in use. */
    onDelete: atEnd(z.enum(["deactivate", "retain"])).optional(),
  },
  outputs: {
    /** Whether it is the account's default, which sessions that name no configuration have: chosen in the Dashboard. */
    isDefault: z.boolean(),
    /** Address of the login page, to be published; missing while that is off. */
    loginPageUrl: has(z.string(), {
      reads: ({ login_page: page }) => (page as { url?: string | null } | undefined)?.url ?? undefined,
    }).optional(),
    /** When it was created, in Unix seconds. */
    created: z.number(),
    /** When it was changed last, in Unix seconds. */
    updated: z.number(),
    livemode: z.boolean(),
  },
  notCopied: {
    param: "is_default",
    text:
      "that it is the account's default is left out, as the API takes no such parameter. In this account it stays; in another one name it " +
      "in portal sessions, or set the default up in the Dashboard",
  },
  // The API has no call that deletes one.
  missing: "error",
  // One that this resource deactivated when it ended is used again.
  revive: { active: true },
  // What customers could do in its last life they can't in this one, unless the program says so.
  asNew: {
    business_profile: { headline: "", privacy_policy_url: "", terms_of_service_url: "" },
    default_return_url: "",
    features: Object.fromEntries(Object.keys(features).map((name) => [snakeCase(name), { enabled: false }])),
    login_page: { enabled: false },
    name: "",
  },
  ends: {
    by: "action",
    words:
      'deactivated, as Stripe deletes no configuration; with `onDelete: "retain"`, or as the account\'s default, left in use',
    choose: ({ onDelete }, object) => {
      if (onDelete === "retain") return { leave: `portal configuration ${object.id} stays in use, as onDelete says` };
      // That Stripe refuses to deactivate it is unconfirmed; if it didn't, customers would have no portal.
      if (object.is_default === true) return { leave: staysDefault(object) };
      return { update: { active: false }, reached: ({ active }) => active === false };
    },
    done: ({ id }) => `portal configuration ${id} is deactivated: Stripe deletes none`,
    failed: ({ id }) =>
      `portal configuration ${id} could not be deactivated and stays in use. Deactivate it by hand, or set onDelete: "retain" and ` +
      "run pulumi up, which leaves it in use on purpose. Then run again",
  },
  rules: [
    {
      fields: ["features"],
      check: ({ features }) =>
        Object.values(features as Features).every((feature) => feature === undefined)
          ? [{ path: "features", message: "must name a feature, such as invoiceHistory: { enabled: true }" }]
          : [],
    },
    {
      fields: ["features"],
      check: ({ features }) => {
        const path = "features.subscriptionCancel";
        const { mode, prorationBehavior, cancellationReason: reason } = (features as Features).subscriptionCancel ?? {};
        return [
          // https://docs.stripe.com/api/customer_portal/configurations/update
          ...(prorationBehavior === "create_prorations" && mode !== "immediately"
            ? [{ path: `${path}.prorationBehavior`, message: 'needs mode: "immediately"' }]
            : []),
          ...(reason?.enabled === true && reason.options.length === 0
            ? [{ path: `${path}.cancellationReason.options`, message: "must name a reason" }]
            : []),
        ];
      },
    },
  ],
  samples: {
    minimal: { features: { invoiceHistory: { enabled: false } } },
    full: {
      features: {
        customerUpdate: { enabled: true, allowedUpdates: ["tax_id", "email"] },
        invoiceHistory: { enabled: true },
        paymentMethodUpdate: { enabled: true, paymentMethodConfiguration: "pmc_0" },
        subscriptionCancel: {
          enabled: true,
          mode: "immediately",
          prorationBehavior: "create_prorations",
          cancellationReason: { enabled: true, options: ["unused", "other"] },
        },
        // Off, as the ids of prices are Stripe's: no sample can name one.
        subscriptionUpdate: {
          enabled: false,
          defaultAllowedUpdates: ["quantity", "price"],
          products: [],
          prorationBehavior: "always_invoice",
          billingCycleAnchor: "now",
          scheduleAtPeriodEnd: { conditions: [{ type: "shortening_interval" }] },
          trialUpdateBehavior: "continue_trial",
        },
      },
      active: false,
      businessProfile: {
        headline: "0 surprises",
        privacyPolicyUrl: "https://example.com/privacy",
        termsOfServiceUrl: "https://example.com/terms",
      },
      defaultReturnUrl: "https://example.com/account",
      loginPage: { enabled: true },
      name: "Portal 0",
      metadata: { tier: "0", beta: "false" },
      onDelete: "deactivate",
    },
    update: {
      active: true,
      features: {
        customerUpdate: { enabled: true, allowedUpdates: [] },
        invoiceHistory: { enabled: false },
        subscriptionCancel: { enabled: true, mode: "at_period_end", prorationBehavior: "none" },
        subscriptionUpdate: { enabled: false, defaultAllowedUpdates: ["price"] },
      },
      businessProfile: { headline: "No surprises" },
      defaultReturnUrl: undefined,
      loginPage: { enabled: false },
      name: "Portal",
      metadata: { tier: "1" },
    },
    replace: [{ triggers: ["again"] }],
    invalid: [
      { args: {}, path: "features" },
      { args: { features: {} }, path: "features" },
      { args: { features: { invoiceHistory: {} } }, path: "features.invoiceHistory.enabled" },
      { args: { features: { invoices: { enabled: true } } }, path: "features.invoices" },
      {
        args: { features: { customerUpdate: { enabled: true, allowedUpdates: ["iban"] } } },
        path: "features.customerUpdate.allowedUpdates[0]",
      },
      {
        args: { features: { subscriptionCancel: { enabled: true, prorationBehavior: "create_prorations" } } },
        path: "features.subscriptionCancel.prorationBehavior",
      },
      {
        args: {
          features: { subscriptionCancel: { enabled: true, cancellationReason: { enabled: true, options: [] } } },
        },
        path: "features.subscriptionCancel.cancellationReason.options",
      },
      {
        args: { features: { subscriptionUpdate: { enabled: true, products: [{ product: "x", prices: [] }] } } },
        path: "features.subscriptionUpdate.products[0].prices",
      },
      {
        args: {
          features: {
            subscriptionUpdate: { enabled: true, products: Array(11).fill({ product: "x", prices: ["price_1"] }) },
          },
        },
        path: "features.subscriptionUpdate.products",
      },
      {
        args: { features: { invoiceHistory: { enabled: true } }, businessProfile: { headline: "x".repeat(61) } },
        path: "businessProfile.headline",
      },
      {
        args: { features: { invoiceHistory: { enabled: true } }, defaultReturnUrl: "account" },
        path: "defaultReturnUrl",
      },
      { args: { features: { invoiceHistory: { enabled: true } }, loginPage: {} }, path: "loginPage.enabled" },
    ],
  },
});

function staysDefault({ id }: StripeObject): string {
  return (
    `portal configuration ${id} is the account's default, which customers have wherever no other is named: it stays in use, as the ` +
    "program left it. Choose another default in the Dashboard to deactivate it"
  );
}
