import { z } from "zod";
import { clearable, type Declaration, defineResource } from "../../provider/declare";
import { declarationOf, kindNames } from "../../provider/registry";
import { planChange, sameValue } from "../../provider/plan";
import { unknownValue } from "../../provider/unknown";
import { encodeForm } from "../../provider/wire";
import { fieldOf, sampleKind } from "./sample-kind";

type Values = Record<string, unknown>;

describe("what has to be sent", () => {
  test.each<[name: string, olds: Values, news: Values, params: Values]>([
    ["nothing changed", { name: "a", count: 0, active: false }, { name: "a", count: 0, active: false }, {}],
    ["0 to 1", { name: "a", count: 0 }, { name: "a", count: 1 }, { count: 1 }],
    ["1 to 0", { name: "a", count: 1 }, { name: "a", count: 0 }, { count: 0 }],
    ["nothing to 0", { name: "a" }, { name: "a", count: 0 }, { count: 0 }],
    ["nothing to false", { name: "a" }, { name: "a", active: false }, { active: false }],
    ["true to false", { name: "a", active: true }, { name: "a", active: false }, { active: false }],
    ["text to the empty text", { name: "a" }, { name: "" }, { name: "" }],
    ["the empty text to text", { name: "" }, { name: "a" }, { name: "a" }],
    ["a clearable field that is removed", { note: "x" }, {}, { note: "" }],
    ["a clearable field that was empty is removed", { note: "" }, {}, { note: "" }],
    ["a clearable object that is removed", { owner: { fullName: "A" } }, {}, { owner: "" }],
    [
      "a nested field",
      { owner: { fullName: "A", age: 0 } },
      { owner: { fullName: "B", age: 0 } },
      { owner: { full_name: "B", age: 0 } },
    ],
    [
      "a list in another order",
      { steps: [{ stepName: "a" }, { stepName: "b" }] },
      { steps: [{ stepName: "b" }, { stepName: "a" }] },
      { steps: [{ step_name: "b" }, { step_name: "a" }] },
    ],
    ["a set in another order", { tags: ["a", "b"] }, { tags: ["b", "a"] }, {}],
    ["a set with one more", { tags: ["a"] }, { tags: ["a", ""] }, { tags: ["", "a"] }],
    ["what Stripe doesn't return", { sent: "a" }, { sent: "b" }, { sent: "b" }],
    ["a default left out is the default", { off: false }, {}, {}],
    ["a default declared is the default", {}, { off: false }, {}],
    ["a default is compared even undeclared", { off: true }, {}, { off: false }],
    ["away from the default", {}, { off: true }, { off: true }],
    ["ours alone is never sent", { policy: "fail" }, { policy: "leave-empty", known: "shh_x" }, {}],
  ])("%s", (_name, olds, news, params) => {
    const plan = planChange(sampleKind, { name: "same", ...olds }, { name: "same", ...news });
    expect(plan.params).toStrictEqual(params);
    expect(plan.findings).toEqual([]);
    expect(plan.replaces).toEqual([]);
  });

  test("a change that is ours alone is a change all the same", () => {
    expect(planChange(sampleKind, { name: "a", policy: "fail" }, { name: "a" }).changed).toEqual(["policy"]);
  });

  test("planning never changes what it is given", () => {
    const olds = Object.freeze({ name: "a", tags: Object.freeze(["b", "a"]), metadata: Object.freeze({ a: "0" }) });
    const news = Object.freeze({ name: "a", tags: Object.freeze(["a", "c"]), metadata: Object.freeze({ b: "" }) });
    expect(() => planChange(sampleKind, olds, news)).not.toThrow();
  });
});

describe("metadata, key by key", () => {
  test.each<[name: string, olds: unknown, news: unknown, sent: unknown]>([
    ["a new key", { a: "1" }, { a: "1", b: "2" }, { b: "2" }],
    ["a changed key", { a: "1", b: "2" }, { a: "1", b: "3" }, { b: "3" }],
    ["a removed key is sent blank", { a: "1", b: "2" }, { a: "1" }, { b: "" }],
    ["all removed: never the whole map", { a: "1", b: "0" }, undefined, { a: "", b: "" }],
    ["all removed by an empty map", { a: "1" }, {}, { a: "" }],
    ["to the empty text", { a: "1" }, { a: "" }, { a: "" }],
    ["from nothing", undefined, { a: "0", b: "false" }, { a: "0", b: "false" }],
    ["the same", { a: "0", b: "" }, { b: "", a: "0" }, undefined],
    ["none and an empty map", undefined, {}, undefined],
    ["an empty map and none", {}, undefined, undefined],
    ["keys keep their case", { someKey: "1" }, { SomeKey: "1" }, { someKey: "", SomeKey: "1" }],
  ])("%s", (_name, olds, news, sent) => {
    const plan = planChange(sampleKind, { name: "a", metadata: olds }, { name: "a", metadata: news });
    expect(plan.params).toStrictEqual(sent === undefined ? {} : { metadata: sent });
  });
});

