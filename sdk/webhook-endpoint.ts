import type { z } from "zod";
import type { webhookEndpoint, webhookEndpoints } from "../provider/resources/webhook-endpoint";
import { lister, outputOf } from "./function";
import { type ResourceClass, resourceClass } from "./resource-class";
import type { ArgsOf, PropertiesOf } from "./types";

export type { EventName, EventType } from "../provider/resources/event-types";

type Declared = typeof webhookEndpoint;

/** Arguments of {@link WebhookEndpoint}. */
export interface WebhookEndpointArgs extends ArgsOf<Declared> {}

/**
 * An endpoint that Stripe posts the account's events to. Its signing `secret` is told once, at creation, and kept
 * encrypted in the stack's state from then on.
 *
 * @example
 * const hook = new stripe.WebhookEndpoint("orders", {
 *   url: "https://example.com/stripe",
 *   enabledEvents: ["checkout.session.completed"],
 * });
 * export const secret = hook.secret;
 */
export const WebhookEndpoint: ResourceClass<WebhookEndpointArgs, PropertiesOf<Declared>> = resourceClass<
  WebhookEndpointArgs,
  Declared
>("WebhookEndpoint");
export type WebhookEndpoint = InstanceType<typeof WebhookEndpoint>;

/** An endpoint as lists show it, managed or not. */
export type WebhookEndpointSummary = z.output<z.ZodObject<(typeof webhookEndpoints)["shape"]>>;

/** Every endpoint of the account, newest first. Under mocks the call returns `{ data: [...] }`. */
export const getWebhookEndpoints = lister<WebhookEndpointSummary>(
  "stripe:index/getWebhookEndpoints",
  "WebhookEndpoints",
);
/** {@link getWebhookEndpoints} as an Output. */
export const getWebhookEndpointsOutput = outputOf(getWebhookEndpoints);
