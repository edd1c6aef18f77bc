import { closest, distance } from "fastest-levenshtein";

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

/** The setting that a name which is none was most likely meant to be; undefined where none is near. */
export function misspelledSetting(name: string): string | undefined {
  const near = closest(name, settingNames);
  return distance(name.toLowerCase(), near.toLowerCase()) <= 2 ? near : undefined;
}
