// How Stripe's keys look: https://docs.stripe.com/keys, and https://docs.stripe.com/cli/sandbox for the last, which is that of a
// sandbox nobody has claimed yet.
const secretKey = /^(?:[sr]k_(?:(?<mode>test|live)_|(?<organization>org))|rkcs_(?<sandbox>test)_)\w+$/;

/** Whether it is a secret or restricted key: with others nothing can be managed. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key);
}

/** The mode a key works in; undefined with an organization's, which doesn't tell it, and with what is no secret or restricted key. */
export function modeOf(key: string): "test" | "live" | undefined {
  const { mode, sandbox } = secretKey.exec(key)?.groups ?? {};
  return (mode ?? sandbox) as "test" | "live" | undefined;
}

/** A key of an organization; it tells neither account nor mode. */
export function isOrganizationKey(key: string): boolean {
  return secretKey.exec(key)?.groups?.organization !== undefined;
}

/** A key that may do what it was given permission for. */
export function isRestrictedKey(key: string): boolean {
  return key.startsWith("rk");
}

/** A text without the keys and webhook secrets in it, whoever quoted them. */
export function withoutKeys(text: string): string {
  return text.replace(/\b([sr]k_(?:test_|live_|org_?)|rkcs_test_|whsec_)\w+/g, "$1[hidden]");
}
