import { isDeepStrictEqual } from "node:util";
import { type Declaration, type Field, type Finding } from "./declare";
import { hasUnknown } from "./unknown";
import { type Params, toWire } from "./wire";

type Values = Record<string, unknown>;

/** What has to happen for an object to become what is declared. */
export interface Plan {
  /** Names of the fields that differ. */
  changed: string[];
  /** Those of them that Stripe takes at creation only. */
  replaces: string[];
  /** Body of the update call; empty where nothing has to be sent. */
  params: Params;
  /** Changes that are refused. */
  findings: Finding[];
}

/** What is to be done for a resource in state, and what of it the kind refuses. Pure, as {@link compare} is. */
export function planChange(declaration: Declaration, olds: Values, news: Values): Plan {
  const plan = compare(declaration, olds, news);
  const known = plan.changed.filter((name) => !hasUnknown(news[name]));
  plan.findings.push(...(declaration.refuse?.(olds, news, known) ?? []));
  return plan;
}

/**
 * Compares what is recorded with what is declared. Pure: `olds` are the recorded outputs, where an input is present only
 * if it was declared, was filled in by Stripe (`computed`), or differs from its default.
 */
export function compare(declaration: Declaration, olds: Values, news: Values): Plan {
  const plan: Plan = { changed: [], replaces: [], params: {}, findings: [] };
  for (const field of declaration.inputFields) {
    // No metadata and an empty map are the same.
    const absent = field.metadata ? {} : field.default;
    const before = olds[field.name] ?? absent;
    const after = news[field.name] ?? absent;
    if (after === undefined && (before === undefined || field.computed)) continue;
    if (sameValue(field, before, after)) continue;
    plan.changed.push(field.name);
    if (field.fixed) {
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

function updateParam(field: Field, before: unknown, after: unknown): unknown {
  if (field.metadata) return changedKeys((before ?? {}) as Params, (after ?? {}) as Params);
  // An empty list encodes to nothing, which Stripe takes for "keep": it is cleared like a removed one.
  const empty = after === undefined || (Array.isArray(after) && after.length === 0);
  if (empty) return field.clearable ? "" : undefined;
  return toWire(field.schema, canonical(field, after));
}

/** Only the keys that differ; a removed one is sent blank, so that keys of other programs stay. */
function changedKeys(before: Params, after: Params): Params {
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return { ...Object.fromEntries(removed.map((key) => [key, ""])), ...Object.fromEntries(set) };
}

/** Whether two values of a field mean the same to Stripe. */
export function sameValue(field: Field, one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(canonical(field, one), canonical(field, other));
}

/** The one spelling of all that mean the same to Stripe: what is sent and hashed does not depend on the program's. */
export function canonical(field: Field, value: unknown): unknown {
  if (field.set && Array.isArray(value)) return [...new Set(value as unknown[])].sort();
  if (field.decimal && typeof value === "string") return canonicalDecimal(value);
  return value;
}

/** `"00.50"` → `"0.5"`. */
function canonicalDecimal(text: string): string {
  const [whole = "", fraction = ""] = text.split(".");
  const digits = fraction.replace(/0+$/, "");
  return whole.replace(/^0+(?=\d)/, "") + (digits === "" ? "" : `.${digits}`);
}
