import fc from "fast-check";
import { z } from "zod";
import { fieldsOf, type Shape, unwrap } from "../../provider/declare";
import { unknownValue } from "../../provider/unknown";

export type Values = Record<string, unknown>;

const text = fc.oneof(fc.constantFrom("", "0", "x", "0.50", "__proto__", "a[b]"), fc.string({ maxLength: 8 }));
const number = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5),
  fc.integer(),
  // There is no minus 0 in JSON.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);

/**
 * Values of the form a schema asks for: text where it wants text, whatever else it wants of it. What compares, translates and
 * carries values must not depend on what `check` has let through.
 */
export function valueOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const { schema: inner } = unwrap(schema);
  if (inner instanceof z.ZodString) return text;
  if (inner instanceof z.ZodNumber) return number;
  if (inner instanceof z.ZodBoolean) return fc.boolean();
  if (inner instanceof z.ZodEnum) return fc.constantFrom(...inner.options);
  if (inner instanceof z.ZodLiteral) return fc.constantFrom(...inner.values);
  if (inner instanceof z.ZodUnion) {
    return fc.oneof(...inner.options.map((option) => valueOf(option as z.ZodType)));
  }
  if (inner instanceof z.ZodArray) return fc.array(valueOf(inner.element as z.ZodType), { maxLength: 4 });
  if (inner instanceof z.ZodRecord) {
    return fc.dictionary(text, valueOf(inner.valueType as z.ZodType), { maxKeys: 4, noNullPrototype: true });
  }
  if (inner instanceof z.ZodObject) return valuesOf(inner.shape);
  // A format of its own, such as a URL: text as well.
  if (inner instanceof z.ZodStringFormat) return text;
  throw new Error(`no values for a schema of type ${inner.type}: add them here`);
}

/** Values of a shape's fields; those that aren't required may be missing. */
export function valuesOf(shape: Shape): fc.Arbitrary<Values> {
  const fields = fieldsOf(shape);
  const arbitraries = Object.fromEntries(fields.map((field) => [field.name, valueOf(field.schema)]));
  const requiredKeys = Object.keys(arbitraries).filter((name) => shape[name]?.safeParse(undefined).success === false);
  return fc.record(arbitraries, { requiredKeys, noNullPrototype: true });
}

/** A copy as it comes over the wire. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

type Path = readonly string[];

/** The path of everything in a value. */
export function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...at, key], ...pathsIn(item, [...at, key])]);
}

/** A copy whose values at some paths are not known yet. */
export function withUnknowns<T>(value: T, paths: readonly Path[]): T {
  const copy = copyOf(value);
  for (const path of paths) {
    let parent: unknown = copy;
    for (const key of path.slice(0, -1)) parent = (parent as Values | undefined)?.[key];
    const last = path.at(-1);
    if (typeof parent === "object" && parent !== null && last !== undefined) (parent as Values)[last] = unknownValue;
  }
  return copy;
}
