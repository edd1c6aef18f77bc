import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { type Declaration, type Finding, type RuleContext, type Shape, unwrap } from "./declare";
import { hasUnknown, unknownValue } from "./unknown";

type Path = readonly PropertyKey[];
type Values = Record<string, unknown>;

/** Hidden inputs, which only our own classes send. */
export const hiddenPrefix = "__";

/** Everything that is wrong with the inputs of one resource, all at once; unknown values pass. */
export function checkInputs(declaration: Declaration, inputs: Values, context: RuleContext): Finding[] {
  const visible = Object.fromEntries(
    Object.entries(inputs).filter(([name, value]) => !name.startsWith(hiddenPrefix) && value !== undefined),
  );
  const parsed = z.strictObject(declaration.inputs).safeParse(visible);
  const issues = parsed.success ? [] : parsed.error.issues.filter((issue) => !concernsUnknown(issue, visible));
  const findings = issues.flatMap((issue) => toFindings(issue, visible, declaration));
  const wrong = new Set(issues.map((issue) => issue.path[0]));
  const rules = (declaration.rules ?? []).filter(
    (rule) => !rule.fields.some((field) => wrong.has(field) || hasUnknown(visible[field])),
  );
  findings.push(...rules.flatMap((rule) => rule.check(visible, context)));
  // What is wrong in two ways is told once: the first way is the plainer one.
  return findings.filter(({ path }, index) => findings.findIndex((other) => other.path === path) === index);
}

/** An issue at, or below, a value that isn't known yet, is none. */
function concernsUnknown(issue: z.core.$ZodIssue, inputs: Values): boolean {
  let value: unknown = inputs;
  for (const key of issue.path) {
    if (value === unknownValue) return true;
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  if (value === unknownValue) return true;
  return issue.code === "invalid_union" && hasUnknown(value);
}

function toFindings(issue: z.core.$ZodIssue, inputs: Values, declaration: Declaration): Finding[] {
  if (issue.code === "unrecognized_keys") {
    const names = Object.keys(shapeAt(z.object(declaration.inputs), issue.path));
    return issue.keys.map((key) => ({
      path: formatPath([...issue.path, key]),
      message: `is no input of ${declaration.kind}${suggest(key, names)}`,
    }));
  }
  const path = formatPath(issue.path);
  if (issue.code === "invalid_type" && valueAt(inputs, issue.path) === undefined) {
    return [{ path, message: `is required (${issue.expected})` }];
  }
  return [{ path, message: issue.message.replace(/^Invalid input: /, "") }];
}

/** The fields of the object at a path of a schema. */
function shapeAt(schema: z.ZodType, path: Path): Shape {
  const { schema: inner } = unwrap(schema);
  const [key, ...rest] = path;
  if (inner instanceof z.ZodArray && key !== undefined) return shapeAt(inner.element as z.ZodType, rest);
  if (inner instanceof z.ZodRecord && key !== undefined) return shapeAt(inner.valueType as z.ZodType, rest);
  if (!(inner instanceof z.ZodObject)) return {};
  const { shape } = inner as z.ZodObject<Shape>;
  const field = key === undefined ? undefined : shape[String(key)];
  return field === undefined ? shape : shapeAt(field, rest);
}

function suggest(name: string, known: string[]): string {
  const near = closest(name, known);
  return distance(name, near) <= 3 ? `; did you mean ${near}?` : `; it takes ${known.join(", ")}`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** `["enabledEvents", 0]` → `enabledEvents[0]`. */
function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}
