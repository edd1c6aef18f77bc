import type Stripe from "stripe";
import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, officialClient, send } from "./client";
import { type ReplyV2, sendV2 } from "./v2";

let emulator: Emulator;
let stripe: Stripe;
let clock = 1_800_000_000_123;

beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock, livemode: false });
  stripe = officialClient(emulator);
});
beforeEach(() => {
  clock = 1_800_000_000_123;
  emulator.reset();
});
afterAll(() => emulator.close());

const path = "/v2/core/event_destinations";
const bare = { name: "Orders", event_payload: "snapshot", enabled_events: ["product.created"] } as const;
const hook = { ...bare, type: "webhook_endpoint", webhook_endpoint: { url: "https://example.com/hook" } } as const;
const bridge = {
  ...bare,
  type: "amazon_eventbridge",
  amazon_eventbridge: { aws_account_id: "123456789012", aws_region: "us-east-1" },
} as const;

const ask = (
  method: string,
  id: string,
  rest = "",
  body?: object,
  headers?: Record<string, string>,
): Promise<ReplyV2> => sendV2(emulator, method, `${path}${id === "" ? "" : `/${id}`}${rest}`, body, headers);

async function make(more: object = {}): Promise<string> {
  const { body } = await ask("POST", "", "", { ...hook, ...more });
  return String(body["id"]);
}

test("a creation shows every field; url and secret are null unless they are asked for", async () => {
  const params = { ...hook, description: "all", metadata: { team: "0" }, snapshot_api_version: "2026-09-30.endive" };
  const { status, body } = await ask("POST", "", "", params);
  expect(status).toBe(200);
  expect(body).toEqual({
    id: expect.stringMatching(/^ed_test_61[A-Za-z0-9]{42}$/) as string,
    object: "v2.core.event_destination",
    amazon_eventbridge: null,
    azure_event_grid: null,
    created: "2027-01-15T08:00:00.123Z",
    description: "all",
    enabled_events: ["product.created"],
    event_payload: "snapshot",
    events_from: ["@self"],
    livemode: false,
    metadata: { team: "0" },
    name: "Orders",
    snapshot_api_version: "2026-09-30.endive",
    status: "enabled",
    status_details: null,
    type: "webhook_endpoint",
    updated: "2027-01-15T08:00:00.123Z",
    webhook_endpoint: { signing_secret: null, url: null },
  });
});

test("the secret is told at creation only, the url whenever it is asked for", async () => {
  const include = ["webhook_endpoint.signing_secret", "webhook_endpoint.url"];
  const made = await stripe.v2.core.eventDestinations.create({ ...hook, include } as never);
  const secret = /^whsec_[A-Za-z0-9]{32}$/;
  expect(made.webhook_endpoint).toEqual({
    signing_secret: expect.stringMatching(secret) as string,
    url: hook.webhook_endpoint.url,
  });
  expect(emulator.reveal("v2.core.event_destination", made.id)?.["webhook_endpoint"]).toEqual(made.webhook_endpoint);

  const shown = { signing_secret: null, url: hook.webhook_endpoint.url };
  const url = { include: ["webhook_endpoint.url" as const] };
  expect((await stripe.v2.core.eventDestinations.retrieve(made.id)).webhook_endpoint).toEqual({
    signing_secret: null,
    url: null,
  });
  expect((await stripe.v2.core.eventDestinations.retrieve(made.id, url)).webhook_endpoint).toEqual(shown);
  expect((await stripe.v2.core.eventDestinations.update(made.id, url)).webhook_endpoint).toEqual(shown);
  expect((await stripe.v2.core.eventDestinations.list(url)).data.map((each) => each.webhook_endpoint)).toEqual([shown]);
  const refused = await ask("GET", made.id, `?include[0]=webhook_endpoint.signing_secret`);
  expect([refused.status, refused.error]).toEqual([
    400,
    {
      code: "invalid_fields",
      message:
        "Some fields in the request were invalid: 'include[0]: Unrecognized enum value 'webhook_endpoint.signing_secret', " +
        "valid values are: webhook_endpoint.url.'",
    },
  ]);
});

test("an EventBridge destination waits for its owner in AWS", async () => {
  const { body } = await ask("POST", "", "", { ...bridge, include: ["webhook_endpoint.url"] });
  expect(body).toMatchObject({
    type: "amazon_eventbridge",
    webhook_endpoint: null,
    amazon_eventbridge: {
      aws_account_id: "123456789012",
      aws_event_source_arn: `arn:aws:events:us-east-1::event-source/aws.partner/stripe.com/${String(body["id"])}`,
      aws_event_source_status: "pending",
    },
  });
});

