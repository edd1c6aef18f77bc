import { z } from "zod";

type Values = Record<string, unknown>;

/**
 * What zod can't say of a field. Facts stand beside the schema in a registry, so a field is written once and everything
 * else (types, check, plan, wire form, lifecycle) is derived from it.
 */
export interface FieldFacts<Value = unknown> {
  /** Create-only at Stripe: a changed value replaces the object. */
  fixed?: boolean;
  /** Removing it from the program sends the empty string, which Stripe reads as "clear". */
  clearable?: boolean;
  /** Stripe takes it on update only: a create that declares it is followed by an update. */
  updateOnly?: boolean;
  /** Encrypted in state, never printed. */
  secret?: boolean;
  /** The order of the list carries no meaning. */
  set?: boolean;
  /** A decimal string: `"0.50"` and `"0.5"` are the same value. */
  decimal?: boolean;
  /** Ours alone: kept in state, never sent to Stripe. */
  local?: boolean;
  /** Ours, and says what ending the object does. */
  atEnd?: boolean;
  /** Personal data: once the object is redacted, nothing of it stays in state. */
  personal?: boolean;
  /** Shown by Stripe only where `expand[]` asks for it, and asked for where this agrees. */
  expanded?: (inputs: Values) => boolean;
  /** Not told by lists: what an earlier answer told is kept while this holds. */
  heldWhile?: (object: StripeObject) => boolean;
  /** Changed in place, but where this holds for the value before and after: there the object is replaced. */
  frozen?: (before: Value, after: Value | undefined) => boolean;
  /** Part of the resource's identity: a new value asks for a new object. */
  identity?: boolean;
  /** Says how a new resource comes by its object, and nothing later on: no difference. */
  onlyWhenNew?: boolean;
  /** Carries our `pulumi_id` where nothing is declared: the object can be found by it. */
  reference?: boolean;
  /** Sent but never returned, so what Stripe holds can't be compared; the declared value is kept. */
  writeOnly?: boolean;
  /** For a write-only field: whether an object that was found can have been made with the declared value. */
  matches?: (declared: Value, object: StripeObject) => boolean;
  /** Stripe fills it in where it isn't declared; the value then shows as an output and is never compared. */
  computed?: boolean;
  /** For a computed field: whether Stripe fills this very value in by itself, so that an export need not say it. */
  usual?: (value: Value, object: StripeObject) => boolean;
  /** It is the id of another object, whose `object` value this is: `product`; in a list each element says it. */
  refersTo?: string;
  /** Stripe's metadata map: merged, compared and cleared key by key. */
  metadata?: boolean;
  /**
   * Returned by the create call only, and kept from there on. Names the input that tells it where it is lost, and the
   * input that says what to do then (`fail` or `leave-empty`).
   */
  onlyOnCreate?: { known: string; policy: string };
  /** The value an undeclared field has at Stripe. With it a field of the object itself is compared even where it isn't declared. */
  default?: Value;
  /** How the field is read off Stripe's object, given what is declared, where it isn't the field of the same name. */
  reads?: (object: StripeObject, declared: Value | undefined) => Value | undefined;
  /** Another spelling of the field with this name: Stripe tells both, and one of them is declared. */
  spells?: string;
  /** Stripe's spelling, where it isn't that of the name: `id` of a resource is Pulumi's. */
  param?: string;
}

/** An object as Stripe's API returns it. */
export type StripeObject = { id: string; object: string; metadata?: Record<string, string> } & Record<string, unknown>;

const registry = z.registry<FieldFacts>();

/** Attaches facts to a schema and returns that schema, so that markers nest: `fixed(set(z.array(…)))`. */
function mark<S extends z.ZodType>(schema: S, facts: FieldFacts<z.output<S>>): S {
  registry.add(schema, { ...registry.get(schema), ...(facts as FieldFacts) });
  return schema;
}

export const fixed = <S extends z.ZodType>(
  schema: S,
  facts: Pick<FieldFacts<z.output<S>>, "default" | "reads" | "param"> = {},
) => mark(schema, { fixed: true, ...facts });
/** Facts without a word of their own: `has(z.boolean(), { default: false })`. */
export const has = <S extends z.ZodType>(
  schema: S,
  facts: Pick<FieldFacts<z.output<S>>, "default" | "reads" | "frozen" | "spells" | "refersTo">,
) => mark(schema, facts);
export const clearable = <S extends z.ZodType>(schema: S) => mark(schema, { clearable: true });
export const secret = <S extends z.ZodType>(schema: S, facts: Pick<FieldFacts, "onlyOnCreate"> = {}) =>
  mark(schema, { secret: true, ...facts });
export const set = <S extends z.ZodType>(schema: S) => mark(schema, { set: true });
export const decimal = <S extends z.ZodType>(schema: S) => mark(schema, { decimal: true });
export const local = <S extends z.ZodType>(schema: S, facts: Pick<FieldFacts<z.output<S>>, "default"> = {}) =>
  mark(schema, { local: true, ...facts });
