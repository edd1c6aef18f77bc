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
    for (const segment of segments) {
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

/** The object with the ids along one checked path replaced by the objects they name. */
export function expandPath(
  kinds: KindTable,
  call: Call,
  kind: Kind,
  object: StripeObject,
  segments: readonly string[],
): StripeObject {
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
  return record === undefined ? undefined : presentRecord(target, record, "later");
}
