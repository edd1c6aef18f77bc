import { apiOf } from "./api";
import { type Kind } from "./kind";
import { type ParamTable } from "./params";
import { kinds } from "./registry";
import { type Route, routesOf } from "./routes";
import { type EmulatorSettings, fillSettings } from "./settings";

/** One request as a command: `climate orders create`. */
export interface ResourceCommand {
  /** Namespaces and resource: `["climate", "orders"]`. */
  readonly resource: readonly string[];
  /** What is done with it: `create`, `retrieve`, `update`, `delete`, `list`, or the name of what is done besides. */
  readonly operation: string;
  readonly method: string;
  /** Path with placeholders, such as `/v1/climate/orders/:order`. */
  readonly path: string;
  /** Placeholders of the path, in their order. */
  readonly ids: readonly string[];
  readonly params: ParamTable;
  /** Answers with a list. */
  readonly lists: boolean;
  /** Ends what it names, or takes it where it doesn't come back from: `delete`, and actions such as `cancel`. */
  readonly ends: boolean;
}

/**
 * Every request the emulator answers, named as Stripe's own command line names it [docs: Stripe CLI resource commands]:
 * the segments of the path without `v1`, then the operation. Read off the routes, so a new kind has its commands.
 */
export function resourceCommands(settings: EmulatorSettings = fillSettings({})): ResourceCommand[] {
  return kinds
    .filter((kind) => apiOf(kind.path).takesForms)
    .flatMap((kind) => routesOf(kind, settings).map((route) => commandOf(kind, route)));
}

function commandOf(kind: Kind, route: Route): ResourceCommand {
  const { method, template, listing, params } = route;
  const segments = template.split("/").filter((segment) => segment !== "");
  const collection = kind.path.split("/").filter((segment) => segment !== "");
  const below = collection.every((segment, index) => segments[index] === segment);
  const length = below ? collection.length : segments.filter((segment) => !isPlaceholder(segment)).length;
  const rest = segments.slice(length);
  const tail = rest.filter((segment) => !isPlaceholder(segment)).join("_");
  const names = rest.some(isPlaceholder);
  return {
    resource: segments.slice(segments[0] === "v1" ? 1 : 0, length),
    operation: tail === "" ? plainOperation(method, names, listing) : operationBelow(method, tail, listing),
    method,
    path: template,
    ids: rest.filter(isPlaceholder).map((segment) => segment.slice(1)),
    params,
    lists: listing,
    ends: method === "DELETE" || (method === "POST" && names && tail !== ""),
  };
}

function plainOperation(method: string, names: boolean, listing: boolean): string {
  if (method === "POST") return names ? "update" : "create";
  if (method === "DELETE") return "delete";
  return listing ? "list" : "retrieve";
}

/** `cancel`, `list_line_items`. */
function operationBelow(method: string, tail: string, listing: boolean): string {
  if (method === "DELETE") return `delete_${tail}`;
  return method === "GET" && listing && tail !== "search" ? `list_${tail}` : tail;
}

function isPlaceholder(segment: string): boolean {
  return segment.startsWith(":");
}
