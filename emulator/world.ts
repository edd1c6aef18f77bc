import { type ForwardedCall, Outside } from "./destination";
import { type KindTable } from "./expand";
import { type Entry, IdempotencyTable } from "./idempotency";
import { type Call } from "./kind";
import { Lifecycles, type Progress } from "./lifecycle";
import { receiversOf } from "./receivers";
import { kinds } from "./registry";
import { type EmulatorSettings } from "./settings";
import { MissingHere } from "./missing";
import { Account, drawingFrom, type Randomness, randomness, type StripeObject } from "./store";

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
  /** Random bytes drawn so far, where there is a seed. */
  readonly drawn: number;
}

/** All state behind the server: accounts, their objects, money and idempotency keys. */
export class World {
  readonly settings: EmulatorSettings;
  readonly kinds: KindTable = new Map(kinds.map((kind) => [kind.name, kind]));
  readonly outside = new Outside();
  /** Told of every event, in the order of their recording, before its request is answered. */
  readonly listeners = new Set<(account: string, event: StripeObject) => void>();
  /** Told of every event that is for one receiver only. */
  readonly pinged = new Set<(account: string, event: StripeObject, receiver: string) => void>();
  readonly #lifecycles: Lifecycles;
  readonly #accounts = new Map<string, Account>();
  readonly #tables = new Map<string, IdempotencyTable>();
  #randomness: Randomness;

  constructor(settings: EmulatorSettings) {
    this.settings = settings;
    this.#randomness = randomness(settings.seed);
    this.#lifecycles = new Lifecycles(kinds, settings.autoAdvance);
    this.reset();
  }

  /** Takes every step whose time has come, in every account. */
  pass(): void {
    this.drawing(() => {
      for (const id of this.#accounts.keys()) {
        const call = this.call(id);
        call.lifecycles.pass(call);
      }
    });
  }

  /** Does what draws ids or secrets, which a seed decides; `work` must not wait for anything. */
  drawing<T>(work: () => T): T {
    return drawingFrom(this.#randomness, work);
  }

  /** Back to what a new account holds: every account, or the one that is named. */
  reset(account?: string): void {
    if (account !== undefined) return this.#fill(account);
    this.#accounts.clear();
    this.#tables.clear();
    this.outside.reset();
    this.#randomness = randomness(this.settings.seed);
    for (const id of [this.settings.accountId, ...this.settings.connectedAccounts]) this.#fill(id);
  }

  /** Makes the account of a key that comes for the first time. */
  open(id: string): void {
    if (!this.#accounts.has(id)) this.#fill(id);
  }

  #fill(id: string): void {
    this.#accounts.set(id, new Account(id, this.settings.balance));
    this.#tables.set(id, new IdempotencyTable(this.settings.now));
    for (const kind of kinds) {
      const call = this.call(id);
      const seeds = this.drawing(() => kind.seed?.(call) ?? []);
      for (const record of seeds) call.account.collection(kind.name).put(record);
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
      drawn: this.#randomness.drawn,
    });
  }

  /** Throws an Error for accounts this emulator was not started with. */
  restore(contents: WorldContents): void {
    const { accounts, forwarded, drawn } = structuredClone(contents);
    for (const { id } of accounts) {
      if (this.settings.accountPerKey) this.open(id);
      this.account(id);
    }
    this.#randomness = randomness(this.settings.seed, drawn);
    const { accountId, connectedAccounts } = this.settings;
    // Accounts of keys that came later are not there yet.
    const known = new Set([accountId, ...connectedAccounts, ...accounts.map(({ id }) => id)]);
    for (const id of [...this.#accounts.keys()].filter((one) => !known.has(one))) {
      this.#accounts.delete(id);
      this.#tables.delete(id);
    }
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
      ping: (event, receiver) => this.pinged.forEach((listener) => listener(accountId, event, receiver)),
    };
  }
}
