import { type DestinationAnswer } from "../destination";
import { missingObject, Refusal } from "../errors";
import { destinations, replacements, retentionSeconds, upstreamFailures } from "../facts/forwarding";
import { type Call, defineKind } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { inRange, type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";
import { injectCard, redactBody, redactHeaders } from "./forwarding-body";

interface Header {
  readonly name: string;
  readonly value: string;
}

interface ForwardingRequest extends StripeObject {
  readonly object: "forwarding.request";
  readonly created: number;
  readonly livemode: boolean;
  readonly metadata: Metadata;
  readonly payment_method: string;
  readonly replacements: readonly string[];
  readonly request_context: { readonly destination_duration: number; readonly destination_ip_address: string };
  readonly request_details: {
    readonly body: string;
    readonly headers: readonly Header[];
    readonly http_method: "POST";
  };
  readonly response_details: { readonly body: string; readonly headers: readonly Header[]; readonly status: number };
  readonly url: string;
}

const name = "forwarding.request";

const createParams = {
  metadata: { type: "map" },
  payment_method: { type: "string", required: true },
  replacements: { type: "list", items: { type: "string", enum: replacements }, minItems: 1, required: true },
  request: {
    type: "object",
    params: {
      body: { type: "string" },
      headers: {
        type: "list",
        items: {
          type: "object",
          params: { name: { type: "string", required: true }, value: { type: "string", required: true } },
        },
      },
    },
  },
  url: { type: "string", required: true },
} as const;

/**
 * A request Stripe makes to a third party with a card it keeps: never changed, never repeated under one idempotency
 * key, forgotten after 30 days. Parameters and fields: [openapi; reference; docs: Forward card details].
 */
export const forwardingRequestKind = defineKind({
  name,
  noun: "forwarding request",
  path: "/v1/forwarding/requests",
  idParam: "id",
  permission: "forwarding_request",
  secrets: ["request.body", "request.headers", "request_details.body", "response_details.body"],
  create: { params: createParams, build: forward },
  retrieve: true,
  list: {
    params: { created: { type: "range" } },
    keep: (request: ForwardingRequest, params) => inRange(request.created, params.created),
  },
  steps: {
    expired: { from: () => true, afterSeconds: retentionSeconds, take: () => ({ record: undefined, events: [] }) },
  },
});

/** Refused before anything leaves. The code is [node], that it stands for all of these, and the texts, is unconfirmed. */
function invalid(message: string, param: string): Refusal {
  return new Refusal(message, { code: "forwarding_api_invalid_parameter", param });
}

/**
 * Calls the destination once and keeps what came back, a refusal of its own included. [docs: Forward card details]
 * Where no answer came back nothing is kept (unconfirmed), though the destination may have acted.
 */
function forward(call: Call, params: ParamsOf<typeof createParams>): ForwardingRequest {
  const metadata = mergeMetadata({}, params.metadata);
  if (!call.settings.forwardingActive) {
    throw new Refusal("The forwarding API is not active for this account.", { code: "forwarding_api_inactive" });
  }
  checkUrl(call, params.url);
  // Payment methods are not emulated: any id that looks like one is taken.
  if (!/^pm_\w+$/.test(params.payment_method)) {
    throw missingObject("PaymentMethod", params.payment_method, "payment_method", 400);
  }
  const headers = readHeaders(call, params.request?.headers ?? []);
  const { body, type } = fillBody(call, params);
  const sent: readonly Header[] = [...headers, { name: "Content-Type", value: type }];
  const { requestId, idempotencyKey } = call;
  const outcome = call.outside.send({
    url: params.url,
    method: "POST",
    headers: sent,
    body,
    account: call.account.id,
    requestId,
    idempotencyKey,
    at: call.settings.now(),
  });
  if ("failure" in outcome) throw unanswered(outcome.failure);
  return {
    id: `fwdreq_1${randomText(23)}`,
    object: name,
    created: call.now,
    livemode: call.livemode,
    metadata,
    payment_method: params.payment_method,
    replacements: params.replacements,
    request_context: { destination_duration: outcome.durationMs ?? 12, destination_ip_address: "203.0.113.10" },
    request_details: { body: redactBody(body), headers: redactHeaders(sent), http_method: "POST" },
    response_details: readAnswer(outcome),
    url: params.url,
  };
}

function checkUrl(call: Call, text: string): void {
  if (!URL.canParse(text) || !text.startsWith("https://")) {
    throw invalid("The url must be a valid https URL.", "url");
  }
  const { hostname, pathname, username, port } = new URL(text);
  const allowed =
    call.settings.forwardingHosts.some((host) => matchesHost(host, hostname)) ||
    destinations.some(({ host, paths }) => matchesHost(host, hostname) && paths.some((path) => path.test(pathname)));
  if (!allowed || username !== "" || port !== "") {
    throw invalid(`The destination ${hostname}${pathname} is not supported for this account.`, "url");
  }
}

function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

/** That Stripe's key must not be the destination's too is a "should" of the reference: refused here (unconfirmed). */
function readHeaders(call: Call, given: readonly Header[]): readonly Header[] {
  for (const [index, header] of given.entries()) {
    const at = `request[headers][${index}]`;
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(header.name)) throw invalid("Invalid header name.", `${at}[name]`);
    if (/^(?:content-type|content-length|host)$/i.test(header.name)) {
      throw invalid(`The header ${header.name} is set by Stripe.`, `${at}[name]`);
    }
    if (/idempoten/i.test(header.name) && header.value === call.idempotencyKey) {
      throw invalid(
        "The Stripe idempotency key must be different from that of the underlying request.",
        `${at}[value]`,
      );
    }
  }
  return given;
}

/** A security code is consumed by its first use: from then on its place stays empty (unconfirmed how). */
function fillBody(call: Call, params: ParamsOf<typeof createParams>): { readonly body: string; readonly type: string } {
  const given = params.request?.body ?? "";
  if (given === "") return { body: "", type: "application/json" };
  const consumed = call.account
    .collection<ForwardingRequest>(name)
    .oldestFirst()
    .some((past) => past.payment_method === params.payment_method && past.replacements.includes("card_cvc"));
  const wanted = params.replacements.filter((replacement) => !(consumed && replacement === "card_cvc"));
  const body = injectCard(given, wanted);
  if (body === undefined) throw invalid("The body must be JSON or XML.", "request[body]");
  return { body, type: /^\s*</.test(given) ? "application/xml" : "application/json" };
}

function unanswered(failure: keyof typeof upstreamFailures): Refusal {
  const message = `The destination endpoint gave no answer that could be used (${failure}).`;
  return new Refusal(message, { type: "api_error", code: upstreamFailures[failure], status: 424 });
}

function readAnswer(answer: DestinationAnswer): ForwardingRequest["response_details"] {
  const { status = 200, headers = { "content-type": "application/json" }, body = { ok: true } } = answer;
  const shown = Object.entries(headers).map(([field, value]) => ({ name: field, value }));
  return {
    body: redactBody(typeof body === "string" ? body : JSON.stringify(body)),
    headers: redactHeaders(shown),
    status,
  };
}
