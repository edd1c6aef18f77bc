import { startEmulator, type Emulator } from "../../emulator";
import { officialClient, send } from "./client";

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

const kind = "identity.verification_session";
const path = "/v1/identity/verification_sessions";
const create = (form: Record<string, string> = { type: "document" }) => send(emulator, "POST", path, form);
const newId = async (form?: Record<string, string>): Promise<string> => String((await create(form)).body["id"]);
const act = (id: string, action = "", form: Record<string, string> = {}) =>
  send(emulator, "POST", `${path}/${id}${action}`, form);
const eventTypes = () => emulator.objects("event").map((event) => String(event["type"]).split(".").at(-1));

test("a creation shows every field, secret and link included; lists and events give neither", async () => {
  const made = await create({
    type: "document",
    "options[document][allowed_types][0]": "passport",
    "options[document][require_id_number]": "false",
    "provided_details[email]": "jenny@example.com",
    "provided_details[phone]": "+15550100",
    "metadata[a]": "0",
    client_reference_id: "user-0",
    related_customer: "cus_1",
    "related_person[account]": "acct_1",
    "related_person[person]": "person_1",
    return_url: "https://example.com/back",
  });
  expect(made.status).toBe(200);
  const id = String(made.body["id"]);
  expect(made.body).toEqual({
    id: expect.stringMatching(/^vs_[A-Za-z0-9]{24}$/) as string,
    object: kind,
    client_reference_id: "user-0",
    client_secret: expect.stringContaining(`${id}_secret_test_`) as string,
    created: 1_800_000_000,
    last_error: null,
    last_verification_report: null,
    livemode: false,
    metadata: { a: "0" },
    options: { document: { allowed_types: ["passport"], require_id_number: false } },
    provided_details: { email: "jenny@example.com", phone: "+15550100" },
    redaction: null,
    related_customer: "cus_1",
    related_customer_account: null,
    related_person: { account: "acct_1", person: "person_1" },
    status: "requires_input",
    type: "document",
    url: expect.stringMatching(/^https:\/\/verify\.stripe\.com\/start\/test_/) as string,
  });
  const listed = await send(emulator, "GET", path);
  expect(listed.body["data"]).toEqual([{ ...made.body, client_secret: null, url: null }]);
  expect(JSON.stringify(emulator.objects("event"))).not.toContain("_secret_");
  expect(eventTypes()).toEqual(["created"]);
});

test("a read while input is required gives a fresh secret and link", async () => {
  const made = await create();
  const id = String(made.body["id"]);
  const first = await send(emulator, "GET", `${path}/${id}`);
  const second = await send(emulator, "GET", `${path}/${id}`);
  const secrets = [made, first, second].map(({ body }) => body["client_secret"]);
  expect(new Set(secrets).size).toBe(3);
  expect(new Set([made, first, second].map(({ body }) => body["url"])).size).toBe(3);
  expect((await act(id)).body["client_secret"]).toBe(secrets[2]);
  await act(id, "/cancel");
  expect((await send(emulator, "GET", `${path}/${id}`)).body).toMatchObject({ client_secret: null, url: null });
});

test.each([
  [{}, "type", "parameter_missing"],
  [{ type: "verification_flow" }, "type", undefined],
  [{ type: "document", verification_flow: "vf_1" }, "type", "parameters_exclusive"],
  [{ verification_flow: "flow" }, "verification_flow", "resource_missing"],
  [
    { type: "document", "options[document][allowed_types][0]": "library" },
    "options[document][allowed_types][0]",
    undefined,
  ],
  [{ type: "document", "options[selfie]": "true" }, "options[selfie]", "parameter_unknown"],
  [
    { type: "document", "options[document][require_id_number]": "1" },
    "options[document][require_id_number]",
    undefined,
  ],
  [{ type: "document", "provided_details[email]": "jenny" }, "provided_details[email]", "email_invalid"],
  [{ type: "document", "provided_details[phone]": "none" }, "provided_details[phone]", undefined],
  [{ type: "document", "provided_details[email]": "" }, "provided_details[email]", "parameter_invalid_empty"],
  [{ type: "document", related_customer: "jenny" }, "related_customer", "resource_missing"],
  [{ type: "document", related_customer_account: "acct_" }, "related_customer_account", "resource_missing"],
  [{ type: "document", "related_person[account]": "acct_1" }, "related_person[person]", "parameter_missing"],
  [
    { type: "document", "related_person[account]": "a", "related_person[person]": "b" },
    "related_person[account]",
    "resource_missing",
  ],
  [{ type: "document", return_url: "back" }, "return_url", "url_invalid"],
  [{ type: "document", metadata: "" }, "metadata", "parameter_invalid_empty"],
  [{ type: "document", status: "verified" }, "status", "parameter_unknown"],
])("%j begins nothing", async (form, param, code) => {
  const { status, error } = await create(form);
  expect([status, error.type, error.param, error.code]).toEqual([400, "invalid_request_error", param, code]);
  expect(emulator.objects(kind)).toEqual([]);
});

