/**
 * Paths that Stripe has and this emulator does not imitate yet. A request below one of them is answered 501, so that a
 * test never takes "not built here" for Stripe's own 404. A kind that gets built loses its row here.
 * [openapi]
 */
export const unbuiltPaths: readonly string[] = [
  "/v1/coupons",
  "/v1/promotion_codes",
  "/v1/tax_rates",
  "/v1/shipping_rates",
  "/v1/billing/meters",
  "/v1/entitlements/features",
  "/v1/payment_method_configurations",
  "/v1/payment_method_domains",
  "/v1/radar/value_lists",
  "/v1/radar/value_list_items",
  "/v1/terminal/locations",
  "/v1/terminal/configurations",
  "/v1/terminal/readers",
  "/v1/tax/registrations",
  "/v1/tax/settings",
  "/v1/files",
  "/v1/file_links",
  "/v1/apple_pay/domains",
  "/v1/billing/alerts",
  "/v1/invoice_rendering_templates",
  "/v1/billing/credit_grants",
  "/v1/customers",
  // Retrieving an account is built, creating and listing connected ones is not.
  "/v1/accounts",
];

/** Routes below a built collection that are not built; looked for first, since `search` would pass for an id. [openapi] */
export const unbuiltRoutes: readonly RegExp[] = [
  /^\/v1\/(?:products|prices)\/search$/,
  /^\/v1\/products\/[^/]+\/features(?:\/|$)/,
];
