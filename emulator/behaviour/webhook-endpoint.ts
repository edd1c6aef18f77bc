import { isIP } from "node:net";
import { Refusal } from "../errors";
import { apiVersions } from "../facts/api-versions";
import { eventTypes } from "../facts/event-types";
import { type Call, defineKind } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { randomText, type StripeObject } from "../store";

export interface WebhookEndpoint extends StripeObject {
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

export const endpointName = "webhook_endpoint";
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
      refuseUrl(call, params.url);
      const endpoints = call.account.collection(endpointName);
      const limit = call.settings.maxWebhookEndpoints;
      if (endpoints.size >= limit) {
        // Without a code, as the live API has it. [3rd: live texts]
        const mode = call.livemode ? "live" : "test";
        throw new Refusal(`You have reached the maximum of ${limit} ${mode} webhook endpoints.`);
      }
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
      if (params.url !== undefined) refuseUrl(call, params.url);
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
  present({ secret, connect: _connect, ...shown }, moment) {
    return moment === "created" ? { ...shown, secret } : shown;
  },
});

/**
 * Refuses what Stripe can't or won't post to. https everywhere, http in test mode only; localhost and private hosts are
 * not publicly accessible. [docs: webhooks; node; 3rd] Code `url_invalid` and all texts but the last are unconfirmed.
 */
function refuseUrl(call: Call, text: string): void {
  const refuse = (reason: string): Refusal =>
    new Refusal(`Invalid URL: ${reason}`, { code: "url_invalid", param: "url" });
  if (!URL.canParse(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw refuse("An explicit scheme (such as https) must be provided.");
  }
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("URL must begin with https or http.");
  if (url.protocol === "http:" && call.livemode) throw refuse("URL must begin with https in live mode.");
  if (!call.settings.allowLocalUrls && isLocalHost(url.hostname)) {
    throw refuse("URL must be publicly accessible.");
  }
}

const privateIpv4 = /^(?:0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./;

function isLocalHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  if (isIP(host) === 4) return privateIpv4.test(host);
  if (isIP(host) === 6) return /^(?:::1?$|f[cd]|fe[89ab]|::ffff:)/.test(host);
  return !host.includes(".") || /\.(?:localhost|local)$/.test(host);
}
