import { z } from "zod";
import { defineResource, fixed, identity, local, metadata, secret, set, writeOnly } from "../../declare";

const header = z.strictObject({
  /** Name of the header. */
  name: z.string().min(1),
  /** Its value. */
  value: z.string(),
});

/** What Stripe can put into a request; it may add to these. */
export type Replacement =
  | "card_cvc"
  | "card_expiry"
  | "card_number"
  | "cardholder_name"
  | "network_token_cryptogram"
  | "network_token_electronic_commerce_indicator"
  | "network_token_expiry"
  | "network_token_number"
  | "request_signature"
  | (string & {});

const statusClass = z.enum(["3xx", "4xx", "5xx"]);

/**
 * A request that Stripe makes to a third party with a card it keeps. It charges real cards elsewhere, so it is sent once, when
 * the resource is created, and again only when what is sent, or `triggers`, changes.
 * https://docs.stripe.com/api/forwarding/request
 */
export const forwardingRequest = defineResource({
  kind: "Request",
  namespace: "forwarding",
  object: "forwarding.request",
  api: { path: "/v1/forwarding/requests", source: "https://docs.stripe.com/api/forwarding/request" },
  inputs: {
    /** Where the request goes: an https URL that Stripe activated for the account. */
    url: identity(z.url({ protocol: /^https$/, error: "must be an https URL that Stripe activated for the account" })),
    /** The payment method whose card is put in, `pm_…`. Required, unless `adopt` names a request that was sent. */
    paymentMethod: identity(
      secret(z.string().regex(/^pm_\w+$/, "must be a payment method id, which starts with pm_")),
    ).optional(),
    /** What of the card is put in, such as `card_number`. Order carries no meaning. */
    replacements: identity(
      set(
        z
          .array(z.string() as z.ZodType<Replacement, Replacement>)
          .min(1, { error: "must name at least one, such as card_number" }),
      ),
    ),
    /**
     * What is sent: `body`, JSON or XML with placeholders for the card's data, and `headers`. Never returned. Required, unless
     * `adopt` names a request that was sent.
     */
    request: identity(
      secret(
        writeOnly(
          z.strictObject({
            /** The body, with placeholders of the type the destination wants (`""` or 0). */
            body: z.string().optional(),
            /** Headers, also the destination's own idempotency key, which must not be Stripe's. */
            headers: z.array(header).optional(),
          }),
        ),
      ),
    ).optional(),
    /** Your own keys and values, at most 46; Stripe takes them at creation only. */
    metadata: fixed(metadata()).optional(),
    /**
     * Answers of the destination that fail the resource: `"4xx"`, `"5xx"` or single statuses; both classes where left out,
     * none with an empty list. A failed request stays in state and is not sent again.
     */
    failOnStatus: local(z.array(z.union([statusClass, z.int().min(100).max(599)]))).optional(),
  },
  outputs: {
    /** What the destination answered: `status`, `headers` and `body`. */
    responseDetails: secret(
      z.object({ status: z.number(), body: z.string().optional(), headers: z.array(header).optional() }).optional(),
    ),
    /** How long the destination took, in milliseconds, and its address. */
    requestContext: z.object({ destinationDuration: z.number(), destinationIpAddress: z.string() }).optional(),
    /** When it was sent, in Unix seconds. */
    created: z.number(),
    livemode: z.boolean(),
  },
  transient: true,
  createOnce: true,
  missing: "kept",
  spends: { done: "sent", askAgain: "triggers", advances: false },
  ends: {
    by: "forget",
    remains: () => "the forwarded request was sent and can't be undone; Stripe keeps its record for 30 days",
  },
  // Whatever was answered: it was sent, and fails nothing here.
  exported: () => ({ failOnStatus: [] }),
  rules: [
    {
      fields: [],
      check: ({ adopt, ...inputs }) =>
        ["paymentMethod", "request"]
          .filter((path) => adopt === undefined && inputs[path] === undefined)
          .map((path) => ({ path, message: "is required, unless adopt names a request that was sent" })),
    },
  ],
  // Where what was sent isn't recorded, whoever says it later completes a program, and doesn't ask for a second charge.
  refuse: ({ request }, _news, _changed, replaces) =>
    replaces.includes("triggers")
      ? []
      : replaces
          .filter((field) => request === undefined || field === "metadata" || field === "stripeAccount")
          .map((path) => ({
            path,
            message: "can't be changed without sending the request again. Undo it, or change triggers to send it again",
          })),
  verdict: ({ responseDetails, failOnStatus = ["4xx", "5xx"] }) => {
    const { status } = (responseDetails ?? {}) as { status?: number };
    if (status === undefined) return [];
    const failing = failOnStatus as unknown[];
    if (!failing.includes(status) && !failing.includes(`${Math.floor(status / 100)}xx`)) return [];
    return [
      `the destination answered ${status}. The request was sent, is recorded, and is not sent again. Change triggers to send ` +
        "another one, or failOnStatus to accept this answer",
    ];
  },
  samples: {
    minimal: {
      url: "https://api.checkout.com/payments",
      paymentMethod: "pm_1PqYhA2eZvKYlo2C",
      replacements: ["card_number"],
      request: { body: '{"amount":0,"number":""}' },
    },
    full: {
      url: "https://api.checkout.com/payments",
      paymentMethod: "pm_1PqYhA2eZvKYlo2C",
      replacements: ["card_number", "card_cvc"],
      request: {
        body: '{"amount":0,"number":"","cvc":""}',
        headers: [{ name: "Destination-API-Key", value: "secret-of-the-destination" }],
      },
      metadata: { order: "0", retry: "false" },
      failOnStatus: ["5xx", 402],
    },
    update: { failOnStatus: [] },
    replace: [
      { url: "https://api.checkout.com/tokens" },
      { request: { body: '{"amount":1,"number":""}' } },
      { paymentMethod: "pm_1PqYhA2eZvKYlo2D" },
      { triggers: ["again"] },
    ],
    invalid: [
      { args: { url: "https://x.com", replacements: ["a"], request: {} }, path: "paymentMethod" },
      { args: { url: "https://x.com", paymentMethod: "pm_x", replacements: ["a"] }, path: "request" },
      { args: { paymentMethod: "pm_x", replacements: ["card_number"], request: {} }, path: "url" },
      {
        args: { url: "http://api.checkout.com/payments", paymentMethod: "pm_x", replacements: ["a"], request: {} },
        path: "url",
      },
      {
        args: { url: "https://x.com", paymentMethod: "card_x", replacements: ["a"], request: {} },
        path: "paymentMethod",
      },
      { args: { url: "https://x.com", paymentMethod: "pm_x", replacements: [], request: {} }, path: "replacements" },
      {
        args: { url: "https://x.com", paymentMethod: "pm_x", replacements: ["a"], request: { body: 0 } },
        path: "request.body",
      },
      {
        args: {
          url: "https://x.com",
          paymentMethod: "pm_x",
          replacements: ["a"],
          request: { headers: [{ name: "" }] },
        },
        path: "request.headers[0].name",
      },
      {
        args: { url: "https://x.com", paymentMethod: "pm_x", replacements: ["a"], request: {}, failOnStatus: ["2xx"] },
        path: "failOnStatus[0]",
      },
    ],
  },
});
