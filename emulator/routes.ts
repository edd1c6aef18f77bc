import { apiOf } from "./api";
import { missingObject } from "./errors";
import { recordEvent } from "./events";
import { type Call, type Change, includables, type Kind, type Moment, presentRecord } from "./kind";
import { mergeMetadata, type Metadata, type MetadataChange } from "./metadata";
import { type AnyParams, type ParamTable } from "./params";
import { type EmulatorSettings } from "./settings";
import { type StripeObject } from "./store";

/** Values of a path's placeholders. */
export type PathValues = Readonly<Record<string, string>>;

/** One method and path template, with what it does once its parameters are validated. */
export interface Route {
  readonly method: string;
  readonly template: string;
  readonly kind: Kind;
  /** Answers with a list, so `expand` paths begin with `data.` */
  readonly listing: boolean;
  readonly params: ParamTable;
  run(call: Call, path: PathValues, params: AnyParams): object;
  /** What a repeated request that succeeded is answered where that isn't the first answer. Changes nothing. */
  again?(call: Call, path: PathValues, params: AnyParams, first: StripeObject): object;
}

/** The routes of a kind, read off its declaration. */
export function routesOf(kind: Kind, settings: EmulatorSettings): Route[] {
  const routes: Route[] = [];
  const itemPath = `${kind.path}/:${kind.idParam}`;
  const api = apiOf(kind.path);
  const add = (
    method: string,
    template: string,
    params: ParamTable,
    run: Route["run"],
    more: { readonly listing?: boolean; readonly moment?: Moment; readonly again?: Route["again"] } = {},
  ): void => {
    const { listing = false, moment, again } = more;
    const all = { ...params, ...includeParam(kind, moment), ...api.everyCall };
    routes.push({ method, template, kind, listing, params: all, run, ...(again !== undefined && { again }) });
  };

  const { create, list, update } = kind;
  if (create !== undefined) {
    const run: Route["run"] = (call, _path, params) => {
      const record = call.account.collection(kind.name).put(create.build(call, params));
      if (create.event !== undefined) recordEvent(call, create.event, presentRecord(kind, record, "told"));
      return presentRecord(kind, record, "created", included(params));
    };
    const again: Route["again"] = (call, _path, params, { id }) =>
      presentRecord(kind, find(kind, call, { [kind.idParam]: id }), "created", included(params));
    add("POST", kind.path, create.params, run, { moment: "created", again });
  }
  if (list !== undefined) {
    const answer: Route["run"] = (call, _path, params) => listPage(kind, call, params);
    add("GET", kind.path, { ...list.params, ...api.paging }, answer, { listing: true, moment: "listed" });
  }
  if (kind.retrieve === true) {
    const run: Route["run"] = (call, path, params) => {
      call.lifecycles.read(call, kind, find(kind, call, path).id);
      const record = find(kind, call, path);
      const shown =
        kind.touch === undefined ? record : call.account.collection(kind.name).put(kind.touch(call, record));
      return presentRecord(kind, shown, "read", included(params));
    };
    add("GET", itemPath, {}, run, { moment: "read" });
  }
  if (update !== undefined) addChange(itemPath, update, "read");
  const { remove } = kind;
  if (remove !== undefined) {
    add("DELETE", itemPath, {}, (call, path) => {
      const record = find(kind, call, path);
      const { id } = record;
      remove.check?.(call, record);
      call.account.collection(kind.name).remove(id);
      if (remove.event !== undefined) recordEvent(call, remove.event, presentRecord(kind, record, "told"));
      return api.deleted(id, kind.name);
    });
  }
  for (const [name, action] of Object.entries(kind.actions ?? {})) addChange(`${itemPath}/${name}`, action);
  for (const [name, sublist] of Object.entries(kind.sublists ?? {})) {
    const run: Route["run"] = (call, path, params) => {
      const record = find(kind, call, path);
      return api.page(sublist.of(call, record), params, {
        noun: sublist.items.noun,
        url: `${kind.path}/${record.id}/${name}`,
        show: (item) => item,
        keep: () => true,
      });
    };
    const params = { ...api.paging, ...api.everyCall };
    routes.push({ method: "GET", template: `${itemPath}/${name}`, kind: sublist.items, listing: true, params, run });
  }
  for (const extra of kind.extras ?? []) {
    if (extra.available?.(settings) === false) continue;
    add(extra.method, extra.path, extra.params, (call, path, params) => extra.handle(call, path, params));
  }
  return routes;

  function addChange(template: string, change: Change<StripeObject, ParamTable>, moment?: Moment): void {
    const run: Route["run"] = (call, path, params) => {
      const before = find(kind, call, path);
      const metadata = (params as { metadata?: MetadataChange | null }).metadata;
      const merged =
        metadata === undefined ? before : { ...before, metadata: mergeMetadata(metadataOf(before), metadata) };
      const after = call.account.collection(kind.name).put(change.apply(call, merged, params));
      const event = change.event ?? change.tells?.(before, after);
      if (event !== undefined) {
        recordEvent(call, event, presentRecord(kind, after, "told"), presentRecord(kind, before, "told"));
      }
      return presentRecord(kind, after, "read", included(params));
    };
    const again: Route["again"] = (call, path, params) =>
      presentRecord(kind, find(kind, call, path), "read", included(params));
    add("POST", template, change.params, run, { again, ...(moment !== undefined && { moment }) });
  }
}

