import { placeOf } from "../../provider/endpoint";
import { declarationOf, kindNames } from "../../provider/registry";

test.each([
  ["GET", "/v1/account", "GET /v1/account", undefined],
  ["POST", "/v1/products", "POST /v1/products", undefined],
  ["POST", "/v1/products/prod_1", "POST /v1/products/:id", "/v1/products/prod_1"],
  ["DELETE", "/v1/products/my-own%2Fid", "DELETE /v1/products/:id", "/v1/products/my-own%2Fid"],
  ["POST", "/v1/products/p/features", "POST /v1/products/:id/features", "/v1/products/p"],
  ["DELETE", "/v1/products/p/features/f", "DELETE /v1/products/:id/features/:id", "/v1/products/p"],
  ["POST", "/v1/climate/orders", "POST /v1/climate/orders", undefined],
  ["POST", "/v1/climate/orders/o/cancel", "POST /v1/climate/orders/:id/cancel", "/v1/climate/orders/o"],
  [
    "POST",
    "/v1/billing_portal/configurations/c",
    "POST /v1/billing_portal/configurations/:id",
    "/v1/billing_portal/configurations/c",
  ],
  ["POST", "/v1/tax/settings", "POST /v1/tax/settings", undefined],
  ["POST", "/v2/core/event_destinations/e", "POST /v2/core/event_destinations/:id", "/v2/core/event_destinations/e"],
  ["POST", "/v1/products/", "POST /v1/products/:id", undefined],
])("%s %s", (method, path, endpoint, object) => {
  expect(placeOf(method, path)).toEqual({ endpoint, object });
});

test.each(kindNames)("%s: a create is about no object yet, what is done to one is", (kind) => {
  const { path } = declarationOf(kind).api;
  expect(placeOf("POST", path)).toEqual({ endpoint: `POST ${path}`, object: undefined });
  expect(placeOf("POST", `${path}/x`)).toEqual({ endpoint: `POST ${path}/:id`, object: `${path}/x` });
});
