import { Refusal } from "./errors";
import { maxExpandDepth } from "./facts/limits";
import { type Call, type Kind, presentRecord } from "./kind";
import { type StripeObject } from "./store";

/** Kinds by their name. */
export type KindTable = ReadonlyMap<string, Kind>;

/** Refuses paths that lead nowhere, so that nothing is executed for them. [docs: Expanding responses; text unconfirmed] */
export function checkExpand(kinds: KindTable, kind: Kind, listing: boolean, paths: readonly string[]): void {
  for (const path of paths) {
    const segments = path.split(".");
    if (segments.length > maxExpandDepth) {
      throw new Refusal(`You cannot expand more than ${maxExpandDepth} levels of a property (${path}).`, {
        param: "expand",
      });
    }
    if (listing && segments.shift() !== "data") throw notExpandable(path);
    let at: Kind | undefined = kind;
    if (segments.length === 0) throw notExpandable(path);
    for (const [index, segment] of segments.entries()) {
      if (at?.hidden?.includes(segments.slice(index).join(".")) === true) break;
      const target: string | undefined = fieldTarget(at, segment);
      if (target === undefined) throw notExpandable(path);
      at = kinds.get(target);
    }
  }
}

function notExpandable(path: string): Refusal {
  return new Refusal(`This property cannot be expanded (${path}).`, { param: "expand" });
}

function fieldTarget(kind: Kind | undefined, field: string): string | undefined {
  const table = kind?.expandable ?? {};
  return Object.hasOwn(table, field) ? table[field] : undefined;
}

/** The object with the ids along one checked path replaced by the objects they name, or with its hidden field shown. */
export function expandPath(
  kinds: KindTable,
  call: Call,
  kind: Kind,
  object: StripeObject,
  segments: readonly string[],
): StripeObject {
  if (kind.hidden?.includes(segments.join(".")) === true) {
    const record = call.account.collection(kind.name).get(object.id);
    if (record === undefined) return object;
    const whole = kind.complete?.(call, record) ?? record;
    return reveal(kind, object, whole, segments, []) as StripeObject;
  }
  const [field, ...rest] = segments;
  const targetName = field === undefined ? undefined : fieldTarget(kind, field);
  const target = targetName === undefined ? undefined : kinds.get(targetName);
  if (field === undefined || target === undefined) return object;
  const below = expandedValue(call, target, object[field]);
  if (below === undefined) return object;
  return { ...object, [field]: expandPath(kinds, call, target, below, rest) };
}

/** An earlier path may have expanded the field already. */
function expandedValue(call: Call, target: Kind, value: unknown): StripeObject | undefined {
  if (typeof value === "object" && value !== null) return value as StripeObject;
  if (typeof value !== "string") return undefined;
  const record = call.account.collection(target.name).get(value);
  return record === undefined ? undefined : presentRecord(target, record, "listed");
}

/** Copies one hidden field of the record, and the hidden hashes around it, into what is shown. */
function reveal(
  kind: Kind,
  shown: unknown,
  whole: unknown,
  [field = "", ...below]: readonly string[],
  above: readonly string[],
): unknown {
  if (!isHash(whole) || !Object.hasOwn(whole, field)) return shown;
  const path = [...above, field];
  const present = isHash(shown) ? shown : {};
  const inner = Object.hasOwn(present, field) ? present[field] : showBelow(kind, whole[field], path);
  return { ...present, [field]: below.length === 0 ? inner : reveal(kind, inner, whole[field], below, path) };
}

/** A hidden hash as it stands when only itself is asked for: without what is hidden below it. */
function showBelow(kind: Kind, value: unknown, path: readonly string[]): unknown {
  if (!isHash(value)) return value;
  const hidden = (field: string): boolean => kind.hidden?.includes([...path, field].join(".")) === true;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field]) => !hidden(field))
      .map(([field, inner]) => [field, showBelow(kind, inner, [...path, field])]),
  );
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
