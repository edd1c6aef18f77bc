import { createHash } from "node:crypto";
import { Refusal } from "./errors";
import { type EmulatorSettings } from "./settings";

/** Shows which key it was without showing the key: prefix and last four characters. */
export function maskKey(key: string): string {
  const prefix = /^(?:sk|rk|pk)_(?:test|live)_/.exec(key)?.[0] ?? "";
  if (key.length < prefix.length + 8) return `${prefix}***`;
  return `${prefix}${"*".repeat(Math.min(key.length - prefix.length - 4, 20))}${key.slice(-4)}`;
}

/** The key of `Authorization: Bearer KEY`, or of Basic with the key as user name. [openapi] */
export function readKey(authorization: string | undefined): string | undefined {
  const parts = /^(bearer|basic)\s+(\S+)\s*$/i.exec(authorization ?? "");
  if (parts === null) return undefined;
  const credentials = parts[2] ?? "";
  if (parts[1]?.toLowerCase() === "bearer") return credentials;
  const user = Buffer.from(credentials, "base64").toString("utf8").split(":")[0] ?? "";
  return user === "" ? undefined : user;
}

/** Refuses a missing or unknown key with 401. [docs.stripe.com/api/errors; the texts are the live API's] */
export function checkKey(settings: EmulatorSettings, key: string | undefined): string {
  if (key === undefined) {
    throw new Refusal(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth " +
        "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or " +
        "we can help at https://support.stripe.com/.",
      { status: 401 },
    );
  }
  const known =
    isNamed(settings, key) || (settings.accountPerKey && !settings.livemode && /^sk_test_[a-z\d]{8,}$/i.test(key));
  if (!known) throw new Refusal(`Invalid API Key provided: ${maskKey(key)}`, { status: 401 });
  return key;
}

/** Keys the emulator was started with; they all belong to its account. */
function isNamed(settings: EmulatorSettings, key: string): boolean {
  return key === settings.apiKey || settings.apiKeys.includes(key) || Object.hasOwn(settings.restrictedKeys, key);
}

/** The account a key that was checked belongs to: always the same for the same key. */
export function ownAccount(settings: EmulatorSettings, key: string): string {
  if (isNamed(settings, key)) return settings.accountId;
  return `acct_1${createHash("sha256").update(key).digest("hex").slice(0, 15)}`;
}

/**
 * The account a request acts on: the key's own, or the one named by `Stripe-Account` or the end of `Stripe-Context`.
 * [docs: Stripe-Context header] What the live API says to a foreign account is unconfirmed.
 */
export function actingAccount(
  settings: EmulatorSettings,
  key: string,
  account: string | undefined,
  context: string | undefined,
): string {
  const own = ownAccount(settings, key);
  const named = context?.split("/").at(-1) ?? account ?? own;
  const isReached = own === settings.accountId && settings.connectedAccounts.includes(named);
  if (named !== own && !isReached) {
    throw new Refusal(
      `The provided key '${maskKey(key)}' does not have access to account '${named}' (or that account does not exist). ` +
        "Application access may have been revoked.",
      { status: 403, code: "account_invalid" },
    );
  }
  return named;
}

/** Refuses what a restricted key may not do; names account and permission. [docs: Restricted API keys; issue st-paywall#36] */
export function checkPermission(
  settings: EmulatorSettings,
  key: string,
  account: string,
  stem: string,
  method: string,
): void {
  const granted = Object.hasOwn(settings.restrictedKeys, key) ? settings.restrictedKeys[key] : undefined;
  if (granted === undefined) return;
  const needed = `${stem}_${method === "GET" ? "read" : "write"}`;
  const has = (permission: string): boolean => granted.some((name) => name.replace(/^rak_/, "") === permission);
  if (has(needed) || has(`${stem}_write`)) return;
  throw new Refusal(
    `The provided key '${maskKey(key)}' does not have the required permissions for this endpoint on account ` +
      `'${account}'. Having the 'rak_${needed}' permission would allow this request to continue.`,
    { status: 403 },
  );
}
