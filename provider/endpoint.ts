/** Where a call goes: the endpoint whose limit it counts against, and the object it is about. */
export interface Place {
  /** Method and path with ids taken out, which is what Stripe limits: `POST /v1/climate/orders/:id/cancel`. */
  endpoint: string;
  /** Path down to the object's id, whatever follows; undefined for creates and lists. */
  object: string | undefined;
}

/**
 * First segments that hold collections instead of being one: `/v1/climate/orders`, but `/v1/products`. Taken from the paths
 * of Stripe's public OpenAPI document (github.com/stripe/openapi, spec3.json). One that is missing here makes buckets and
 * queues coarser, never wrong.
 */
const namespaces = new Set([
  ...["apple_pay", "apps", "billing", "billing_portal", "checkout", "climate", "core", "crypto", "entitlements"],
  ...["financial_connections", "forwarding", "identity", "issuing", "payment_records", "radar", "reporting", "sigma"],
  ...["tax", "terminal", "test_helpers", "treasury"],
]);

/** Takes a path of Stripe's API apart, by its form alone. */
export function placeOf(method: string, path: string): Place {
  const segments = path.split("/");
  // "", version, namespace?, collection, id, action or collection below, id below …
  const collection = namespaces.has(segments[2] ?? "") ? 3 : 2;
  const template = segments.map((segment, index) =>
    index > collection && (index - collection) % 2 === 1 ? ":id" : segment,
  );
  const id = segments[collection + 1];
  return {
    endpoint: `${method} ${template.join("/")}`,
    object: id === undefined || id === "" ? undefined : segments.slice(0, collection + 2).join("/"),
  };
}
