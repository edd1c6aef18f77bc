import { Refusal } from "./errors";

/** Nesting beyond this is refused as malformed; no Stripe parameter comes near it. */
const maxDepth = 12;

/** The object a JSON text holds; an empty text is an empty one. Throws a 400 refusal; its texts are unconfirmed. */
export function decodeJson(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === "") return {};
  const value = parse(text);
  if (!isHash(value)) throw new Refusal("Invalid request: the body is no JSON object.");
  if (depthOf(value) > maxDepth) throw new Refusal("Invalid request: the body is nested too deeply.");
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("Invalid request: the body is no JSON.");
  }
}

/** Counts no further than to where it is too much. */
function depthOf(value: unknown, above = 0): number {
  if (typeof value !== "object" || value === null || above > maxDepth) return above;
  return Object.values(value).reduce<number>(
    (deepest, below) => Math.max(deepest, depthOf(below, above + 1)),
    above + 1,
  );
}

/** One text for equal values, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isHash(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${pairs.map(([key, below]) => `${JSON.stringify(key)}:${canonicalJson(below)}`).join(",")}}`;
}

export function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
