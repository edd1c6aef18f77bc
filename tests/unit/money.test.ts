import { currencies } from "../../emulator/facts/currencies";
import { showMoney } from "../../provider/money";

test.each([
  [900, "usd", "9.00 usd"],
  [0, "usd", "0.00 usd"],
  [5, "eur", "0.05 eur"],
  [-105, "usd", "-1.05 usd"],
  [123_456_789, "gbp", "1234567.89 gbp"],
  [500, "jpy", "500 jpy"],
  [0, "krw", "0 krw"],
  [5120, "kwd", "5.120 kwd"],
  [500, "isk", "5.00 isk"],
  [500, "ugx", "5.00 ugx"],
])("%d %s reads %s", (amount, currency, text) => {
  expect(showMoney(amount, currency)).toBe(text);
});

test("what isn't counted in hundredths is what the machine's own table of currencies says, too", () => {
  const iso = (currency: string) =>
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  const ours = (currency: string) => /\.(\d+) /.exec(showMoney(0, currency))?.[1]?.length ?? 0;
  const unusual = currencies.filter((currency) => ours(currency) !== 2);
  expect(unusual.filter((currency) => ours(currency) !== iso(currency))).toEqual([]);
  expect(currencies.filter((currency) => (iso(currency) ?? 2) > 2 && ours(currency) === 2)).toEqual([]);
  // Sixteen in Stripe's list of those without decimals, less ugx, and five with three.
  expect(unusual).toHaveLength(15 + 5);
});
