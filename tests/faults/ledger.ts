import { type Emulator, type StripeObject } from "../../emulator";
import { kinds } from "../../emulator/registry";
import { type Declaration } from "../../provider/declare";
import { type Values } from "./host";

/** Kinds whose objects an account can come to hold; what it holds from the start never changes here. */
export const watched = kinds.filter((kind) => kind.create !== undefined).map((kind) => kind.name);

/** A fixed moment for the emulator's clock: nothing in the books depends on when a matrix is run. */
export const now = Date.UTC(2026, 8, 1);

/** What a case left at Stripe, by the emulator's own books. */
export interface Ledger {
  /** Objects as Stripe keeps them, less what differs from run to run. */
  objects: string[];
  /** How many were ever made, those that are gone included. */
  made: number;
  /** Ids by kind: of all that were ever made, and of those that are there. */
  ids: Record<string, { made: string[]; present: string[] }>;
  /** Balance by currency. */
  money: string;
  forwarded: number;
}

/** Watches the objects of an emulator from request to request: one that comes and goes within a run is seen too. */
export class Bookkeeper {
  private readonly made = new Map<string, Set<string>>();

  constructor(private readonly emulator: Emulator) {}

  /** To be called after every request that could make something. */
  look(): void {
    for (const kind of watched) {
      const made = this.made.get(kind) ?? new Set<string>();
      for (const { id } of this.emulator.objects(kind)) made.add(id);
      this.made.set(kind, made);
    }
  }

  async close(): Promise<Ledger> {
    this.look();
    const response = await fetch(`${this.emulator.url}/v1/balance`, {
      headers: { authorization: `Bearer ${this.emulator.apiKey}` },
    });
    return {
      objects: watched.flatMap((kind) => this.emulator.objects(kind).map(({ id }) => this.describe(kind, id))).sort(),
      made: [...this.made.values()].reduce((sum, ids) => sum + ids.size, 0),
      ids: Object.fromEntries(
        watched.map((kind) => {
          const present = this.emulator.objects(kind).map(({ id }) => id);
          return [kind, { made: [...(this.made.get(kind) ?? [])], present }];
        }),
      ),
      money: JSON.stringify(((await response.json()) as { available: unknown }).available),
      forwarded: this.emulator.forwarded().length,
    };
  }

  describe(kind: string, id: string): string {
    return `${kind} ${comparable(this.emulator.reveal(kind, id) ?? {})}`;
  }
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

/** Objects that one ledger has and the other has not. */
export function compare(ledger: Ledger, clean: Ledger): { extra: string[]; missing: string[] } {
  return { extra: without(ledger.objects, clean.objects), missing: without(clean.objects, ledger.objects) };
}

/** What is left of a list when each of the others has taken away one that is the same. */
function without(list: string[], others: string[]): string[] {
  const left = [...list];
  for (const other of others) if (left.includes(other)) left.splice(left.indexOf(other), 1);
  return left;
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
