import { type Call, defineKind } from "../kind";
import { timestamp } from "../rfc3339";
import { randomText, type StripeObject } from "../store";

/** An event of v2: it names an object and doesn't show it. [openapi: v2.core.event; docs: samples, for the nulls] */
export interface ThinEvent extends StripeObject {
  readonly object: "v2.core.event";
  readonly changes: null;
  readonly context: null;
  readonly created: string;
  readonly data: Readonly<Record<string, never>>;
  readonly livemode: boolean;
  readonly reason: {
    readonly type: "request";
    readonly request: { readonly id: string; readonly idempotency_key: string };
  } | null;
  readonly related_object: { readonly id: string; readonly type: string; readonly url: string };
  readonly type: string;
}

export const thinEventName = "v2.core.event";
const path = "/v2/core/events";

/** Thin events of the last 30 days. [openapi: /v2/core/events] Here they are kept for longer. */
export const thinEventKind = defineKind({
  name: thinEventName,
  noun: "event",
  path,
  idParam: "id",
  permission: "event",
  retrieve: true,
  list: {
    params: {
      created: { type: "unbuilt" },
      object_id: { type: "string" },
      types: { type: "list", items: { type: "string" }, maxItems: 20 },
    },
    keep: (event: ThinEvent, { object_id: objectId, types }) =>
      (objectId === undefined || event.related_object.id === objectId) &&
      (types === undefined || types.includes(event.type)),
  },
});

/** Records a thin event about an object at a path. */
export function recordThinEvent(call: Call, type: string, about: StripeObject, url: string): ThinEvent {
  const { account, settings, livemode, requestId, idempotencyKey } = call;
  return account.collection<ThinEvent>(thinEventName).put({
    id: `evt_${livemode ? "" : "test_"}65${randomText(42)}`,
    object: thinEventName,
    changes: null,
    context: null,
    created: timestamp(settings),
    data: {},
    livemode,
    // "If no key is provided, Stripe automatically generates" one. [docs: API v2 overview]
    reason:
      requestId === null
        ? null
        : { type: "request", request: { id: requestId, idempotency_key: idempotencyKey ?? `ik_${randomText(39)}` } },
    related_object: { id: about.id, type: about.object, url },
    type,
  });
}

/** The body as it is signed: without what only a read of the event shows. [docs: event payload and fetched payload] */
export function renderThinEvent({ changes: _changes, data: _data, ...pushed }: ThinEvent): string {
  return JSON.stringify(pushed, null, 2);
}
