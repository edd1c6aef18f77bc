import { missingObject, notBuilt, Refusal } from "../errors";
import { apiVersions } from "../facts/api-versions";
import { eventTypes } from "../facts/event-types";
import { thinEventTypes } from "../facts/thin-event-types";
import { type Call, defineKind } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { type ParamsOf } from "../params";
import { timestamp } from "../rfc3339";
import { randomText, type StripeObject } from "../store";
import { refuseBeyondLimit, refuseUrl } from "./registering";
import { recordThinEvent } from "./thin-event";

export interface EventDestination extends StripeObject {
  readonly object: "v2.core.event_destination";
  readonly amazon_eventbridge: {
    readonly aws_account_id: string;
    readonly aws_event_source_arn: string;
    readonly aws_event_source_status: "active" | "deleted" | "pending" | "unknown";
  } | null;
  readonly azure_event_grid: null;
  readonly created: string;
  readonly description: string;
  readonly enabled_events: readonly string[];
  readonly event_payload: "snapshot" | "thin";
  readonly events_from: readonly string[];
  readonly livemode: boolean;
  readonly metadata: Metadata;
  readonly name: string;
  readonly snapshot_api_version: string | null;
  readonly status: "disabled" | "enabled";
  readonly status_details: { readonly disabled: { readonly reason: string } } | null;
  readonly type: "amazon_eventbridge" | "webhook_endpoint";
  readonly updated: string;
  readonly webhook_endpoint: { readonly signing_secret: string; readonly url: string } | null;
}

const kind = "v2.core.event_destination";
const noun = "event destination";
const path = "/v2/core/event_destinations";

const text = { type: "string" } as const;
const events = { type: "list", items: text, minItems: 1 } as const;
const metadata = { type: "map" } as const;
const webhook = { type: "object", params: { url: { type: "string", required: true } } } as const;

const creation = {
  name: { type: "string", required: true },
  type: { type: "string", required: true, enum: ["amazon_eventbridge", "azure_event_grid", "webhook_endpoint"] },
  event_payload: { type: "string", required: true, enum: ["snapshot", "thin"] },
  enabled_events: { ...events, required: true },
  description: text,
  // Spelled so since 2026-03-25.dahlia; what earlier versions called self and other_accounts is not imitated. [node changelog]
  events_from: {
    type: "list",
    minItems: 1,
    items: {
      type: "string",
      enum: ["@self", "@accounts", "@organization_members", "@organization_members/@accounts"],
    },
  },
  metadata,
  snapshot_api_version: { type: "string", enum: apiVersions },
  webhook_endpoint: webhook,
  amazon_eventbridge: {
    type: "object",
    params: { aws_account_id: { type: "string", required: true }, aws_region: { type: "string", required: true } },
  },
  azure_event_grid: { type: "unbuilt" },
} as const;

type Creation = ParamsOf<typeof creation>;

/**
 * Where Stripe sends events, on v2. Parameters and fields: [openapi v2, 2026-07-29.dahlia]; what is null where it is not
 * there: [docs: samples]. Which combinations are refused is partly documented, the texts of these refusals are unconfirmed.
 */
