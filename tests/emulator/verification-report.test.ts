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
const path = "/v1/identity/verification_reports";

/** The report of a session that was verified. */
async function reported(form: Record<string, string>): Promise<{ session: string; id: string }> {
  const { body } = await send(emulator, "POST", "/v1/identity/verification_sessions", form);
  const session = String(body["id"]);
  emulator.advance(kind, session, "processing");
  return { session, id: String(emulator.advance(kind, session, "verified")["last_verification_report"]) };
}

test("a report holds what was checked, and hides what is sensitive", async () => {
  const { id, session } = await reported({ type: "document", client_reference_id: "user-0" });
  const { body } = await send(emulator, "GET", `${path}/${id}`);
  expect(body).toEqual({
    id: expect.stringMatching(/^vr_[A-Za-z0-9]{24}$/) as string,
    object: "identity.verification_report",
    client_reference_id: "user-0",
    created: 1_800_000_000,
    document: expect.objectContaining({ status: "verified", error: null, type: "driving_license" }) as object,
    livemode: false,
    options: { document: {} },
    type: "document",
    verification_session: session,
  });
  for (const field of ["number", "dob", "expiration_date", "sex"]) expect(body["document"]).not.toHaveProperty(field);
  const { body: named } = await send(emulator, "GET", `${path}/${id}?expand[]=document.dob`);
  expect(named["document"]).toMatchObject({ dob: { year: 1901 }, first_name: "Jenny" });
  expect(named["document"]).not.toHaveProperty("number");
  expect((await send(emulator, "GET", `${path}/${id}?expand[]=document.first_name`)).error.param).toBe("expand");
});

test("the other checks have parts of their own", async () => {
  const number = await reported({ type: "id_number" });
  const { body } = await send(emulator, "GET", `${path}/${number.id}`);
  expect(body).toMatchObject({ type: "id_number", id_number: { status: "verified", first_name: "Jenny" } });
  expect(body).not.toHaveProperty("document");
  const flow = await reported({ verification_flow: "vf_1", "provided_details[email]": "a@b.example" });
  expect((await send(emulator, "GET", `${path}/${flow.id}`)).body).toMatchObject({
    verification_flow: "vf_1",
    email: { email: "a@b.example", status: "verified" },
  });
});

test("reports are only read", async () => {
  const { id } = await reported({ type: "document" });
  for (const [method, target] of [
    ["POST", path],
    ["POST", `${path}/${id}`],
    ["DELETE", `${path}/${id}`],
  ] as const) {
    expect((await send(emulator, method, target)).status).toBe(404);
  }
  expect((await send(emulator, "GET", `${path}/vr_none`)).error).toMatchObject({ param: "report" });
});

test("lists filter", async () => {
  const one = await reported({ type: "document", client_reference_id: "a" });
  clock += 10_000;
  const two = await reported({ type: "id_number" });
  const ids = async (query: string) => {
    const { body } = await send(emulator, "GET", `${path}?${query}`);
    return (body["data"] as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids("")).toEqual([two.id, one.id]);
  expect(await ids("type=document")).toEqual([one.id]);
  expect(await ids("client_reference_id=a")).toEqual([one.id]);
  expect(await ids(`verification_session=${two.session}`)).toEqual([two.id]);
  expect(await ids("created[gt]=1800000000")).toEqual([two.id]);
  const stripe = officialClient(emulator);
  expect((await stripe.identity.verificationReports.retrieve(one.id)).document?.status).toBe("verified");
});
