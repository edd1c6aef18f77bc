import { startEmulator, type Emulator } from "../../emulator";
import { hookForm, send } from "./client";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const path = "/v1/webhook_endpoints";
const base = "url=https://example.com/a%26b";
const created = async (form: string) => (await send(emulator, "POST", path, form)).body;

test.each([
  ["indexes", `${base}&enabled_events[0]=charge.failed&enabled_events[1]=charge.captured`],
  ["indexes out of order", `${base}&enabled_events[7]=charge.captured&enabled_events[2]=charge.failed`],
  ["appends", `${base}&enabled_events[]=charge.failed&enabled_events[]=charge.captured`],
  ["encoded brackets", `${base}&enabled_events%5B0%5D=charge.failed&enabled_events%5b1%5d=charge.captured`],
  ["stray ampersands", `&&${base}&&enabled_events[0]=charge.failed&enabled_events[1]=charge.captured&`],
])("a list is taken by %s", async (_spelling, form) => {
  expect(await created(form)).toMatchObject({
    url: "https://example.com/a&b",
    enabled_events: ["charge.failed", "charge.captured"],
  });
});

test("plus is a space, escapes are UTF-8, an empty value is one", async () => {
  const body = await created(`${base}&enabled_events[]=%2A&description=a+b%20%C3%A9%2B&metadata[a%20b]=%F0%9F%8C%8D`);
  expect(body).toMatchObject({ enabled_events: ["*"], description: "a b é+", metadata: { "a b": "🌍" } });
});

test("keys that mean something to JavaScript are only keys", async () => {
  const body = await created(`${base}&enabled_events[]=*&metadata[__proto__]=x&metadata[constructor]=y&metadata[0]=z`);
  expect(Object.entries(body["metadata"] as object).sort()).toEqual([
    ["0", "z"],
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  const { error } = await send(emulator, "POST", path, `${base}&enabled_events[]=*&__proto__[x]=1`);
  expect(error).toMatchObject({ code: "parameter_unknown", param: "__proto__" });
  expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
});

test.each([
  "a[b=1",
  "a]b=1",
  "[a]=1",
  "a[b]c=1",
  "=1",
  "url=x&url[a]=1",
  "url[a]=1&url=x",
  "url=%E0%A4%A",
  "url=%",
  `a${"[b]".repeat(50)}=1`,
  "metadata[a[b]]=1",
])("%s is malformed", async (form) => {
  const { status, error } = await send(emulator, "POST", path, form);
  expect([status, error.type]).toEqual([400, "invalid_request_error"]);
  expect(error.message).toContain("malformed");
});

// Overflowed the stack of whoever took the name apart, which was answered 500.
test.each(["[]", "[b]"])("a name with %s as often as a body has room for is malformed", async (brackets) => {
  const { status, error } = await send(emulator, "POST", path, `a${brackets.repeat(300_000)}=1`);
  expect([status, error.type]).toEqual([400, "invalid_request_error"]);
  expect(error.message).toContain("malformed");
});

test.each([
  ["enabled_events=charge.failed", "enabled_events", "Invalid array"],
  ["enabled_events[a]=charge.failed", "enabled_events", "Invalid array"],
  ["enabled_events[0][a]=charge.failed", "enabled_events[0]", "Invalid string"],
  ["enabled_events[0]=", "enabled_events[0]", "You passed an empty string for 'enabled_events[0]'"],
  ["enabled_events[]=*&metadata=text", "metadata", "Invalid object"],
  ["enabled_events[]=*&metadata[a][b]=text", "metadata[a]", "Invalid string"],
  ["enabled_events[]=*&connect[a]=true", "connect", "Invalid boolean"],
])("%s has the wrong shape", async (form, param, message) => {
  const { status, error } = await send(emulator, "POST", path, `${base}&${form}`);
  expect([status, error.param]).toEqual([400, param]);
  expect(error.message).toContain(message);
});

test("unknown parameters are named, several at once, before missing ones", async () => {
  const { error } = await send(emulator, "POST", path, "colour=red&size[a]=1");
  expect(error).toMatchObject({
    code: "parameter_unknown",
    param: "colour",
    message: "Received unknown parameters: colour, size",
  });
  expect((await send(emulator, "GET", `${path}?colour=red`)).error.param).toBe("colour");
  expect((await send(emulator, "DELETE", `${path}/we_1?colour=red`)).error.param).toBe("colour");
  const nested = await send(emulator, "POST", "/v1/climate/orders", "product=p&amount=1&beneficiary[nick]=x");
  expect(nested.error).toMatchObject({ code: "parameter_unknown", param: "beneficiary[nick]" });
});

test("a string has a longest length", async () => {
  const { error } = await send(emulator, "POST", path, { ...hookForm, description: "x".repeat(5001) });
  expect(error.param).toBe("description");
});

describe("metadata", () => {
  const make = (metadata: Record<string, string>) => send(emulator, "POST", path, { ...hookForm, ...metadata });
  const keys = (first: number, count: number, value = "v") =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`metadata[k${first + index}]`, value]));

  test("50 keys of 40 characters and 500 characters each are the most", async () => {
    expect((await make({ [`metadata[${"k".repeat(40)}]`]: "é".repeat(500) })).status).toBe(200);
    expect((await make(keys(0, 50))).status).toBe(200);
    expect((await make(keys(0, 51))).error.param).toBe("metadata");
    expect((await make({ [`metadata[${"k".repeat(41)}]`]: "v" })).error.message).toContain("up to 40 characters");
    expect((await make({ "metadata[k]": "v".repeat(501) })).error.message).toContain("up to 500 characters");
    expect((await make({ "metadata[]": "v", "metadata[0]": "w" })).status).toBe(200);
  });

  test("an update merges; the limit counts the result", async () => {
    const one = `${path}/${String((await make(keys(0, 49))).body["id"])}`;
    const change = (form: Record<string, string>) => send(emulator, "POST", one, form);
    expect(Object.keys((await change(keys(49, 1))).body["metadata"] as object)).toHaveLength(50);
    const over = await change(keys(50, 1));
    expect([over.status, over.error.param]).toEqual([400, "metadata"]);
    const swapped = await change({ ...keys(50, 1), "metadata[k0]": "" });
    expect(swapped.body["metadata"]).not.toHaveProperty("k0");
    expect(swapped.body["metadata"]).toMatchObject({ k1: "v", k50: "v" });
    expect((await change({ "metadata[none]": "" })).status).toBe(200);
    expect((await change({ metadata: "" })).body["metadata"]).toEqual({});
  });
});
