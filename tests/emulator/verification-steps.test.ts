import { startEmulator, type Emulator } from "../../emulator";
import { send } from "./client";

const start = 1_800_000_000_000;
const day = 86_400_000;
let clock = start;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => clock });
});
beforeEach(() => {
  clock = start;
  emulator.reset();
});
afterAll(() => emulator.close());

const kind = "identity.verification_session";
const path = "/v1/identity/verification_sessions";
const reports = "/v1/identity/verification_reports";
const newId = async (form: Record<string, string> = {}): Promise<string> =>
  String((await send(emulator, "POST", path, { type: "document", ...form })).body["id"]);
const read = async (id: string, query = "") => (await send(emulator, "GET", `${path}/${id}${query}`)).body;
const eventTypes = () => emulator.objects("event").map((event) => String(event["type"]).split(".").at(-1));
const verify = (id: string): void => {
  emulator.advance(kind, id, "processing");
  emulator.advance(kind, id, "verified");
};

test("a failed attempt comes back with its error and a report, a good one ends verified", async () => {
  const id = await newId({ "options[document][require_matching_selfie]": "true" });
  expect(emulator.advance(kind, id, "processing")).toMatchObject({ status: "processing" });
  emulator.advance(kind, id, "requires_input", { last_error: { code: "selfie_face_mismatch" } });
  const failed = await read(id);
  expect(failed).toMatchObject({
    status: "requires_input",
    last_error: { code: "selfie_face_mismatch", reason: expect.any(String) as string },
    client_secret: expect.stringContaining("_secret_") as string,
  });
  const report = await send(emulator, "GET", `${reports}/${String(failed["last_verification_report"])}`);
  expect(report.body).toMatchObject({
    verification_session: id,
    document: { status: "verified", error: null },
    selfie: { status: "unverified", error: { code: "selfie_face_mismatch" } },
  });
  verify(id);
  expect(await read(id)).toMatchObject({ status: "verified", last_error: null, client_secret: null });
  expect(eventTypes()).toEqual(["verified", "processing", "requires_input", "processing", "created"]);
  const listed = await send(emulator, "GET", `${reports}?verification_session=${id}`);
  expect(listed.body["data"]).toHaveLength(2);
});

test("verified outputs are there only when asked for, sensitive ones only by name", async () => {
  const id = await newId({ "options[document][require_id_number]": "true" });
  expect((await read(id, "?expand[]=verified_outputs"))["verified_outputs"]).toBeNull();
  verify(id);
  expect(await read(id)).not.toHaveProperty("verified_outputs");
  const plain = (await read(id, "?expand[]=verified_outputs"))["verified_outputs"];
  expect(plain).toMatchObject({ first_name: "Jenny", address: { city: "San Francisco" } });
  expect(plain).not.toHaveProperty("dob");
  expect(plain).not.toHaveProperty("id_number");
  const named = await read(id, "?expand[]=verified_outputs.id_number&expand[]=verified_outputs.dob");
  expect(named["verified_outputs"]).toMatchObject({
    first_name: "Jenny",
    id_number: "000000000",
    dob: { year: 1901 },
  });
  expect(named["verified_outputs"]).not.toHaveProperty("sex");
  const listed = await send(emulator, "GET", `${path}?expand[]=data.verified_outputs`);
  expect(listed.body["data"]).toMatchObject([{ verified_outputs: { last_name: "Rosen" } }]);
  const below = await read(id, "?expand[]=last_verification_report.document.number");
  expect(below["last_verification_report"]).toMatchObject({ document: { number: "I1234562" } });
  expect(JSON.stringify(emulator.objects("event"))).not.toContain("000000000");
});

