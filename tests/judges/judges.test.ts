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

const destinations = "/v2/core/event_destinations";

let emulator: Emulator;
let product: Values;
let price: Values;
let event: Values;
let destination: Values;
let ping: Values;
beforeAll(async () => {
  emulator = await startEmulator();
  product = (await send(emulator, "POST", "/v1/products", { name: "Tea" })).body;
  const form = { product: String(product["id"]), currency: "usd", unit_amount: "0", "expand[0]": "product" };
  price = (await send(emulator, "POST", "/v1/prices", form)).body;
  event = emulator.objects("event").at(-1) ?? {};
  const hook = { type: "webhook_endpoint", webhook_endpoint: { url: "https://example.com/hook" } };
  const told = { name: "Orders", event_payload: "thin", enabled_events: ["*"] };
  destination = (await sendV2(emulator, "POST", destinations, { ...hook, ...told })).body;
  ping = (await sendV2(emulator, "POST", `${destinations}/${String(destination["id"])}/ping`, {})).body;
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

describe("on v2", () => {
  const registering = { ...making, operation: `POST ${destinations}`, path: destinations, body: "{}" };
  const listing = { ...registering, operation: `GET ${destinations}`, method: "GET", body: "" };
  const pinging = {
    ...making,
    operation: `POST ${destinations}/{id}/ping`,
    path: `${destinations}/ed_1/ping`,
    body: "",
  };
  const events = { ...listing, operation: "GET /v2/core/events", path: "/v2/core/events" };
  const page = { next_page_url: null, previous_page_url: null };

  judged("what the emulator says passes", async () => {
    expect(await findings(registering, destination)).toBe("");
    expect(await findings(listing, { data: [destination], ...page })).toBe("");
    expect(await findings(pinging, ping)).toBe("");
    expect(await findings(events, { data: [ping], ...page })).toBe("");
    expect(await judge({ exchanges: [], events: [event, ping] })).toEqual([]);
  });

  judged.each<[string, Values, string]>([
    ["missing", { status: undefined }, "pass 1: the answer must have required property 'status'"],
    ["null", { status: null }, "pass 1: /status must be string"],
    ["of another type", { metadata: { a: 1 } }, "pass 1: /metadata/a must be string"],
    ["a time as v1 writes it", { created: 1_800_000_000 }, "pass 1: /created must be string"],
    ["a time without milliseconds", { created: "2027-01-15T08:00:00Z" }, "pass 1: /created must match format"],
    ["unknown", { colour: null }, 'pass 2: the answer must NOT have additional properties: "colour"'],
  ])("a field that is %s is found", async (_what, change, finding) => {
    expect(await findings(registering, { ...destination, ...change })).toContain(finding);
  });

  judged("a list is looked at, and what is in it", async () => {
    expect(await findings(listing, { data: [destination], next_page_url: null })).toContain(
      "pass 1: the answer must have required property 'previous_page_url'",
    );
    expect(await findings(listing, { data: [{ ...destination, name: 0 }], ...page })).toContain(
      "pass 1: /data/0/name must be string",
    );
  });

  judged("a thin event is looked at as its type describes it, wherever it stands", async () => {
    const wrong = { ...ping, related_object: { ...(ping["related_object"] as Values), url: undefined } };
    const missing = "must have required property 'url'";
    expect(await findings(pinging, wrong)).toContain(`pass 1: /related_object ${missing}`);
    expect(await findings(events, { data: [wrong], ...page })).toContain(`pass 1: /data/0/related_object ${missing}`);
    expect(await judge({ exchanges: [], events: [wrong, { ...ping, colour: "red" }] })).toEqual([
      `event v2.core.event_destination.ping: pass 1: /related_object ${missing}`,
      'event v2.core.event_destination.ping: pass 2: the answer must NOT have additional properties: "colour"',
    ]);
  });

  judged("a refusal has the shape of v2, on paths that Stripe doesn't have too", async () => {
    const error = { code: "not_found", message: "No" };
    for (const refused of [
      { ...registering, status: 400 },
      { ...registering, path: "/v2/nothing", operation: undefined, status: 404 },
    ]) {
      expect(await findings(refused, { error })).toBe("");
      expect(await findings(refused, { error: { message: "No" } })).toContain("must have required property 'code'");
      expect(await findings(refused, { error: { ...error, param: "name" } })).toContain('properties: "param"');
    }
  });

  judged("an operation that Stripe doesn't have is found where it succeeds", async () => {
    const path = "/v2/core/teas";
    expect(await findings({ ...listing, path, operation: `GET ${path}` }, {})).toContain(
      `pass 1: GET ${path} doesn't answer with 200`,
    );
  });
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
