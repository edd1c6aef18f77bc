import Ajv, { type AnySchema, type ErrorObject, type SchemaValidateFunction, type ValidateFunction } from "ajv";
import { readFileSync } from "node:fs";
import { unlisted } from "./gaps";

/** Part of a schema, as OpenAPI 3.0 writes it. */
export type Schema = Readonly<Record<string, unknown>>;

/** One method of one path in Stripe's OpenAPI. */
interface Described {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>;
}

interface OpenApi {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The first pass asks for what has to be there and what it is, the second whether there is anything else. */
export type Pass = "pass 1" | "pass 2";

/** In what the OpenAPIs of the versions of the API differ. */
export interface Dialect {
  /** Schema of a refusal on a path that isn't described. */
  readonly error: string;
  /** Whether a field that may be missing may be null instead, though it isn't called nullable. */
  readonly nullForMissing: boolean;
}

export const v1: Dialect = { error: "error", nullForMissing: false };

/** Stripe's reference calls what the OpenAPI of v2 calls optional nullable, and shows null. [docs: API v2, samples] */
export const v2: Dialect = { error: "v2.error", nullForMissing: true };

const reference = "#/components/schemas/";

/** Stripe's own OpenAPI, which judges answers: what an operation may answer with, compiled when it is first asked for. */
export class Spec {
  readonly version: string;
  readonly #openApi: OpenApi;
  readonly #dialect: Dialect;
  readonly #narrower: ReadonlyMap<string, string>;
  readonly #templates: readonly { readonly template: string; readonly pattern: RegExp }[];
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #compilers: Readonly<Record<Pass, Ajv>>;

  constructor(file: string, dialect: Dialect) {
    this.#openApi = JSON.parse(readFileSync(file, "utf8")) as OpenApi;
    this.#dialect = dialect;
    this.version = this.#openApi.info.version;
    this.#narrower = thinEvents(this.#openApi.components.schemas);
    // A fixed segment wins over a placeholder, as `/v1/products/search` over `/v1/products/{id}`.
    this.#templates = Object.keys(this.#openApi.paths)
      .sort((one, other) => one.split("{").length - other.split("{").length)
      .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, "[^/]+")}$`) }));
    this.#compilers = { "pass 1": this.#compiler("pass 1"), "pass 2": this.#compiler("pass 2") };
  }

  /** The operation of a request, such as `GET /v1/prices/{price}`; undefined when Stripe's OpenAPI has none. */
  operation(method: string, path: string): string | undefined {
    const found = this.#templates.find(
      ({ template, pattern }) => pattern.test(path) && this.#openApi.paths[template]?.[method.toLowerCase()],
    );
    return found && `${method} ${found.template}`;
  }

  /** What is wrong with an answer of an operation: of the first pass that finds anything. */
  judgeAnswer(operation: string, status: number, body: unknown): readonly string[] {
    const [method = "", template = ""] = operation.split(" ");
    const responses = this.#openApi.paths[template]?.[method.toLowerCase()]?.responses;
    const schema = responses?.[status < 400 ? status : "default"]?.content?.["application/json"]?.schema;
    if (schema !== undefined) return this.#judge(`${operation} ${status < 400 ? status : "refused"}`, schema, body);
    if (status >= 400) return this.judgeObject(this.#dialect.error, body);
    return [`pass 1: ${operation} doesn't answer with ${status}`];
  }

  /** What is wrong with something that a schema of a name describes, such as the object of an event. */
  judgeObject(name: string, body: unknown): readonly string[] {
    if (this.#openApi.components.schemas[name] === undefined) return [`pass 1: there is no ${name}`];
    return this.#judge(`an object ${name}`, { $ref: reference + name }, body);
  }

  /** The fields that a schema of a name knows at its top. */
  fields(name: string): readonly string[] {
    const properties = this.#openApi.components.schemas[name]?.["properties"] as Schema | undefined;
    return Object.keys({ ...properties, ...unlisted[name] });
  }

  #judge(name: string, schema: Schema, body: unknown): readonly string[] {
    for (const pass of ["pass 1", "pass 2"] as const) {
      const validate = this.#compile(pass, name, schema);
      if (!validate(body)) return (validate.errors ?? []).map((error) => `${pass}: ${describe(error)}`);
    }
    return [];
  }

  #compile(pass: Pass, name: string, schema: Schema): ValidateFunction {
    const key = `${pass} ${name}`;
    const present = this.#compiled.get(key);
    if (present !== undefined) return present;
    const properties = schema["properties"] as Schema | undefined;
    const whole = { ...schema, ...(properties && { properties: { ...properties, ...unlisted[name] } }) };
    const fresh = this.#compilers[pass].compile(rewrite(whole, pass, this.#dialect) as AnySchema);
    this.#compiled.set(key, fresh);
    return fresh;
  }

  #compiler(pass: Pass): Ajv {
    const ajv = new Ajv({ strict: false, inlineRefs: false });
    ajv.addFormat("unix-time", true);
    ajv.addFormat("currency", /^[a-z]{3}$/);
    ajv.addFormat("decimal", /^-?\d+(?:\.\d+)?$/);
    ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    // Everything in the OpenAPI leads to everything: what another schema describes is compiled when it is met.
    const follow: SchemaValidateFunction = (base: string, data: unknown, _schema, at) => {
      const name = this.#narrower.get(`${base} ${String((data as Schema | null)?.["type"])}`) ?? base;
      const schema = this.#openApi.components.schemas[name];
      if (schema === undefined) throw new Error(`Stripe's OpenAPI refers to ${name}, which it doesn't have`);
      const validate = this.#compile(pass, name, schema);
      if (validate(data)) return true;
      const within = at?.instancePath ?? "";
      follow.errors = validate.errors?.map((error) => ({ ...error, instancePath: within + error.instancePath }));
      return false;
    };
    ajv.addKeyword({ keyword: "follow", schemaType: "string", validate: follow, errors: "full" });
    return ajv;
  }
}

