import { startEmulator, type Emulator } from "../../emulator";
import { send } from "./client";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => 1_800_000_000_000 });
});
afterAll(() => emulator.close());

interface Product {
  id: string;
  delivery_year: number | null;
  metric_tons_available: string;
  current_prices_per_metric_ton: Record<string, { amount_fees: number; amount_subtotal: number; amount_total: number }>;
  suppliers: { object: string }[];
}

test("products come in Stripe's shape, of past, coming and no year", async () => {
  const { body } = await send(emulator, "GET", "/v1/climate/products");
  const products = body["data"] as Product[];
  expect(body).toMatchObject({ object: "list", has_more: false, url: "/v1/climate/products" });
  expect(products.length).toBeGreaterThanOrEqual(3);
  const years = products.map(({ delivery_year: year }) => year);
  expect(years).toContain(null);
  expect(years.some((year) => year !== null && year < 2026)).toBe(true);
  expect(years.some((year) => year !== null && year > 2027)).toBe(true);
  for (const product of products) {
    expect(product).toEqual({
      id: expect.stringMatching(/^climsku_/) as string,
      object: "climate.product",
      created: 1_800_000_000,
      current_prices_per_metric_ton: expect.any(Object) as object,
      delivery_year: product.delivery_year,
      livemode: false,
      metric_tons_available: expect.stringMatching(/^\d+(\.\d+)?$/) as string,
      name: expect.any(String) as string,
      suppliers: expect.arrayContaining([expect.objectContaining({ object: "climate.supplier" })]) as object[],
    });
    for (const price of Object.values(product.current_prices_per_metric_ton)) {
      expect(price.amount_total).toBe(price.amount_subtotal + price.amount_fees);
    }
    expect((await send(emulator, "GET", `/v1/climate/products/${product.id}`)).body).toEqual(product);
  }
});

test("suppliers have neither a creation time nor metadata", async () => {
  const { body } = await send(emulator, "GET", "/v1/climate/suppliers?limit=1");
  expect(body["has_more"]).toBe(true);
  const [supplier] = body["data"] as Record<string, unknown>[];
  expect(Object.keys(supplier ?? {}).sort()).toEqual([
    "id",
    "info_url",
    "livemode",
    "locations",
    "name",
    "object",
    "removal_pathway",
  ]);
  expect((await send(emulator, "GET", `/v1/climate/suppliers/${String(supplier?.["id"])}`)).body).toEqual(supplier);
});

test.each([
  ["/v1/climate/products/climsku_none", "product", "No such climate product: 'climsku_none'"],
  ["/v1/climate/suppliers/climsup_none", "supplier", "No such climate supplier: 'climsup_none'"],
])("%s is missing", async (path, param, message) => {
  const { status, error } = await send(emulator, "GET", path);
  expect([status, error.code, error.param, error.message]).toEqual([404, "resource_missing", param, message]);
});

test("the catalogue can't be written", async () => {
  expect((await send(emulator, "POST", "/v1/climate/products", { name: "x" })).status).toBe(404);
  expect((await send(emulator, "POST", "/v1/climate/products/climsku_biochar_spot", { name: "x" })).status).toBe(404);
  expect((await send(emulator, "GET", "/v1/climate/products?delivery_year=2029")).error.code).toBe("parameter_unknown");
});
