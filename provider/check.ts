import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { type Declaration, type Finding, type RuleContext } from "./declare";
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
  if (findings.length > 0) return findings;
  return (declaration.rules ?? [])
    .filter((rule) => !rule.fields.some((field) => hasUnknown(visible[field])))
    .flatMap((rule) => rule.check(visible, context));
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
    const names = issue.path.length === 0 ? declaration.inputFields.map((field) => field.name) : [];
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

function suggest(name: string, known: string[]): string {
  const near = known.length === 0 ? undefined : closest(name, known);
  return near !== undefined && distance(name, near) <= 3 ? `; did you mean ${near}?` : `; it takes ${known.join(", ")}`;
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
