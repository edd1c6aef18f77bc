import Ajv, { type AnySchema } from "ajv";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator } from "../../emulator";
import { goModuleFolder, JudgeMissing } from "../../tools/judges/go-tool";

/** An answer of v2 as a test looks at it. */
export interface ReplyV2 {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  error: { code?: string; message?: string; type?: string };
}

/** Sends one request of v2; `body` goes out as JSON, a text as it stands. */
export async function sendV2(
  emulator: Pick<Emulator, "url" | "apiKey">,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<ReplyV2> {
  const response = await fetch(emulator.url + path, {
    method,
    headers: {
      authorization: `Bearer ${emulator.apiKey}`,
      "stripe-version": "2026-10-28.endive",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const parsed = JSON.parse(await response.text()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: parsed, error: parsed["error"] ?? {} };
}

interface Described {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** What is wrong with an answer of an operation. */
export type JudgeV2 = (operation: string, status: number, body: unknown) => readonly string[];

/**
 * Judges by the OpenAPI in Stripe's own CLI, which describes v2; undefined where it can't be had. An object has no other
 * fields than described. Where it calls a field optional, Stripe's reference calls it nullable and shows null.
 */
export async function meetJudgeV2(): Promise<JudgeV2 | undefined> {
  const file = await specFile();
  if (file === undefined) return undefined;
  const { paths, components } = JSON.parse(readFileSync(file, "utf8")) as OpenApi;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const definitions = Object.fromEntries(
    Object.entries(components.schemas)
      .filter(([name]) => name.startsWith("v2."))
      .map(([name, schema]) => [name, rewrite(schema)]),
  );
  return (operation, status, body) => {
    const [method = "", path = ""] = operation.split(" ");
    const responses = paths[path]?.[method.toLowerCase()]?.responses;
    const schema = responses?.[status < 400 ? String(status) : "default"]?.content["application/json"]?.schema;
    if (schema === undefined) return [`${operation} doesn't answer with ${status}`];
    // The event of a ping is described apart: what answers with it names the base of all events only.
    const described = operation.endsWith("/ping") && status < 400 ? { $ref: pingEvent } : schema;
    const validate = ajv.compile({
      ...(rewrite(described) as object),
      components: { schemas: definitions },
    } as AnySchema);
    return validate(body) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ""}`);
  };
}

const pingEvent = "#/components/schemas/v2.core.event_destination.ping";

async function specFile(): Promise<string | undefined> {
  try {
    const folder = await goModuleFolder("stripe-cli", "github.com/stripe/stripe-cli");
    return join(folder, "api", "openapi-spec", "spec3.cli.json");
  } catch (error) {
    if (error instanceof JudgeMissing) return undefined;
    throw error;
  }
}

function rewrite(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(rewrite);
  if (typeof schema !== "object" || schema === null) return schema;
  const {
    nullable,
    properties,
    required = [],
    oneOf,
    ...rest
  } = schema as Readonly<Record<string, unknown>> & {
    readonly required?: readonly string[];
    readonly properties?: object;
  };
  const fields = Object.entries(properties ?? {}).map(([name, below]) => [
    name,
    required.includes(name) ? rewrite(below) : orNull(rewrite(below)),
  ]);
  const plain = {
    ...Object.fromEntries(Object.entries(rest).map(([keyword, value]) => [keyword, rewrite(value)])),
    required,
    // An error may be described by its own schema and by the one of all errors.
    ...(oneOf !== undefined && { anyOf: rewrite(oneOf) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(fields) as object,
      ...(fields.length > 0 && rest["additionalProperties"] === undefined && { additionalProperties: false }),
    }),
  };
  return nullable === true ? orNull(plain) : plain;
}

function orNull(schema: unknown): object {
  return { anyOf: [{ type: "null" }, schema] };
}