describe("what Stripe takes at creation only", () => {
  test.each<[name: string, olds: Values, news: Values, replaces: string[]]>([
    ["changed", { region: "a" }, { region: "b" }, ["region"]],
    ["given later", {}, { region: "" }, ["region"]],
    ["emptied", { region: "a" }, { region: "" }, ["region"]],
    ["the same", { region: "" }, { region: "" }, []],
    ["a decimal that means the same", { tons: "0.50" }, { tons: "0.5" }, []],
    ["a decimal that doesn't", { tons: "0.5" }, { tons: "0.05" }, ["tons"]],
    ["filled in by Stripe and not declared", { tons: "0.5" }, {}, []],
    ["identity: a new text", { again: "1" }, { again: "2" }, ["again"]],
    ["identity: a first text, even empty", {}, { again: "" }, ["again"]],
    ["triggers", { triggers: ["a"] }, { triggers: ["b"] }, ["triggers"]],
    ["another account", { stripeAccount: "acct_a" }, { stripeAccount: "acct_b" }, ["stripeAccount"]],
  ])("%s", (_name, olds, news, replaces) => {
    const plan = planChange(sampleKind, { name: "a", ...olds }, { name: "a", ...news });
    expect(plan.replaces).toEqual(replaces);
    expect(plan.changed).toEqual(replaces);
    expect(plan.params).toEqual({});
  });
});

test("a field that Stripe can't clear is refused, with its path", () => {
  const plan = planChange(sampleKind, { name: "a", count: 0, active: false }, { name: "a" });
  expect(plan.findings).toEqual([
    { path: "count", message: "can't be removed at Stripe: give it a value" },
    { path: "active", message: "can't be removed at Stripe: give it a value" },
  ]);
  expect(plan.params).toEqual({});
});

describe("unknown values", () => {
  test("are a change of an updatable field, and a replacement of a fixed one", () => {
    const plan = planChange(sampleKind, { name: "a", region: "x" }, { name: unknownValue, region: unknownValue });
    expect(plan.changed).toEqual(["name", "region"]);
    expect(plan.replaces).toEqual(["region"]);
  });

  test("never replace what costs money", () => {
    const plan = planChange(
      { ...sampleKind, spends: { done: "bought", askAgain: "again", advances: true } },
      { region: "x", name: "a" },
      { name: "a", region: unknownValue },
    );
    expect(plan).toMatchObject({ changed: ["region"], replaces: [] });
  });

  test("are not asked about by refuse: what isn't known can't be refused", () => {
    const asked: string[][] = [];
    const refuse = (_olds: Values, _news: Values, changed: string[]) => {
      asked.push(changed);
      return changed.map((path) => ({ path, message: "no" }));
    };
    const plan = planChange({ ...sampleKind, refuse }, { name: "a", count: 0 }, { name: unknownValue, count: 1 });
    expect(asked).toEqual([["count"]]);
    expect(plan.findings).toEqual([{ path: "count", message: "no" }]);
  });
});

test.each(kindNames)("%s: an empty map or object says no more than none", (kind) => {
  const declaration = declarationOf(kind);
  for (const { name, schema } of declaration.inputFields) {
    if (Array.isArray(schema.safeParse({}).data) || !schema.safeParse({}).success) continue;
    expect([name, planChange(declaration, {}, { [name]: {} }).changed]).toEqual([name, []]);
    expect([name, planChange(declaration, { [name]: {} }, {}).changed]).toEqual([name, []]);
  }
});

describe("sameValue", () => {
  test.each<[field: string, one: unknown, other: unknown, same: boolean]>([
    ["name", "", "", true],
    ["name", "", undefined, false],
    ["count", 0, undefined, false],
    ["count", 0, 0, true],
    ["count", 0, "0", false],
    ["active", false, undefined, false],
    ["active", false, 0, false],
    ["name", undefined, undefined, true],
    ["tags", [], [], true],
    ["tags", ["a", "b"], ["b", "a"], true],
    ["tags", ["a"], ["a", "b"], false],
    ["tags", ["", "a"], ["a", ""], true],
    ["steps", [1, 2], [2, 1], false],
    ["tons", "1", "1.0", true],
    ["tons", "1.", "1", true],
    ["tons", "01.10", "1.1", true],
    ["tons", "0", "0.000", true],
    ["tons", "10", "1", false],
    ["tons", "0.10", "0.010", false],
    ["tons", "100", "1", false],
    ["tons", "123456789012345678901.1", "123456789012345678901.2", false],
    ["owner", { fullName: "a", age: 0 }, { age: 0, fullName: "a" }, true],
    ["owner", { fullName: "a", age: 0 }, { fullName: "a" }, false],
  ])("%s: %j and %j: %s", (field, one, other, same) => {
    expect(sameValue(fieldOf(field), one, other)).toBe(same);
    expect(sameValue(fieldOf(field), other, one)).toBe(same);
  });
});

test("a metadata key that every object inherits is cleared like any other", () => {
  const { params } = planChange(sampleKind, { name: "a", metadata: { constructor: "1" } }, { name: "a", metadata: {} });
  expect(params).toEqual({ metadata: { constructor: "" } });
});

test("an emptied list is sent as a clear: an empty list encodes to nothing, which keeps the old one", () => {
  const kind = defineResource({
    kind: "Sample",
    object: "sample",
    api: { path: "/v1/samples", source: "" },
    inputs: { tags: clearable(z.array(z.string())).optional(), names: z.array(z.string()).optional() },
    outputs: {},
    ends: { by: "delete" },
    samples: { minimal: {}, full: {}, update: {}, replace: [], invalid: [] },
  }) as unknown as Declaration;
  const plan = planChange(kind, { tags: ["a"], names: ["b"] }, { tags: [], names: [] });
  expect(encodeForm(plan.params)).toBe("tags=");
  expect(plan.findings).toEqual([{ path: "names", message: "can't be removed at Stripe: give it a value" }]);
});
