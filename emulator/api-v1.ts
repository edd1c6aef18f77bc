import { type Api } from "./api";
import { Refusal, renderRefusal } from "./errors";
import { idempotencyLimits } from "./facts/limits";
import { canonicalForm, decodeForm, showForm } from "./form";
import { pageOf, paging } from "./page";
import { validateParams } from "./validate";

/** Form-encoded requests, first answers kept, errors with a type. [docs.stripe.com/api, /api/idempotent_requests, /api/errors, /api/pagination] */
export const apiV1: Api = {
  /** GET and DELETE carry parameters in the query, POST in the body. [openapi] Text of the refusal unconfirmed. */
  receive({ method, queryText, bodyText, headers }) {
    const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    if (method === "POST" && bodyText !== "" && type !== "" && type !== "application/x-www-form-urlencoded") {
      throw new Refusal(`Invalid request: v1 takes application/x-www-form-urlencoded bodies, not ${type}.`);
    }
    const form = decodeForm(method === "POST" ? joinForms(queryText, bodyText) : queryText);
    return { canonical: canonicalForm(form), validate: (table) => validateParams(table, form) };
  },
  showBody(text) {
    try {
      return showForm(decodeForm(text));
    } catch {
      // The answer says what is wrong with it.
      return {};
    }
  },
  /** Any well-formed version is taken; the refusal's text is unconfirmed. */
  checkVersion(version) {
    if (version === undefined || isVersion(version)) return;
    throw new Refusal(`Invalid Stripe API version: ${version}`);
  },
  idempotency: {
    methods: ["POST"],
    keptMs: idempotencyLimits.keptMs,
    scope: (key) => key,
    replay: "first",
  },
  takesForms: true,
  answerRefusal: (refusal, context) => ({
    status: refusal.status,
    body: renderRefusal(refusal, context),
    headers: refusal.headers,
  }),
  everyCall: { expand: { type: "list", items: { type: "string" } } },
  paging,
  page: (records, params, { noun, url, show, keep }) => pageOf(records, params, { noun, url }, show, keep),
  deleted: (id, object) => ({ id, object, deleted: true }),
};

/** Whether a text has the form of an API version. */
export function isVersion(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(?:\.[a-z_]+)?(?:;.*)?$/.test(text);
}

function joinForms(query: string, body: string): string {
  return query === "" ? body : `${query}&${body}`;
}
