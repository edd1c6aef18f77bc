import { closest } from "fastest-levenshtein";
import { answerTimeoutMs } from "./facts/delivery";
import { defaultApiVersion, maxWebhookEndpoints } from "./facts/limits";
import { type AutoAdvance } from "./lifecycle";
import { type LoggedRequest } from "./log";
import { drawingFrom, randomness, randomText } from "./store";

/** How an emulator is started. All is optional. */
export interface EmulatorOptions {
  /** Port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1: whoever reaches another one can do everything the key can. */
  readonly host?: string;
  /**
   * File that keeps all there is over a restart: made where it is missing, written after changes and at the end. Its key and
   * account are used again where none are given. It holds secrets in plain text, readable for its owner only.
   */
  readonly data?: string;
  /** The same seed makes the same key, account, ids and secrets in the same order. */
  readonly seed?: string;
  /** Secret key of the account; its prefix decides the mode. Made up when left out. */
  readonly apiKey?: string;
  /** Further secret keys of the same account, as after a rotation. */
  readonly apiKeys?: readonly string[];
  /**
   * Any further `sk_test_…` key of at least 8 letters or digits after its prefix is taken, and has an account of its own, so that
   * tests run side by side: what its holder resets, arms or lists under `/_emulator/` is its own. The clock is everybody's.
   */
  readonly accountPerKey?: boolean;
  /** Restricted keys and the permissions each has: `webhook_endpoint_read`, `webhook_endpoint_write`, … Write includes read. */
  readonly restrictedKeys?: Readonly<Record<string, readonly string[]>>;
  /** Id of the account, `acct_…`. */
  readonly accountId?: string;
  /** Accounts reachable with `Stripe-Account` or `Stripe-Context`, each with objects and keys of its own. */
  readonly connectedAccounts?: readonly string[];
  /** Live mode: `livemode: true` in objects, https only. Default: by the key's prefix, else test. */
  readonly livemode?: boolean;
  /** Clock in milliseconds; everything that has a time asks it. Default `Date.now`. */
  readonly now?: () => number;
  /** Version of answers and events where a request names none. */
  readonly apiVersion?: string;
  /** Two-letter country of the account. Default `US`. */
  readonly country?: string;
  /** Currency used where a request leaves it out. Default `usd`. */
  readonly defaultCurrency?: string;
  /** Available balance in minor units by currency; its currencies are the account's settlement currencies. */
  readonly balance?: Readonly<Record<string, number>>;
  /** What an order beyond the balance meets: a refusal (default), or status `awaiting_funds`. Unconfirmed which. */
  readonly insufficientFunds?: "refuse" | "await";
  /** Webhook endpoints may name localhost and private addresses, which Stripe refuses. Default false. */
  readonly allowLocalUrls?: boolean;
  /**
   * Where events are posted to: to webhook endpoints on this machine only (`localhost`, `*.localhost`, loopback
   * addresses), the default; to every endpoint that is registered; or to none. What isn't sent is kept as an attempt.
   */
  readonly deliverTo?: "loopback" | "anywhere" | "nowhere";
  /** Time a webhook endpoint has to answer, in real time. Default 10,000. */
  readonly deliveryTimeoutMs?: number;
  /** Webhook endpoints an account may have. Default 16. */
  readonly maxWebhookEndpoints?: number;
  /** Further hosts requests may be forwarded to, such as one's own vault; `*.example.com` for all below. Default none. */
  readonly forwardingHosts?: readonly string[];
  /** Whether Stripe has activated the forwarding API for the account. Default true. */
  readonly forwardingActive?: boolean;
  /** Onramp quotes also answer at their older path, /v1/crypto/onramp_quotes. Default false. */
  readonly olderOnrampQuotesPath?: boolean;
  /**
   * Steps that objects take without being told to, by kind: each object takes its kind's steps in turn, each once.
   * `{ "identity.verification_session": [{ to: "processing", afterReads: 2 }, { to: "verified", afterSeconds: 60 }] }`
   */
  readonly autoAdvance?: AutoAdvance;
  /** Time a client has to send its request. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Largest request body in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Called for every request as it is logged. */
  readonly log?: (request: LoggedRequest) => void;
}

/** The options with every default filled in. */
export type EmulatorSettings = Required<Omit<EmulatorOptions, "data" | "seed">> &
  Pick<EmulatorOptions, "data" | "seed">;

const usualBalance = { usd: 10_000_000, eur: 10_000_000, gbp: 10_000_000 };

/** Throws a TypeError for an option there is none of, which only JavaScript lets pass, and for keys that don't belong to the mode. */
export function fillSettings(options: EmulatorOptions): EmulatorSettings {
  const livemode = options.livemode ?? options.apiKey?.startsWith("sk_live_") ?? false;
  const mode = livemode ? "live" : "test";
  const keys = [options.apiKey, ...(options.apiKeys ?? []), ...Object.keys(options.restrictedKeys ?? {})];
  for (const key of keys) {
    if (key !== undefined && !new RegExp(`^[sr]k_${mode}_\\w+$`).test(key)) {
      // What no header can carry as one word would be refused at every request.
      throw new TypeError(
        `startEmulator: every key must be sk_${mode}_ or rk_${mode}_ in ${mode} mode, then letters, digits and underscores`,
      );
    }
  }
  const made = drawingFrom(randomness(options.seed === undefined ? undefined : `account ${options.seed}`), () => ({
    apiKey: `sk_${mode}_${randomText(24)}`,
    accountId: `acct_1${randomText(15)}`,
  }));
  const settings: EmulatorSettings = {
    port: options.port ?? 0,
    host: options.host ?? "127.0.0.1",
    data: options.data,
    seed: options.seed,
    apiKey: options.apiKey ?? made.apiKey,
    apiKeys: options.apiKeys ?? [],
    accountPerKey: options.accountPerKey ?? false,
    restrictedKeys: options.restrictedKeys ?? {},
    accountId: options.accountId ?? made.accountId,
    connectedAccounts: options.connectedAccounts ?? [],
    livemode,
    now: options.now ?? Date.now,
    apiVersion: options.apiVersion ?? defaultApiVersion,
    country: options.country ?? "US",
    defaultCurrency: options.defaultCurrency ?? "usd",
    balance: options.balance ?? usualBalance,
    insufficientFunds: options.insufficientFunds ?? "refuse",
    allowLocalUrls: options.allowLocalUrls ?? false,
    deliverTo: options.deliverTo ?? "loopback",
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? answerTimeoutMs,
    maxWebhookEndpoints: options.maxWebhookEndpoints ?? maxWebhookEndpoints,
    forwardingHosts: options.forwardingHosts ?? [],
    forwardingActive: options.forwardingActive ?? true,
    olderOnrampQuotesPath: options.olderOnrampQuotesPath ?? false,
    autoAdvance: options.autoAdvance ?? {},
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    log: options.log ?? (() => undefined),
  };
  refuseUnknown(options, Object.keys(settings));
  return settings;
}

function refuseUnknown(options: EmulatorOptions, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`startEmulator: there is no option '${unknown}'; the nearest is '${closest(unknown, known)}'`);
}
