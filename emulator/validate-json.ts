import { notBuilt, Refusal } from "./errors";
import { maxStringLength } from "./facts/limits";
import { isHash } from "./json";
import { checkMetadataPair } from "./metadata";
import {
  type AnyParams,
  type IntegerSpec,
  type ListSpec,
  type ParamSpec,
  type ParamTable,
  type StringSpec,
} from "./params";

type Hash = Readonly<Record<string, unknown>>;

/**
 * Checks parameters that came as JSON against a table. One fault per answer, as in every text seen. "Unknown field" and
 * the refusal of enums are the live API's words [3rd: live texts]; all others are unconfirmed.
 * @param asText whether they came in a query, where numbers and booleans are texts
 */
export function validateJson(table: ParamTable, values: Hash, asText: boolean): AnyParams {
  return readTable(table, values, "", asText);
}

function readTable(table: ParamTable, values: Hash, prefix: string, asText: boolean): Record<string, unknown> {
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(table, name)) throw new Refusal("Unknown field.", { param: join(prefix, name) });
  }
  for (const [name, spec] of Object.entries(table)) {
    if (spec.required === true && !Object.hasOwn(values, name)) {
      throw new Refusal("This field is required.", { param: join(prefix, name) });
    }
  }
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const spec = table[name];
      return spec === undefined ? [] : [[name, readValue(spec, value, join(prefix, name), asText)]];
    }),
  );
}

function readValue(spec: ParamSpec, value: unknown, path: string, asText: boolean): unknown {
  if (spec.type === "unbuilt") throw notBuilt(`the field ${path}`);
  if (value === null && spec.unsettable === true) return null;
  switch (spec.type) {
    case "string":
      return readString(spec, value, path);
    case "integer":
      return readInteger(
        spec,
        asText && typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value,
        path,
      );
    case "boolean":
      if (typeof value !== "boolean") throw wrong("a boolean", path);
      return value;
    case "list":
      return readList(spec, value, path, asText);
    case "object":
      if (!isHash(value)) throw wrong("an object", path);
      return readTable(spec.params, value, path, asText);
    case "map":
      if (!isHash(value)) throw wrong("an object", path);
      return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, readPair(key, below, path)]));
    default:
      throw new Error(`no parameter on v2 is a ${spec.type} yet`);
  }
}

function readString({ enum: allowed, maxLength = maxStringLength }: StringSpec, value: unknown, path: string): string {
  if (typeof value !== "string") throw wrong("a string", path);
  if (allowed !== undefined && !allowed.includes(value)) {
    const names = [...allowed].sort().join(", ");
    throw new Refusal(`Unrecognized enum value '${value}', valid values are: ${names}.`, { param: path });
  }
  if ([...value].length > maxLength) throw new Refusal(`Must be at most ${maxLength} characters.`, { param: path });
  return value;
}

function readInteger({ min, max }: IntegerSpec, value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw wrong("an integer", path);
  if (min !== undefined && value < min) throw new Refusal(`Must be at least ${min}.`, { param: path });
  if (max !== undefined && value > max) throw new Refusal(`Must be at most ${max}.`, { param: path });
  return value;
}

function readList(
  { items, minItems = 0, maxItems }: ListSpec,
  value: unknown,
  path: string,
  asText: boolean,
): unknown[] {
  if (!Array.isArray(value)) throw wrong("an array", path);
  if (value.length < minItems) throw new Refusal(`Must have at least ${minItems} elements.`, { param: path });
  if (maxItems !== undefined && value.length > maxItems) {
    throw new Refusal(`Must have at most ${maxItems} elements.`, { param: path });
  }
  return value.map((element, index) => readValue(items, element, `${path}[${index}]`, asText));
}

/** Null removes a key; the empty string is a value like others. [docs: API v2 overview] */
function readPair(key: string, value: unknown, path: string): string | null {
  const param = join(path, key);
  if (value !== null && typeof value !== "string") throw wrong("a string or null", param);
  checkMetadataPair(key, value ?? "", path, param);
  return value;
}

function wrong(expected: string, path: string): Refusal {
  return new Refusal(`Must be ${expected}.`, { param: path });
}

function join(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}
