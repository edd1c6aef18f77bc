/* What Stripe's own client says can be sent on create and on update, under names the test finds. */
import type Stripe from "stripe";

export type WebhookEndpointCreate = Stripe.WebhookEndpointCreateParams;
export type WebhookEndpointUpdate = Stripe.WebhookEndpointUpdateParams;
export type ProductCreate = Stripe.ProductCreateParams;
export type ProductUpdate = Stripe.ProductUpdateParams;
export type PriceCreate = Stripe.PriceCreateParams;
export type PriceUpdate = Stripe.PriceUpdateParams;
export type PortalConfigurationCreate = Stripe.BillingPortal.ConfigurationCreateParams;
export type PortalConfigurationUpdate = Stripe.BillingPortal.ConfigurationUpdateParams;
export type VerificationSessionCreate = Stripe.Identity.VerificationSessionCreateParams;
export type VerificationSessionUpdate = Stripe.Identity.VerificationSessionUpdateParams;
export type OrderCreate = Stripe.Climate.OrderCreateParams;
export type OrderUpdate = Stripe.Climate.OrderUpdateParams;
export type RequestCreate = Stripe.Forwarding.RequestCreateParams;
export type RequestUpdate = object;
export type EnabledEvent = Stripe.WebhookEndpointCreateParams.EnabledEvent;
