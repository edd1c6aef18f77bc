import { z } from "zod";
import { type Field, fieldsOf, type StripeObject, unwrap } from "./declare";

/** Values in Stripe's spelling, ready to be form-encoded. */
export type Params = Record<string, unknown>;

/** A declared value in Stripe's spelling: names of fields are re-cased, keys of maps never. */
export function toWire(schema: z.ZodType, value: unknown): unknown {
  const { schema: inner } = unwrap(schema);
  if (value === undefined || value === null) return value;
  if (inner instanceof z.ZodArray) {
    return (value as unknown[]).map((item) => toWire(inner.element as z.ZodType, item));
  }
  if (inner instanceof z.ZodObject) {
    const declared = value as Params;
    return Object.fromEntries(
      fieldsOf(inner.shape)
        .filter(({ name }) => Object.hasOwn(declared, name))
        .map((field) => [field.param, toWire(field.schema, declared[field.name])]),
    );
  }
  if (inner instanceof z.ZodRecord) {
    return mapValues(value as Params, (item) => toWire(inner.valueType as z.ZodType, item));
  }
  return value;
}

/**
 * The declared part of what Stripe returned, in our spelling. What isn't declared is left out, and so is null: Stripe's
 * way to say that a field has no value.
 */
export function fromWire(schema: z.ZodType, value: unknown): unknown {
  const { schema: inner } = unwrap(schema);
  if (value === undefined || value === null) return undefined;
  if (inner instanceof z.ZodArray) {
    return (value as unknown[]).map((item) => fromWire(inner.element as z.ZodType, item));
  }
  if (inner instanceof z.ZodObject) {
    const object = value as StripeObject;
    return Object.fromEntries(
      fieldsOf(inner.shape).flatMap((field) => {
        const item = readField(field, object, undefined);
        return item === undefined ? [] : [[field.name, item]];
      }),
    );
  }
  if (inner instanceof z.ZodRecord) {
    return mapValues(value as Params, (item) => fromWire(inner.valueType as z.ZodType, item));
  }
  return value;
}

/** A field of one of Stripe's objects, in our spelling. */
export function readField(field: Field, object: StripeObject, declared: unknown): unknown {
  return field.reads === undefined ? fromWire(field.schema, object[field.param]) : field.reads(object, declared);
}

function mapValues(map: Params, change: (value: unknown) => unknown): Params {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/**
 * Stripe's form encoding of v1: `a[b]=v`, `a[0]=v`; `undefined` is left out, null and "" both become `a=`, which clears.
 * An empty list encodes to nothing, as in Stripe's own clients.
 */
export function encodeForm(params: Params): string {
  return [...pairs(params, "")].map(([name, value]) => `${encodeName(name)}=${encodeURIComponent(value)}`).join("&");
}

function* pairs(value: unknown, name: string): Generator<[string, string]> {
  if (value === undefined) return;
  if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* pairs(item, name === "" ? key : `${name}[${key}]`);
  } else {
    yield [name, value === null ? "" : `${value as string | number | boolean}`];
  }
}

/** Brackets stay readable, as in Stripe's own clients. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/%5B/g, "[").replace(/%5D/g, "]");
}
