import { type z } from "zod";
import { fieldsOf, type Shape } from "../../provider/declare";
import { sayFacts } from "./fact-words";
import { type SourceType } from "./sources";

/** A field, ready to be written down. */
export interface FieldEntry {
  name: string;
  /** Such as `"cancel" | "retain"`. */
  type: string;
  optional: boolean;
  text: string;
  /** What follows from its facts. */
  facts: string[];
  /** Fields of the objects it holds. */
  below: FieldEntry[];
}

/** @param source the type of the shape, for what is written at its fields */
export function describeShape(shape: Shape, source: SourceType | undefined): FieldEntry[] {
  return fieldsOf(shape).map((field) => {
    const { name } = field;
    const schema = shape[name] ?? field.schema;
    const text = source?.text(name) ?? "";
    const optional = schema.safeParse(undefined).success;
    // What has to be given is never left out.
    const told = optional ? field : { ...field, default: undefined };
    return { name, optional, text, facts: sayFacts(told, text), ...describeSchema(schema, source?.at(name)) };
  });
}

/** A schema in the words of TypeScript, with the fields of the objects in it. */
function describeSchema(schema: z.core.$ZodType, source: SourceType | undefined): Pick<FieldEntry, "type" | "below"> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
      return describeSchema(def.innerType, source?.at("def", "innerType"));
    case "pipe":
      return describeSchema(def.in, source?.at("def", "in"));
    case "literal":
      return { type: def.values.map((value) => literal(value)).join(" | "), below: [] };
    case "enum":
      return { type: Object.values(def.entries).map(literal).join(" | "), below: [] };
    case "array": {
      const { type, below } = describeSchema(def.element, source?.at("def", "element"));
      return { type: type.includes(" | ") ? `(${type})[]` : `${type}[]`, below };
    }
    case "record": {
      const { type, below } = describeSchema(def.valueType, source?.at("def", "valueType"));
      return { type: `Record<string, ${type}>`, below };
    }
    case "object":
      return { type: "object", below: describeShape(def.shape as Shape, source?.at("def", "shape")) };
    case "union": {
      const options = def.options.map((one, index) => describeSchema(one, source?.at("def", "options", `${index}`)));
      return {
        type: [...new Set(options.map((one) => one.type))].join(" | "),
        below: options.flatMap((one) => one.below),
      };
    }
    default:
      return { type: def.type, below: [] };
  }
}

function literal(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : JSON.stringify(value);
}
