import { CliSessions } from "./cli-session";
import { Clock } from "./clock";
import { answerControl } from "./control";
import { Deliveries, type DeliveryContents } from "./deliveries";
import { type DeliveryAttempt } from "./delivery";
import { type Destination, type ForwardedCall } from "./destination";
import { type FaultRule } from "./faults";
import { type Call, type Kind, presentRecord } from "./kind";
import { checkFields, storeEdited, takeStep } from "./lifecycle";
import { type LoggedRequest } from "./log";
import { MissingHere } from "./missing";
import { Router, routesOf } from "./routes";
import { EmulatorServer } from "./server";
import { type EmulatorOptions, fillSettings } from "./settings";
import { type StripeObject } from "./store";
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
  /** The newest 10,000 requests, oldest first. */
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
   * Moves the emulator's own clock forward, on top of `now`, and takes every step in the lives of objects whose time has
   * come with it; idempotency keys age too, and deliveries that are due are tried again. Throws a TypeError for a time that is negative or no number.
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
   * Forgets objects, events, deliveries, idempotency keys, faults, forwarded calls, who answers them, the log, and the
   * time that was passed; keys and options stay.
   */
  reset(): void;
  /** Ends every connection, hanging ones and deliveries included. */
  close(): Promise<void>;
}

/**
 * Starts an emulated Stripe account on 127.0.0.1, empty but for the climate catalogue.
 *
 * ```ts
 * const emulator = await startEmulator();
 * const stripe = new Stripe(emulator.apiKey, { host: "127.0.0.1", port: emulator.port, protocol: "http" });
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const given = fillSettings(options);
  const clock = new Clock(given.now);
  const log = (request: LoggedRequest): void => {
    cliSessions.show(request);
    given.log(request);
  };
  const settings = { ...given, now: clock.now, log };
  const world = new World(settings);
  const deliveries = new Deliveries(world);
  const cliSessions = new CliSessions(world, {
    port: (): number => port,
    resend: (account, event, endpoint) => deliveries.resend(account, event, endpoint),
  });
  const kindRoutes = [...world.kinds.values()].flatMap((kind) => routesOf(kind, settings));
  const router = new Router([...kindRoutes, ...cliSessions.routes()]);
  const server = new EmulatorServer(world, router, (request) => answerControl(emulator, settings, request));
  server.onUpgrade((...connection) => cliSessions.upgrade(...connection));
  const port = await server.listen(settings.port);

  /** Stripe's own call, after whatever time has brought. */
  const callAs = (account: string): Call => {
    const call = world.call(account);
    call.lifecycles.pass(call);
    return call;
  };
  const kindNamed = (name: string): Kind => {
    const kind = world.kinds.get(name);
    if (kind !== undefined) return kind;
    throw new MissingHere(`The emulator has no kind '${name}'; it has ${[...world.kinds.keys()].join(", ")}`);
  };

  const emulator: Emulator = {
    url: `http://127.0.0.1:${port}`,
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
      const call = callAs(account);
      const shown = editRecord(kind, call, id, patch);
      call.lifecycles.pass(call);
      return structuredClone(shown);
    },
    advance(name, id, to, details = {}, { account = settings.accountId } = {}) {
      const kind = kindNamed(name);
      const call = callAs(account);
      const shown = takeStep(call, kind, findRecord("advance", kind, call, id), to, details);
      call.lifecycles.pass(call);
      return structuredClone(shown);
    },
    passTime(seconds) {
      // What the clock beneath has brought comes first, so that what waits from now on is known.
      world.pass();
      clock.pass(seconds);
      world.pass();
      deliveries.pass();
    },
    setBalance(currency, amount, { account = settings.accountId } = {}) {
      world.account(account).balance.set(currency, amount);
    },
    forwardTo: (destination) => world.outside.answerWith(destination),
    forwarded: () => world.outside.calls(),
    deliveries: () => deliveries.attempts(),
    resend: (event, endpoint, { account = settings.accountId } = {}) => deliveries.resend(account, event, endpoint),
    untilDelivered: () => deliveries.idle(),
    fail: (rule) => server.faults.add(rule),
    snapshot: () => ({ world: world.contents(), deliveries: deliveries.contents(), aheadMs: clock.aheadMs }),
    restore({ world: contents, deliveries: owed, aheadMs }) {
      world.restore(contents);
      clock.reset(aheadMs);
      deliveries.restore(owed);
      server.faults.clear();
    },
    reset() {
      clock.reset();
      world.reset();
      deliveries.reset();
      server.faults.clear();
      server.log.clear();
    },
    async close() {
      cliSessions.close();
      await Promise.all([deliveries.close(), server.close()]);
    },
  };
  return emulator;
}

function editRecord(kind: Kind, call: Call, id: string, patch: Readonly<Record<string, unknown>>): StripeObject {
  const before = findRecord("edit", kind, call, id);
  checkFields("edit", kind, before, patch);
  const changed: StripeObject = { ...before, ...structuredClone(patch) };
  return storeEdited(call, kind, before, kind.edit?.(call, before, changed, patch) ?? { record: changed, events: [] });
}

function findRecord(what: string, kind: Kind, call: Call, id: string): StripeObject {
  const record = call.account.collection(kind.name).get(id);
  if (record === undefined) throw new MissingHere(`${what}: the emulator has no ${kind.name} '${id}'`);
  return record;
}
