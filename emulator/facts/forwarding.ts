/**
 * Where requests may be forwarded to: a host (`*.` stands for one or more labels) and what the path begins with.
 * [docs: Forward card details; the list is maintained and longer] One's own vault is an option of the emulator.
 */
export const destinations: readonly { readonly host: string; readonly paths: readonly RegExp[] }[] = [
  { host: "*.adyenpayments.com", paths: [/^\/checkout\/v(?:68|69|70|71)\//] },
  { host: "payments.braintree-api.com", paths: [/^\/graphql$/] },
  { host: "api.checkout.com", paths: [/^\/tokens$/, /^\/payments$/] },
  { host: "*.verygoodproxy.com", paths: [/^\//] },
  { host: "core.spreedly.com", paths: [/^\//] },
  { host: "access.worldpay.com", paths: [/^\//] },
  { host: "api.basistheory.com", paths: [/^\//] },
];

/** What may be put into a request. [openapi; the network tokens: docs: Forward card details] */
export const replacements = [
  "card_cvc",
  "card_expiry",
  "card_number",
  "cardholder_name",
  "network_token_cryptogram",
  "network_token_electronic_commerce_indicator",
  "network_token_expiry",
  "network_token_number",
  "request_signature",
] as const;

export type Replacement = (typeof replacements)[number];

/** A forwarding request is kept for 30 days. [reference] */
export const retentionSeconds = 30 * 24 * 60 * 60;

/** Every payment method holds this invented card; its number is Stripe's test card. */
const card = { number: "4242424242424242", cvc: "737", month: "03", year: "2030", name: "Jenny Rosen" } as const;

/**
 * Names of the fields that hold a replaced value, as destinations spell them. The real ones are set per destination at
 * onboarding: this table is unconfirmed.
 */
export const replacedFields: Readonly<
  Record<Replacement, readonly { readonly name: RegExp; readonly value: string }[]>
> = {
  card_number: [{ name: /^(?:card_?)?number$|^pan$/i, value: card.number }],
  card_cvc: [{ name: /^cv[cv]2?$|^verification_?value$|^(?:card_?)?security_?code$/i, value: card.cvc }],
  card_expiry: [
    { name: /^exp(?:iry|iration)?_?month$|^month$/i, value: card.month },
    { name: /^exp(?:iry|iration)?_?year$|^year$/i, value: card.year },
  ],
  cardholder_name: [{ name: /^(?:card)?_?holder_?name$|^(?:full_?)?name$/i, value: card.name }],
  network_token_number: [{ name: /^(?:network_?)?token_?number$/i, value: "4000000000000002" }],
  network_token_cryptogram: [{ name: /^cryptogram$|^cavv$/i, value: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }],
  network_token_expiry: [{ name: /^token_?exp(?:iry|iration)?$/i, value: "03/30" }],
  network_token_electronic_commerce_indicator: [{ name: /^eci$/i, value: "07" }],
  request_signature: [{ name: /^(?:request_?)?signature$/i, value: "5f2d8a1c" }],
};

/** What a failing destination makes Stripe answer. [node: codes] Status and type are unconfirmed; 424: [docs: Errors]. */
export const upstreamFailures = {
  connection: "forwarding_api_upstream_connection_error",
  timeout: "forwarding_api_upstream_connection_timeout",
  upstream: "forwarding_api_upstream_error",
  retryable: "forwarding_api_retryable_upstream_error",
} as const;
