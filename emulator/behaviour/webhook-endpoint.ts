import { apiVersions } from "../facts/api-versions";
import { eventTypes } from "../facts/event-types";
import { defineKind } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { randomText, type StripeObject } from "../store";
import { refuseBeyondLimit, refuseUrl } from "./registering";

interface WebhookEndpoint extends StripeObject {
  readonly object: "webhook_endpoint";
  readonly api_version: string | null;
  readonly application: string | null;
  readonly created: number;
  readonly description: string | null;
  readonly enabled_events: readonly string[];
  readonly livemode: boolean;
  readonly metadata: Metadata;
  readonly status: "enabled" | "disabled";
  readonly url: string;
  /** Shown by the answer to the creation only. [openapi] */
  readonly secret: string;
  /** Taken at creation and never shown. [openapi] */
  readonly connect: boolean;
}

const endpointName = "webhook_endpoint";
const enabledEvents = { type: "list", items: { type: "string", enum: eventTypes } } as const;
const description = { type: "string", unsettable: true } as const;
const metadata = { type: "map", unsettable: true } as const;

/** Webhook endpoints of v1. Parameters and fields: [openapi]; the limit: [docs: Add a webhook endpoint]. */
export const webhookEndpointKind = defineKind({
  name: endpointName,
  noun: "webhook endpoint",
  path: "/v1/webhook_endpoints",
  idParam: "webhook_endpoint",
  permission: "webhook_endpoint",
  secrets: ["secret"],
  create: {
    params: {
      url: { type: "string", required: true },
      enabled_events: { ...enabledEvents, required: true },
      api_version: { type: "string", enum: apiVersions },
      connect: { type: "boolean" },
      description,
      metadata,
    },
    build(call, params): WebhookEndpoint {
      refuseUrl(call, params.url, "url");
      refuseBeyondLimit(call);
      return {
        id: `we_1${randomText(23)}`,
        object: endpointName,
        api_version: params.api_version ?? null,
        application: null,
        connect: params.connect ?? false,
        created: call.now,
        description: params.description ?? null,
        enabled_events: params.enabled_events,
        livemode: call.livemode,
        metadata: mergeMetadata({}, params.metadata),
        secret: `whsec_${randomText(32)}`,
        // A new endpoint always starts enabled: `disabled` is no parameter of the creation. [openapi]
        status: "enabled",
        url: params.url,
      };
    },
  },
  retrieve: true,
  list: { params: {} },
  update: {
    params: {
      url: { type: "string" },
      enabled_events: enabledEvents,
      description,
      disabled: { type: "boolean" },
      metadata,
    },
    apply(call, record, params): WebhookEndpoint {
      if (params.url !== undefined) refuseUrl(call, params.url, "url");
      return {
        ...record,
        ...(params.url !== undefined && { url: params.url }),
        ...(params.enabled_events !== undefined && { enabled_events: params.enabled_events }),
        ...(params.description !== undefined && { description: params.description }),
        ...(params.disabled !== undefined && { status: params.disabled ? "disabled" : "enabled" }),
      };
    },
  },
  remove: {},
  receives: ({ url, secret, status, enabled_events: events, api_version: apiVersion, connect }: WebhookEndpoint) => ({
    url,
    secret,
    status,
    events,
    payload: "snapshot",
    apiVersion,
    from: [connect ? "connected" : "own"],
  }),
  present({ secret, connect: _connect, ...shown }, moment) {
    return moment === "created" ? { ...shown, secret } : shown;
  },
});
