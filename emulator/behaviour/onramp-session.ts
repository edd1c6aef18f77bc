import { isIP } from "node:net";
import { Refusal } from "../errors";
import {
  spellingInAnswers,
  offeredCurrencies,
  offeredNetworks,
  onrampCurrencies,
  onrampNetworks,
  onrampStatuses,
  sourceCurrencies,
  unsupportedRegion,
} from "../facts/onramp";
import { type Call, defineKind, type Step } from "../kind";
import { mergeMetadata, type Metadata } from "../metadata";
import { inRange, type ParamsOf } from "../params";
import { randomText, type StripeObject } from "../store";
import { checkCoinAmount, checkSourceAmount, refuseBothAmounts } from "./onramp-rules";

interface OnrampSession extends StripeObject {
  readonly object: "crypto.onramp_session";
  readonly client_secret: string;
  readonly created: number;
  readonly kyc_details_provided: boolean;
  readonly livemode: boolean;
  readonly metadata: Metadata;
  readonly redirect_url: string | null;
  readonly status: (typeof onrampStatuses)[number];
  readonly transaction_details: {
    readonly destination_amount: string | null;
    readonly destination_currencies: readonly string[];
    readonly destination_currency: string | null;
    readonly destination_network: string | null;
    readonly destination_networks: readonly string[];
    readonly fees: {
      readonly network_fee_amount: string | null;
      readonly transaction_fee_amount: string | null;
    } | null;
    readonly lock_wallet_address: boolean;
    readonly settlement_speed: string;
    readonly source_amount: string | null;
    readonly source_currency: string | null;
    readonly transaction_id: string | null;
    readonly wallet_address: string | null;
    readonly wallet_addresses: Readonly<Record<string, unknown>> | null;
  };
}

const name = "crypto.onramp_session";

/**
 * Told of after each change of status, and not at creation. [docs: Set up an Embedded onramp integration] It is written
 * `crypto.onramp_session_updated` there; receivers report this spelling [3rd]. Endpoints can't name it [openapi]: only
 * those for `*` get it, unless the Dashboard adds it to others.
 */
const updated = "crypto.onramp_session.updated";
const text = { type: "string" } as const;
const coin = { type: "string", enum: onrampCurrencies } as const;
const network = { type: "string", enum: onrampNetworks } as const;
// Whether Base is written `base` or `base_network` is unconfirmed: both are taken.
const walletNetworks = [...onrampNetworks, "base_network"] as const;

const createParams = {
  customer_ip_address: text,
  destination_amount: { type: "decimal", decimals: 18 },
  destination_currencies: { type: "list", items: coin, minItems: 1 },
  destination_currency: coin,
  destination_network: network,
  destination_networks: { type: "list", items: network, minItems: 1 },
  // Its fields are published nowhere: any are taken. [py-alpha]
  kyc_details: { type: "dictionary", items: text },
  lock_wallet_address: { type: "boolean" },
  metadata: { type: "map" },
  settlement_speed: { type: "string", enum: ["instant", "standard"] },
  source_amount: { type: "decimal", decimals: 18 },
  source_currency: { type: "string", enum: sourceCurrencies },
  wallet_addresses: {
    type: "object",
    params: {
      ...(Object.fromEntries(walletNetworks.map((key) => [key, text])) as Record<
        (typeof walletNetworks)[number],
        typeof text
      >),
      destination_tags: { type: "object", params: { stellar: text } },
    },
  },
} as const;

/**
 * One person's purchase of coins: made, read and listed, never changed. [docs: Crypto Onramp Session; py-alpha] Not in the
 * official clients.
 */
export const onrampSessionKind = defineKind({
  name,
  noun: "crypto onramp session",
  path: "/v1/crypto/onramp_sessions",
  idParam: "id",
  permission: "crypto_onramp_session",
  secrets: ["client_secret", "redirect_url"],
  create: { params: createParams, build: openSession },
  retrieve: true,
  list: {
    params: {
      created: { type: "range" },
      destination_currency: coin,
      destination_network: network,
      status: { type: "string", enum: onrampStatuses },
    },
    keep: (session: OnrampSession, params) =>
      inRange(session.created, params.created) &&
      (params.status === undefined || session.status === params.status) &&
      (["destination_currency", "destination_network"] as const).every(
        (field) => params[field] === undefined || session.transaction_details[field] === params[field],
      ),
  },
  steps: {
    requires_payment: step(["initialized"], "requires_payment"),
    rejected: step(["initialized", "requires_payment"], "rejected"),
    fulfillment_processing: step(["requires_payment"], "fulfillment_processing"),
    fulfillment_complete: step(["fulfillment_processing"], "fulfillment_complete"),
  },
  edit: (_call, before: OnrampSession, record: OnrampSession) => ({
    record,
    events: before.status === record.status ? [] : [updated],
  }),
});

