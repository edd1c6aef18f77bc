import { type Emulator } from "../../emulator";
import { send } from "../emulator/client";

const urn = (type: string, name: string) =>
  `urn:pulumi:production::shop::pulumi-nodejs:dynamic/stripe:${type}::${name}`;

/** A small deployment as the provider sends it, and what people and Stripe do beside it. Returns the ids by name. */
export async function playStory(emulator: Emulator, webhookUrl = "https://example.com/stripe/webhooks") {
  const as = (method: string, type: string, name: string, key?: string) => ({
    "pulumi-operation": `${method} ${urn(type, name)}`,
    "user-agent": "stripe-as-code",
    ...(key !== undefined && { "idempotency-key": key }),
  });
  const post = async (path: string, form: Record<string, string>, headers = {}) =>
    String((await send(emulator, "POST", path, form, headers)).body["id"]);

  await send(emulator, "GET", "/v1/account", undefined, as("check", "WebhookEndpoint", "orders"));
  const endpoint = await post(
    "/v1/webhook_endpoints",
    { url: webhookUrl, "enabled_events[0]": "*", "metadata[pulumi_name]": "orders" },
    as("create", "WebhookEndpoint", "orders", "pulumi-1f0c9a"),
  );
  const product = await post(
    "/v1/products",
    { name: "Espresso beans, 1 kg" },
    as("create", "Product", "beans", "pulumi-77ab02"),
  );
  const price = await post(
    "/v1/prices",
    { product, currency: "eur", unit_amount: "2400" },
    as("create", "Price", "beans-eur", "pulumi-c81d55"),
  );
  await post(
    "/v1/prices",
    { product, currency: "eur", unit_amount: "-1" },
    as("create", "Price", "beans-typo", "pulumi-00d1f4"),
  );
  const order = await post(
    "/v1/climate/orders",
    { product: "climsku_offtake_portfolio_2029", metric_tons: "0.5" },
    as("create", "climate:Order", "offset-2026", "pulumi-4be910"),
  );
  emulator.fail({ method: "POST", path: "/v1/products/:id", with: 503 });
  await post(
    `/v1/products/${product}`,
    { description: "Roasted weekly" },
    as("update", "Product", "beans", "pulumi-9e3377"),
  );
  await post(
    `/v1/products/${product}`,
    { description: "Roasted weekly" },
    as("update", "Product", "beans", "pulumi-9e3377"),
  );
  const session = await post(
    "/v1/identity/verification_sessions",
    { type: "document" },
    as("create", "identity:VerificationSession", "seller", "pulumi-51cc20"),
  );
  await post("/v1/products", { name: "Espresso beans, 1 kg" }, as("create", "Product", "beans", "pulumi-77ab02"));
  await send(emulator, "GET", `/v1/climate/orders/${order}`, undefined, as("read", "climate:Order", "offset-2026"));
  return { endpoint, product, price, order, session };
}
