import { type Api, apiOf } from "./api";
import { actingAccount, checkKey, checkPermission, readKey } from "./access";
import { notBuilt, Refusal, unrecognizedUrl } from "./errors";
import { checkExpand, expandPath, type KindTable } from "./expand";
import { idempotencyLimits } from "./facts/limits";
import { unbuiltPaths, unbuiltRoutes } from "./facts/unbuilt-paths";
import { type StoredAnswer } from "./idempotency";
import { type Call } from "./kind";
import { type AnyParams } from "./params";
import { type Route, type Router } from "./routes";
import { type StripeObject } from "./store";
import { type World } from "./world";

/** A request whose body has arrived. */
export interface ArrivedRequest {
  readonly method: string;
  readonly path: string;
  readonly queryText: string;
  readonly bodyText: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
}

/** What Stripe answers. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly replayed: boolean;
  /** To be called when the answer was delivered or its connection is gone: until then the key is in use. */
  readonly settle: () => void;
}

/** A status to answer with instead, as a fault wants it: kept, and with or without the object. */
export interface Override {
  readonly answer: StoredAnswer;
  readonly committed: boolean;
}

/**
 * The order in which Stripe looks at a request: key, account, version, route, permission, form, idempotency,
 * parameters, behaviour. [docs: Advanced error handling, for what comes before the idempotency layer]
 */
export function answerRequest(world: World, router: Router, request: ArrivedRequest, override?: Override): Answer {
  const { settings } = world;
  try {
    return world.drawing(() => proceed(world, router, request, override));
  } catch (error) {
    const stored = storedRefusal(apiOf(request.path), toRefusal(error), request.requestId, world);
    return {
      ...stored,
      headers: commonHeaders(request, settings.apiVersion, stored),
      replayed: false,
      settle: nothing,
    };
  }
}

