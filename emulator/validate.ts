import { notBuilt, Refusal } from "./errors";
import { maxStringLength } from "./facts/limits";
import { type FormMap, type FormValue, listElements } from "./form";
import { checkMetadataPair } from "./metadata";
import { type ListSpec, type ParamSpec, type ParamTable, type ParamsOf } from "./params";

/**
 * Checks decoded parameters against a table and gives them their types. Stripe reports one fault per answer: unknown
 * names first, then missing ones, then wrong values. Codes: [docs.stripe.com/error-codes]; the order and the texts of all but
 * enum refusals are unconfirmed.
 */
export function validateParams<T extends ParamTable>(table: T, form: FormMap): ParamsOf<T> {
  refuseUnknown(table, form, "");
  refuseMissing(table, form, "");
  return readTable(table, form, "") as ParamsOf<T>;
}

function refuseUnknown(table: ParamTable, form: FormMap, prefix: string): void {
  const unknown: string[] = [];
  collectUnknown(table, form, prefix, unknown);
  if (unknown.length === 0) return;
  const plural = unknown.length === 1 ? "" : "s";
  throw new Refusal(`Received unknown parameter${plural}: ${unknown.join(", ")}`, {
    code: "parameter_unknown",
    param: unknown[0],
  });
}

function collectUnknown(table: ParamTable, form: FormMap, prefix: string, unknown: string[]): void {
  for (const [key, value] of form) {
    const path = join(prefix, key);
    const spec = Object.hasOwn(table, key) ? table[key] : undefined;
    if (spec === undefined) unknown.push(path);
    else collectBelow(spec, value, path, unknown);
  }
}

function collectBelow(spec: ParamSpec, value: FormValue, path: string, unknown: string[]): void {
  if (typeof value === "string") return;
  if (spec.type === "object") collectUnknown(spec.params, value, path, unknown);
  if (spec.type === "list") {
    for (const [index, element] of (listElements(value) ?? []).entries())
      collectBelow(spec.items, element, join(path, String(index)), unknown);
  }
  if (spec.type === "dictionary") {
    for (const [key, element] of value) collectBelow(spec.items, element, join(path, key), unknown);
  }
}

function refuseMissing(table: ParamTable, form: FormMap, prefix: string): void {
  for (const [key, spec] of Object.entries(table)) {
    if (spec.required !== true || form.has(key)) continue;
    const path = join(prefix, key);
    throw new Refusal(`Missing required param: ${path}.`, { code: "parameter_missing", param: path });
  }
}

function readTable(table: ParamTable, form: FormMap, prefix: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, value] of form) {
    const spec = table[key];
    if (spec !== undefined) values[key] = readValue(spec, value, join(prefix, key));
  }
  return values;
}

function readValue(spec: ParamSpec, value: FormValue, path: string): unknown {
  if (spec.type === "unbuilt") throw notBuilt(`the parameter ${path}`);
  if (value === "") {
    if (spec.unsettable === true) return null;
    throw new Refusal(
      `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however ` +
        `'${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`,
      { code: "parameter_invalid_empty", param: path },
    );
  }
  switch (spec.type) {
    case "string":
      return readString(text(value, path, "string"), path, spec.enum, spec.maxLength ?? maxStringLength);
    case "integer":
      if (typeof value === "string" && spec.words?.includes(value) === true) return value;
      return readInteger(text(value, path, "integer"), path, spec.min, spec.max);
    case "number":
      return readNumber(text(value, path, "number"), path);
    case "boolean":
      return readBoolean(text(value, path, "boolean"), path);
    case "decimal":
      return readDecimal(text(value, path, "decimal"), path, spec.decimals);
    case "list":
      return readList(spec, value, path);
    case "object": {
      const below = hash(value, path);
      refuseMissing(spec.params, below, path);
      return readTable(spec.params, below, path);
    }
    case "dictionary":
      return Object.fromEntries(
        [...hash(value, path)].map(([key, below]) => [key, readValue(spec.items, below, join(path, key))]),
      );
    case "map":
      return readMetadata(hash(value, path), path);
    case "range":
      return readRange(value, path);
  }
}