/** Which status may follow which is inferred from their names; the transaction id comes with the last. [reference; docs] */
function step(from: readonly OnrampSession["status"][], status: OnrampSession["status"]): Step<OnrampSession> {
  return {
    from: (session) => from.includes(session.status),
    take(_call, session, details) {
      const complete = status === "fulfillment_complete" && { transaction_id: `0x${hex(64)}` };
      const given = details["transaction_details"] as Partial<OnrampSession["transaction_details"]> | undefined;
      const transaction = { ...session.transaction_details, ...complete, ...given };
      return { record: { ...session, ...details, status, transaction_details: transaction }, events: [updated] };
    },
  };
}

function hex(length: number): string {
  return Buffer.from(randomText(length)).toString("hex").slice(0, length);
}

/** Every rule: [docs: Create a CryptoOnrampSession]; every text and code unconfirmed. */
function openSession(call: Call, params: ParamsOf<typeof createParams>): OnrampSession {
  const metadata = mergeMetadata({}, params.metadata);
  const { destination_currency: currency, destination_network: chosen, wallet_addresses: wallets } = params;
  checkRegion(params.customer_ip_address);
  refuseBothAmounts(params);
  checkSourceAmount(params.source_amount);
  if (params.destination_amount !== undefined) {
    if (currency === undefined) throw needed("destination_currency", "destination_amount");
    if (chosen === undefined) throw needed("destination_network", "destination_amount");
    checkCoinAmount(params.destination_amount, currency);
  }
  const currencies = params.destination_currencies ?? offeredCurrencies;
  const networks = params.destination_networks ?? offeredNetworks;
  if (params.destination_currencies !== undefined) checkAmong(currency, currencies, "destination_currency");
  if (params.destination_networks !== undefined) checkAmong(chosen, networks, "destination_network");
  if (wallets !== undefined && chosen === undefined && params.destination_networks === undefined) {
    throw needed("destination_network", "wallet_addresses");
  }
  if (wallets?.destination_tags !== undefined && wallets.stellar === undefined) {
    throw needed("wallet_addresses[stellar]", "wallet_addresses[destination_tags]");
  }
  // That a lock needs something to lock is unconfirmed.
  if (params.lock_wallet_address === true && wallets === undefined) {
    throw needed("wallet_addresses", "lock_wallet_address");
  }
  const id = `cos_1${randomText(23)}`;
  return {
    id,
    object: name,
    client_secret: `${id}_secret_${randomText(35)}`,
    created: call.now,
    kyc_details_provided: Object.keys(params.kyc_details ?? {}).length > 0,
    livemode: call.livemode,
    metadata,
    // A link needs an account set up for it: null, as in the sample. [docs]
    redirect_url: null,
    status: "initialized",
    transaction_details: {
      destination_amount: params.destination_amount ?? null,
      destination_currencies: currencies,
      destination_currency: currency ?? null,
      destination_network: chosen ?? null,
      destination_networks: networks,
      fees: null,
      lock_wallet_address: params.lock_wallet_address ?? false,
      settlement_speed: params.settlement_speed ?? "instant",
      source_amount: params.source_amount ?? null,
      source_currency: params.source_currency ?? null,
      transaction_id: null,
      wallet_address: null,
      wallet_addresses: wallets === undefined ? null : showWallets(wallets),
    },
  };
}

/** The region's code and text are unconfirmed ("an appropriate error code"). [docs] */
function checkRegion(address: string | undefined): void {
  if (address === undefined) return;
  const param = "customer_ip_address";
  if (isIP(address) === 0) throw new Refusal(`Invalid IP address: ${address}`, { param });
  if (unsupportedRegion.test(address)) {
    throw new Refusal("Based on the information provided about the customer, we're currently unable to support them.", {
      code: "crypto_onramp_unsupportable_customer",
      param,
    });
  }
}

function needed(param: string, by: string): Refusal {
  return new Refusal(`You must also set ${param} when you set ${by}.`, { code: "parameter_missing", param });
}

function checkAmong(one: string | undefined, all: readonly string[], param: string): void {
  if (one === undefined || all.includes(one)) return;
  throw new Refusal(`${param} must be one of the values given in its list: ${all.join(", ")}.`, { param });
}

/** Every network, null where there is no address, Base under its longer name. [docs: sample; py-alpha] */
function showWallets(
  given: NonNullable<ParamsOf<typeof createParams>["wallet_addresses"]>,
): Readonly<Record<string, unknown>> {
  const addresses: Readonly<Record<string, unknown>> = { ...given, base: given.base_network ?? given.base };
  return {
    ...Object.fromEntries(onrampNetworks.map((key) => [spellingInAnswers(key), addresses[key] ?? null])),
    destination_tags: given.destination_tags === undefined ? null : { stellar: given.destination_tags.stellar ?? null },
  };
}
