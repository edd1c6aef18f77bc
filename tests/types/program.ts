/* A program as its author's compiler sees it: what must compile does, what must not is marked. */
import type * as pulumi from "@pulumi/pulumi";
import * as stripe from "../../sdk";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<T extends true>(): T;

declare const text: pulumi.Output<string>;
declare const tons: Promise<string>;
declare const endpoint: stripe.WebhookEndpoint;
declare const order: stripe.climate.Order;

export function arguments_() {
  const url = "https://example.com";
  new stripe.WebhookEndpoint("few", { url, enabledEvents: ["invoice.paid"] });
  new stripe.WebhookEndpoint("later", { url, enabledEvents: ["an.event_of_a_later_version"] });
  new stripe.WebhookEndpoint("falsy", { url: "", enabledEvents: [], disabled: false, connect: false, description: "" });
  new stripe.WebhookEndpoint("undefined", { url, enabledEvents: ["*"], disabled: undefined, metadata: undefined });
  new stripe.WebhookEndpoint("outputs", { url: text, enabledEvents: ["*"], metadata: { tier: "0", from: text } });
  new stripe.WebhookEndpoint("options", { url, enabledEvents: ["*"] }, { protect: true, parent: endpoint });
  new stripe.WebhookEndpoint("common", { url, enabledEvents: ["*"], stripeAccount: "acct_1", triggers: ["", text] });
  new stripe.climate.Order("tons", { product: "climsku_x", metricTons: tons });
  new stripe.climate.Order("amount", { product: "climsku_x", amount: 0, beneficiary: { publicName: text } });
  new stripe.climate.Order("policy", { product: "climsku_x", amount: 1, onDelete: "retain" });
  const args: stripe.WebhookEndpointArgs = { url, enabledEvents: ["*"] };
  const orderArgs: stripe.climate.OrderArgs = { product: "climsku_x" };
  stripe.WebhookEndpoint.get("known", "we_1", { dependsOn: order });
  stripe.climate.Order.get("known", text);
  return [args, orderArgs];
}

export function refused() {
  const url = "https://example.com";
  // @ts-expect-error url is required
  new stripe.WebhookEndpoint("x", { enabledEvents: ["*"] });
  // @ts-expect-error enabledEvents is required
  new stripe.WebhookEndpoint("x", { url });
  // @ts-expect-error the arguments are required
  new stripe.WebhookEndpoint("x");
  // @ts-expect-error an event is a text
  new stripe.WebhookEndpoint("x", { url, enabledEvents: [0] });
  // @ts-expect-error a list, even of one
  new stripe.WebhookEndpoint("x", { url, enabledEvents: "*" });
  // @ts-expect-error a field that is misspelled
  new stripe.WebhookEndpoint("x", { url, enabledEvents: ["*"], enabledEvent: "*" });
  // @ts-expect-error Stripe's spelling
  new stripe.WebhookEndpoint("x", { url, enabled_events: ["*"] });
  // @ts-expect-error a text for a boolean
  new stripe.WebhookEndpoint("x", { url, enabledEvents: ["*"], disabled: "false" });
  // @ts-expect-error a number in metadata
  new stripe.WebhookEndpoint("x", { url, enabledEvents: ["*"], metadata: { tier: 0 } });
  // @ts-expect-error an output is no input
  new stripe.WebhookEndpoint("x", { url, enabledEvents: ["*"], secret: "whsec_x" });
  // @ts-expect-error null is no value
  new stripe.WebhookEndpoint("x", { url, enabledEvents: ["*"], description: null });
  // @ts-expect-error none of the choices
  new stripe.WebhookEndpoint("x", { url, enabledEvents: ["*"], onSecretLost: "ignore" });
  // @ts-expect-error product is required
  new stripe.climate.Order("x", { metricTons: "1" });
  // @ts-expect-error tons are a decimal text, as floating point can't hold them
  new stripe.climate.Order("x", { product: "climsku_x", metricTons: 0.5 });
  // @ts-expect-error an amount is a number
  new stripe.climate.Order("x", { product: "climsku_x", amount: "1" });
  // @ts-expect-error a nested field is required
  new stripe.climate.Order("x", { product: "climsku_x", beneficiary: {} });
  // @ts-expect-error a nested field that is misspelled
  new stripe.climate.Order("x", { product: "climsku_x", beneficiary: { publicName: "x", public_name: "x" } });
  // @ts-expect-error triggers are texts
  new stripe.climate.Order("x", { product: "climsku_x", triggers: [1] });
  // @ts-expect-error properties are read only
  endpoint.url = text;
}