function readString(value: string, path: string, allowed: readonly string[] | undefined, maxLength: number): string {
  if (allowed !== undefined && !allowed.includes(value)) {
    const names = allowed.length < 2 ? allowed.join("") : `${allowed.slice(0, -1).join(", ")}, or ${allowed.at(-1)}`;
    throw new Refusal(`Invalid ${path}: must be one of ${names}`, { param: path });
  }
  if ([...value].length > maxLength) {
    throw new Refusal(`Invalid string: ${value.slice(0, 20)}…; must be at most ${maxLength} characters`, {
      param: path,
    });
  }
  return value;
}

function readInteger(value: string, path: string, min: number | undefined, max: number | undefined): number {
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw new Refusal(`Invalid integer: ${value}`, { code: "parameter_invalid_integer", param: path });
  }
  if (min !== undefined && number < min) {
    throw new Refusal(`This value must be greater than or equal to ${min}.`, {
      code: "parameter_invalid_integer",
      param: path,
    });
  }
  if (max !== undefined && number > max) {
    throw new Refusal(`This value must be less than or equal to ${max}.`, {
      code: "parameter_invalid_integer",
      param: path,
    });
  }
  return number;
}

function readNumber(value: string, path: string): number {
  if (!/^\d{1,15}(?:\.\d{1,15})?$/.test(value)) throw new Refusal(`Invalid number: ${value}`, { param: path });
  return Number(value);
}

function readBoolean(value: string, path: string): boolean {
  if (value === "true") return true;
  if (value === "false") return false;
  throw new Refusal(`Invalid boolean: ${value}`, { param: path });
}

function readDecimal(value: string, path: string, decimals: number): string {
  const digits = /^\d{1,12}(?:\.(\d+))?$/.exec(value);
  if (digits === null || (digits[1] ?? "").length > decimals) {
    throw new Refusal(`Invalid decimal: ${value}; must be a decimal with at most ${decimals} decimal places`, {
      param: path,
    });
  }
  return value;
}

function readList({ items, minItems = 0, maxItems }: ListSpec, value: FormValue, path: string): unknown[] {
  const elements = listElements(value);
  if (elements === undefined || elements.length < minItems) throw new Refusal("Invalid array", { param: path });
  if (maxItems !== undefined && elements.length > maxItems) {
    throw new Refusal(`Invalid array: too many elements in '${path}'; at most ${maxItems} are allowed`, {
      param: path,
    });
  }
  return elements.map((element, index) => readValue(items, element, join(path, String(index))));
}

/** Empty values arrive as null: they remove their key. [docs: Metadata] */
function readMetadata(form: FormMap, path: string): Record<string, string | null> {
  const pairs = [...form].map(([key, value]): [string, string | null] => {
    const param = join(path, key);
    const content = typeof value === "string" ? value : "";
    checkMetadataPair(key, content, path, param);
    return [key, text(value, param, "string") === "" ? null : content];
  });
  return Object.fromEntries(pairs);
}

const rangeBounds: ParamTable = {
  gt: { type: "integer" },
  gte: { type: "integer" },
  lt: { type: "integer" },
  lte: { type: "integer" },
};

function readRange(value: FormValue, path: string): unknown {
  if (typeof value === "string") {
    const seconds = readInteger(value, path, undefined, undefined);
    return { gte: seconds, lte: seconds };
  }
  refuseUnknown(rangeBounds, value, path);
  return readTable(rangeBounds, value, path);
}

function text(value: FormValue, path: string, type: string): string {
  if (typeof value === "string") return value;
  throw new Refusal(`Invalid ${type}: expected a single value, not a hash or an array`, { param: path });
}

function hash(value: FormValue, path: string): FormMap {
  if (typeof value !== "string") return value;
  throw new Refusal("Invalid object", { param: path });
}

function join(prefix: string, key: string): string {
  return prefix === "" ? key : `${prefix}[${key}]`;
}
