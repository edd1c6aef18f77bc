import { Beside } from "./beside";
import { showBalance } from "./behaviour/balance";
import { CliSessions } from "./cli-session";
import { Clock } from "./clock";
import { answerControl } from "./control";
import { Deliveries, type DeliveryContents } from "./deliveries";
import { type DeliveryAttempt } from "./delivery";
import { DataFile, noDataFile, readDataFile } from "./data-file";
import { type Destination, type ForwardedCall } from "./destination";
import { recordEvent } from "./events";
import { type FaultRule } from "./faults";
import { Inspector } from "./inspector";
import { type MadeObject, playTrigger } from "./fixture";
import { type Call, type Edited, type Kind, presentRecord } from "./kind";
import { checkFields, storeEdited, takeStep } from "./lifecycle";
import { type LoggedRequest } from "./log";
import { MissingHere } from "./missing";
import { Router, routesOf } from "./routes";
import { isOf } from "./scope";
import { stageOf } from "./stage";
import { EmulatorServer } from "./server";
import { type EmulatorOptions, fillSettings } from "./settings";
import { type StripeObject } from "./store";
import { Stream } from "./stream";
import { findTrigger } from "./triggers";
import { World, type WorldContents } from "./world";

/** All that an emulator holds at one moment: objects, money, kept answers, forwarded calls, what is to be delivered, the time that was passed. */
export interface Snapshot {
  readonly world: WorldContents;
  readonly deliveries: DeliveryContents;
  readonly aheadMs: number;
}

/** A running emulator. */
export interface Emulator {
  /** Base of the API, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly port: number;
  /** A secret key the emulator accepts. */
  readonly apiKey: string;
  readonly accountId: string;
  /** The newest 10,000 requests, oldest first; fewer where they are large. */
  requests(): readonly LoggedRequest[];
  /** Copies of the objects of a kind (`webhook_endpoint`, `climate.order`, `event`, …), newest first, as lists show them. */
  objects(kind: string, options?: { readonly account?: string }): StripeObject[];
  /**
   * The object as Stripe itself keeps it, with what no answer but the first tells, such as a signing secret; undefined where
   * there is none of this id. For tests that ask whether what a program recorded is the truth.
   */
  reveal(kind: string, id: string, options?: { readonly account?: string }): StripeObject | undefined;
  /**
   * A change Stripe or a person in the Dashboard makes without the API: an order delivered or canceled by Frontier, a
   * product substituted or re-priced, an endpoint disabled, its secret rolled. Fields of the patch replace the object's;
   * the kind completes what follows from them (times, refunds, events). Returns the object as lists show it.
   * Throws an Error for an unknown kind, id or field.
   */
  edit(
    kind: string,
    id: string,
    patch: Readonly<Record<string, unknown>>,
    options?: { readonly account?: string },
  ): StripeObject;
  /**
   * Takes an object to the next place in its life, where Stripe, time or a person would take it: a verification session
   * to `processing`, `verified` or back to `requires_input`, a redaction to `redacted`, an order to `delivered`, an
   * onramp session to `fulfillment_complete`. `details` say what the step leaves open, such as `last_error`. Times,
   * refunds and events follow from it. Returns the object as lists show it. Throws an Error for an unknown kind, id or
   * step, and for a step that doesn't begin where the object stands. The option `autoAdvance` takes steps by itself,
   * after so many reads or seconds; some, such as the end of a redaction, come in any case when their time is over.
   */
  advance(
    kind: string,
    id: string,
    to: string,
    details?: Readonly<Record<string, unknown>>,
    options?: { readonly account?: string },
  ): StripeObject;
  /**
   * Brings an event about, such as `identity.verification_session.verified`: sends the requests that make what it tells of,
   * and takes the steps that no request asks for. Returns the objects it made, marked in their metadata. Rejects for an
   * event no way is known to, where a request is refused, and in live mode. Another key than the emulator's may be given.
   */
  trigger(
    event: string,
    options?: { readonly account?: string; readonly apiKey?: string },
  ): Promise<{ readonly objects: readonly MadeObject[] }>;
  /**
   * Moves the emulator's own clock forward, on top of `now`, and takes every step in the lives of objects whose time has
   * come with it; idempotency keys age too, and deliveries that are due are tried again. Throws a TypeError for a time that
   * is negative or no number.
   */
  passTime(seconds: number): void;
  /** Sets what is available in a settlement currency, in minor units: a top-up, a payout. */
  setBalance(currency: string, amount: number, options?: { readonly account?: string }): void;
  /**
   * Who answers forwarded requests from now on, in the place of every destination: nothing ever leaves this process.
   * Undefined brings back the usual answer, 200 with `{"ok": true}`.
   */
  forwardTo(destination: Destination | undefined): void;
  /** Every call a destination got, card data included, oldest first: who counts here was charged. */
  forwarded(): readonly ForwardedCall[];
  /**
   * The newest 1,000 attempts to post an event to a webhook endpoint, oldest first. Every event goes to the enabled
   * endpoints registered for it, signed with their secrets, after its request was answered; unless `deliverTo` says
   * otherwise, to this machine only. What fails is tried again as the emulator's clock goes on: three times within
   * hours in test mode, for up to three days in live mode.
   */
  deliveries(): readonly DeliveryAttempt[];
  /**
   * Sends an event again, now: to one endpoint, or to all that are registered for it. Returns their ids. Throws an Error for
   * an unknown event or endpoint, and for a disabled endpoint.
   */
  resend(eventId: string, endpointId?: string, options?: { readonly account?: string }): string[];
  /** Resolves once every delivery that is due was attempted. */
  untilDelivered(): Promise<void>;
  /** Arms a fault. Throws a TypeError for one that makes no sense. */
  fail(rule: FaultRule): void;
  /** What there is now, for `restore` here or in another emulator of the same accounts; later changes don't reach it. */
  snapshot(): Snapshot;
  /**
   * Brings back what a snapshot holds: what was to be delivered then is sent again, what is under way counts no more.
   * Faults and who answers forwarded calls are forgotten, as by `reset`. Throws an Error
   * for a snapshot with accounts that this emulator was not started with.
   */
  restore(snapshot: Snapshot): void;
  /**
   * With an account, forgets what is of that account: its objects, events, deliveries, idempotency keys, faults and
   * requests. Else all of that, forwarded calls, who answers them, and the time that was passed; keys and options stay.
   */
  reset(options?: { readonly account?: string }): void;
  /** Ends every connection, hanging ones and deliveries included. */
  close(): Promise<void>;
}

