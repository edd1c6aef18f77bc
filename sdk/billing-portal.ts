import type { portalConfiguration } from "../provider/resources/billing-portal/configuration";
import { type ResourceClass, resourceClass } from "./resource-class";
import type { ArgsOf, PropertiesOf } from "./types";

type Declared = typeof portalConfiguration;

/** Arguments of {@link Configuration}. */
export interface ConfigurationArgs extends ArgsOf<Declared> {}

/**
 * What customers may do in the customer portal. Stripe deletes none: it is deactivated when the resource is deleted.
 *
 * @example
 * new stripe.billingPortal.Configuration("portal", {
 *   features: {
 *     invoiceHistory: { enabled: true },
 *     subscriptionUpdate: {
 *       enabled: true,
 *       defaultAllowedUpdates: ["price"],
 *       products: [{ product: gold.id, prices: [monthly.id, yearly.id] }],
 *     },
 *   },
 * });
 */
export const Configuration: ResourceClass<ConfigurationArgs, PropertiesOf<Declared>> = resourceClass<
  ConfigurationArgs,
  Declared
>("billingPortal:Configuration");
export type Configuration = InstanceType<typeof Configuration>;
