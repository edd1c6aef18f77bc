import { Refusal } from "../errors";
import { coinDecimals, sourceDecimals } from "../facts/onramp";

/** What a session and its quotes have in common. */
export interface Wish {
  readonly source_amount?: string;
  readonly destination_amount?: string;
}

/** [docs: Create a CryptoOnrampSession] Texts and codes unconfirmed. */
export function refuseBothAmounts({ source_amount: source, destination_amount: destination }: Wish): void {
  if (source === undefined || destination === undefined) return;
  throw new Refusal("You may only specify one of these parameters: source_amount, destination_amount.", {
    code: "parameters_exclusive",
    param: "destination_amount",
  });
}

/** Money has no fractions of a cent, and there must be some. [docs] */
export function checkSourceAmount(amount: string | undefined): void {
  if (amount !== undefined) checkAmount(amount, sourceDecimals, "source_amount", "a fraction of a cent");
}

/** Coins have their full precision and no more. [docs] */
export function checkCoinAmount(amount: string, coin: keyof typeof coinDecimals): void {
  const decimals = coinDecimals[coin];
  checkAmount(amount, decimals, "destination_amount", `more than the ${decimals} decimals of ${coin}`);
}

function checkAmount(amount: string, decimals: number, param: string, excess: string): void {
  if (!/[1-9]/.test(amount)) throw new Refusal(`${param} must be greater than 0.`, { param });
  const fraction = (amount.split(".")[1] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) throw new Refusal(`${param} has ${excess}: ${amount}.`, { param });
}