/**
 * What v2 answers with names the base of all thin events, which lacks what each of them has: by base and type, the schema
 * that describes that one.
 */
function thinEvents(schemas: Readonly<Record<string, Schema>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(schemas).flatMap(([name, schema]) => {
      const { "x-stripeEvent": event, properties } = schema as Partial<EventSchema>;
      if (event?.kind !== "thin" || properties === undefined) return [];
      return [[`${properties.object.enum[0]} ${event.type}`, name] as const];
    }),
  );
}

interface EventSchema {
  readonly "x-stripeEvent": { readonly kind: string; readonly type: string };
  readonly properties: { readonly object: { readonly enum: readonly [string] } };
}

/**
 * What OpenAPI 3.0 writes, as JSON schema: `nullable` beside anything means null or that. For the second pass an object
 * that says which fields it has, has no others; that is enough, since nowhere two schemas describe one object together.
 * How long texts are is no promise: every one may have 5000 characters, also a product's description, which takes 40,000.
 * An error of v2 may fit its own schema and that of all errors, though they stand in a `oneOf`.
 */
function rewrite(schema: unknown, pass: Pass, dialect: Dialect): unknown {
  if (Array.isArray(schema)) return schema.map((each) => rewrite(each, pass, dialect));
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, properties, oneOf, $ref, ...rest } = schema as Schema;
  const required = (rest["required"] ?? []) as readonly string[];
  if (rest["allOf"] !== undefined || (properties !== undefined && rest["anyOf"] !== undefined)) {
    throw new Error("Stripe's OpenAPI has begun to put schemas together: pass 2 has to look at them together");
  }
  const rewritten = {
    ...Object.fromEntries(
      Object.entries(rest)
        .filter(([keyword]) => keyword !== "maxLength")
        .map(([keyword, value]) => [keyword, rewrite(value, pass, dialect)]),
    ),
    ...(oneOf !== undefined && { anyOf: rewrite(oneOf, pass, dialect) }),
    ...(typeof $ref === "string" && { follow: $ref.slice(reference.length) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties as Schema).map(([name, value]) => {
          const field = rewrite(value, pass, dialect);
          return [name, dialect.nullForMissing && !required.includes(name) ? orNull(field) : field];
        }),
      ),
      ...(pass === "pass 2" && rest["additionalProperties"] === undefined && { additionalProperties: false }),
    }),
  };
  return nullable === true ? orNull(rewritten) : rewritten;
}

function orNull(schema: unknown): object {
  return { anyOf: [{ type: "null" }, schema] };
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const more = ["additionalProperty", "allowedValues"].map((name) => (params as Schema)[name]).find(Boolean);
  return `${instancePath === "" ? "the answer" : instancePath} ${message}${more === undefined ? "" : `: ${JSON.stringify(more)}`}`;
}
