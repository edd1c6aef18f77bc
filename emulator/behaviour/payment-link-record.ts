import { linkLimits, linkPaymentMethods, shippingCountries } from "../facts/payment-link";
import { type Metadata } from "../metadata";
import { type StripeObject } from "../store";
import { type LinkItem } from "./payment-link-items";

type Fields = Readonly<Record<string, unknown>>;

export interface PaymentLink extends StripeObject {
  readonly object: "payment_link";
  readonly active: boolean;
  readonly currency: string;
  readonly consent_collection: Fields | null;
  readonly custom_text: Fields;
  readonly line_items: readonly LinkItem[];
  readonly livemode: boolean;
  readonly metadata: Metadata;
  readonly payment_intent_data: (Fields & { readonly metadata: Metadata }) | null;
  readonly subscription_data: (Fields & { readonly metadata: Metadata }) | null;
  readonly restrictions: { readonly completed_sessions: { readonly count: number; readonly limit: number } } | null;
  readonly submit_type: string;
  readonly url: string;
}

export const linkName = "payment_link";

const flag = { type: "boolean" } as const;
const text = (maxLength?: number) => ({ type: "string", ...(maxLength !== undefined && { maxLength }) }) as const;
const word = <const W extends readonly string[]>(...words: W) => ({ type: "string", enum: words }) as const;
const unbuilt = { type: "unbuilt" } as const;
const enabled = { ...flag, required: true } as const;
const message = { type: "object", unsettable: true, params: { message: { ...text(1200), required: true } } } as const;

/** Fields of the payment that creation and update share; capture_method is create-only. [openapi] */
const paymentData = {
  description: text(1000),
  metadata: { type: "map" },
  setup_future_usage: word("off_session", "on_session"),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: text(),
} as const;

const subscriptionData = {
  invoice_settings: unbuilt,
  metadata: { type: "map" },
  trial_period_days: { type: "integer", min: 1 },
  trial_settings: unbuilt,
} as const;

const boundText = {
  type: "object",
  params: { default_value: text(255), maximum_length: { type: "integer" }, minimum_length: { type: "integer" } },
} as const;

const customField = {
  type: "object",
  params: {
    dropdown: {
      type: "object",
      params: {
        default_value: text(100),
        options: {
          type: "list",
          required: true,
          minItems: 1,
          items: {
            type: "object",
            params: { label: { ...text(100), required: true }, value: { ...text(100), required: true } },
          },
        },
      },
    },
    key: { ...text(200), required: true },
    label: {
      type: "object",
      required: true,
      params: { custom: { ...text(50), required: true }, type: { ...word("custom"), required: true } },
    },
    numeric: boundText,
    optional: flag,
    text: boundText,
    type: { ...word("dropdown", "numeric", "text"), required: true },
  },
} as const;

/** What a creation takes beside its lines and their currency. [openapi] */
export const linkParams = {
  after_completion: {
    type: "object",
    params: {
      hosted_confirmation: { type: "object", params: { custom_message: text(500) } },
      redirect: { type: "object", params: { url: { ...text(), required: true } } },
      type: { ...word("hosted_confirmation", "redirect"), required: true },
    },
  },
  allow_promotion_codes: flag,
  application_fee_amount: unbuilt,
  application_fee_percent: unbuilt,
  automatic_tax: { type: "object", params: { enabled, liability: unbuilt } },
  billing_address_collection: word("auto", "required"),
  consent_collection: {
    type: "object",
    params: {
      payment_method_reuse_agreement: {
        type: "object",
        params: { position: { ...word("auto", "hidden"), required: true } },
      },
      promotions: word("auto", "none"),
      terms_of_service: word("none", "required"),
    },
  },
  custom_fields: { type: "list", items: customField, maxItems: linkLimits.customFields },
  custom_text: {
    type: "object",
    params: { after_submit: message, shipping_address: message, submit: message, terms_of_service_acceptance: message },
  },
  customer_creation: word("always", "if_required"),
  inactive_message: text(500),
  invoice_creation: unbuilt,
  metadata: { type: "map" },
  name_collection: unbuilt,
  on_behalf_of: unbuilt,
  optional_items: unbuilt,
  payment_intent_data: {
    type: "object",
    params: { ...paymentData, capture_method: word("automatic", "automatic_async", "manual") },
  },
  payment_method_collection: word("always", "if_required"),
  payment_method_options: unbuilt,
  payment_method_types: { type: "list", items: { type: "string", enum: linkPaymentMethods }, minItems: 1 },
  phone_number_collection: { type: "object", params: { enabled } },
  restrictions: {
    type: "object",
    params: {
      completed_sessions: {
        type: "object",
        required: true,
        params: { limit: { type: "integer", min: 1, required: true } },
      },
    },
  },
  shipping_address_collection: {
    type: "object",
    params: {
      allowed_countries: {
        type: "list",
        required: true,
        minItems: 1,
        items: { type: "string", enum: shippingCountries },
      },
    },
  },
  shipping_options: unbuilt,
  submit_type: word("auto", "book", "donate", "pay", "subscribe"),
  subscription_data: { type: "object", params: { ...subscriptionData, description: text(500) } },
  tax_id_collection: { type: "object", params: { enabled, required: word("if_supported", "never") } },
  transfer_data: unbuilt,
} as const;

/** What an update takes beside `active` and the lines. [openapi] */
export const linkChanges = {
  ...linkParams,
  custom_fields: { ...linkParams.custom_fields, unsettable: true },
  inactive_message: { ...linkParams.inactive_message, unsettable: true },
  payment_intent_data: {
    type: "object",
    params: {
      description: { ...paymentData.description, unsettable: true },
      metadata: { ...paymentData.metadata, unsettable: true },
      setup_future_usage: { ...paymentData.setup_future_usage, unsettable: true },
      statement_descriptor: { ...paymentData.statement_descriptor, unsettable: true },
      statement_descriptor_suffix: { ...paymentData.statement_descriptor_suffix, unsettable: true },
      transfer_group: { ...paymentData.transfer_group, unsettable: true },
    },
  },
  payment_method_types: { ...linkParams.payment_method_types, unsettable: true },
  restrictions: { ...linkParams.restrictions, unsettable: true },
  shipping_address_collection: { ...linkParams.shipping_address_collection, unsettable: true },
  subscription_data: {
    type: "object",
    params: {
      ...subscriptionData,
      metadata: { ...subscriptionData.metadata, unsettable: true },
      trial_period_days: { ...subscriptionData.trial_period_days, unsettable: true },
    },
  },
} as const;
