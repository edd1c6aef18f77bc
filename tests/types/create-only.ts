/* What Stripe's own client says can be sent on create and on update, under names the test finds. */
import type Stripe from "stripe";

export type WebhookEndpointCreate = Stripe.WebhookEndpointCreateParams;
export type WebhookEndpointUpdate = Stripe.WebhookEndpointUpdateParams;
export type OrderCreate = Stripe.Climate.OrderCreateParams;
export type OrderUpdate = Stripe.Climate.OrderUpdateParams;
export type RequestCreate = Stripe.Forwarding.RequestCreateParams;
export type RequestUpdate = object;
export type EnabledEvent = Stripe.WebhookEndpointCreateParams.EnabledEvent;