test("steps begin where they begin; details must make sense", async () => {
  const id = await newId();
  expect(() => emulator.advance(kind, id, "verified")).toThrow(/is requires_input, can't go to 'verified'/);
  expect(() => emulator.advance(kind, id, "redacted")).toThrow("can't go to 'redacted'");
  expect(() => emulator.advance(kind, id, "famous")).toThrow(/no step to 'famous'; it has processing, verified/);
  expect(() => emulator.advance(kind, "vs_none", "verified")).toThrow("no identity.verification_session 'vs_none'");
  expect(() => emulator.advance("webhook_endpoint", id, "verified")).toThrow("no webhook_endpoint");
  expect(() => emulator.advance(kind, id, "processing", { colour: 1 })).toThrow("no field 'colour'");
  emulator.advance(kind, id, "processing");
  const wrong = { last_error: { code: "ugly_photo" } };
  expect(() => emulator.advance(kind, id, "requires_input", wrong)).toThrow("'ugly_photo' is no reason");
  expect(emulator.advance(kind, id, "verified", { verified_outputs: { first_name: "Ann" } })["status"]).toBe(
    "verified",
  );
  const outputs = (await read(id, "?expand[]=verified_outputs"))["verified_outputs"];
  expect(outputs).toMatchObject({ first_name: "Ann", last_name: "Rosen" });
});

test("an edit of the status is the same step", async () => {
  const id = await newId();
  expect(emulator.edit(kind, id, { status: "verified" })).toMatchObject({
    status: "verified",
    last_verification_report: expect.stringMatching(/^vr_/) as string,
  });
  expect(eventTypes()[0]).toBe("verified");
});

const personal = ["Jenny", "Rosen", "I1234562", "000000000", "jenny@example.com", "1234 Main", "secret-plan"];

test("a redaction takes four days, then session, reports and events hold nothing personal", async () => {
  const id = await newId({
    "options[document][require_id_number]": "true",
    "provided_details[email]": "jenny@example.com",
    "metadata[note]": "secret-plan",
  });
  verify(id);
  clock += 1000;
  const asked = await send(emulator, "POST", `${path}/${id}/redact`);
  expect(asked.body).toMatchObject({ status: "verified", redaction: { status: "processing" }, client_secret: null });
  expect((await send(emulator, "POST", `${path}/${id}/redact`)).status).toBe(400);
  for (const form of [{ "metadata[a]": "1" }, { type: "id_number" }]) {
    const { status, error } = await send(emulator, "POST", `${path}/${id}`, form as unknown as Record<string, string>);
    expect([status, error.message]).toEqual([400, expect.stringContaining("redacted")]);
  }
  clock += 4 * day - 1000;
  expect(await read(id)).toMatchObject({ redaction: { status: "processing" }, metadata: { note: "secret-plan" } });
  expect(eventTypes()).not.toContain("redacted");
  clock += 10 * day;
  const whole = await read(id, "?expand[]=verified_outputs.id_number&expand[]=verified_outputs.dob");
  expect(whole).toMatchObject({
    status: "verified",
    redaction: { status: "redacted" },
    metadata: {},
    provided_details: { email: "[redacted]" },
    verified_outputs: { first_name: "[redacted]", id_number: "[redacted]", id_number_type: "us_ssn", dob: null },
  });
  expect(emulator.objects("event")[0]).toMatchObject({
    type: "identity.verification_session.redacted",
    created: start / 1000 + 1 + (4 * day) / 1000,
    request: { id: null },
  });
  const report = String(whole["last_verification_report"]);
  const everything = [
    emulator.objects("event"),
    whole,
    (await send(emulator, "GET", `${reports}/${report}?expand[]=document.number&expand[]=id_number.id_number`)).body,
  ];
  const text = JSON.stringify(everything);
  for (const word of personal) expect(text).not.toContain(word);
  expect(text).toContain('"number":"[redacted]"');
  expect((await send(emulator, "POST", `${path}/${id}`, { "metadata[a]": "1" })).status).toBe(400);
  expect((await send(emulator, "POST", `${path}/${id}/redact`)).status).toBe(400);
});

test("redacting a session that requires input cancels it", async () => {
  const id = await newId();
  expect((await send(emulator, "POST", `${path}/${id}/redact`)).body).toMatchObject({
    status: "canceled",
    redaction: { status: "processing" },
    client_secret: null,
    url: null,
  });
  expect(eventTypes()).toEqual(["canceled", "created"]);
  expect(emulator.advance(kind, id, "redacted")).toMatchObject({ redaction: { status: "redacted" } });
  expect((await send(emulator, "POST", `${path}/${id}/cancel`)).status).toBe(400);
  expect(() => emulator.advance(kind, id, "processing")).toThrow("can't go");
});
