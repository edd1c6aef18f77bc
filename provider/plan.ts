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

/**
 * Compares what is recorded with what is declared. Pure: `olds` are the recorded outputs, where an input is present only
 * if it was declared, was filled in by Stripe (`computed`), or differs from its default.
 */
export function planChange(declaration: Declaration, olds: Values, news: Values): Plan {
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
    } else if (!field.local) {
      const param = updateParam(field, before, after);
      if (param === undefined) {
        plan.findings.push({ path: field.name, message: "can't be removed at Stripe: give it a value" });
      } else {
        plan.params[field.param] = param;
      }
    }
  }
  const known = plan.changed.filter((name) => !hasUnknown(news[name]));
  plan.findings.push(...(declaration.refuse?.(olds, news, known) ?? []));
  return plan;
}

function updateParam(field: Field, before: unknown, after: unknown): unknown {
  if (field.metadata) return changedKeys((before ?? {}) as Params, (after ?? {}) as Params);
  if (after === undefined) return field.clearable ? "" : undefined;
  return toWire(field.schema, after);
}

/** Only the keys that differ; a removed one is sent blank, so that keys of other programs stay. */
function changedKeys(before: Params, after: Params): Params {
  const removed = Object.keys(before).filter((key) => !(key in after));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return { ...Object.fromEntries(removed.map((key) => [key, ""])), ...Object.fromEntries(set) };
}

/** Whether two values of a field mean the same to Stripe. */
export function sameValue(field: Field, one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (field.set && Array.isArray(one) && Array.isArray(other)) {
    return isDeepStrictEqual([...(one as unknown[])].sort(), [...(other as unknown[])].sort());
  }
  if (field.decimal) return canonicalDecimal(one as string) === canonicalDecimal(other as string);
  return isDeepStrictEqual(one, other);
}

/** `"00.50"` → `"0.5"`. */
function canonicalDecimal(text: string): string {
  const [whole = "", fraction = ""] = text.split(".");
  return `${whole.replace(/^0+(?=\d)/, "")}.${fraction.replace(/0+$/, "")}`;
}
