import { type Destination, type ForwardedCall } from "./destination";
import { defaultApiVersion, maxWebhookEndpoints } from "./facts/limits";
import { type FaultRule } from "./faults";
import { type Call, type Kind, presentRecord } from "./kind";
import { checkFields, storeEdited, takeStep } from "./lifecycle";
import { type LoggedRequest } from "./log";
import { Router, routesOf } from "./routes";
import { EmulatorServer } from "./server";
import { type EmulatorOptions, type EmulatorSettings } from "./settings";
import { randomText, type StripeObject } from "./store";
import { World } from "./world";

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
  /** Sets what is available in a settlement currency, in minor units: a top-up, a payout. */
  setBalance(currency: string, amount: number, options?: { readonly account?: string }): void;
  /**
   * Who answers forwarded requests from now on, in the place of every destination: nothing ever leaves this process.
   * Undefined brings back the usual answer, 200 with `{"ok": true}`.
   */
  forwardTo(destination: Destination | undefined): void;
  /** Every call a destination got, card data included, oldest first: who counts here was charged. */
  forwarded(): readonly ForwardedCall[];
  /** Arms a fault. Throws a TypeError for one that makes no sense. */
  fail(rule: FaultRule): void;
  /** Forgets objects, events, idempotency keys, faults, forwarded calls, who answers them, and the log; keys and options stay. */
  reset(): void;
  /** Ends every connection, hanging ones included. */
  close(): Promise<void>;
}

const usualBalance = { usd: 10_000_000, eur: 10_000_000, gbp: 10_000_000 };

/**
 * Starts an emulated Stripe account on 127.0.0.1, empty but for the climate catalogue.
 *
 * ```ts
 * const emulator = await startEmulator();
 * const stripe = new Stripe(emulator.apiKey, { host: "127.0.0.1", port: emulator.port, protocol: "http" });
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = fillSettings(options);
  const world = new World(settings);
  const router = new Router([...world.kinds.values()].flatMap((kind) => routesOf(kind, settings)));
  const server = new EmulatorServer(world, router);
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
    throw new Error(`The emulator has no kind '${name}'; it has ${[...world.kinds.keys()].join(", ")}`);
  };

  return {
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
    setBalance(currency, amount, { account = settings.accountId } = {}) {
      world.account(account).balance.set(currency, amount);
    },
    forwardTo: (destination) => world.outside.answerWith(destination),
    forwarded: () => world.outside.calls(),
    fail: (rule) => server.faults.add(rule),
    reset() {
      world.reset();
      server.faults.clear();
      server.log.clear();
    },
    close: () => server.close(),
  };
}

function editRecord(kind: Kind, call: Call, id: string, patch: Readonly<Record<string, unknown>>): StripeObject {
  const before = findRecord("edit", kind, call, id);
  checkFields("edit", kind, before, patch);
  const changed: StripeObject = { ...before, ...structuredClone(patch) };
  return storeEdited(call, kind, before, kind.edit?.(call, before, changed, patch) ?? { record: changed, events: [] });
}

function findRecord(what: string, kind: Kind, call: Call, id: string): StripeObject {
  const record = call.account.collection(kind.name).get(id);
  if (record === undefined) throw new Error(`${what}: the emulator has no ${kind.name} '${id}'`);
  return record;
}

function fillSettings(options: EmulatorOptions): EmulatorSettings {
  const livemode = options.livemode ?? options.apiKey?.startsWith("sk_live_") ?? false;
  const mode = livemode ? "live" : "test";
  const keys = [options.apiKey, ...(options.apiKeys ?? []), ...Object.keys(options.restrictedKeys ?? {})];
  for (const key of keys) {
    if (key !== undefined && !new RegExp(`^[sr]k_${mode}_`).test(key)) {
      throw new TypeError(`startEmulator: every key must begin with sk_${mode}_ or rk_${mode}_ in ${mode} mode`);
    }
  }
  return {
    port: options.port ?? 0,
    apiKey: options.apiKey ?? `sk_${mode}_${randomText(24)}`,
    apiKeys: options.apiKeys ?? [],
    restrictedKeys: options.restrictedKeys ?? {},
    accountId: options.accountId ?? `acct_1${randomText(15)}`,
    connectedAccounts: options.connectedAccounts ?? [],
    livemode,
    now: options.now ?? Date.now,
    apiVersion: options.apiVersion ?? defaultApiVersion,
    country: options.country ?? "US",
    defaultCurrency: options.defaultCurrency ?? "usd",
    balance: options.balance ?? usualBalance,
    insufficientFunds: options.insufficientFunds ?? "refuse",
    allowLocalUrls: options.allowLocalUrls ?? false,
    maxWebhookEndpoints: options.maxWebhookEndpoints ?? maxWebhookEndpoints,
    forwardingHosts: options.forwardingHosts ?? [],
    forwardingActive: options.forwardingActive ?? true,
    olderOnrampQuotesPath: options.olderOnrampQuotesPath ?? false,
    autoAdvance: options.autoAdvance ?? {},
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    log: options.log ?? (() => undefined),
  };
}
