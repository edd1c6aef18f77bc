import { type Api } from "./api";
import { isVersion } from "./api-v1";
import { Refusal } from "./errors";
import { idempotencyLimits, pageLimits } from "./facts/limits";
import { decodeForm, showForm } from "./form";
import { canonicalJson, decodeJson } from "./json";
import { pageOf } from "./page";
import { type AnyParams } from "./params";
import { type StripeObject } from "./store";
import { validateJson } from "./validate-json";

/**
 * JSON requests, a version with each, updated answers to repeated requests, errors with a code. [docs: API v2 overview;
 * openapi v2] Lists are eventually consistent at Stripe; here they are never behind.
 */
export const apiV2: Api = {
  /** GET and DELETE carry parameters in the query, with indexes; POST in the body. Texts of the refusals unconfirmed. */
  receive({ method, queryText, bodyText, headers }) {
    const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    const query = showForm(decodeForm(queryText));
    if (method !== "POST")
      return { canonical: canonicalJson(query), validate: (table) => validateJson(table, query, true) };
    if (bodyText !== "" && type !== "application/json") {
      throw new Refusal(
        `Invalid request: v2 takes application/json bodies, not ${type === "" ? "unnamed ones" : type}.`,
      );
    }
    const body = { ...query, ...decodeJson(bodyText) };
    return { canonical: canonicalJson(body), validate: (table) => validateJson(table, body, false) };
  },
  showBody(text) {
    try {
      return decodeJson(text);
    } catch {
      // The answer says what is wrong with it.
      return {};
    }
  },
  /** Mandatory on v2. [docs: API v2 overview] Texts unconfirmed. */
  checkVersion(version) {
    if (version === undefined || version === "") {
      throw new Refusal("Every request to the v2 namespace must name an API version in its Stripe-Version header.");
    }
    if (!isVersion(version)) throw new Refusal(`Invalid Stripe API version: ${version}`);
  },
  idempotency: {
    methods: ["POST", "DELETE"],
    keptMs: idempotencyLimits.keptOnV2Ms,
    // "Use the same idempotency key for the same API" [docs: API v2 overview], taken as the same operation: unconfirmed.
    scope: (key, operation) => `${operation} ${key}`,
    replay: "updated",
  },
  takesForms: false,
  answerRefusal: (refusal, _context) => ({
    status: isReuse(refusal) ? 409 : refusal.status,
    body: JSON.stringify({ error: renderError(refusal) }),
    headers: refusal.headers,
  }),
  everyCall: {},
  // The largest page and the usual one are unconfirmed.
  paging: { limit: { type: "integer", min: pageLimits.smallest, max: pageLimits.largest }, page: { type: "string" } },
  /** The order of a v2 list is unconfirmed. */
  page(records, params, { noun, url, show, keep }) {
    const { page, limit, ...filters } = params as { page?: string; limit?: number };
    const cursor = page === undefined ? {} : readToken(page, records);
    const asked = { ...(limit !== undefined && { limit }), ...cursor };
    const { data, has_more: more } = pageOf(records, asked, { noun, url }, show, keep);
    const first = data[0]?.id;
    const last = data.at(-1)?.id;
    const link = (cursorName: keyof Cursor, id: string): string =>
      `${url}?${queryOf({ ...filters, ...(limit !== undefined && { limit }), page: writeToken({ [cursorName]: id }) })}`;
    const isFurther = cursor.starting_after !== undefined;
    const isBack = cursor.ending_before !== undefined;
    return {
      data,
      next_page_url: last !== undefined && (isBack || more) ? link("starting_after", last) : null,
      previous_page_url: first !== undefined && (isFurther || (isBack && more)) ? link("ending_before", first) : null,
    };
  },
  deleted: (id, object) => ({ id, object }),
};

/** An idempotency key that comes with other parameters: 409 on v2. [docs: Create an event destination, error codes] */
function isReuse({ type, code }: Refusal): boolean {
  return type === "idempotency_error" && code === undefined;
}

/**
 * `{code, message}`, sometimes with a type. [openapi: v2.error, v2.error.not_found; node: which types the client tells
 * apart] The sentence around a field is the live API's [3rd]; codes of what is about no field are unconfirmed.
 */
function renderError({ code, type, param, status, message }: Refusal): object {
  if (status === 404 && code === "resource_missing") return { code: "not_found", message };
  if (param !== undefined && type === "invalid_request_error") {
    return { code: "invalid_fields", message: `Some fields in the request were invalid: '${param}: ${message}'` };
  }
  return { code: code ?? type, message, ...(type !== "invalid_request_error" && { type }) };
}

interface Cursor {
  readonly starting_after?: string;
  readonly ending_before?: string;
}

function writeToken(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function readToken(token: string, records: readonly StripeObject[]): Cursor {
  try {
    const cursor = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Cursor;
    const id = cursor.starting_after ?? cursor.ending_before;
    if (records.some((record) => record.id === id)) return cursor;
  } catch {
    // Refused below, as what names a record that is gone.
  }
  throw new Refusal("Invalid page token.", { param: "page" });
}

/** Lists with indexes: `include[0]=…`. [docs: API v2 overview] */
function queryOf(params: AnyParams): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((element, index) => [`${name}[${index}]`, String(element)])
      : [[name, String(value)]],
  );
  return pairs.map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`).join("&");
}
