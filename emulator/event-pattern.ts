/** One trailing `*` stands for a whole group of types. [openapi: "a specific event name, or group of events using * as a wildcard"] */
export function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
