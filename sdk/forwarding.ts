import type { forwardingRequest } from "../provider/resources/forwarding/request";
import { type ResourceClass, resourceClass } from "./resource-class";
import type { ArgsOf, PropertiesOf } from "./types";

export type { Replacement } from "../provider/resources/forwarding/request";

type Declared = typeof forwardingRequest;

/** Arguments of {@link Request}. */
export interface RequestArgs extends ArgsOf<Declared> {}

/**
 * A request that Stripe makes to a third party with a card it keeps. It is sent when the resource is first created, and again
 * only when what is sent, or `triggers`, changes.
 *
 * @example
 * new stripe.forwarding.Request("charge", {
 *   url: "https://api.checkout.com/payments",
 *   paymentMethod: "pm_…",
 *   replacements: ["card_number", "card_expiry"],
 *   request: { body: JSON.stringify({ amount: 100, number: "" }) },
 * });
 */
export const Request: ResourceClass<RequestArgs, PropertiesOf<Declared>> = resourceClass<RequestArgs, Declared>(
  "forwarding:Request",
);
export type Request = InstanceType<typeof Request>;
