import { Refusal } from "./errors";
import { currencies } from "./facts/currencies";

/** The lower-case code; upper case is taken too, and the answer shows the lower (unconfirmed). Refuses unknown ones. */
export function readCurrency(given: string, param: string): string {
  const code = given.toLowerCase();
  if (currencies.includes(code)) return code;
  throw new Refusal(
    `Invalid currency: ${given}. Stripe currently supports these currencies: ${currencies.join(", ")}`,
    {
      param,
    },
  );
}
