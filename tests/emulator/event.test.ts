import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, officialClient, send } from "./client";

let clock = 1_800_000_000_000;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(() => {
  clock = 1_800_000_000_000;
  emulator.reset();
});
afterAll(() => emulator.close());

const product = "climsku_offtake_portfolio_2029";
const types = async (query: string) =>
  ((await send(emulator, "GET", `/v1/events?${query}`)).body["data"] as { type: string }[]).map(({ type }) => type);

test("an event is what the object was, and which request made it", async () => {
  const made = await send(
    emulator,
    "POST",
    "/v1/climate/orders",
    { product, metric_tons: "1" },
    { "idempotency-key": "k" },
  );
  await send(emulator, "POST", `/v1/climate/orders/${String(made.body["id"])}/cancel`);
  const [canceled, created] = emulator.objects("event");
  expect(created).toEqual({
    id: expect.stringMatching(/^evt_/) as string,
    object: "event",
    api_version: "2026-10-28.endive",
    created: 1_800_000_000,
    data: { object: made.body },
    livemode: false,
    pending_webhooks: 0,
    request: { id: made.headers.get("request-id"), idempotency_key: "k" },
    type: "climate.order.created",
  });
  expect(canceled).toMatchObject({ data: { object: { status: "canceled" } }, request: { idempotency_key: null } });
  expect((await send(emulator, "GET", `/v1/events/${String(created?.id)}`)).body).toEqual(created);
  expect((await send(emulator, "GET", "/v1/events/evt_none")).error).toMatchObject({
    code: "resource_missing",
    param: "id",
  });
});

test("what Stripe does by itself belongs to no request", async () => {
  const made = await send(emulator, "POST", "/v1/climate/orders", { product, metric_tons: "1" });
  emulator.edit("climate.order", String(made.body["id"]), { status: "delivered" });
  expect(emulator.objects("event")[0]).toMatchObject({
    type: "climate.order.delivered",
    request: { id: null, idempotency_key: null },
  });
});

test("they are filtered by type, types and time", async () => {
  const buy = async () =>
    String((await send(emulator, "POST", "/v1/climate/orders", { product, metric_tons: "1" })).body["id"]);
  const id = await buy();
  clock += 10_000;
  await send(emulator, "POST", `/v1/climate/orders/${id}/cancel`);
  clock += 10_000;
  await buy();
  const [created, canceled] = ["climate.order.created", "climate.order.canceled"];
  expect(await types("")).toEqual([created, canceled, created]);
  expect(await types(`type=${canceled}`)).toEqual([canceled]);
  expect(await types("type=climate.*")).toHaveLength(3);
  expect(await types("type=climate")).toEqual([]);
  expect(await types(`types[]=${canceled}&types[]=charge.failed`)).toEqual([canceled]);
  expect(await types("created[gt]=1800000000")).toEqual([created, canceled]);
  expect(await types("created[gte]=1800000010&created[lt]=1800000020")).toEqual([canceled]);
  expect(await types("created[lte]=1800000000")).toEqual([created]);
  expect(await types("created=1800000010")).toEqual([canceled]);
  expect((await send(emulator, "GET", "/v1/events?created[after]=1")).error).toMatchObject({
    code: "parameter_unknown",
    param: "created[after]",
  });
  expect((await send(emulator, "GET", "/v1/events?created=now")).error.code).toBe("parameter_invalid_integer");
});

test("webhook endpoints have no events", async () => {
  const { body } = await send(emulator, "POST", "/v1/webhook_endpoints", hookForm);
  await send(emulator, "DELETE", `/v1/webhook_endpoints/${String(body["id"])}`);
  expect(await types("")).toEqual([]);
});

test("the official client lists them", async () => {
  const stripe = officialClient(emulator);
  await send(emulator, "POST", "/v1/climate/orders", { product, metric_tons: "1" });
  const page = await stripe.events.list({ types: ["climate.order.created"], created: { gte: 1_800_000_000 } });
  expect(page.data.map(({ type }) => type)).toEqual(["climate.order.created"]);
  expect((await stripe.accounts.retrieveCurrent()).id).toBe(emulator.accountId);
});
