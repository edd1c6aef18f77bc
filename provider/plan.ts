import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Declaration, type Described, type Field, fieldsOf, type Finding, type States, unwrap } from "./declare";
import { hasUnknown } from "./unknown";
import { type Params, toWire } from "./wire";

type Values = Record<string, unknown>;

/** What has to happen for an object to become what is declared. */
export interface Plan {
  /** Names of the fields that differ. */
  changed: string[];
  /** Those of them that Stripe takes at creation only. */
  replaces: string[];
  /** Those that differ from what is recorded of a redacted object: Stripe refuses to change any. */
  ignored: string[];
  /** Body of the update call; empty where nothing has to be sent. */
  params: Params;
  /** Changes that are refused. */
  findings: Finding[];
}

/** What is to be done for a resource in state, and what of it the kind refuses. Pure, as {@link compare} is. */
export function planChange(declaration: Declaration, olds: Values, news: Values): Plan {
  const plan = compare(declaration, olds, news);
  const isKnown = (name: string) => !hasUnknown(news[name]);
  const known = plan.changed.filter(isKnown);
  plan.findings.push(...(declaration.refuse?.(olds, news, known, plan.replaces) ?? []));
  if (plan.replaces.length === 0) plan.findings.push(...refuseMove(declaration, olds, news, known));
  else plan.findings.push(...refuseOtherEnd(declaration, plan));
  return plan;
}

/** A place in the object's life that can't be reached from where it was seen last. */
function refuseMove({ states }: Declaration, olds: Values, news: Values, changed: string[]): Finding[] {
  if (states === undefined || !changed.includes(states.field)) return [];
  const wanted = wantedState(states, news);
  const move = states.moves[wanted];
  // What may have moved on since it was read is decided by the call, which looks again.
  if (states.of(olds) === wanted || !states.isFinal(olds)) return [];
  const message =
    move === undefined
      ? `can't go back to ${wanted} from ${states.of(olds)}: nothing undoes it. Change triggers to get a new object`
      : move.refused(olds);
  return message === undefined ? [] : [{ path: states.field, message }];
}

/** The engine ends the replaced object by what is recorded, not by what the program says of it now. */
function refuseOtherEnd({ inputFields }: Declaration, { changed, replaces }: Plan): Finding[] {
  const others = inputFields.filter(({ name, atEnd }) => atEnd && changed.includes(name));
  return others.map(({ name }) => ({
    path: name,
    message:
      `is changed together with ${replaces.join(", ")}, which asks for a new object: the present one would still be ended as ${name} ` +
      "said before. Run pulumi up with this change alone first",
  }));
}

/** Whether the inputs ask for what erases all that is personal. */
export function isErasing({ states }: Declaration, inputs: Values): boolean {
  return states?.moves[wantedState(states, inputs)]?.erases === true;
}

/** Where the inputs ask the object to be. */
export function wantedState(states: States, inputs: Values): string {
  return (inputs[states.field] as string | undefined) ?? states.first;
}

/**
 * Compares what is recorded with what is declared. Pure: `olds` are the recorded outputs, where an input is present only
 * if it was declared, was filled in by Stripe (`computed`), or differs from its default.
 */
export function compare(declaration: Declaration, olds: Values, news: Values): Plan {
  const plan: Plan = { changed: [], replaces: [], ignored: [], params: {}, findings: [] };
  const redacted = declaration.isRedacted?.(olds) === true;
  const erased = isErasing(declaration, news);
  for (const field of declaration.inputFields) {
    // What is about to be erased at Stripe is neither sent nor missed.
    if (field.onlyWhenNew || (erased && field.personal)) continue;
    // No metadata and an empty map are the same.
    const absent = field.metadata ? {} : field.default;
    const before = olds[field.name] ?? absent;
    const after = news[field.name] ?? absent;
    if (after === undefined && (before === undefined || field.computed)) continue;
    if ((isNothing(before) && isNothing(after)) || sameValue(field, before, after)) continue;
    if (redacted && !field.local) {
      if (!field.personal) plan.ignored.push(field.name);
      continue;
    }
    plan.changed.push(field.name);
    if (field.fixed || (!hasUnknown(after) && field.frozen?.(before, after))) {
      // A value nobody knows yet may turn out the same; for what costs money that is never shown as a second purchase.
      if (!(declaration.spends && hasUnknown(after))) plan.replaces.push(field.name);
    } else if (!field.local && !hasUnknown(after)) {
      // What isn't known yet is never sent: this is a preview.
      const param = updateParam(field, before, after);
      if (param === undefined) {
        plan.findings.push({ path: field.name, message: "can't be removed at Stripe: give it a value" });
      } else {
        plan.params[field.param] = param;
      }
    }
  }
  return plan;
}

/** What an update sends for a field; undefined where Stripe has no way to take away what is to go. */
function updateParam(field: Described, before: unknown, after: unknown): unknown {
  if (field.metadata) return changedKeys((before ?? {}) as Params, (after ?? {}) as Params);
  // An empty list encodes to nothing, which Stripe takes for "keep": it is cleared like a removed one.
  const empty = after === undefined || (Array.isArray(after) && after.length === 0);
  if (empty && field.clearable) return "";
  if (empty && field.default !== undefined) return toWire(field.schema, field.default);
  if (field.schema instanceof z.ZodObject && (isValues(before) || isValues(after))) {
    return changedFields(field.schema, before, after);
  }
  if (field.schema instanceof z.ZodRecord && isValues(before) && isValues(after)) {
    // What isn't named stays as it is at Stripe, also what the program doesn't say of it.
    const value = unwrap(field.schema.valueType as z.ZodType);
    const changed = Object.entries(after).filter(([key, item]) => !sameValue(value, before[key], item));
    return toWire(field.schema, canonical(field, Object.fromEntries(changed)));
  }
  return empty ? undefined : toWire(field.schema, canonical(field, after));
}

