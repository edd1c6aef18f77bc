import { z } from "zod";
import {
  type Declaration,
  type Described,
  type Field,
  fieldsOf,
  isDiscreet,
  type StripeObject,
  unwrap,
} from "./declare";
import { readWhole } from "./outputs";
import { isValues, sameValue } from "./plan";

type Values = Record<string, unknown>;

/**
 * The inputs that declare an object as it is: all that Stripe tells of it and would not fill in by itself. What it never tells
 * (write-only fields) can't be among them; what is secret or personal is not, as programs are read by many. Pure.
 */
export function inputsOf(declaration: Declaration, object: StripeObject): Values {
  const told = declaration.inputFields.flatMap((field) => {
    if (field.local || field.writeOnly || isDiscreet(field)) return [];
    const value = plainest(field, readWhole(field, object));
    return value === undefined || field.usual?.(value, object) === true ? [] : [[field.name, value] as const];
  });
  // What was paid for or sent is never made anew by an export, wherever its program is run.
  const spent = declaration.spends && { adopt: object.id };
  return { ...(Object.fromEntries(told) as Values), ...declaration.exported?.(object), ...spent };
}

/** The inputs that Stripe never tells, and whose absence may mean something else than was asked for. */
export function untoldInputs({ inputFields }: Declaration): Field[] {
  return inputFields.filter(({ writeOnly, fixed, computed }) => writeOnly && fixed && !computed);
}

/** The inputs that Stripe tells, and that are left out as they are secret or personal. */
export function withheldInputs({ inputFields }: Declaration): Field[] {
  return inputFields.filter((field) => isDiscreet(field) && !field.local && !field.writeOnly);
}

/** A value without what goes without saying: defaults, what is empty, and the second of two spellings. */
function plainest(field: Described, value: unknown): unknown {
  const { schema } = field;
  if (value === undefined || (field.default !== undefined && sameValue(field, value, field.default))) return undefined;
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    const element = unwrap(schema.element as z.ZodType);
    return value.length === 0 ? undefined : value.map((item) => plainest(element, item));
  }
  if (!isValues(value)) return value;
  const inner = (name: string): Field | Described | undefined => {
    if (schema instanceof z.ZodRecord) return unwrap(schema.valueType as z.ZodType);
    return schema instanceof z.ZodObject ? fieldsOf(schema.shape).find((one) => one.name === name) : undefined;
  };
  const entries = Object.entries(value).flatMap(([name, item]) => {
    // In a literal the one is a prototype; the other breaks Pulumi, which makes text of every value (`safeToString` of runtime/rpc).
    if (name === "__proto__" || name === "toString") return [];
    const part = inner(name);
    if (part === undefined) return [[name, item] as const];
    // An empty map is told by its absence; what is empty in a map is not nothing.
    if (part.spells !== undefined && value[part.spells] !== undefined) return [];
    const plain = plainest(part, item);
    // Where the program has to say it, it says what would go without saying.
    if (plain === undefined && isRequired(schema, name)) return [[name, item] as const];
    return plain === undefined ? [] : [[name, plain] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isRequired(schema: z.ZodType, name: string): boolean {
  return schema instanceof z.ZodObject && !(schema.shape[name] instanceof z.ZodOptional);
}
