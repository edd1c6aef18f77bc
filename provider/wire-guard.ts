/**
 * A value as the dynamic host's Struct can carry it. Anything else in outputs fails after the object was created, and
 * `undefined` in the properties of an error hangs the update (both measured): so nothing here ever throws.
 */
export function toPlain(value: Record<string, unknown>): Record<string, unknown>;
export function toPlain(value: unknown): unknown;
export function toPlain(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      // JSON has no minus 0.
      return Number.isFinite(value) ? value + 0 : String(value);
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return null;
      // Not `map`, which leaves the holes of a list as they are.
      if (Array.isArray(value)) return Array.from(value, (item: unknown) => toPlain(item) ?? null);
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
      return Object.fromEntries(
        Object.entries(value as Record<string, unknown>).flatMap(([key, item]) => {
          const plain = toPlain(item);
          // A key of this name is lost in the host's Struct.
          return plain === undefined || key === "__proto__" ? [] : [[key, plain]];
        }),
      );
    default:
      return undefined;
  }
}