/** The parameter `include`, where something can be asked for with it. */
function includeParam(kind: Kind, moment: Moment | undefined): ParamTable {
  const names = moment === undefined ? [] : includables(kind, moment);
  return names.length === 0 ? {} : { include: { type: "list", items: { type: "string", enum: names } } };
}

function included(params: AnyParams): readonly string[] {
  return (params as { include?: string[] }).include ?? [];
}

function metadataOf(record: StripeObject): Metadata {
  return (record as { metadata?: Metadata }).metadata ?? {};
}

function find(kind: Kind, call: Call, path: PathValues): StripeObject {
  const id = path[kind.idParam] ?? "";
  const record = call.account.collection(kind.name).get(id);
  if (record === undefined) throw missingObject(kind.noun, id, kind.idParam, 404);
  return record;
}

/** One page of a kind's objects, newest first. */
function listPage(kind: Kind, call: Call, params: AnyParams): object {
  kind.list?.check?.(call, params);
  return apiOf(kind.path).page(call.account.collection(kind.name).newestFirst(), params, {
    noun: kind.noun,
    url: kind.path,
    show: (record) => presentRecord(kind, record, "listed", included(params)),
    keep: (record) => kind.list?.keep?.(record, params) ?? true,
  });
}

/** Finds the route of a request. */
export class Router {
  readonly #byShape = new Map<string, { route: Route; segments: string[] }[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const segments = route.template.split("/").filter((segment) => segment !== "");
      const shape = `${route.method} ${segments.length}`;
      const same = this.#byShape.get(shape) ?? [];
      same.push({ route, segments });
      this.#byShape.set(shape, same);
    }
  }

  /** Doubled slashes count as one, as in the live API. [stripe-mock] */
  match(method: string, path: string): { route: Route; values: PathValues } | undefined {
    const actual = path.split("/").filter((segment) => segment !== "");
    for (const { route, segments } of this.#byShape.get(`${method} ${actual.length}`) ?? []) {
      const values = matchSegments(segments, actual);
      if (values !== undefined) return { route, values };
    }
    return undefined;
  }
}

function matchSegments(template: readonly string[], actual: readonly string[]): PathValues | undefined {
  const values: Record<string, string> = {};
  for (const [index, segment] of template.entries()) {
    const given = actual[index] ?? "";
    if (segment.startsWith(":")) {
      try {
        values[segment.slice(1)] = decodeURIComponent(given);
      } catch {
        return undefined;
      }
    } else if (segment !== given) {
      return undefined;
    }
  }
  return values;
}