export const reference = <S extends z.ZodType>(schema: S) => mark(schema, { reference: true });
export const personal = <S extends z.ZodType>(schema: S) => mark(schema, { personal: true });
export const expanded = <S extends z.ZodType>(schema: S, when: (inputs: Values) => boolean = () => true) =>
  mark(schema, { expanded: when });
export const held = <S extends z.ZodType>(schema: S, heldWhile: (object: StripeObject) => boolean) =>
  mark(schema, { heldWhile });
export const identity = <S extends z.ZodType>(schema: S) => mark(schema, { fixed: true, identity: true });
export const atEnd = <S extends z.ZodType>(schema: S) => mark(schema, { local: true, atEnd: true });
export const onlyWhenNew = <S extends z.ZodType>(schema: S) => mark(schema, { local: true, onlyWhenNew: true });
export const writeOnly = <S extends z.ZodType>(schema: S, facts: Pick<FieldFacts<z.output<S>>, "matches"> = {}) =>
  mark(schema, { writeOnly: true, ...facts });
export const computed = <S extends z.ZodType>(
  schema: S,
  facts: Pick<FieldFacts<z.output<S>>, "usual" | "refersTo"> = {},
) => mark(schema, { computed: true, ...facts });
export const updateOnly = <S extends z.ZodType>(
  schema: S,
  facts: { default?: z.output<S>; reads?: (object: StripeObject) => z.output<S> | undefined } = {},
) => mark(schema, { updateOnly: true, ...facts });

/** Keys of Stripe's metadata that carry our stamp; the user has the other 46 of Stripe's 50. */
export const stampKeys = ["pulumi_id", "pulumi_stack", "pulumi_name", "pulumi_claim"] as const;

/**
 * Stripe's metadata: up to 50 keys of at most 40 characters without square brackets, values of at most 500 characters
 * (docs.stripe.com/api/metadata). Four keys are kept for the stamp.
 */
export function metadata() {
  const map = z.record(z.string(), z.string().max(500)).superRefine((value, context) => {
    const keys = Object.keys(value);
    const most = 50 - stampKeys.length;
    if (keys.length > most) {
      context.addIssue({ code: "custom", message: `has ${keys.length} keys; at most ${most} are left to you` });
    }
    for (const key of keys) {
      const wrong =
        key === ""
          ? "a key must not be empty"
          : key.length > 40
            ? `a key has at most 40 characters, this one ${key.length}`
            : /[[\]]/.test(key)
              ? "a key must not contain square brackets"
              : (stampKeys as readonly string[]).includes(key)
                ? "this key is kept for stripe-as-code's own stamp: choose another name"
                : value[key] === ""
                  ? "must not be empty: Stripe drops a key whose value is empty"
                  : undefined;
      if (wrong !== undefined) context.addIssue({ code: "custom", path: [key], message: wrong });
    }
  });
  return mark(map, { metadata: true });
}

export type Shape = Record<string, z.ZodType>;

/** Whether no message may tell its value. */
export function isDiscreet({ secret, personal }: FieldFacts): boolean {
  return secret === true || personal === true;
}

/** What a value is: its schema without wrappers, and the facts found on them. */
export interface Described extends FieldFacts {
  schema: z.ZodType;
}

/** A field as shared code sees it: name, schema without its wrappers, and facts. */
export interface Field extends Described {
  name: string;
  /** Stripe's spelling of the name. */
  param: string;
}

/** `enabledEvents` → `enabled_events`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The schema below `optional`, `nullable` and `default`, with the facts found on the way down. */
export function unwrap(schema: z.ZodType): Described {
  let current = schema;
  let facts: FieldFacts = { ...registry.get(current) };
  while (current instanceof z.ZodOptional || current instanceof z.ZodNullable || current instanceof z.ZodDefault) {
    current = current.unwrap() as z.ZodType;
    facts = { ...registry.get(current), ...facts };
  }
  return { ...facts, schema: current };
}

/** The fields of an object's shape, one below an input or an output, say. */
export function fieldsOf(shape: Shape): Field[] {
  let fields = known.get(shape);
  if (fields === undefined) {
    fields = Object.entries(shape).map(([name, schema]) => describe(name, schema));
    known.set(shape, fields);
  }
  return fields;
}

const known = new WeakMap<Shape, Field[]>();

/** Names of the fields that are secrets. */
export function secretsOf(shape: Shape): string[] {
  return fieldsOf(shape)
    .filter((field) => field.secret)
    .map((field) => field.name);
}

function describe(name: string, schema: z.ZodType): Field {
  const described = unwrap(schema);
  return { ...described, name, param: described.param ?? snakeCase(name) };
}
