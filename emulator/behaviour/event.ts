import { matchesType } from "../event-pattern";
import { eventKind as name, type EventRecord } from "../events";
import { defineKind } from "../kind";
import { inRange } from "../params";

/** What happened in the account, newest first. [openapi: /v1/events] [docs: Process undelivered events, for `delivery_success`] */
export const eventKind = defineKind({
  name,
  noun: "event",
  path: "/v1/events",
  idParam: "id",
  permission: "event",
  retrieve: true,
  list: {
    params: {
      created: { type: "range" },
      delivery_success: { type: "boolean" },
      type: { type: "string" },
      types: { type: "list", items: { type: "string" } },
    },
    keep: (event: EventRecord, params) =>
      inRange(event.created, params.created) &&
      (params.delivery_success === undefined || params.delivery_success === (event.pending_webhooks === 0)) &&
      (params.type === undefined || matchesType(params.type, event.type)) &&
      (params.types === undefined || params.types.some((type) => matchesType(type, event.type))),
  },
});
