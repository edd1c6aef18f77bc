import { z } from "zod";
import {
  type Declaration,
  type Described,
  type Field,
  fieldsOf,
  stampKeys,
  type StripeObject,
  unwrap,
} from "./declare";
import { isErasing, isValues, sameValue } from "./plan";
import { readField } from "./wire";

type Values = Record<string, unknown>;

/** Hidden outputs that travel with an object from step to step. */
const carried = ["__urn", "__owner", "__account", "__claim", "__get"] as const;

/**
 * What is recorded of an object: each declared input with its value at Stripe, what Stripe adds, and what only we know.
 * @param declared the inputs, or on read the recorded outputs without what Stripe filled in
 * @param previous the recorded outputs, for what Stripe tells only once
 */
export function buildOutputs(
  declaration: Declaration,
  declared: Values,
  object: StripeObject,
  previous: Values = {},
): Values {
  const outputs: Values = {};
  const filledIn: string[] = [];
  // An object that is read but not managed (`.get`) declares nothing, and all of it is of interest.
  const readOnly = declared.__get ?? previous.__get;
  const redacted = declaration.isRedacted?.(object) === true;
  // What can never be changed can't drift, however Stripe spells it.
  const asDeclared = (field: Field) => field.local || field.writeOnly || declaration.createOnce;
  for (const field of declaration.inputFields) {
    const value = declared[field.name];
    const recorded =
      readOnly && !field.local
        ? readWhole(field, object)
        : asDeclared(field)
          ? value
          : redacted
            ? (value ?? previous[field.name])
            : settle(field, value, object);
    if (recorded === undefined) continue;
    outputs[field.name] = redacted && field.personal ? withoutText(recorded) : recorded;
    if (field.computed && value === undefined) filledIn.push(field.name);
  }
  for (const field of declaration.outputFields) {
    const held = field.onlyOnCreate !== undefined || field.heldWhile?.(object) === true;
    const value = readField(field, object, undefined) ?? (held ? previous[field.name] : undefined);
    if (value === undefined || field.name in outputs) continue;
    outputs[field.name] = redacted && field.personal ? withoutText(value) : value;
  }
  for (const name of carried) {
    const value = declared[name] ?? previous[name];
    if (value !== undefined) outputs[name] = value;
  }
  if (filledIn.length > 0) outputs.__computed = filledIn.join(",");
  return outputs;
}

/** Names in one hidden value, sorted; undefined where there is none. */
export function namesOf(names: string[]): string | undefined {
  return names.length === 0 ? undefined : [...new Set(names)].sort().join(",");
}

/** The names in such a value. */
export function namesIn(value: unknown): string[] {
  return typeof value === "string" ? value.split(",") : [];
}

/** Names of the recorded inputs that Stripe filled in, as nobody declared them. */
export function namesFilledIn({ __computed: names }: Values): string[] {
  return namesIn(names);
}

/**
 * Names of the inputs that a state has as Stripe has them, and not as the program said at the last `pulumi up`: what a refresh took
 * over, and what an update met or was refused.
 */
export function namesUnsaid(inputs: Values, outputs: Values): string[] {
  return [...new Set([...namesIn(inputs.__refreshed), ...namesIn(outputs.__apart)])];
}

/** The inputs as recorded outputs tell them: `read` is given nothing else. */
export function declaredIn(declaration: Declaration, outputs: Values): Values {
  // Nothing was declared of an object that is only read, and of inputs that nobody declared the engine encrypts none.
  if (outputs.__get !== undefined) return { __get: outputs.__get, __urn: outputs.__urn, __owner: outputs.__owner };
  const filledIn = new Set(namesFilledIn(outputs));
  const names = declaration.inputFields.map((field) => field.name).filter((name) => !filledIn.has(name));
  const inputs = [...names, "__urn", "__owner"].flatMap((name) =>
    outputs[name] === undefined ? [] : [[name, outputs[name]]],
  );
  // Where the program itself asks for redaction, that says it.
  const isMarked = declaration.isRedacted?.(outputs) === true && !isErasing(declaration, outputs);
  return { ...(Object.fromEntries(inputs) as Values), ...(isMarked && { __redacted: true }) };
}

/** The value at Stripe of a declared field, spelled as declared where it means the same. */
export function settle(field: Field, declared: unknown, object: StripeObject): unknown {
  const live = readField(field, object, declared);
  if (declared === undefined) {
    const tells = field.computed || (field.default !== undefined && live !== field.default);
    return tells ? live : undefined;
  }
  const compared = project(field, live, declared);
  return sameValue(field, declared, compared) ? declared : compared;
}

/** All that Stripe tells of a field, less our own stamp. */
export function readWhole(field: Field, object: StripeObject): unknown {
  const live = readField(field, object, undefined);
  if (!field.metadata || !isValues(live)) return live;
  return Object.fromEntries(Object.entries(live).filter(([key]) => !(stampKeys as readonly string[]).includes(key)));
}

/** Of maps and nested objects only the declared keys: the others are Stripe's, or another program's. */
function project({ schema }: Described, live: unknown, declared: unknown): unknown {
  if (schema instanceof z.ZodArray && Array.isArray(live) && Array.isArray(declared)) {
    const element = unwrap(schema.element as z.ZodType);
    return live.map((item, index) => project(element, item, declared[index]));
  }
  if (!isValues(live) || !isValues(declared)) return live;
  const fields = new Map(
    schema instanceof z.ZodObject ? fieldsOf(schema.shape).map((field) => [field.name, field]) : [],
  );
  const value = schema instanceof z.ZodRecord ? unwrap(schema.valueType as z.ZodType) : undefined;
  return Object.fromEntries(
    Object.keys(declared).flatMap((key) => {
      const inner = fields.get(key) ?? value;
      const told = inner?.writeOnly ? declared[key] : live[key];
      if (told === undefined) return [];
      return [[key, inner === undefined ? told : project(inner, told, declared[key])]];
    }),
  );
}

/** What Stripe puts in the place of text that it redacts (docs.stripe.com/identity/verification-sessions#redact). */
export const redactedText = "[redacted]";

/** The value with nothing left to read in it: text becomes the placeholder, all else goes. */
function withoutText(value: unknown): unknown {
  if (typeof value === "string") return redactedText;
  if (Array.isArray(value)) return value.map(withoutText).filter((item) => item !== undefined);
  if (!isValues(value)) return undefined;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutText(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/**
 * The inputs with nothing personal in them once the object is redacted, or is asked to be: what the program still says of the
 * person does not come into state again.
 * @param recorded the inputs of an object that exists
 */
export function keepRedacted(declaration: Declaration, recorded: Values, news: Values): Values {
  const redacted = recorded.__redacted === true;
  if (Object.keys(recorded).length === 0 || !(redacted || isErasing(declaration, news))) return news;
  const personal = declaration.inputFields.filter(({ name, personal }) => personal && news[name] !== undefined);
  const blank = personal.map(({ name }) => [name, withoutText(news[name])]);
  return { ...news, ...(Object.fromEntries(blank) as Values), ...(redacted && { __redacted: true }) };
}
