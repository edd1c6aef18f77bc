import { type ForwardedCall, Outside } from "./destination";
import { type KindTable } from "./expand";
import { type Entry, IdempotencyTable } from "./idempotency";
import { type Call } from "./kind";
import { Lifecycles, type Progress } from "./lifecycle";
import { receiversOf } from "./receivers";
import { kinds } from "./registry";
import { type EmulatorSettings } from "./settings";
import { MissingHere } from "./missing";
import { Account, type StripeObject } from "./store";

/** All that a world holds at one moment. */
export interface WorldContents {
  readonly accounts: readonly {
    readonly id: string;
    readonly balance: Readonly<Record<string, number>>;
    readonly objects: Readonly<Record<string, readonly StripeObject[]>>;
    readonly answers: readonly (readonly [string, Entry])[];
    readonly progress: readonly (readonly [string, Progress])[];
  }[];
  readonly forwarded: readonly ForwardedCall[];
}

/** All state behind the server: accounts, their objects, money and idempotency keys. */
export class World {
  readonly settings: EmulatorSettings;
  readonly kinds: KindTable = new Map(kinds.map((kind) => [kind.name, kind]));
  readonly outside = new Outside();
  /** Told of every event, in the order of their recording, before its request is answered. */
  readonly listeners = new Set<(account: string, event: StripeObject) => void>();
  readonly #lifecycles: Lifecycles;
  readonly #accounts = new Map<string, Account>();
  readonly #tables = new Map<string, IdempotencyTable>();

  constructor(settings: EmulatorSettings) {
    this.settings = settings;
    this.#lifecycles = new Lifecycles(kinds, settings.autoAdvance);
    this.reset();
  }

  /** Takes every step whose time has come, in every account. */
  pass(): void {
    for (const id of this.#accounts.keys()) {
      const call = this.call(id);
      call.lifecycles.pass(call);
    }
  }

  /** Back to what a new account holds. */
  reset(): void {
    this.#accounts.clear();
    this.#tables.clear();
    this.outside.reset();
    for (const id of [this.settings.accountId, ...this.settings.connectedAccounts]) {
      this.#accounts.set(id, new Account(id, this.settings.balance));
      this.#tables.set(id, new IdempotencyTable(this.settings.now));
      for (const kind of kinds) {
        const call = this.call(id);
        for (const record of kind.seed?.(call) ?? []) call.account.collection(kind.name).put(record);
      }
    }
  }

  /** A copy that nothing changes any more. */
  contents(): WorldContents {
    return structuredClone({
      accounts: [...this.#accounts.values()].map((account) => ({
        id: account.id,
        balance: Object.fromEntries(account.balance),
        objects: account.contents(),
        answers: this.idempotency(account.id).entries(),
        progress: this.#lifecycles.progressOf(account),
      })),
      forwarded: this.outside.calls(),
    });
  }

  /** Throws an Error for accounts this emulator was not started with. */
  restore(contents: WorldContents): void {
    const { accounts, forwarded } = structuredClone(contents);
    for (const { id } of accounts) this.account(id);
    for (const { id, balance, objects, answers, progress } of accounts) {
      const account = new Account(id, balance);
      for (const [kind, records] of Object.entries(objects)) {
        for (const record of records) account.collection(kind).put(record);
      }
      this.#accounts.set(id, account);
      // Who asked first is not waiting for an answer any more.
      const settled = answers.map(([key, entry]) => [key, { ...entry, settled: true }] as const);
      this.#tables.set(id, new IdempotencyTable(this.settings.now, settled));
      this.#lifecycles.resume(account, progress);
    }
    this.outside.reset(forwarded);
  }

  /** Unix seconds on the emulator's clock. */
  seconds(): number {
    return Math.floor(this.settings.now() / 1000);
  }

  /** Throws an Error for an account the emulator was not started with. */
  account(id: string): Account {
    const account = this.#accounts.get(id);
    if (account === undefined) throw new MissingHere(`The emulator has no account '${id}'`);
    return account;
  }

  idempotency(accountId: string): IdempotencyTable {
    const table = this.#tables.get(accountId);
    if (table === undefined) throw new Error(`The emulator has no account '${accountId}'`);
    return table;
  }

  /** A call made by a request, or by Stripe itself when no request is given. */
  call(accountId: string, request?: { id: string; idempotencyKey: string | undefined }): Call {
    return {
      account: this.account(accountId),
      settings: this.settings,
      now: this.seconds(),
      livemode: this.settings.livemode,
      requestId: request?.id ?? null,
      idempotencyKey: request?.idempotencyKey ?? null,
      lifecycles: this.#lifecycles,
      outside: this.outside,
      receivers: (type) => receiversOf(this, accountId, type).length,
      tell: (event) => this.listeners.forEach((listener) => listener(accountId, event)),
    };
  }
}
