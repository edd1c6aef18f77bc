import { Outside } from "./destination";
import { type KindTable } from "./expand";
import { IdempotencyTable } from "./idempotency";
import { type Call } from "./kind";
import { Lifecycles } from "./lifecycle";
import { kinds } from "./registry";
import { type EmulatorSettings } from "./settings";
import { MissingHere } from "./missing";
import { Account } from "./store";

/** All state behind the server: accounts, their objects, money and idempotency keys. */
export class World {
  readonly settings: EmulatorSettings;
  readonly kinds: KindTable = new Map(kinds.map((kind) => [kind.name, kind]));
  readonly outside = new Outside();
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
    };
  }
}
