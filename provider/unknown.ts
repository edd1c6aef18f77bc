/**
 * What the engine passes in place of a value it doesn't know yet (`UnknownValue` of @pulumi/pulumi's `runtime/rpc`).
 * The package itself isn't loaded for it: the handlers need nothing else of it.
 */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether the value is unknown, or holds something that is. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}
