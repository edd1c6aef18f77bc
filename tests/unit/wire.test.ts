import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import Stripe from "stripe";
import { z } from "zod";
import { fixed, metadata, set } from "../../provider/declare";
import { encodeForm, fromWire, toWire } from "../../provider/wire";

/** Form bodies as Stripe's own client sends them (stripe-node, measured against a recorder below). */
const bodies: [name: string, params: Record<string, unknown>, form: string][] = [
  ["nothing", {}, ""],
  ["a plain value", { a: "v" }, "a=v"],
  ["0, false and the empty string", { n: 0, f: false, e: "" }, "n=0&f=false&e="],
  ["booleans and numbers", { t: true, i: 12, d: 0.5, m: -1 }, "t=true&i=12&d=0.5&m=-1"],
  ["null, which clears", { a: null }, "a="],
  ["undefined, which is left out", { a: undefined, b: "1" }, "b=1"],
  ["a nested object", { a: { b: { c: "v" } } }, "a[b][c]=v"],
  ["a list of scalars", { a: ["x", "y"] }, "a[0]=x&a[1]=y"],
  ["a list of objects", { a: [{ k: "x", l: 0 }] }, "a[0][k]=x&a[0][l]=0"],
  ["an empty list, which says nothing", { a: [], b: "1" }, "b=1"],
  ["a list with falsy values", { a: [0, false, ""] }, "a[0]=0&a[1]=false&a[2]="],
  ["metadata", { metadata: { tier: "0", gone: "" } }, "metadata[tier]=0&metadata[gone]="],
  ["a star", { enabled_events: ["*"] }, "enabled_events[0]=%2A"],
  ["what a form gives a meaning", { a: "x&y=z+1 2%#?" }, "a=x%26y%3Dz%2B1%202%25%23%3F"],
  ["quotes, brackets and exclamation marks", { a: "[!'()~]" }, "a=%5B%21%27%28%29~%5D"],
  ["other alphabets", { a: "Žluťoučký 🌱" }, "a=%C5%BDlu%C5%A5ou%C4%8Dk%C3%BD%20%F0%9F%8C%B1"],
  ["a key with a space and an umlaut", { metadata: { "my kéy": "v" } }, "metadata[my%20k%C3%A9y]=v"],
  ["a line break", { a: "1\r\n2" }, "a=1%0D%0A2"],
];

/** What a server reads in a form, pair by pair. */
const pairs = (form: string) => [...new URLSearchParams(form)];

describe("encodeForm", () => {
  let sent = "";
  const server = createServer((request, response) => {
    sent = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => (sent += text));
    request.on("end", () => response.setHeader("content-type", "application/json").end("{}"));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  test.each(bodies)("%s", (_name, params, form) => {
    expect(pairs(encodeForm(params))).toEqual(pairs(form));
    expect(encodeForm(params)).not.toMatch(/[^\w.~!'()*%[\]=&-]/);
  });

  test.each(bodies)("%s means what Stripe's own client sends", async (_name, params) => {
    const { port } = server.address() as AddressInfo;
    const official = new Stripe("sk_test_x", { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0 });
    await official.rawRequest("POST", "/v1/webhook_endpoints", params);
    expect(pairs(encodeForm(params))).toEqual(pairs(sent));
  });
});

const person = z.object({ fullName: z.string(), ageInYears: z.number().optional() });
const shape = z.object({
  enabledEvents: set(z.array(z.string())),
  owner: person.optional(),
  people: z.array(person).optional(),
  metadata: metadata().optional(),
  isOn: fixed(z.boolean()).optional(),
});

describe("toWire", () => {
  test.each<[string, unknown, unknown]>([
    ["fields are spelled as Stripe does", { enabledEvents: ["a.b"] }, { enabled_events: ["a.b"] }],
    [
      "at every depth",
      { owner: { fullName: "", ageInYears: 0 }, people: [{ fullName: "A" }] },
      { owner: { full_name: "", age_in_years: 0 }, people: [{ full_name: "A" }] },
    ],
    [
      "keys of maps are left as they are",
      { metadata: { camelCase: "1", snake_case: "0", "Kebab-Case": "" } },
      { metadata: { camelCase: "1", snake_case: "0", "Kebab-Case": "" } },
    ],
    ["false stays", { isOn: false }, { is_on: false }],
    ["lists may be empty", { enabledEvents: [] }, { enabled_events: [] }],
    ["null and undefined stay what they are", { isOn: null, owner: undefined }, { is_on: null, owner: undefined }],
    ["what isn't declared isn't sent", { surprise: 1 }, {}],
  ])("%s", (_name, value, wire) => {
    expect(toWire(shape, value)).toStrictEqual(wire);
  });
});

describe("fromWire", () => {
  test.each<[string, unknown, unknown]>([
    ["fields are spelled as ours", { enabled_events: ["a.b"] }, { enabledEvents: ["a.b"] }],
    [
      "at every depth",
      { owner: { full_name: "", age_in_years: 0 }, people: [{ full_name: "A" }] },
      { owner: { fullName: "", ageInYears: 0 }, people: [{ fullName: "A" }] },
    ],
    [
      "keys of maps are left as they are",
      { metadata: { camelCase: "1", snake_case: "0", "Kebab-Case": "" } },
      { metadata: { camelCase: "1", snake_case: "0", "Kebab-Case": "" } },
    ],
    ["false stays", { is_on: false }, { isOn: false }],
    ["null is Stripe's way to say nothing", { is_on: null, owner: { full_name: null } }, { owner: {} }],
    ["what isn't declared is left out", { object: "x", created: 0 }, {}],
  ])("%s", (_name, wire, value) => {
    expect(fromWire(shape, wire)).toStrictEqual(value);
  });

  test("objects in a map: names of fields are re-cased, keys are not", () => {
    const prices = z.record(z.string(), z.object({ amountTotal: z.number() }));
    expect(fromWire(prices, { usd: { amount_total: 0 }, some_key: { amount_total: 2 } })).toEqual({
      usd: { amountTotal: 0 },
      some_key: { amountTotal: 2 },
    });
  });

  test("there and back is the same", () => {
    const value = {
      enabledEvents: ["invoice.paid"],
      owner: { fullName: "", ageInYears: 0 },
      people: [{ fullName: "A" }, { fullName: "B", ageInYears: 1 }],
      metadata: { someKey: "", other_key: "0" },
      isOn: false,
    };
    expect(fromWire(shape, toWire(shape, value))).toEqual(value);
  });
});

test("toWire re-cases the fields of objects in a map, as fromWire does, and no key", () => {
  const prices = z.record(z.string(), z.object({ unitAmount: z.number() }));
  expect(toWire(prices, { usdPrice: { unitAmount: 0 } })).toEqual({ usdPrice: { unit_amount: 0 } });
});