export const eventDestinationKind = defineKind({
  name: kind,
  noun,
  path,
  idParam: "id",
  permission: "event_destination",
  includable: {
    "webhook_endpoint.signing_secret": ["created"],
    "webhook_endpoint.url": ["created", "read", "listed"],
  },
  create: {
    params: creation,
    build(call, params): EventDestination {
      refuseMismatch(call, params);
      refuseBeyondLimit(call);
      const { livemode, settings } = call;
      const id = `ed_${livemode ? "" : "test_"}61${randomText(42)}`;
      const { amazon_eventbridge: aws, webhook_endpoint: hook } = params;
      const now = timestamp(settings);
      return {
        id,
        object: kind,
        amazon_eventbridge:
          aws === undefined
            ? null
            : {
                aws_account_id: aws.aws_account_id,
                // [3rd: sources that Stripe made]
                aws_event_source_arn: `arn:aws:events:${aws.aws_region}::event-source/aws.partner/stripe.com/${id}`,
                // Until its owner takes it in AWS. [docs: Send events to Amazon EventBridge]
                aws_event_source_status: "pending",
              },
        azure_event_grid: null,
        created: now,
        // A text in every answer [openapi]; that it is empty when left out is unconfirmed.
        description: params.description ?? "",
        enabled_events: params.enabled_events,
        event_payload: params.event_payload,
        events_from: params.events_from ?? ["@self"],
        livemode,
        metadata: mergeMetadata({}, params.metadata),
        name: params.name,
        // The version of a snapshot destination that names none is unconfirmed.
        snapshot_api_version:
          params.event_payload === "thin" ? null : (params.snapshot_api_version ?? settings.apiVersion),
        status: "enabled",
        status_details: null,
        type: aws === undefined ? "webhook_endpoint" : "amazon_eventbridge",
        updated: now,
        webhook_endpoint: hook === undefined ? null : { signing_secret: `whsec_${randomText(32)}`, url: hook.url },
      };
    },
  },
  retrieve: true,
  list: { params: {} },
  update: {
    params: { name: text, description: text, enabled_events: events, metadata, webhook_endpoint: webhook },
    apply(call, record: EventDestination, params): EventDestination {
      const { webhook_endpoint: hook, name = record.name, description = record.description } = params;
      if (params.enabled_events !== undefined) refuseEvents(record.event_payload, params.enabled_events);
      if (hook !== undefined && record.webhook_endpoint === null) throw unfit("webhook_endpoint", record.type);
      if (hook !== undefined) refuseUrl(call, hook.url, "webhook_endpoint.url");
      return {
        ...record,
        name,
        description,
        ...(params.enabled_events !== undefined && { enabled_events: params.enabled_events }),
        ...(hook !== undefined &&
          record.webhook_endpoint !== null && { webhook_endpoint: { ...record.webhook_endpoint, url: hook.url } }),
        updated: timestamp(call.settings),
      };
    },
  },
  remove: {},
  secrets: ["webhook_endpoint.signing_secret"],
  receives: ({ webhook_endpoint: hook, status, ...record }: EventDestination) =>
    hook === null
      ? undefined
      : {
          url: hook.url,
          secret: hook.signing_secret,
          status,
          events: record.enabled_events,
          payload: record.event_payload,
          apiVersion: record.snapshot_api_version,
          from: record.events_from.map((scope) => (scope === "@self" ? "own" : "connected")),
        },
  actions: {
    enable: {
      params: {},
      apply: (call, record: EventDestination): EventDestination => ({
        ...record,
        status: "enabled",
        status_details: null,
        updated: timestamp(call.settings),
      }),
    },
    disable: {
      params: {},
      apply: (call, record: EventDestination): EventDestination => ({
        ...record,
        status: "disabled",
        status_details: { disabled: { reason: "user" } },
        updated: timestamp(call.settings),
      }),
    },
  },
  extras: [
    {
      method: "POST",
      path: `${path}/:id/ping`,
      params: {},
      handle(call, { id = "" }) {
        const record = call.account.collection(kind).get(id);
        if (record === undefined) throw missingObject(noun, id, "id", 404);
        const event = recordThinEvent(call, `${kind}.ping`, record, `${path}/${id}`);
        call.ping(event, id);
        return event;
      },
    },
  ],
});

function refuseMismatch(call: Call, params: Creation): void {
  const { type, event_payload: payload, events_from: from = [] } = params;
  if (type === "azure_event_grid") throw notBuilt("event destinations of type azure_event_grid");
  for (const config of ["webhook_endpoint", "amazon_eventbridge"] as const) {
    if (config === type && params[config] === undefined) {
      throw new Refusal(`This field is required for the type ${type}.`, { param: config });
    }
    if (config !== type && params[config] !== undefined) throw unfit(config, type);
  }
  if (params.webhook_endpoint !== undefined) refuseUrl(call, params.webhook_endpoint.url, "webhook_endpoint.url");
  const awsAccount = params.amazon_eventbridge?.aws_account_id;
  if (awsAccount !== undefined && !/^\d{12}$/.test(awsAccount)) {
    throw new Refusal("Must be an AWS account id of 12 digits.", { param: "amazon_eventbridge.aws_account_id" });
  }
  // "Do not provide this for thin events." [node]
  if (payload === "thin" && params.snapshot_api_version !== undefined) {
    throw new Refusal("Can only be set for the snapshot payload.", { param: "snapshot_api_version" });
  }
  // The account of a key is never an organization here.
  const foreign = from.findIndex((scope) => scope.startsWith("@organization_members"));
  if (foreign !== -1) {
    throw new Refusal(`For accounts, only @self, @accounts are allowed.`, { param: "events_from" });
  }
  refuseEvents(payload, params.enabled_events);
}

/** v1 events are told as snapshots, v2 events as thin ones. [docs: Create an event destination, `event_payload`] */
function refuseEvents(payload: "snapshot" | "thin", types: readonly string[]): void {
  const known = payload === "snapshot" ? eventTypes : ["*", ...thinEventTypes];
  const unknown = types.findIndex((type) => !known.includes(type));
  if (unknown === -1) return;
  throw new Refusal(`'${types[unknown] ?? ""}' is no event type of the ${payload} payload.`, {
    param: `enabled_events[${unknown}]`,
  });
}

function unfit(config: string, type: string): Refusal {
  return new Refusal(`Can't be set for the type ${type}.`, { param: config });
}