test("an update changes what it names", async () => {
  const id = await make({ description: "old", metadata: { kept: "1", gone: "2", changed: "3" } });
  clock += 1000;
  const { body } = await ask("POST", id, "", {
    description: "",
    enabled_events: ["*"],
    webhook_endpoint: { url: "https://example.com/new" },
    metadata: { gone: null, changed: "" },
    include: ["webhook_endpoint.url"],
  });
  expect(body).toMatchObject({
    name: "Orders",
    description: "",
    enabled_events: ["*"],
    webhook_endpoint: { signing_secret: null, url: "https://example.com/new" },
    created: "2027-01-15T08:00:00.123Z",
    updated: "2027-01-15T08:00:01.123Z",
  });
  // A null removes a key, the empty string is a value: v1 has it the other way round.
  expect(body["metadata"]).toEqual({ kept: "1", changed: "" });
  expect((await ask("POST", id, "", {})).body["metadata"]).toEqual({ kept: "1", changed: "" });
});

test("disabling and enabling are actions, and may be repeated", async () => {
  const id = await make();
  for (const action of ["/disable", "/disable"]) {
    const { body } = await ask("POST", id, action);
    expect([body["status"], body["status_details"]]).toEqual(["disabled", { disabled: { reason: "user" } }]);
  }
  for (const action of ["/enable", "/enable"]) {
    const { body } = await ask("POST", id, action, {});
    expect([body["status"], body["status_details"]]).toEqual(["enabled", null]);
  }
  const refused = await ask("POST", id, "", { status: "disabled" });
  expect(refused.error.message).toBe("Some fields in the request were invalid: 'status: Unknown field.'");
});

test("a ping is a thin event that leads back to the destination", async () => {
  const id = await make();
  const { body } = await ask("POST", id, "/ping", {}, { "idempotency-key": "p" });
  expect(body).toEqual({
    id: expect.stringMatching(/^evt_test_65[A-Za-z0-9]{42}$/) as string,
    object: "v2.core.event",
    changes: null,
    context: null,
    created: "2027-01-15T08:00:00.123Z",
    data: {},
    livemode: false,
    reason: {
      type: "request",
      request: { id: emulator.requests().at(-1)?.requestId, idempotency_key: "p" },
    },
    related_object: { id, type: "v2.core.event_destination", url: `${path}/${id}` },
    type: "v2.core.event_destination.ping",
  });
  const event = await stripe.v2.core.events.retrieve(String(body["id"]));
  if (event.type !== "v2.core.event_destination.ping") throw new Error(`a ${event.type}`);
  expect((await event.fetchRelatedObject()).name).toBe("Orders");
  const ids = async (filter: object): Promise<string[]> =>
    (await stripe.v2.core.events.list(filter)).data.map((each) => each.id);
  expect(await ids({ object_id: id })).toEqual([body["id"]]);
  expect(await ids({ object_id: "ed_other" })).toEqual([]);
  expect(await ids({ types: ["v2.core.account.closed"] })).toEqual([]);
  expect((await sendV2(emulator, "GET", "/v2/core/events?created[gt]=2027-01-01T00:00:00Z")).status).toBe(501);
});

test("a deletion answers the id, and the destination is gone", async () => {
  const id = await make();
  expect((await ask("DELETE", id)).body).toEqual({ id, object: "v2.core.event_destination" });
  for (const [method, action] of [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", ""],
    ["POST", "/enable"],
    ["POST", "/disable"],
    ["POST", "/ping"],
  ] as const) {
    const { status, error } = await ask(method, id, action);
    expect([status, error.code]).toEqual([404, "not_found"]);
    expect(error.message).toContain(id);
  }
  await expect(stripe.v2.core.eventDestinations.retrieve(id)).rejects.toMatchObject({
    statusCode: 404,
    code: "not_found",
  });
});

