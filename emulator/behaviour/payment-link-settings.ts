import { Refusal } from "../errors";
import { mergeMetadata, type Metadata, type MetadataChange } from "../metadata";
import { type ParamsOf } from "../params";
import { type linkChanges, type linkParams, type PaymentLink } from "./payment-link-record";

/** What both a creation and an update may ask for; metadata of the link itself apart. */
type Settings = Partial<ParamsOf<typeof linkParams>> | ParamsOf<typeof linkChanges>;

/** Fields that hold what was sent, or what they hold in a new link. */
const plainFields = [
  "allow_promotion_codes",
  "billing_address_collection",
  "customer_creation",
  "inactive_message",
  "payment_method_collection",
  "payment_method_types",
  "phone_number_collection",
  "shipping_address_collection",
  "submit_type",
] as const;

/** A link nothing was said about. [docs: The payment link object; invoice_creation and custom_text: the same sample] */
export const emptySettings = {
  after_completion: { hosted_confirmation: { custom_message: null }, type: "hosted_confirmation" },
  allow_promotion_codes: false,
  application: null,
  application_fee_amount: null,
  application_fee_percent: null,
  automatic_tax: { enabled: false, liability: null },
  billing_address_collection: "auto",
  consent_collection: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer_creation: "if_required",
  inactive_message: null,
  invoice_creation: {
    enabled: false,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: null,
      metadata: {},
      rendering_options: null,
    },
  },
  managed_payments: null,
  on_behalf_of: null,
  payment_intent_data: null,
  payment_method_collection: "always",
  payment_method_options: null,
  payment_method_types: null,
  phone_number_collection: { enabled: false },
  restrictions: null,
  shipping_address_collection: null,
  shipping_options: [],
  submit_type: "auto",
  subscription_data: null,
  tax_id_collection: { enabled: false, required: "never" },
  transfer_data: null,
} as const;

const emptyPayment = {
  capture_method: null,
  description: null,
  metadata: {},
  setup_future_usage: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  transfer_group: null,
} as const;

const emptySubscription = {
  description: null,
  invoice_settings: { issuer: { type: "self" } },
  metadata: {},
  trial_period_days: null,
  trial_settings: null,
} as const;

const emptyConsent = { payment_method_reuse_agreement: null, promotions: null, terms_of_service: null } as const;

/**
 * The record with what was asked for. Hashes with independent fields are merged, the others replaced: unconfirmed for
 * each. `recurring`: whether a subscription is sold.
 */
export function applySettings<R extends Partial<PaymentLink>>(record: R, given: Settings, recurring: boolean): R {
  refuseMode(given, recurring);
  const {
    restrictions,
    consent_collection: consent,
    custom_text: texts,
    payment_intent_data: payment,
    subscription_data: subscription,
    custom_fields: fields,
  } = given;
  return {
    ...record,
    ...Object.fromEntries(
      plainFields.filter((field) => field in given).map((field) => [field, given[field] ?? emptySettings[field]]),
    ),
    ...(given.after_completion !== undefined && { after_completion: readCompletion(given.after_completion) }),
    ...(given.automatic_tax !== undefined && { automatic_tax: readTax(given.automatic_tax.enabled) }),
    ...(consent !== undefined && {
      consent_collection: { ...emptyConsent, ...record.consent_collection, ...consent },
    }),
    ...(texts !== undefined && { custom_text: { ...emptySettings.custom_text, ...record.custom_text, ...texts } }),
    ...(fields !== undefined && { custom_fields: (fields ?? []).map(readCustomField) }),
    ...(payment !== undefined && { payment_intent_data: mergeData(emptyPayment, record.payment_intent_data, payment) }),
    ...(subscription !== undefined && {
      subscription_data: mergeData(emptySubscription, record.subscription_data, subscription),
    }),
    ...(restrictions !== undefined && {
      restrictions: restrictions && {
        completed_sessions: {
          count: record.restrictions?.completed_sessions.count ?? 0,
          limit: restrictions.completed_sessions.limit,
        },
      },
    }),
    ...(given.tax_id_collection !== undefined && {
      tax_id_collection: { required: "never", ...given.tax_id_collection },
    }),
  };
}

/** What is for subscriptions only, and what for single payments only. [node] Texts unconfirmed. */
function refuseMode(given: Settings, recurring: boolean): void {
  const misplaced = recurring
    ? (["payment_intent_data"] as const)
    : (["subscription_data", "payment_method_collection"] as const);
  for (const param of misplaced) {
    if (given[param] === undefined) continue;
    const needed = recurring ? "when no line item has a recurring price" : "when a line item has a recurring price";
    throw new Refusal(`\`${param}\` can only be set ${needed}.`, { param });
  }
}

/** Stripe shows the hash of the type alone; that the other one is refused, and the texts, are unconfirmed. */
function readCompletion(given: NonNullable<Settings["after_completion"]>): object {
  const { type, redirect, hosted_confirmation: confirmation } = given;
  if (type === "hosted_confirmation") {
    if (redirect !== undefined) throw misplacedCompletion("redirect", type);
    return { hosted_confirmation: { custom_message: confirmation?.custom_message ?? null }, type };
  }
  if (confirmation !== undefined) throw misplacedCompletion("hosted_confirmation", type);
  if (redirect === undefined) {
    const param = "after_completion[redirect]";
    throw new Refusal(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  }
  if (!URL.canParse(redirect.url)) {
    throw new Refusal("Not a valid URL", { code: "url_invalid", param: "after_completion[redirect][url]" });
  }
  return { redirect, type };
}

function misplacedCompletion(field: string, type: string): Refusal {
  const param = `after_completion[${field}]`;
  return new Refusal(`You can't set \`${param}\` when \`after_completion[type]\` is ${type}.`, { param });
}

/** Who is liable unless a connected account is: the account itself (unconfirmed). */
function readTax(enabled: boolean): object {
  return { enabled, liability: enabled ? { type: "self" } : null };
}

/** Only the hash of its type is shown, with its defaults. [openapi; that the others are refused is unconfirmed] */
function readCustomField(given: NonNullable<Settings["custom_fields"]>[number], index: number): object {
  const { type, key, label, optional = false } = given;
  const others = (["dropdown", "numeric", "text"] as const).filter((kind) => kind !== type);
  for (const other of others) {
    if (given[other] === undefined) continue;
    const param = `custom_fields[${index}][${other}]`;
    throw new Refusal(`You can't set \`${param}\` on a custom field of type ${type}.`, { param });
  }
  const common = { key, label, optional, type };
  if (type === "dropdown") {
    if (given.dropdown === undefined) {
      const param = `custom_fields[${index}][dropdown]`;
      throw new Refusal(`Missing required param: ${param}.`, { code: "parameter_missing", param });
    }
    return { ...common, dropdown: { default_value: null, ...given.dropdown } };
  }
  return { ...common, [type]: { default_value: null, maximum_length: null, minimum_length: null, ...given[type] } };
}

/** Named fields are set or cleared, others stay, metadata is merged key by key: a nested merge, unconfirmed. */
function mergeData<D extends { readonly metadata: Metadata }>(
  empty: D,
  before: { readonly metadata: Metadata } | null | undefined,
  change: { readonly metadata?: MetadataChange | null },
): D {
  const metadata = mergeMetadata(before?.metadata ?? {}, change.metadata);
  return { ...empty, ...before, ...change, metadata };
}
