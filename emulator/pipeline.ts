import { actingAccount, checkKey, checkPermission, readKey } from "./access";
import { notBuilt, Refusal, renderRefusal, unrecognizedUrl } from "./errors";
import { checkExpand, expandPath, type KindTable } from "./expand";
import { idempotencyLimits } from "./facts/limits";
import { unbuiltPaths, unbuiltRoutes } from "./facts/unbuilt-paths";
import { canonicalForm, decodeForm, type FormMap } from "./form";
import { type StoredAnswer } from "./idempotency";
import { type Call } from "./kind";
import { type AnyParams } from "./params";
import { type Route, type Router } from "./routes";
import { type StripeObject } from "./store";
import { validateParams } from "./validate";
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
    const stored = storedRefusal(toRefusal(error), request.requestId, world);
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
  const key = checkKey(settings, readKey(headers["authorization"]));
  const accountId = actingAccount(settings, key, headers["stripe-account"], headers["stripe-context"]);
  checkVersion(headers["stripe-version"]);
  if (unbuiltRoutes.some((route) => route.test(request.path))) throw notBuilt(`${method} ${request.path}`);
  const found = router.match(method, request.path);
  if (found === undefined) throw noRoute(method, request.path);
  const { route, values } = found;
  checkPermission(settings, key, accountId, route.kind.permission, method);
  const form = readParams(request);

  world.open(accountId);
  const call = world.call(accountId, { id: request.requestId, idempotencyKey: headers["idempotency-key"] });
  const idempotencyKey = keyOf(request);
  const table = world.idempotency(accountId);
  const fingerprint = `${method} ${request.path} ${canonicalForm(form)}`;
  if (idempotencyKey !== undefined) {
    const kept = table.find(idempotencyKey, fingerprint);
    if (kept !== undefined) {
      const answerHeaders = { ...commonHeaders(request, settings.apiVersion, kept), "Idempotent-Replayed": "true" };
      return { ...kept, headers: answerHeaders, replayed: true, settle: nothing };
    }
  }

  const params = validateParams(route.params, form);
  const expand = (params as { expand?: string[] }).expand ?? [];
  checkExpand(world.kinds, route.kind, route.listing, expand);

  const stored = execute(world, call, route, values, params, expand, override);
  const settle = idempotencyKey === undefined ? nothing : table.keep(idempotencyKey, fingerprint, stored);
  return { ...stored, headers: commonHeaders(request, settings.apiVersion, stored), replayed: false, settle };
}

/** Marks the key of a request that is executed later as in use; returns what to call before it is. */
export function holdKey(world: World, request: ArrivedRequest): () => void {
  const { settings } = world;
  const { headers } = request;
  try {
    const key = checkKey(settings, readKey(headers["authorization"]));
    const account = actingAccount(settings, key, headers["stripe-account"], headers["stripe-context"]);
    const idempotencyKey = keyOf(request);
    if (idempotencyKey === undefined) return nothing;
    world.open(account);
    return world.idempotency(account).hold(idempotencyKey);
  } catch {
    // What is refused before the idempotency layer holds no key.
    return nothing;
  }
}

/** From here on every outcome is kept under the key, refusals and breakdowns included. */
function execute(
  world: World,
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
    if (override !== undefined) return override.answer;
    return { status: 200, body: JSON.stringify(expandResult(world.kinds, call, route, result, expand)), headers: {} };
  } catch (error) {
    return storedRefusal(toRefusal(error), call.requestId ?? "", world);
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

/** GET and DELETE carry parameters in the query, POST in the body. [facts: Form encoding] Text of the refusal unconfirmed. */
function readParams(request: ArrivedRequest): FormMap {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (
    request.method === "POST" &&
    request.bodyText !== "" &&
    type !== "" &&
    type !== "application/x-www-form-urlencoded"
  ) {
    throw new Refusal(`Invalid request: v1 takes application/x-www-form-urlencoded bodies, not ${type}.`);
  }
  return decodeForm(request.method === "POST" ? joinForms(request.queryText, request.bodyText) : request.queryText);
}

function joinForms(query: string, body: string): string {
  return query === "" ? body : `${query}&${body}`;
}

/** Only POST heeds the key on v1. [docs: Idempotent requests] */
function keyOf(request: ArrivedRequest): string | undefined {
  const key = request.headers["idempotency-key"];
  if (request.method !== "POST" || key === undefined || key === "") return undefined;
  if (key.length > idempotencyLimits.keyLength) {
    throw new Refusal(`Idempotency keys can have up to ${idempotencyLimits.keyLength} characters.`, {
      type: "idempotency_error",
    });
  }
  return key;
}

/** Any well-formed version is taken; the refusal's text is unconfirmed. */
function checkVersion(version: string | undefined): void {
  if (version === undefined || /^\d{4}-\d{2}-\d{2}(?:\.[a-z_]+)?(?:;.*)?$/.test(version)) return;
  throw new Refusal(`Invalid Stripe API version: ${version}`);
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

function storedRefusal(refusal: Refusal, requestId: string, world: World): StoredAnswer {
  const context = { requestId, livemode: world.settings.livemode, now: world.seconds() };
  return { status: refusal.status, body: renderRefusal(refusal, context), headers: refusal.headers };
}

/** Headers of every answer. [facts: Errors, Idempotency] */
export function commonHeaders(
  request: ArrivedRequest,
  defaultVersion: string,
  stored: { readonly headers: Readonly<Record<string, string>> },
): Record<string, string> {
  const key = request.headers["idempotency-key"];
  return {
    "Content-Type": "application/json",
    "Request-Id": request.requestId,
    "Stripe-Version": request.headers["stripe-version"] ?? defaultVersion,
    ...(key !== undefined && key !== "" && request.method === "POST" && { "Idempotency-Key": key }),
    ...stored.headers,
  };
}

function nothing(): void {}
