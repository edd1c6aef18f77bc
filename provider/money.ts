/**
 * Currencies whose smallest unit isn't a hundredth, with the decimals they have. Stripe writes isk and ugx as if they had two
 * (https://docs.stripe.com/currencies#minor-units).
 */
const decimals = new Map<string, number>([
  ...["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg"].map((code) => [code, 0] as const),
  ...["rwf", "vnd", "vuv", "xaf", "xof", "xpf"].map((code) => [code, 0] as const),
  ...["bhd", "jod", "kwd", "omr", "tnd"].map((code) => [code, 3] as const),
]);

/** `9.00 usd` for 900, as people read money; `amount` is a whole number of the currency's smallest unit. */
export function showMoney(amount: number, currency: string): string {
  const places = decimals.get(currency) ?? 2;
  const digits = String(Math.abs(amount)).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = places === 0 ? "" : `.${digits.slice(-places)}`;
  return `${amount < 0 ? "-" : ""}${whole}${fraction} ${currency}`;
}