/** An object whole, as Stripe keeps the fields that aren't named; undefined where one that is gone can't be taken away. */
function changedFields(schema: z.ZodObject, before: unknown, after: unknown): Params | undefined {
  const params: Params = {};
  const part = (value: unknown, name: string) => (isValues(value) ? value[name] : undefined);
  for (const field of fieldsOf(schema.shape)) {
    const [last, next] = [part(before, field.name), part(after, field.name)];
    if (last === undefined && next === undefined) continue;
    params[field.param] = updateParam(field, last, next);
    if (params[field.param] === undefined) return undefined;
  }
  return params;
}

/** An empty map says no more than none: Stripe tells of neither. */
function isNothing(value: unknown): boolean {
  return value === undefined || (isValues(value) && Object.keys(value).length === 0);
}

/** Whether a value is a map or an object, and no list. */
export function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Only the keys that differ; a removed one is sent blank, so that keys of other programs stay. */
function changedKeys(before: Params, after: Params): Params {
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return { ...Object.fromEntries(removed.map((key) => [key, ""])), ...Object.fromEntries(set) };
}

/**
 * Whether what Stripe holds is what is declared and nothing beside it: what isn't declared has to be absent, or what Stripe
 * fills in by itself. What it never returns can't be told.
 */
export function isWhole(field: Described, live: unknown, declared: unknown): boolean {
  const { schema } = field;
  if (field.writeOnly || field.metadata) return true;
  if (declared === undefined && (live === undefined || field.computed)) return true;
  if (schema instanceof z.ZodObject && isValues(live) && isValues(declared)) {
    const fields = fieldsOf(schema.shape);
    const isSpelledOtherwise = ({ name, spells }: Field) =>
      declared[name] === undefined &&
      fields.some((other) => (other.spells === name || spells === other.name) && declared[other.name] !== undefined);
    return fields.every((inner) => isSpelledOtherwise(inner) || isWhole(inner, live[inner.name], declared[inner.name]));
  }
  if (schema instanceof z.ZodArray && Array.isArray(live) && Array.isArray(declared) && !field.set) {
    const element = unwrap(schema.element as z.ZodType);
    return live.length === declared.length && live.every((item, index) => isWhole(element, item, declared[index]));
  }
  if (schema instanceof z.ZodRecord && isValues(live) && isValues(declared)) {
    const value = unwrap(schema.valueType as z.ZodType);
    const keys = new Set([...Object.keys(live), ...Object.keys(declared)]);
    return [...keys].every((key) => isWhole(value, live[key], declared[key]));
  }
  return sameValue(field, live, declared ?? field.default);
}

/** Whether two values of a field mean the same to Stripe. */
export function sameValue(field: Described, one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(bare(field, canonical(field, one)), bare(field, canonical(field, other)));
}

/** The one spelling of all that mean the same to Stripe: what is sent and hashed does not depend on the program's. */
export function canonical(field: Described, value: unknown): unknown {
  if (field.decimal && typeof value === "string") return canonicalDecimal(value);
  if (field.set && Array.isArray(value)) return [...new Set(value as unknown[])].sort();
  return mapParts(field, value, (part, item) => canonical(part, item));
}

/** Without what is as if it weren't said: below a field, what has its default, and which of two spellings was chosen. */
function bare(field: Described, value: unknown): unknown {
  if (!(field.schema instanceof z.ZodObject) || !isValues(value)) return mapParts(field, value, bare);
  const entries = fieldsOf(field.schema.shape).flatMap((inner) => {
    const item = value[inner.name];
    if (item === undefined || sameValue(inner, item, inner.default)) return [];
    return [[inner.spells ?? inner.name, typeof item === "number" ? String(item) : bare(inner, item)]] as const;
  });
  return Object.fromEntries(entries);
}

/** Changes the parts of a value, by what each of them is; anything else stays as it is. */
export function mapParts(
  { schema }: Described,
  value: unknown,
  change: (part: Described, item: unknown) => unknown,
): unknown {
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    const element = unwrap(schema.element as z.ZodType);
    return value.map((item) => change(element, item));
  }
  if (schema instanceof z.ZodObject && isValues(value)) {
    const fields = new Map(fieldsOf(schema.shape).map((inner) => [inner.name, inner]));
    return mapEntries(value, (name, item) => {
      const inner = fields.get(name);
      return inner === undefined ? item : change(inner, item);
    });
  }
  if (schema instanceof z.ZodRecord && isValues(value)) {
    const element = unwrap(schema.valueType as z.ZodType);
    return mapEntries(value, (_key, item) => change(element, item));
  }
  return value;
}

function mapEntries(values: Values, change: (name: string, value: unknown) => unknown): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(name, value)]));
}

/** `"00.50"` → `"0.5"`. */
function canonicalDecimal(text: string): string {
  const [whole = "", fraction = ""] = text.split(".");
  const digits = fraction.replace(/0+$/, "");
  return whole.replace(/^0+(?=\d)/, "") + (digits === "" ? "" : `.${digits}`);
}