export function properties() {
  holds<Equal<typeof endpoint.id, pulumi.Output<string>>>();
  holds<Equal<typeof endpoint.urn, pulumi.Output<string>>>();
  holds<Equal<typeof endpoint.url, pulumi.Output<string>>>();
  holds<Equal<typeof endpoint.secret, pulumi.Output<string>>>();
  holds<Equal<typeof endpoint.status, pulumi.Output<string>>>();
  holds<Equal<typeof endpoint.livemode, pulumi.Output<boolean>>>();
  holds<Equal<typeof endpoint.created, pulumi.Output<number>>>();
  holds<Equal<typeof endpoint.application, pulumi.Output<string | undefined>>>();
  holds<Equal<typeof endpoint.description, pulumi.Output<string | undefined>>>();
  holds<Equal<typeof endpoint.disabled, pulumi.Output<boolean | undefined>>>();
  holds<Equal<typeof endpoint.metadata, pulumi.Output<Record<string, string> | undefined>>>();
  holds<Equal<typeof endpoint.enabledEvents, pulumi.Output<stripe.EventName[]>>>();
  holds<Equal<typeof endpoint.triggers, pulumi.Output<string[] | undefined>>>();
  holds<Equal<typeof order.product, pulumi.Output<string>>>();
  holds<Equal<typeof order.metricTons, pulumi.Output<string | undefined>>>();
  holds<Equal<typeof order.amountTotal, pulumi.Output<number>>>();
  holds<Equal<typeof order.cancellationReason, pulumi.Output<string | undefined>>>();
  holds<Equal<typeof order.onDelete, pulumi.Output<"cancel" | "retain" | undefined>>>();
  holds<Equal<typeof order.beneficiary, pulumi.Output<{ publicName: string } | undefined>>>();
  const country = order.deliveryDetails.apply((parts) => parts[0]?.supplier.locations[0]?.country);
  holds<Equal<typeof country, pulumi.Output<string | undefined>>>();
  // @ts-expect-error another class's property
  void order.secret;
  return country;
}

export function classes(value: unknown) {
  const type: string = stripe.WebhookEndpoint.__pulumiType;
  // @ts-expect-error the type token never changes
  stripe.WebhookEndpoint.__pulumiType = "x";
  if (stripe.WebhookEndpoint.isInstance(value)) return value.secret;
  // @ts-expect-error nothing is known of it
  void value.secret;
  return type;
}

export async function functions() {
  const product = await stripe.climate.getProduct({ id: "climsku_x" });
  holds<Equal<typeof product, stripe.climate.Product>>();
  holds<Equal<typeof product.metricTonsAvailable, string>>();
  holds<Equal<(typeof product.currentPricesPerMetricTon)[string]["amountTotal"], number>>();
  const twin = stripe.climate.getProductOutput({ id: text });
  holds<Equal<typeof twin, pulumi.Output<stripe.climate.Product>>>();
  const products = await stripe.climate.getProducts();
  holds<Equal<typeof products, stripe.climate.Product[]>>();
  const suppliers = stripe.climate.getSuppliersOutput();
  holds<Equal<typeof suppliers, pulumi.Output<stripe.climate.Supplier[]>>>();
  // @ts-expect-error an Output is for the twin
  await stripe.climate.getProduct({ id: text });
  // @ts-expect-error an id is required
  await stripe.climate.getProduct({});
  return [product, twin, products, suppliers];
}
