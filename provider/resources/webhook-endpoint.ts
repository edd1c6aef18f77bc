import { distance, closest } from "fastest-levenshtein";
import { z } from "zod";
import {
  clearable,
  type DataSource,
  defineResource,
  fixed,
  local,
  metadata,
  secret,
  set,
  updateOnly,
  writeOnly,
  type Finding,
} from "../declare";
import { apiVersion as versionFormat } from "../formats";
import { type EventName, eventTypes } from "./event-types";

const known = new Set<string>(eventTypes);

/** An endpoint that Stripe posts the account's events to. https://docs.stripe.com/api/webhook_endpoints */
export const webhookEndpoint = defineResource({
  kind: "WebhookEndpoint",
  object: "webhook_endpoint",
  api: { path: "/v1/webhook_endpoints", source: "https://docs.stripe.com/api/webhook_endpoints" },
  inputs: {
    /** Where Stripe posts events: a URL that can be reached from the internet; https, or also http in test mode. */
    url: z.url({ protocol: /^https?$/, error: "must be a full http(s) URL such as https://example.com/stripe" }),
    /** Event types to send, or `["*"]` for all but those that need explicit selection. Order carries no meaning. */
    enabledEvents: set(
      z.array(z.string() as z.ZodType<EventName, EventName>).min(1, {
        error: 'must name at least one event type; ["*"] asks for all',
      }),
    ),
    /** What the endpoint is for; shown in the dashboard. */
    description: clearable(z.string().min(1, { error: "must not be empty: leave it out to have none" })).optional(),
    /** Your own keys and values, at most 46; keys other programs set are left alone. */
    metadata: metadata().optional(),
    /** Switched off: Stripe sends nothing, and what happens meanwhile is not sent later. */
    disabled: updateOnly(z.boolean(), { default: false, reads: (object) => object.status === "disabled" }).optional(),
    /** API version the events are rendered with; the account's default where left out. */
    apiVersion: fixed(versionFormat()).optional(),
    /** Receives events of connected accounts instead of the account's own. Stripe never returns it. */
    connect: fixed(writeOnly(z.boolean()), { default: false }).optional(),
    /** The signing secret you already know, for an endpoint whose secret Stripe no longer tells. Never sent. */
    signingSecret: secret(
      local(z.string().regex(/^whsec_\S+$/, "must be a webhook signing secret, which starts with whsec_")),
    ).optional(),
    /**
     * What to do when the signing secret can't be known: `fail`, the default, stops; `leave-empty` goes on with an
     * empty `secret`, with which every signature check downstream fails.
     */
    onSecretLost: local(z.enum(["fail", "leave-empty"])).optional(),
  },
  outputs: {
    /** Key for checking `Stripe-Signature`; `whsec_…`. Stripe tells it once, at creation. */
    secret: secret(z.string(), { onlyOnCreate: { known: "signingSecret", policy: "onSecretLost" } }),
    /** `enabled` or `disabled`. */
    status: z.string(),
    /** Whether the endpoint receives live events. */
    livemode: z.boolean(),
    /** When it was created, in Unix seconds. */
    created: z.number(),
    /** Id of the Connect application it belongs to. */
    application: z.string().optional(),
  },
  ends: { by: "delete" },
  rules: [
    {
      fields: ["url"],
      check: ({ url }, { livemode }) =>
        livemode === true && /^http:/i.test(String(url))
          ? [{ path: "url", message: "must be https: Stripe takes http in test mode only" }]
          : [],
    },
    {
      fields: ["enabledEvents"],
      check: ({ enabledEvents }, { pinned, apiVersion }) =>
        (enabledEvents as unknown[]).flatMap((name, index): Finding[] => {
          if (typeof name !== "string" || name === "*" || known.has(name)) return [];
          // Another Stripe-Version may know other events: there Stripe itself is the judge.
          if (!pinned && /^[a-z0-9_]+(\.[a-z0-9_]+)+$/.test(name)) return [];
          const near = closest(name, eventTypes);
          const hint =
            distance(name, near) <= 4 ? `did you mean "${near}"?` : "see https://docs.stripe.com/api/events/types";
          return [
            {
              path: `enabledEvents[${index}]`,
              message:
                `"${name}" is no event type of API version ${apiVersion}: ${hint} ` +
                "(for an event of a later version set stripe:apiVersion)",
            },
          ];
        }),
    },
  ],
  samples: {
    minimal: { url: "https://example.com/stripe", enabledEvents: ["checkout.session.completed"] },
    full: {
      url: "https://example.com/stripe?tenant=0",
      enabledEvents: ["invoice.paid", "checkout.session.completed", "climate.order.created"],
      description: "Orders",
      metadata: { team: "billing", tier: "0", empty_is_not_sent: "false" },
      disabled: true,
      apiVersion: "2026-08-26.dahlia",
      connect: true,
    },
    update: {
      url: "https://example.com/other",
      enabledEvents: ["*"],
      description: undefined,
      metadata: { tier: "1" },
      disabled: false,
    },
    replace: [{ connect: true }, { apiVersion: "2026-08-26.dahlia" }, { triggers: ["new secret"] }],
    invalid: [
      { args: { url: "https://example.com", enabledEvents: [] }, path: "enabledEvents" },
      { args: { url: "example.com", enabledEvents: ["*"] }, path: "url" },
      { args: { url: "https://example.com", enabledEvents: ["invoice.payed"] }, path: "enabledEvents[0]" },
      { args: { url: "https://example.com", enabledEvents: ["*"], disabled: "no" }, path: "disabled" },
      {
        args: { url: "https://example.com", enabledEvents: ["*"], metadata: { pulumi_id: "x" } },
        path: "metadata.pulumi_id",
      },
      { args: { url: "https://example.com", enabledEvents: ["*"], enabledEvent: "*" }, path: "enabledEvent" },
      { args: { enabledEvents: ["*"] }, path: "url" },
    ],
  },
});

const { url, enabledEvents, description, metadata: labels, apiVersion } = webhookEndpoint.inputs;
const { status, livemode, created, application } = webhookEndpoint.outputs;

/** Endpoints as lists show them, managed or not. Stripe tells no secret here. */
export const webhookEndpoints = {
  path: webhookEndpoint.api.path,
  shape: {
    /** `we_…`. */
    id: z.string(),
    url,
    enabledEvents,
    description,
    metadata: labels,
    apiVersion,
    status,
    livemode,
    created,
    application,
  },
} satisfies DataSource;
