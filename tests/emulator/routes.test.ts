import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, officialClient, send } from "./client";

const path = "/v1/webhook_endpoints";
let emulator: Emulator;
let ids: string[];

beforeAll(async () => {
  emulator = await startEmulator({ maxWebhookEndpoints: 1000 });
  ids = [];
  for (let made = 0; made < 25; made += 1) {
    ids.unshift(String((await send(emulator, "POST", path, hookForm)).body["id"]));
  }
});
afterAll(() => emulator.close());

const list = async (query: string) => {
  const { body, status, error } = await send(emulator, "GET", `${path}?${query}`);
  return {
    status,
    error,
    more: body["has_more"],
    ids: (body["data"] as { id: string }[] | undefined)?.map(({ id }) => id),
  };
};

test("ten, newest first, unless the limit says otherwise", async () => {
  expect(await list("")).toMatchObject({ ids: ids.slice(0, 10), more: true });
  expect(await list("limit=25")).toMatchObject({ ids, more: false });
  expect(await list("limit=24")).toMatchObject({ ids: ids.slice(0, 24), more: true });
});

test("cursors are exclusive, and has_more is about their direction", async () => {
  expect(await list(`limit=5&starting_after=${ids[4]}`)).toMatchObject({ ids: ids.slice(5, 10), more: true });
  expect(await list(`limit=5&starting_after=${ids[19]}`)).toMatchObject({ ids: ids.slice(20), more: false });
  expect(await list(`starting_after=${ids[24]}`)).toMatchObject({ ids: [], more: false });
  expect(await list(`limit=5&ending_before=${ids[10]}`)).toMatchObject({ ids: ids.slice(5, 10), more: true });
  expect(await list(`limit=5&ending_before=${ids[3]}`)).toMatchObject({ ids: ids.slice(0, 3), more: false });
  expect(await list(`limit=3&ending_before=${ids[3]}`)).toMatchObject({ ids: ids.slice(0, 3), more: false });
  expect(await list(`ending_before=${ids[0]}`)).toMatchObject({ ids: [], more: false });
});

test.each([
  ["limit=0", "limit", "parameter_invalid_integer"],
  ["limit=101", "limit", "parameter_invalid_integer"],
  ["limit=ten", "limit", "parameter_invalid_integer"],
  ["limit=", "limit", "parameter_invalid_empty"],
  ["starting_after=we_none", "starting_after", "resource_missing"],
  ["ending_before=we_none", "ending_before", "resource_missing"],
  ["starting_after=we_a&ending_before=we_b", "ending_before", "parameters_exclusive"],
  ["created[gt]=1", "created", "parameter_unknown"],
  ["status=enabled", "status", "parameter_unknown"],
  ["expand[]=data.application", "expand", undefined],
  ["expand[]=product", "expand", undefined],
])("%s is refused", async (query, param, code) => {
  const { status, error } = await list(query);
  expect([status, error.param, error.code]).toEqual([400, param, code]);
});

test("the official client pages through everything", async () => {
  const stripe = officialClient(emulator);
  const seen: string[] = [];
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 7 })) seen.push(endpoint.id);
  expect(seen).toEqual(ids);
});

test("climate orders expand their product, and nothing else", async () => {
  const orders = "/v1/climate/orders";
  const product = "climsku_offtake_portfolio_2029";
  const form = { product, metric_tons: "0.01" };
  const made = await send(emulator, "POST", `${orders}?expand[]=product`, form);
  expect(made.body["product"]).toMatchObject({ id: product, object: "climate.product" });
  const shown = await send(emulator, "GET", `${orders}?expand[]=data.product`);
  expect(shown.body["data"]).toMatchObject([{ product: { id: product } }]);
  for (const path of ["suppliers", "product.suppliers", "data", "a.b.c.d.e", "", "product."]) {
    const { status, error } = await send(emulator, "GET", `${orders}/${String(made.body["id"])}?expand[]=${path}`);
    expect([path, status]).toEqual([path, 400]);
    expect(error.param).toMatch(/^expand/);
  }
});