/**
 * Starts an emulated Stripe account, on 127.0.0.1 unless told otherwise, empty but for the climate catalogue.
 *
 * ```ts
 * const emulator = await startEmulator();
 * const stripe = new Stripe(emulator.apiKey, { host: "127.0.0.1", port: emulator.port, protocol: "http" });
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const kept = options.data === undefined ? undefined : readDataFile(options.data);
  const given = fillSettings({ ...(kept && { apiKey: kept.apiKey, accountId: kept.accountId }), ...options });
  const clock = new Clock(given.now);
  const settings = { ...given, now: clock.now };
  const world = new World(settings);
  const deliveries = new Deliveries(world, () => stream.delivered());
  const cliSessions = new CliSessions(world, {
    port: (): number => port,
    resend: (account, event, endpoint) => deliveries.resend(account, event, endpoint),
  });
  const kindRoutes = [...world.kinds.values()].flatMap((kind) => routesOf(kind, settings));
  const router = new Router([...kindRoutes, ...cliSessions.routes()]);
  const server: EmulatorServer = new EmulatorServer(
    world,
    router,
    (...arrived) => beside.answers(...arrived),
    () => file?.changed(),
  );
  const inspector = new Inspector(world, router, server, clock);
  const stream = new Stream(inspector);
  const beside = new Beside(settings, stream, (request) =>
    answerControl({ ...emulator, inspector, stream }, settings, request),
  );
  server.watchers.add((entry, answer) => {
    inspector.keep(entry.requestId, answer);
    stream.request(entry);
    cliSessions.show(entry);
  });
  server.onUpgrade((...connection) => cliSessions.upgrade(...connection));
  world.listeners.add((account, event) => stream.event(account, event));
  const bringBack = ({ world: contents, deliveries: owed, aheadMs }: Snapshot): void => {
    world.restore(contents);
    clock.reset(aheadMs);
    deliveries.restore(owed);
  };
  if (kept !== undefined) {
    try {
      bringBack(kept.snapshot);
    } catch (error) {
      throw error instanceof MissingHere ? error : noDataFile(String(options.data));
    }
  }

  const snapshot = (): Snapshot => ({
    world: world.contents(),
    deliveries: deliveries.contents(),
    aheadMs: clock.aheadMs,
  });
  const { data, apiKey, accountId } = settings;
  const file =
    data === undefined
      ? undefined
      : new DataFile(
          data,
          () => ({ format: 1, apiKey, accountId, snapshot: snapshot() }),
          (message) => process.emitWarning(message, "EmulatorWarning"),
        );
  file?.open();
  const port = await server.listen(settings.port);

  /** More has changed than the server sees. */
  const changed = (): void => {
    stream.refresh();
    file?.changed();
  };
  /** Stripe's own call, after whatever time has brought. */
  const callAs = (account: string): Call => {
    const call = world.call(account);
    world.drawing(() => call.lifecycles.pass(call));
    return call;
  };
  /**
   * Does something that Stripe does by itself, and what follows from it. Time passes before, so that it meets objects as they
   * stand by now, and after, so that what waits for a step from now on is known.
   */
  const changing = <T>(account: string, work: (call: Call) => T): T => {
    const call = callAs(account);
    const result = world.drawing(() => {
      const shown = work(call);
      call.lifecycles.pass(call);
      return structuredClone(shown);
    });
    changed();
    return result;
  };
  const kindNamed = (name: string): Kind => {
    const kind = world.kinds.get(name);
    if (kind !== undefined) return kind;
    throw new MissingHere(`The emulator has no kind '${name}'; it has ${[...world.kinds.keys()].join(", ")}`);
  };

  const emulator: Emulator = {
    url: `http://${addressOf(settings.host)}:${port}`,
    port,
    apiKey: settings.apiKey,
    accountId: settings.accountId,
    requests: () => server.log.list(),
    objects(name, { account = settings.accountId } = {}) {
      const kind = kindNamed(name);
      const records = callAs(account).account.collection(name).newestFirst();
      return records.map((record) => structuredClone(presentRecord(kind, record, "listed")));
    },
    reveal(name, id, { account = settings.accountId } = {}) {
      const kind = kindNamed(name);
      return structuredClone(callAs(account).account.collection(kind.name).get(id));
    },
    edit(name, id, patch, { account = settings.accountId } = {}) {
      const kind = kindNamed(name);
      return changing(account, (call) => editRecord(kind, call, id, patch));
    },
    advance(name, id, to, details = {}, { account = settings.accountId } = {}) {
      const kind = kindNamed(name);
      return changing(account, (call) => takeStep(call, kind, findRecord("advance", kind, call, id), to, details));
    },
    async trigger(event, options = {}) {
      if (settings.livemode) throw new Error("trigger: for test mode only");
      return { objects: await playTrigger(findTrigger(event), stageOf(emulator, options)) };
    },
    passTime(seconds) {
      // What the clock beneath has brought comes first, so that what waits from now on is known.
      world.pass();
      clock.pass(seconds);
      world.pass();
      deliveries.pass();
      changed();
    },
    setBalance(currency, amount, { account = settings.accountId } = {}) {
      const call = callAs(account);
      const before = call.account.balance.get(currency) ?? 0;
      call.account.balance.set(currency, amount);
      // [openapi: balance.available, "not fired for negative transactions"]
      if (amount > before) world.drawing(() => recordEvent(call, "balance.available", showBalance(call)));
      changed();
    },
    forwardTo: (destination) => world.outside.answerWith(destination),
    forwarded: () => world.outside.calls(),
    fail(rule) {
      server.faults.add(rule);
      stream.refresh();
    },
    deliveries: () => deliveries.attempts(),
    resend: (event, endpoint, { account = settings.accountId } = {}) => deliveries.resend(account, event, endpoint),
    untilDelivered: () => deliveries.idle(),
    snapshot,
    restore(taken) {
      bringBack(taken);
      server.faults.clear();
      changed();
    },
    reset({ account } = {}) {
      if (account === undefined) clock.reset();
      world.reset(account);
      server.faults.clear(account);
      server.log.clear(isOf(account));
      deliveries.reset(account);
      changed();
    },
    async close() {
      cliSessions.close();
      await Promise.all([deliveries.close(), server.close()]);
      await file?.close();
    },
  };
  return emulator;
}

/** Where a client on this machine reaches what listens on a host. */
function addressOf(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function editRecord(kind: Kind, call: Call, id: string, patch: Readonly<Record<string, unknown>>): StripeObject {
  const before = findRecord("edit", kind, call, id);
  checkFields("edit", kind, before, patch);
  const changed: StripeObject = { ...before, ...structuredClone(patch) };
  return storeEdited(
    call,
    kind,
    before,
    kind.edit?.(call, before, changed, patch) ?? editedAsByRequest(kind, before, changed),
  );
}

/** Where a kind says nothing else, a person's change is told of as a request's is. */
function editedAsByRequest(kind: Kind, before: StripeObject, record: StripeObject): Edited<StripeObject> {
  const type = kind.update?.event ?? kind.update?.tells?.(before, record);
  return { record, events: type === undefined ? [] : [type] };
}

function findRecord(what: string, kind: Kind, call: Call, id: string): StripeObject {
  const record = call.account.collection(kind.name).get(id);
  if (record === undefined) throw new MissingHere(`${what}: the emulator has no ${kind.name} '${id}'`);
  return record;
}
