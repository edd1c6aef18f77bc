import { type Declaration, type Field, stampKeys, type StripeObject } from "./declare";
import { sameValue } from "./plan";
import { fromWire } from "./wire";

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
  // What can never be changed can't drift, however Stripe spells it.
  const asDeclared = (field: Field) => field.local || field.writeOnly || declaration.createOnce;
  for (const field of declaration.inputFields) {
    const value = declared[field.name];
    const recorded =
      readOnly && !field.local ? readWhole(field, object) : asDeclared(field) ? value : settle(field, value, object);
    if (recorded === undefined) continue;
    outputs[field.name] = recorded;
    if (field.computed && value === undefined) filledIn.push(field.name);
  }
  for (const field of declaration.outputFields) {
    const value = readField(field, object, undefined) ?? (field.onlyOnCreate ? previous[field.name] : undefined);
    if (value !== undefined && !(field.name in outputs)) outputs[field.name] = value;
  }
  for (const name of carried) {
    const value = declared[name] ?? previous[name];
    if (value !== undefined) outputs[name] = value;
  }
  if (filledIn.length > 0) outputs.__computed = filledIn.join(",");
  return outputs;
}

/** The inputs as recorded outputs tell them: `read` is given nothing else. */
export function declaredIn(declaration: Declaration, outputs: Values): Values {
  const filledIn = new Set(typeof outputs.__computed === "string" ? outputs.__computed.split(",") : []);
  const names = declaration.inputFields.map((field) => field.name).filter((name) => !filledIn.has(name));
  return Object.fromEntries(
    [...names, "__urn", "__owner"].flatMap((name) => (outputs[name] === undefined ? [] : [[name, outputs[name]]])),
  );
}

/** The value at Stripe of a declared field, spelled as declared where it means the same. */
function settle(field: Field, declared: unknown, object: StripeObject): unknown {
  const live = readField(field, object, declared);
  if (declared === undefined) {
    const tells = field.computed || (field.default !== undefined && live !== field.default);
    return tells ? live : undefined;
  }
  const compared = project(live, declared);
  return sameValue(field, declared, compared) ? declared : compared;
}

function readWhole(field: Field, object: StripeObject): unknown {
  const live = readField(field, object, undefined);
  if (!field.metadata || !isPlainObject(live)) return live;
  return Object.fromEntries(Object.entries(live).filter(([key]) => !(stampKeys as readonly string[]).includes(key)));
}

function readField(field: Field, object: StripeObject, declared: unknown): unknown {
  return field.reads === undefined ? fromWire(field.schema, object[field.param]) : field.reads(object, declared);
}

/** Of maps and nested objects only the declared keys: the others are Stripe's, or another program's. */
function project(live: unknown, declared: unknown): unknown {
  if (!isPlainObject(live) || !isPlainObject(declared)) return live;
  return Object.fromEntries(
    Object.keys(declared).flatMap((key) => (live[key] === undefined ? [] : [[key, project(live[key], declared[key])]])),
  );
}

function isPlainObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
