import { type Declaration, type StripeObject } from "./declare";
import { compare, isValues } from "./plan";
import { declaredIn } from "./outputs";

type Values = Record<string, unknown>;

/** One value that is at Stripe not what the code says. */
export interface Difference {
  /** Path of the field, such as `metadata.tier`. */
  field: string;
  /** What the code says; undefined where it says nothing. */
  code: unknown;
  /** What Stripe has; undefined where it has nothing. */
  live: unknown;
}

/** How a resource of the state stands to its object at Stripe. */
export type Drift =
  /** Stripe has no such object. */
  | { status: "gone" }
  | {
      /** `foreign-owned`: another stack has taken it over; `archived`: it is there, but at its end. */
      status: "unchanged" | "changed" | "archived" | "foreign-owned";
      differences: Difference[];
      /** Where it stands at Stripe, such as `canceled`, if it is archived; who has it, if it is another's. */
      detail?: string;
    };

/**
 * What an object is compared by: exactly what a refresh and the run after it would find. Pure.
 * @param recorded the outputs in state
 * @param live the same with the values as they are at Stripe
 */
export function differencesOf(declaration: Declaration, recorded: Values, live: Values): Difference[] {
  const code = declaredIn(declaration, recorded);
  const { changed } = compare(declaration, live, code);
  const byName = new Map(declaration.inputFields.map((field) => [field.name, field]));
  return changed.flatMap((name) => leaves(name, code[name] ?? byName.get(name)?.default, live[name]));
}

/** Whether an object has come to its end, though the program doesn't ask for that. */
export function isAtEnd(declaration: Declaration, recorded: Values, object: StripeObject): boolean {
  // What is made once and then used comes to its end as it should.
  if (declaration.createOnce) return false;
  const code = declaredIn(declaration, recorded);
  if (declaration.isEnded?.(object, code) === true) return true;
  return declaration.inputFields.some(({ name, param }) => {
    const revived = declaration.revive?.[param];
    return revived !== undefined && object[param] !== revived && (code[name] ?? revived) === revived;
  });
}

function* parts(one: unknown, other: unknown): Generator<string> {
  for (const key of new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])) yield key;
}

function leaves(field: string, code: unknown, live: unknown): Difference[] {
  const isMap = (value: unknown) => value === undefined || isValues(value);
  if ((code === undefined && live === undefined) || !isMap(code) || !isMap(live)) {
    return JSON.stringify(code) === JSON.stringify(live) ? [] : [{ field, code, live }];
  }
  const [one, other] = [code, live] as [Values | undefined, Values | undefined];
  return [...parts(one, other)].flatMap((key) => leaves(`${field}.${key}`, one?.[key], other?.[key]));
}