test.each<[string, object, string]>([
  ["name", { name: undefined }, "name: "],
  [
    "type",
    { type: "fax" },
    "type: Unrecognized enum value 'fax', valid values are: amazon_eventbridge, azure_event_grid, webhook_endpoint.",
  ],
  ["payload", { event_payload: undefined }, "event_payload: "],
  ["events", { enabled_events: [] }, "enabled_events: "],
  ["an event that doesn't exist", { enabled_events: ["*", "product.made"] }, "enabled_events[1]: "],
  ["a thin event in snapshots", { enabled_events: ["v2.core.account.closed"] }, "enabled_events[0]: "],
  ["a snapshot event in thin ones", { event_payload: "thin" }, "enabled_events[0]: "],
  [
    "a version of thin events",
    { event_payload: "thin", enabled_events: ["*"], snapshot_api_version: "2026-09-30.endive" },
    "snapshot_api_version: ",
  ],
  ["a version that doesn't exist", { snapshot_api_version: "2026-09-31" }, "snapshot_api_version: "],
  ["older scopes", { events_from: ["self"] }, "events_from[0]: Unrecognized enum value 'self'"],
  ["scopes of organizations", { events_from: ["@self", "@organization_members"] }, "events_from: "],
  ["no url", { webhook_endpoint: undefined }, "webhook_endpoint: "],
  ["an empty endpoint", { webhook_endpoint: {} }, "webhook_endpoint.url: "],
  ["a local url", { webhook_endpoint: { url: "http://localhost/x" } }, "webhook_endpoint.url: "],
  ["the other type's settings", { amazon_eventbridge: bridge.amazon_eventbridge }, "amazon_eventbridge: "],
  [
    "another AWS account",
    { ...bridge, webhook_endpoint: undefined, amazon_eventbridge: { aws_account_id: "1", aws_region: "us-east-1" } },
    "amazon_eventbridge.aws_account_id: ",
  ],
  [
    "unknown fields",
    { webhook_endpoint: { url: "https://example.com", secret: "x" } },
    "webhook_endpoint.secret: Unknown field.",
  ],
  ["numbers for texts", { name: 0 }, "name: "],
  ["null for texts", { description: null }, "description: "],
  ["texts for lists", { enabled_events: "*" }, "enabled_events: "],
  ["lists for hashes", { metadata: [] }, "metadata: "],
  ["numbers in metadata", { metadata: { a: 1 } }, "metadata.a: "],
  ["long metadata", { metadata: { a: "x".repeat(501) } }, "metadata.a: "],
  [
    "51 keys",
    { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])) },
    "metadata: ",
  ],
])("what can't be is refused with its field: %s", async (_what, more, field) => {
  const { status, error } = await ask("POST", "", "", { ...hook, ...more });
  expect([status, error.code]).toEqual([400, "invalid_fields"]);
  expect(error.message).toContain(`Some fields in the request were invalid: '${field}`);
  expect(emulator.objects("v2.core.event_destination")).toEqual([]);
});

test("the client takes a wrong field for what it is", async () => {
  await expect(stripe.v2.core.eventDestinations.create({ ...hook, name: 0 } as never)).rejects.toMatchObject({
    type: "StripeInvalidRequestError",
    code: "invalid_fields",
    statusCode: 400,
  });
});

test("Azure is Stripe's, but not built", async () => {
  const { status, error } = await ask("POST", "", "", { ...bare, type: "azure_event_grid" });
  expect([status, error.code]).toEqual([501, "api_error"]);
});

test("a url belongs to webhook endpoints", async () => {
  const id = await make({ ...bridge, webhook_endpoint: undefined });
  const { error } = await ask("POST", id, "", { webhook_endpoint: hook.webhook_endpoint });
  expect(error.message).toContain("'webhook_endpoint: ");
});

test("the limit holds for endpoints of v1 and destinations together", async () => {
  for (let count = 0; count < 15; count++) await make();
  await send(emulator, "POST", "/v1/webhook_endpoints", hookForm);
  const refused = await ask("POST", "", "", hook);
  expect([refused.status, refused.error.message]).toEqual([
    400,
    "You have reached the maximum of 16 test webhook endpoints.",
  ]);
  expect((await send(emulator, "POST", "/v1/webhook_endpoints", hookForm)).error.message).toBe(refused.error.message);
});

test("what a person changes and what a snapshot keeps", async () => {
  const id = await make();
  const before = emulator.snapshot();
  emulator.edit("v2.core.event_destination", id, { status: "disabled", name: "By hand" });
  expect((await ask("GET", id)).body).toMatchObject({ status: "disabled", name: "By hand" });
  emulator.restore(before);
  expect((await ask("GET", id)).body).toMatchObject({ status: "enabled", name: "Orders" });
});
