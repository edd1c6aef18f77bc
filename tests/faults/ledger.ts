import { type Emulator, type StripeObject } from "../../emulator";
import { type Declaration } from "../../provider/declare";
import { type Books, type Made, without } from "./books";
import { type Values } from "./host";

/** A fixed moment for the emulator's clock: nothing in the books depends on when a matrix is run. */
export const now = Date.UTC(2026, 8, 1);

export interface MadeObject extends Made {
  id: string;
}

/** What is left at Stripe, by the emulator's own books. */
export interface Ledger extends Books {
  made: readonly MadeObject[];
  /** Objects as Stripe keeps them, less what differs from run to run. */
  objects: string[];
}

/** Names of what Stripe tells at creation only and the outputs of a resource have otherwise. */
export function wrongSecrets(
  emulator: Emulator,
  { object, outputFields }: Declaration,
  { id, outputs }: { id: string; outputs: Values },
): string[] {
  const kept: Values = emulator.reveal(object, id) ?? {};
  return outputFields
    .filter(({ onlyOnCreate, name, param }) => onlyOnCreate !== undefined && outputs[name] !== kept[param])
    .map(({ name }) => name);
}

/** Whether Stripe has the object, as something that was made since the books were opened. */
export function isThere({ made }: Ledger, id: string): boolean {
  return made.some((one) => one.id === id && one.standing !== "gone");
}

/** Objects that one ledger has and the other has not. */
export function compare(ledger: Ledger, clean: Ledger): { extra: string[]; missing: string[] } {
  return { extra: without(ledger.objects, clean.objects), missing: without(clean.objects, ledger.objects) };
}

/** What Stripe makes up; our own `pulumi_id` is made of the resource's name and stays. */
const random = /(?<![A-Za-z0-9])(?![0-9a-f]{32}(?![A-Za-z0-9]))[A-Za-z0-9]{14,}/g;

/** A value as text, with placeholders for what is random, and without marks that a recovery leaves. */
export function comparable(value: StripeObject | Values): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (key === "pulumi_claim" || key === "__claim" || key === "__urn") return undefined;
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
      return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
    }
    return typeof inner === "string" ? inner.replace(random, "*") : inner;
  });
}
