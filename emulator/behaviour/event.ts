import { eventKind as name, type EventRecord } from "../events";
import { defineKind } from "../kind";
import { inRange } from "../params";

/** What happened in the account, newest first. [openapi: /v1/events] Delivery to endpoints is not imitated. */
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
      type: { type: "string" },
      types: { type: "list", items: { type: "string" } },
    },
    keep: (event: EventRecord, params) =>
      inRange(event.created, params.created) &&
      (params.type === undefined || matchesType(params.type, event.type)) &&
      (params.types === undefined || params.types.some((type) => matchesType(type, event.type))),
  },
});

/** One trailing `*` stands for a whole group of types. [openapi: "a specific event name, or group of events using * as a wildcard"] */
function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
