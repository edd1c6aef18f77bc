import type { z } from "zod";
import type { onrampQuotes } from "../provider/resources/crypto/onramp-quotes";
import type { onrampSession } from "../provider/resources/crypto/onramp-session";
import { outputOf, query } from "./function";
import { type ResourceClass, resourceClass } from "./resource-class";
import type { ArgsOf, PropertiesOf } from "./types";

type Declared = typeof onrampSession;

/** Arguments of {@link OnrampSession}. */
export interface OnrampSessionArgs extends ArgsOf<Declared> {}

/**
 * One person's purchase of crypto currency. A session is made once and never changed; a changed argument makes another one,
 * and deleting it only forgets it.
 *
 * @example
 * const session = new stripe.crypto.OnrampSession("buy", { destinationCurrency: "usdc", destinationNetwork: "base" });
 * export const clientSecret = session.clientSecret;
 */
export const OnrampSession: ResourceClass<OnrampSessionArgs, PropertiesOf<Declared>> = resourceClass<
  OnrampSessionArgs,
  Declared
>("crypto:OnrampSession");
export type OnrampSession = InstanceType<typeof OnrampSession>;

/** What narrows the quotes down: either amount, as a decimal string, and lists of currencies and networks. */
export type OnrampQuotesArgs = z.input<z.ZodObject<(typeof onrampQuotes)["params"]>>;
/** Estimates of what an onramp session would buy, for display. */
export type OnrampQuotes = z.output<z.ZodObject<(typeof onrampQuotes)["shape"]>>;

/** Estimates of what an onramp session would buy; of everything where nothing is given. */
export const getOnrampQuotes = query<OnrampQuotesArgs, OnrampQuotes>(
  "stripe:crypto/getOnrampQuotes",
  "crypto:OnrampQuotes",
);
/** {@link getOnrampQuotes} for arguments that are Outputs. */
export const getOnrampQuotesOutput = outputOf(getOnrampQuotes);
