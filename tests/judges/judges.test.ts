import { startEmulator, type Emulator } from "../../emulator";
import { answerRequest } from "../../emulator/pipeline";
import { Router, routesOf } from "../../emulator/routes";
import { fillSettings } from "../../emulator/settings";
import { World } from "../../emulator/world";
import { send } from "../emulator/client";
import { sendV2 } from "../emulator/v2";
import { type Exchange } from "./exchange";
import { variables } from "./setup";
import { judge, judged, judgeWhatWasSaid, listen, whatWasSeen } from "./witness";

const missing = process.env[variables.missing];
(missing !== undefined && process.env["CI"] === undefined ? test.skip : test)("the judges can be had", () => {
  expect(missing).toBeUndefined();
});

type Values = Record<string, unknown>;

let emulator: Emulator;
let product: Values;
let price: Values;
let event: Values;
beforeAll(async () => {
  emulator = await startEmulator();
  product = (await send(emulator, "POST", "/v1/products", { name: "Tea" })).body;
  const form = { product: String(product["id"]), currency: "usd", unit_amount: "0", "expand[0]": "product" };
  price = (await send(emulator, "POST", "/v1/prices", form)).body;
  event = emulator.objects("event").at(-1) ?? {};
});
afterAll(() => emulator.close());

const making: Omit<Exchange, "answer"> = {
  operation: "POST /v1/products",
  method: "POST",
  path: "/v1/products",
  query: "",
  body: "name=Tea",
  userAgent: "",
  status: 200,
};
const reading = { ...making, operation: "GET /v1/prices/{price}", method: "GET", path: "/v1/prices/price_1", body: "" };
const findings = async (request: Omit<Exchange, "answer">, answer: Values): Promise<string> =>
  (await judge({ exchanges: [{ ...request, answer: JSON.stringify(answer) }], events: [] })).join("\n");

judged("what the emulator says passes, and what an expansion brings", async () => {
  expect(await findings(making, product)).toBe("");
  expect(await findings(reading, price)).toBe("");
  expect(await judge({ exchanges: [], events: [event] })).toEqual([]);
});

judged.each<[string, Values, string]>([
  ["missing", { name: undefined }, "pass 1: the answer must have required property 'name'"],
  ["null", { name: null }, "pass 1: /name must be string"],
  ["of another type", { created: "1" }, "pass 1: /created must be integer"],
  ["unknown", { colour: null }, 'pass 2: the answer must NOT have additional properties: "colour"'],
])("a field that is %s is found", async (_what, change, finding) => {
  expect(await findings(making, { ...product, ...change })).toBe(`POST /v1/products was answered 200: ${finding}`);
});

judged("what an expansion brings is looked at as closely", async () => {
  const inner = price["product"] as Values;
  expect(await findings(reading, { ...price, product: { ...inner, active: "yes" } })).toContain(
    "pass 1: /product/active must be boolean",
  );
  expect(await findings(reading, { ...price, product: { ...inner, colour: "red" } })).toContain(
    'pass 2: /product must NOT have additional properties: "colour"',
  );
});

judged("a refusal is looked at, on paths that Stripe doesn't have too", async () => {
  const refused = { ...making, path: "/v1/nothing", operation: undefined, status: 404 };
  expect(await findings(refused, { error: { type: "invalid_request_error", message: "No" } })).toBe("");
  expect(await findings(refused, { error: { type: "no_such_path" } })).toContain("pass 1: /error/type");
});

judged("an answer of v2 is looked at by v2's OpenAPI", async () => {
  const path = "/v2/core/event_destinations";
  const hook = {
    ...{ name: "Orders", type: "webhook_endpoint", event_payload: "snapshot", enabled_events: ["*"] },
    webhook_endpoint: { url: "https://example.com/hook" },
  };
  const { body } = await sendV2(emulator, "POST", path, hook);
  const request = { ...making, operation: `POST ${path}`, path, body: JSON.stringify(hook) };
  expect(await findings(request, body)).toBe("");
  expect(await findings(request, { ...body, snapshot_api_version: null })).toBe("");
  expect(await findings(request, { ...body, status: null })).toContain("pass 1: /status");
  expect(await findings(request, { ...body, created: 1_800_000_000 })).toContain("pass 1: /created");
  expect(await findings(request, { ...body, updated: "2027-01-15" })).toContain("pass 1: /updated");
  expect(await findings(request, { ...body, colour: "red" })).toContain("pass 2: the answer must NOT have additional");
  const refused = { ...request, status: 400 };
  expect(await findings(refused, { error: { code: "invalid_fields", message: "No" } })).toBe("");
  expect(await findings(refused, { error: { message: "No" } })).toContain("pass 1: /error");
  const list = { ...request, operation: `GET ${path}`, method: "GET", body: "" };
  expect(await findings(list, { data: [body], next_page_url: null })).toContain("'previous_page_url'");
});

judged("an operation that Stripe doesn't have is found where it succeeds", async () => {
  const said = await findings({ ...making, path: "/v1/teas", operation: "POST /v1/teas" }, product);
  expect(said).toContain("POST /v1/teas doesn't answer with 200");
  expect(said).toContain("stripe-mock refuses ? name=Tea: 404 Unrecognized request URL");
});

judged("an operation that is taken for another is found", async () => {
  const path = "/v1/products/search";
  const found = await findings(
    { ...making, operation: "GET /v1/products/{id}", method: "GET", path, query: "query=a" },
    {},
  );
  expect(found).toContain("it is GET /v1/products/search, not GET /v1/products/{id}");
});

judged("what the mock refuses is found, unless the emulator refuses it as well", async () => {
  const body = "name=Tea&colour=red";
  expect(await findings({ ...making, body }, product)).toContain("stripe-mock refuses ? name=Tea&colour=red: 400 ");
  expect(await findings({ ...making, body, status: 400 }, { error: { type: "invalid_request_error" } })).toBe("");
});

judged("the object of an event is looked at, and what it was before", async () => {
  const data = event["data"] as { object: Values };
  const told = { ...event, data: { object: { ...data.object, name: 0 }, previous_attributes: { colour: "red" } } };
  expect(await judge({ exchanges: [], events: [told] })).toEqual([
    "event product.created: its object, pass 1: /name must be string",
    "event product.created: its previous_attributes hold colour",
  ]);
});

judged("a test that makes the emulator say what Stripe wouldn't fails, and tells who saw what once", async () => {
  const lying = listen((...request) => ({ ...answerRequest(...request), body: JSON.stringify({ ...product, id: 0 }) }));
  const world = new World(fillSettings({ apiKey: "sk_test_1" }));
  const router = new Router([...world.kinds.values()].flatMap((kind) => routesOf(kind, world.settings)));
  const headers = { authorization: "Bearer sk_test_1" };
  const request = {
    method: "POST",
    path: "/v1/products",
    queryText: "",
    bodyText: "name=Tea",
    headers,
    requestId: "req_1",
  };
  lying(world, router, request);
  await expect(judgeWhatWasSaid()).rejects.toThrow("POST /v1/products was answered 200: pass 1: /id must be string");
  await judgeWhatWasSaid();
  const seen = await whatWasSeen();
  expect(seen.get("POST /v1/products")).toEqual(new Set(["pass 1", "pass 2", "stripe-mock"]));
  // Answered with nothing above, to what the mock takes.
  expect(seen.get("GET /v1/products/search")).toEqual(new Set(["stripe-mock"]));
});
