import { isDeepStrictEqual } from "node:util";
import { hiddenPrefix } from "./check";
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
 * What the code says, but for what the engine is told to ignore: that is as it is at Stripe, as the engine has it after a refresh. Pure.
 * @param recorded the outputs in state
 * @param live the same with the values as they are at Stripe
 * @param ignoreChanges paths as the resource option has them (pulumi.com/docs/iac/concepts/resources/options/ignorechanges)
 */
export function codeOf(
  declaration: Declaration,
  recorded: Values,
  live: Values,
  ignoreChanges: readonly string[],
): Values {
  const code: unknown = declaredIn(declaration, recorded);
  return ignoreChanges.reduce((left, path) => taken(left, live, pathParts(path)), code) as Values;
}

/**
 * What an object is compared by: exactly what a refresh and the run after it would find. Pure.
 * @param code what the program says
 * @param live what is recorded of the object, with the values as they are at Stripe
 */
export function differencesOf(declaration: Declaration, code: Values, live: Values): Difference[] {
  const { changed } = compare(declaration, live, code);
  const byName = new Map(declaration.inputFields.map((field) => [field.name, field]));
  return changed.flatMap((name) => leaves(name, code[name] ?? byName.get(name)?.default, live[name]));
}

/**
 * Whether an object has come to its end, though the program doesn't ask for that.
 * @param ignoreChanges what it doesn't ask for, if what Stripe has is what the engine takes
 */
export function isAtEnd(
  declaration: Declaration,
  code: Values,
  object: StripeObject,
  ignoreChanges: readonly string[] = [],
): boolean {
  // What is made once and then used comes to its end as it should.
  if (declaration.createOnce) return false;
  if (declaration.isEnded?.(object, code) === true) return true;
  return declaration.inputFields.some(({ name, param }) => {
    const revived = declaration.revive?.[param];
    if (revived === undefined || isIgnored(name, ignoreChanges)) return false;
    return object[param] !== revived && (code[name] ?? revived) === revived;
  });
}

/** Names of the inputs that aren't the same, but for hidden ones. */
export function namesThatDiffer(one: Values, other: Values): string[] {
  return [...parts(one, other)].filter(
    (name) => !name.startsWith(hiddenPrefix) && !isDeepStrictEqual(one[name], other[name]),
  );
}

/** Whether the engine is told to ignore the whole of an input. */
export function isIgnored(name: string, ignoreChanges: readonly string[]): boolean {
  return ignoreChanges.some((path) => ["*", name, `${name}.*`].includes(pathParts(path).join(".")));
}

/** `a.b["c.d"][0]` → `a`, `b`, `c.d`, `0`; a `*` stands for all there are. */
function pathParts(path: string): string[] {
  const parts = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...parts].map(([, quoted, index, plain]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? plain ?? "");
}

/** The one value with what the other has at a path; where that has nothing, with nothing. */
function taken(one: unknown, other: unknown, [part, ...rest]: string[]): unknown {
  if (part === undefined) return other;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.map((item, index) =>
      (part === "*" || part === String(index)) && index < other.length
        ? taken(item, other[index], rest)
        : (item as unknown),
    );
  }
  if (!isValues(one) || !isValues(other)) return one;
  const changed = { ...one };
  for (const key of part === "*" ? parts(one, other) : [part]) {
    const value = taken(one[key], other[key], rest);
    if (value === undefined) delete changed[key];
    else changed[key] = value;
  }
  return changed;
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
