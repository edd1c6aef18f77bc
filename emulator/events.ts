import { type Call, type SingletonObject } from "./kind";
import { randomText, type StripeObject } from "./store";

/** An event as `/v1/events` shows it. [openapi: event] */
export interface EventRecord extends StripeObject {
  readonly object: "event";
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: SingletonObject; readonly previous_attributes?: Readonly<Record<string, unknown>> };
  readonly livemode: boolean;
  /** Endpoints that didn't take it yet. [openapi] */
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: string;
}

/** Stripe keeps those of 30 days; here memory ends somewhere. */
const keptEvents = 10_000;

/** Name of the collection that holds events. */
export const eventKind = "event";

/**
 * Records that something happened to an object; `before` is what it looked like, when it existed. Only events of type
 * `*.updated` tell what was different [openapi: notification_event_data]; where nothing was, there is none (unconfirmed).
 */
export function recordEvent(call: Call, type: string, object: SingletonObject, before?: SingletonObject): void {
  const differences =
    before !== undefined && type.endsWith(".updated") ? previousAttributes(before, object) : undefined;
  if (differences !== undefined && Object.keys(differences).length === 0) return;
  const event: EventRecord = {
    id: `evt_1${randomText(23)}`,
    object: "event",
    api_version: call.settings.apiVersion,
    created: call.now,
    data: {
      object: structuredClone(object),
      ...(differences !== undefined && { previous_attributes: differences }),
    },
    livemode: call.livemode,
    pending_webhooks: call.receivers(type),
    request: { id: call.requestId, idempotency_key: call.idempotencyKey },
    type,
  };
  const events = call.account.collection<EventRecord>(eventKind);
  events.put(event);
  events.keepNewest(keptEvents);
  call.tell(event);
}

/** The old values of the top-level fields that differ. */
function previousAttributes(before: SingletonObject, after: SingletonObject): Record<string, unknown> {
  return Object.fromEntries(
    differingFields(before, after).map((name) => [name, structuredClone(before[name] ?? null)]),
  );
}

/** Names of the top-level fields that differ. */
export function differingFields(before: SingletonObject, after: SingletonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/**
 * The body as it is signed. It names the receiver's version where that has one of its own [docs: API versioning]; its
 * shape stays. `account` is there for connected accounts only [openapi]; the indentation is unconfirmed.
 */
export function renderEvent(event: EventRecord, ownVersion: string | null, account: string | undefined): string {
  const { id, object, api_version: version, ...rest } = event;
  return JSON.stringify(
    { id, object, ...(account !== undefined && { account }), api_version: ownVersion ?? version, ...rest },
    null,
    2,
  );
}
