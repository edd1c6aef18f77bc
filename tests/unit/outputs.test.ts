import { type StripeObject } from "../../provider/declare";
import { buildOutputs, declaredIn } from "../../provider/outputs";
import { planChange } from "../../provider/plan";
import { sampleKind } from "./sample-kind";

type Values = Record<string, unknown>;

const object = (fields: Values = {}): StripeObject => ({
  id: "smp_1",
  object: "test.sample",
  name: "a",
  status: "on",
  total: 0,
  livemode: false,
  ended_at: null,
  ...fields,
});

describe("a declared input", () => {
  test.each<[name: string, declared: Values, live: Values, recorded: Values]>([
    [
      "0, false and the empty text are values",
      { count: 0, active: false, note: "" },
      { count: 0, active: false, note: "" },
      { count: 0, active: false, note: "" },
    ],
    [
      "changed at Stripe: what Stripe has",
      { count: 0, active: false },
      { count: 5, active: true },
      { count: 5, active: true },
    ],
    ["a set keeps the order of the program", { tags: ["b", "a"] }, { tags: ["a", "b"] }, { tags: ["b", "a"] }],
    ["a decimal keeps the spelling of the program", { tons: "0.50" }, { tons: "0.5" }, { tons: "0.50" }],
    ["what is never returned keeps its declared value", { sent: "" }, { sent: "other" }, { sent: "" }],
    [
      "ours alone stays",
      { known: "shh_x", policy: "fail", again: "" },
      {},
      { known: "shh_x", policy: "fail", again: "" },
    ],
    [
      "of metadata the declared keys only",
      { metadata: { a: "0" } },
      { metadata: { a: "1", theirs: "x", pulumi_id: "y" } },
      { metadata: { a: "1" } },
    ],
    [
      "a metadata key that was removed outside",
      { metadata: { a: "0", b: "1" } },
      { metadata: { b: "1" } },
      { metadata: { b: "1" } },
    ],
    [
      "of nested objects the declared fields only",
      { owner: { fullName: "A" } },
      { owner: { full_name: "B", age: 5 } },
      { owner: { fullName: "B" } },
    ],
    ["read off another field", { off: true }, { status: "off" }, { off: true }],
  ])("%s", (_name, declared, live, recorded) => {
    expect(buildOutputs(sampleKind, { name: "a", ...declared }, object(live))).toMatchObject(recorded);
  });
});

test("a declared input that was cleared at Stripe has no value, and is put back", () => {
  const declared = { name: "a", note: "x" };
  const outputs = buildOutputs(sampleKind, declared, object({ note: null }));
  expect(outputs).not.toHaveProperty("note");
  expect(planChange(sampleKind, outputs, declared).params).toEqual({ note: "x" });
});

describe("an undeclared input", () => {
  test.each<[name: string, live: Values, recorded: Values]>([
    ["is Stripe's own business", { count: 7, note: "by hand", metadata: { theirs: "1" } }, {}],
    ["that Stripe fills in is recorded as such", { tons: "0.5" }, { tons: "0.5", __computed: "tons" }],
    ["with a default is recorded where it differs", { status: "off" }, { off: true }],
    ["with a default isn't where it doesn't", { status: "on" }, {}],
  ])("%s", (_name, live, recorded) => {
    const outputs = buildOutputs(sampleKind, { name: "a" }, object(live));
    const common = { name: "a", status: expect.any(String) as string, total: 0, livemode: false };
    expect(outputs).toEqual({ ...common, ...recorded });
  });
});

describe("what Stripe tells once", () => {
  test.each<[name: string, live: Values, previous: Values, secret: unknown]>([
    ["is taken from the create", { secret: "shh_new" }, {}, "shh_new"],
    ["is kept when it isn't told again", {}, { secret: "shh_old" }, "shh_old"],
    ["is kept even when left empty on purpose", {}, { secret: "" }, ""],
    ["is replaced when told anew", { secret: "shh_new" }, { secret: "shh_old" }, "shh_new"],
    ["is kept over null", { secret: null }, { secret: "shh_old" }, "shh_old"],
  ])("%s", (_name, live, previous, secret) => {
    expect(buildOutputs(sampleKind, { name: "a" }, object(live), previous).secret).toBe(secret);
  });

  test("nothing else is kept from before", () => {
    const outputs = buildOutputs(sampleKind, { name: "a" }, object(), { endedAt: 5, surprise: 1 });
    expect(outputs).not.toHaveProperty("endedAt");
    expect(outputs).not.toHaveProperty("surprise");
  });
});

test("hidden values travel along, and the handler's text doesn't", () => {
  const hidden = { __urn: "u", __owner: "", __account: "acct_1", __claim: "c" };
  const outputs = buildOutputs(sampleKind, { name: "a", __urn: "u2", __provider: "p" }, object(), hidden);
  expect(outputs).toMatchObject({ ...hidden, __urn: "u2" });
  expect(outputs).not.toHaveProperty("__provider");
});

test("an object that is read but not managed is recorded whole, without the stamp", () => {
  const live = object({
    count: 0,
    active: false,
    note: "",
    tags: [],
    tons: "0.5",
    metadata: { theirs: "", pulumi_id: "1", pulumi_stack: "2", pulumi_name: "3", pulumi_claim: "4" },
  });
  const outputs = buildOutputs(sampleKind, {}, live, { __get: true });
  expect(outputs).toMatchObject({ name: "a", count: 0, active: false, note: "", tags: [], metadata: { theirs: "" } });
  expect(outputs.metadata).toEqual({ theirs: "" });
  expect(outputs.__get).toBe(true);
});

describe("declaredIn", () => {
  test("gives back the inputs, falsy ones too, without what Stripe filled in or added", () => {
    const declared = { name: "", count: 0, active: false, off: false, metadata: {}, __urn: "u", __owner: "o" };
    const outputs = buildOutputs(sampleKind, declared, object({ ...declared, tons: "1" }));
    expect(declaredIn(sampleKind, outputs)).toEqual(declared);
  });

  test("a recorded object read again plans no change", () => {
    const declared = { name: "a", tags: ["b", "a"], tons: "0.50", metadata: { a: "" }, sent: "x", policy: "fail" };
    const live = object({ tags: ["a", "b"], tons: "0.5", metadata: { a: "", theirs: "1" } });
    const first = buildOutputs(sampleKind, declared, live);
    const second = buildOutputs(sampleKind, declaredIn(sampleKind, first), live, first);
    expect(second).toEqual(first);
    expect(planChange(sampleKind, second, declared).changed).toEqual([]);
  });
});
