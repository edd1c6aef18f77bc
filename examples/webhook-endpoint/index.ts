import * as pulumi from "@pulumi/pulumi";
import * as stripe from "stripe-as-code";

interface Endpoint {
  name: string;
  url: string;
  events: stripe.EventName[];
  disabled?: boolean;
}

const config = new pulumi.Config();
const endpoints = config.getObject<Endpoint[]>("endpoints") ?? [
  { name: "shop", url: "https://example.com/shop", events: ["checkout.session.completed", "invoice.paid"] },
  { name: "disputes", url: "https://example.com/disputes", events: ["charge.dispute.created"] },
  { name: "audit", url: "https://example.com/audit", events: ["*"], disabled: true },
];
// When each secret was asked for, by the endpoint's name: a new text makes that endpoint anew, with a new secret.
const secretsOf = config.getObject<Record<string, string>>("secretsOf") ?? {};

const hooks = endpoints.map(({ name, url, events, disabled }) => ({
  name,
  endpoint: new stripe.WebhookEndpoint(name, {
    url,
    enabledEvents: events,
    description: `${name} (${pulumi.getStack()})`,
    metadata: { team: config.get("team") ?? "payments", purpose: name },
    disabled,
    // Events keep this shape when the account's default moves on; another version makes the endpoint anew.
    apiVersion: "2026-08-26.dahlia",
    triggers: [secretsOf[name] ?? "first"],
  }),
}));

export const ids = Object.fromEntries(hooks.map(({ name, endpoint }) => [name, endpoint.id]));
export const signingSecrets = Object.fromEntries(hooks.map(({ name, endpoint }) => [name, endpoint.secret]));

// Whatever carries no stamp was made by hand, or by another program.
export const madeElsewhere = stripe
  .getWebhookEndpointsOutput()
  .apply((all) => all.filter(({ metadata }) => metadata?.pulumi_id === undefined).map(({ id, url }) => ({ id, url })));
