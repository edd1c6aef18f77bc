/** Every `stripe:` setting; in a file of its own, as programs check names without loading what reads them. */
export const settingNames = [
  "apiKey",
  "apiBase",
  "apiVersion",
  "accountId",
  "mode",
  "stripeAccount",
  "stripeContext",
  "owner",
  "ownership",
  "lookupLimit",
  "maxRequestsPerSecond",
  "maxSpend",
  "readOnly",
  "timeoutSeconds",
] as const;

export type SettingName = (typeof settingNames)[number];