test("a flow needs no type", async () => {
  expect((await create({ verification_flow: "vf_1" })).body).toMatchObject({
    type: "verification_flow",
    verification_flow: "vf_1",
  });
});

test("while input is required the check can change; named options are set, others stay", async () => {
  const id = await newId({ type: "document", "options[document][require_matching_selfie]": "true" });
  const merged = await act(id, "", { "options[document][require_live_capture]": "true" });
  expect(merged.body["options"]).toEqual({
    document: { require_matching_selfie: true, require_live_capture: true },
  });
  expect((await act(id, "", { "options[document]": "" })).body["options"]).toEqual({ document: {} });
  const numbered = await act(id, "", { type: "id_number", "provided_details[email]": "a@b.example" });
  expect(numbered.body).toMatchObject({
    type: "id_number",
    options: { id_number: {} },
    provided_details: { email: "a@b.example" },
  });
  expect((await act(id, "", { return_url: "https://example.com" })).error.code).toBe("parameter_unknown");
  const flow = await newId({ verification_flow: "vf_1" });
  expect((await act(flow, "", { type: "document" })).error.param).toBe("type");
});

test("afterwards only metadata changes", async () => {
  const id = await newId();
  emulator.advance(kind, id, "processing");
  for (const form of [{ type: "id_number" }, { "options[document]": "" }, { "provided_details[email]": "a@b.c" }]) {
    const { status, error } = await act(id, "", form as unknown as Record<string, string>);
    expect([status, error.type]).toEqual([400, "invalid_request_error"]);
    expect(error.message).toContain("processing");
  }
  expect((await act(id, "", { "metadata[a]": "1" })).body["metadata"]).toEqual({ a: "1" });
  expect((await act(id, "", { "metadata[a]": "" })).body["metadata"]).toEqual({});
});

test("only a session that requires input is canceled, once", async () => {
  const id = await newId();
  expect((await act(id, "/cancel")).body).toMatchObject({ status: "canceled", client_secret: null, url: null });
  expect((await act(id, "/cancel")).status).toBe(400);
  expect((await act(id, "/redact")).status).toBe(400);
  const busy = await newId();
  emulator.advance(kind, busy, "processing");
  expect((await act(busy, "/cancel")).error).toMatchObject({ type: "invalid_request_error" });
  expect((await act(busy, "/redact")).status).toBe(400);
  expect((await act("vs_none", "/cancel")).error).toMatchObject({ code: "resource_missing", param: "session" });
  expect((await send(emulator, "DELETE", `${path}/${id}`)).status).toBe(404);
  expect(eventTypes()).toEqual(["processing", "created", "canceled", "created"]);
});

test("lists filter", async () => {
  const one = await newId({ type: "document", client_reference_id: "a", related_customer: "cus_1" });
  clock += 10_000;
  const two = await newId({ type: "document", related_customer_account: "acct_2" });
  await act(two, "/cancel");
  const ids = async (query: string) => {
    const { body } = await send(emulator, "GET", `${path}?${query}`);
    return (body["data"] as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids("status=requires_input")).toEqual([one]);
  expect(await ids("status=canceled")).toEqual([two]);
  expect(await ids("client_reference_id=a")).toEqual([one]);
  expect(await ids("related_customer=cus_1")).toEqual([one]);
  expect(await ids("related_customer_account=acct_2")).toEqual([two]);
  expect(await ids("created[lt]=1800000010")).toEqual([one]);
  expect((await send(emulator, "GET", `${path}?status=requires_action`)).error.param).toBe("status");
});

test("the official client sees a whole life", async () => {
  const stripe = officialClient(emulator);
  const made = await stripe.identity.verificationSessions.create({
    type: "document",
    options: { document: { require_matching_selfie: true } },
    metadata: { a: "1" },
  });
  await stripe.identity.verificationSessions.update(made.id, { metadata: { a: "", b: "2" } });
  emulator.advance(kind, made.id, "processing");
  emulator.advance(kind, made.id, "verified");
  const seen = await stripe.identity.verificationSessions.retrieve(made.id, {
    expand: ["verified_outputs", "verified_outputs.dob", "last_verification_report"],
  });
  expect(seen).toMatchObject({
    status: "verified",
    metadata: { b: "2" },
    verified_outputs: { first_name: "Jenny", dob: { year: 1901 } },
    last_verification_report: { object: "identity.verification_report", selfie: { status: "verified" } },
  });
  const reports = await stripe.identity.verificationReports.list({ verification_session: made.id });
  expect(reports.data).toHaveLength(1);
  const redacted = await stripe.identity.verificationSessions.redact(made.id);
  expect(redacted).toMatchObject({ status: "verified", redaction: { status: "processing" } });
  const spare = await stripe.identity.verificationSessions.create({ type: "id_number" });
  expect((await stripe.identity.verificationSessions.cancel(spare.id)).status).toBe("canceled");
});
