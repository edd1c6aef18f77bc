import { type FixtureParams, type LifeStep, type RequestStep, type Trigger } from "./fixture";
import { MissingHere } from "./missing";

const post = (path: string, params: FixtureParams = {}, as?: string): RequestStep => ({
  method: "POST",
  path,
  params,
  ...(as !== undefined && { as }),
});

const product = post("/v1/products", { name: "Sample of stripe-as-code" }, "product");
const price = post("/v1/prices", { product: "{product.id}", currency: "usd", unit_amount: "1500" }, "price");
const link = post(
  "/v1/payment_links",
  { "line_items[0][price]": "{price.id}", "line_items[0][quantity]": "1" },
  "link",
);
const portal = post(
  "/v1/billing_portal/configurations",
  { "features[invoice_history][enabled]": "true", "business_profile[headline]": "Sample of stripe-as-code" },
  "portal",
);

const session = post("/v1/identity/verification_sessions", { type: "document" }, "session");
const sessionPath = "/v1/identity/verification_sessions/{session.id}";
const sessionStep = (to: string): LifeStep => ({ kind: "identity.verification_session", id: "{session.id}", to });

const removals: RequestStep = {
  method: "GET",
  path: "/v1/climate/products",
  params: { limit: "2" },
  as: "removals",
};
const order = post("/v1/climate/orders", { product: "{removals.data.0.id}", metric_tons: "0.01" }, "order");
const orderStep = (to: string, details?: FixtureParams): LifeStep => ({
  kind: "climate.order",
  id: "{order.id}",
  to,
  ...(details !== undefined && { details }),
});

/** By event type: what brings it about. An event that is missing here can't be had by `trigger`. */
const steps: Readonly<Record<string, Trigger["steps"]>> = {
  "billing_portal.configuration.created": [portal],
  "billing_portal.configuration.updated": [
    portal,
    post("/v1/billing_portal/configurations/{portal.id}", { "business_profile[headline]": "Changed" }),
  ],
  "climate.order.canceled": [removals, order, post("/v1/climate/orders/{order.id}/cancel")],
  "climate.order.created": [removals, order],
  "climate.order.delayed": [removals, order, orderStep("delayed")],
  "climate.order.delivered": [removals, order, orderStep("delivered")],
  "climate.order.product_substituted": [
    removals,
    order,
    orderStep("product_substituted", { product: "{removals.data.1.id}" }),
  ],
  "climate.product.pricing_updated": [
    removals,
    { kind: "climate.product", id: "{removals.data.0.id}", to: "pricing_updated" },
  ],
  "identity.verification_session.canceled": [session, post(`${sessionPath}/cancel`)],
  "identity.verification_session.created": [session],
  "identity.verification_session.processing": [session, sessionStep("processing")],
  "identity.verification_session.redacted": [
    session,
    post(`${sessionPath}/redact`),
    { ...sessionStep("redacted"), byItself: "Stripe redacts within four days, and the event comes then" },
  ],
  "identity.verification_session.requires_input": [session, sessionStep("processing"), sessionStep("requires_input")],
  "identity.verification_session.verified": [session, sessionStep("processing"), sessionStep("verified")],
  "payment_link.created": [product, price, link],
  "payment_link.updated": [product, price, link, post("/v1/payment_links/{link.id}", { active: "false" })],
  "price.created": [product, price],
  "price.updated": [product, price, post("/v1/prices/{price.id}", { nickname: "Changed" })],
  "product.created": [product],
  "product.deleted": [product, { method: "DELETE", path: "/v1/products/{product.id}" }],
  "product.updated": [product, post("/v1/products/{product.id}", { description: "Changed" })],
};

/** What `trigger` can bring about, by event type in alphabetical order. */
export const triggers: readonly Trigger[] = Object.entries(steps).map(([event, of]) => ({ event, steps: of }));

/** Throws an Error for an event that can't be had. */
export function findTrigger(event: string): Trigger {
  const trigger = triggers.find((one) => one.event === event);
  if (trigger !== undefined) return trigger;
  throw new MissingHere(`trigger: no way to '${event}' is known; there is ${Object.keys(steps).join(", ")}`);
}
