import { metricTonDecimals } from "./facts/limits";

/** Metric tons as a whole number of the smallest unit the emulator counts in, so that no float ever rounds money. */
export const unitsPerTon = 10n ** BigInt(metricTonDecimals);

/** Units of a decimal text that has at most `metricTonDecimals` decimals. */
export function tonUnits(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole) * unitsPerTon + BigInt(fraction.padEnd(metricTonDecimals, "0"));
}

/** The shortest decimal text of a number of units. */
export function tonText(units: bigint): string {
  const fraction = String(units % unitsPerTon)
    .padStart(metricTonDecimals, "0")
    .replace(/0+$/, "");
  const whole = String(units / unitsPerTon);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Quotient rounded up; both operands are not negative. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/** A decimal text without needless zeros: `010.50` becomes `10.5`, `7.0` becomes `7`. */
export function plainDecimal(text: string): string {
  const [whole = "0", fraction = ""] = text.split(".");
  const digits = fraction.replace(/0+$/, "");
  return `${BigInt(whole)}${digits === "" ? "" : `.${digits}`}`;
}

/** The number a decimal text stands for when it is a whole one, else null. */
export function wholeOrNull(text: string): number | null {
  const plain = plainDecimal(text);
  return plain.includes(".") ? null : Number(plain);
}