function proceed(world: World, router: Router, request: ArrivedRequest, override: Override | undefined): Answer {
  const { settings } = world;
  const { headers, method } = request;
  const api = apiOf(request.path);
  const key = checkKey(settings, readKey(headers["authorization"]));
  const accountId = actingAccount(settings, key, headers["stripe-account"], headers["stripe-context"]);
  api.checkVersion(headers["stripe-version"]);
  if (unbuiltRoutes.some((route) => route.test(request.path))) throw notBuilt(`${method} ${request.path}`);
  const found = router.match(method, request.path);
  if (found === undefined) throw noRoute(method, request.path);
  const { route, values } = found;
  checkPermission(settings, key, accountId, route.kind.permission, method);
  const received = api.receive(request);

  world.open(accountId);
  const call = world.call(accountId, { id: request.requestId, idempotencyKey: headers["idempotency-key"] });
  const keptUnder = keptKey(api, router, request);
  const table = world.idempotency(accountId);
  const fingerprint = `${method} ${request.path} ${received.canonical}`;
  const kept = keptUnder === undefined ? undefined : table.find(keptUnder, fingerprint);
  if (kept !== undefined && api.idempotency.replay === "first") {
    const answerHeaders = { ...commonHeaders(request, settings.apiVersion, kept), "Idempotent-Replayed": "true" };
    return { ...kept, headers: answerHeaders, replayed: true, settle: nothing };
  }

  const params = received.validate(route.params);
  if (kept !== undefined) {
    // Whether v2 marks it as replayed is documented nowhere, so it isn't: no client may need the mark.
    const body = route.again?.(call, values, params, JSON.parse(kept.body) as StripeObject);
    const updated = { ...kept, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return { ...updated, headers: commonHeaders(request, settings.apiVersion, kept), replayed: true, settle: nothing };
  }
  const expand = (params as { expand?: string[] }).expand ?? [];
  checkExpand(world.kinds, route.kind, route.listing, expand);

  const outcome = execute(world, api, call, route, values, params, expand, override);
  const answer = override?.answer ?? outcome;
  const keep = api.idempotency.replay === "first" ? answer : outcome.status < 400 ? outcome : undefined;
  const settle =
    keptUnder === undefined || keep === undefined
      ? nothing
      : table.keep(keptUnder, fingerprint, keep, api.idempotency.keptMs);
  return { ...answer, headers: commonHeaders(request, settings.apiVersion, answer), replayed: false, settle };
}

/** Marks the key of a request that is executed later as in use; returns what to call before it is. */
export function holdKey(world: World, router: Router, request: ArrivedRequest): () => void {
  const { settings } = world;
  const { headers } = request;
  try {
    const key = checkKey(settings, readKey(headers["authorization"]));
    const account = actingAccount(settings, key, headers["stripe-account"], headers["stripe-context"]);
    const keptUnder = keptKey(apiOf(request.path), router, request);
    if (keptUnder === undefined) return nothing;
    world.open(account);
    return world.idempotency(account).hold(keptUnder);
  } catch {
    // What is refused before the idempotency layer holds no key.
    return nothing;
  }
}

/** What comes of it, whatever a fault answers instead. On v1 all of it is kept under the key, refusals and breakdowns too. */
function execute(
  world: World,
  api: Api,
  call: Call,
  route: Route,
  values: Readonly<Record<string, string>>,
  params: AnyParams,
  expand: readonly string[],
  override: Override | undefined,
): StoredAnswer {
  if (override !== undefined && !override.committed) return override.answer;
  try {
    call.lifecycles.pass(call);
    const result = route.run(call, values, params);
    call.lifecycles.pass(call);
    return { status: 200, body: JSON.stringify(expandResult(world.kinds, call, route, result, expand)), headers: {} };
  } catch (error) {
    return storedRefusal(api, toRefusal(error), call.requestId ?? "", world);
  }
}

function expandResult(kinds: KindTable, call: Call, route: Route, result: object, expand: readonly string[]): object {
  if (expand.length === 0) return result;
  const expandOne = (object: StripeObject, skipped: number): StripeObject =>
    expand.reduce((at, path) => expandPath(kinds, call, route.kind, at, path.split(".").slice(skipped)), object);
  if (!route.listing) return expandOne(result as StripeObject, 0);
  const page = result as { data: readonly StripeObject[] };
  return { ...page, data: page.data.map((object) => expandOne(object, 1)) };
}

/** What the answer is kept under; undefined where the key is missing or not heeded. */
function keptKey({ idempotency }: Api, router: Router, request: ArrivedRequest): string | undefined {
  const { method, path, headers } = request;
  const key = headers["idempotency-key"];
  if (!idempotency.methods.includes(method) || key === undefined || key === "") return undefined;
  if (key.length > idempotencyLimits.keyLength) {
    throw new Refusal(`Idempotency keys can have up to ${idempotencyLimits.keyLength} characters.`, {
      type: "idempotency_error",
    });
  }
  return idempotency.scope(key, `${method} ${router.match(method, path)?.route.template ?? path}`);
}

function noRoute(method: string, path: string): Refusal {
  const unbuilt = unbuiltPaths.some((known) => path === known || path.startsWith(`${known}/`));
  return unbuilt ? notBuilt(`${method} ${path}`) : unrecognizedUrl(method, path);
}

/** A defect of the emulator shows as Stripe's 500 with the defect's own words, and never ends the process. */
function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Refusal(`Emulator defect: ${words}`, { type: "api_error", status: 500 });
}

function storedRefusal(api: Api, refusal: Refusal, requestId: string, world: World): StoredAnswer {
  return api.answerRefusal(refusal, { requestId, livemode: world.settings.livemode, now: world.seconds() });
}

/** Headers of every answer. [docs.stripe.com/api/request_ids, /api/idempotent_requests, /api/versioning] */
export function commonHeaders(
  request: ArrivedRequest,
  defaultVersion: string,
  stored: { readonly headers: Readonly<Record<string, string>> },
): Record<string, string> {
  const key = request.headers["idempotency-key"];
  const heeded = apiOf(request.path).idempotency.methods.includes(request.method);
  return {
    "Content-Type": "application/json",
    "Request-Id": request.requestId,
    "Stripe-Version": request.headers["stripe-version"] ?? defaultVersion,
    ...(key !== undefined && key !== "" && heeded && { "Idempotency-Key": key }),
    ...stored.headers,
  };
}

function nothing(): void {}
