import { endpointName, type WebhookEndpoint } from "./behaviour/webhook-endpoint";
import { type World } from "./world";

/** A webhook endpoint and the account that registered it. */
export interface Receiver {
  readonly holder: string;
  readonly endpoint: WebhookEndpoint;
}

/** The endpoints that an event of this type in this account is sent to. */
export function receiversOf(world: World, account: string, type: string): Receiver[] {
  return receiversFor(world, account).filter(
    ({ endpoint: { status, enabled_events: enabled } }) =>
      status === "enabled" && (enabled.includes("*") || enabled.includes(type)),
  );
}

/** Endpoints for an account's events: its own, and the platform's with `connect: true` for a connected one. [openapi] */
export function receiversFor(world: World, account: string): Receiver[] {
  const platform = world.settings.accountId;
  const registered = (holder: string, connect: boolean): Receiver[] =>
    world
      .account(holder)
      .collection<WebhookEndpoint>(endpointName)
      .oldestFirst()
      .filter((endpoint) => endpoint.connect === connect)
      .map((endpoint) => ({ holder, endpoint }));
  return [...registered(account, false), ...(account === platform ? [] : registered(platform, true))];
}
