import { checkInputs } from "../../provider/check";
import { type RuleContext } from "../../provider/declare";
import { declarationOf, kindNames } from "../../provider/registry";
import { unknownValue } from "../../provider/unknown";
import { sampleKind } from "./sample-kind";

type Values = Record<string, unknown>;

const context: RuleContext = { livemode: false, apiVersion: "2026-08-26.dahlia", pinned: true };

/** Findings as they are told: `path: message`. */
function check(inputs: Values, declaration = sampleKind, about = context): string[] {
  return checkInputs(declaration, inputs, about).map(({ path, message }) => `${path}: ${message}`);
}

describe("good inputs", () => {
  test.each<[string, Values]>([
    ["0, false and the empty text", { name: "", count: 0, active: true, note: "" }],
    ["empty lists and maps", { name: "a", tags: [], steps: [], metadata: {}, triggers: [] }],
    ["undefined is not given", { name: "a", count: undefined, note: undefined, surprise: undefined }],
    ["hidden inputs", { name: "a", __urn: "u", __provider: "p", __owner: 1, __anything: {} }],
    ["falsy metadata", { name: "a", metadata: { tier: "0", is: "false" } }],
    [
      "46 metadata keys",
      { name: "a", metadata: Object.fromEntries(Array.from({ length: 46 }, (_, i) => [`k${i}`, "0"])) },
    ],
    [
      "a metadata key of 40 and a value of 500 characters",
      { name: "a", metadata: { ["k".repeat(40)]: "v".repeat(500) } },
    ],
  ])("%s", (_name, inputs) => {
    expect(check(inputs)).toEqual([]);
  });
});

describe("one wrong input", () => {
  test.each<[name: string, inputs: Values, finding: string]>([
    ["is missing", {}, "name: is required (string)"],
    ["is null", { name: null }, "name: expected string, received null"],
    ["has another type", { name: 0 }, "name: expected string, received number"],
    ["is a text for a number", { name: "a", count: "0" }, "count: expected number, received string"],
    ["is no whole number", { name: "a", count: 0.5 }, "count: expected int, received number"],
    ["is a text for a boolean", { name: "a", active: "false" }, "active: expected boolean, received string"],
    ["is in a list", { name: "a", tags: ["a", 0] }, "tags[1]: expected string, received number"],
    [
      "is missing in a list of objects",
      { name: "a", steps: [{ stepName: "" }, {}] },
      "steps[1].stepName: is required (string)",
    ],
    ["is missing in an object", { name: "a", owner: { age: 0 } }, "owner.fullName: is required (string)"],
    [
      "is none of the choices",
      { name: "a", policy: "" },
      'policy: Invalid option: expected one of "fail"|"leave-empty"',
    ],
    ["is misspelled", { name: "a", cuont: 1 }, "cuont: is no input of Sample; did you mean count?"],
    [
      "breaks a rule over several fields",
      { name: "a", count: 0, active: false },
      "count: must not be 0 while active is false",
    ],
    ["is a metadata number", { name: "a", metadata: { a: 0 } }, "metadata.a: expected string, received number"],
    [
      "is a metadata key with brackets",
      { name: "a", metadata: { "a[b]": "" } },
      "metadata.a[b]: a key must not contain square brackets",
    ],
    [
      "is an empty metadata value",
      { name: "a", metadata: { a: "" } },
      "metadata.a: must not be empty: Stripe drops a key whose value is empty",
    ],
    ["is an empty metadata key", { name: "a", metadata: { "": "" } }, "metadata.: a key must not be empty"],
    [
      "is a metadata key of ours",
      { name: "a", metadata: { pulumi_claim: "" } },
      "metadata.pulumi_claim: this key is kept for stripe-as-code's own stamp: choose another name",
    ],
    [
      "is too long a metadata key",
      { name: "a", metadata: { ["k".repeat(41)]: "" } },
      `metadata.${"k".repeat(41)}: a key has at most 40 characters, this one 41`,
    ],
    ["is a secret of the wrong form", { name: "a", known: "x" }, "known: must be a secret, which starts with shh_"],
    [
      "is no account",
      { name: "a", stripeAccount: "me" },
      "stripeAccount: must be an account id such as acct_1Nv0FGQ9RKHgCVdK",
    ],
  ])("%s", (_name, inputs, finding) => {
    expect(check(inputs)).toEqual([finding]);
  });

  test("47 metadata keys are one too many", () => {
    const map = Object.fromEntries(Array.from({ length: 47 }, (_, index) => [`k${index}`, "0"]));
    expect(check({ name: "a", metadata: map })).toEqual(["metadata: has 47 keys; at most 46 are left to you"]);
  });

  test("a name that is near to none: all that there are", () => {
    expect(check({ name: "a", zzzzzzzz: 1 })).toEqual([
      "zzzzzzzz: is no input of Sample; it takes " + sampleKind.inputFields.map((field) => field.name).join(", "),
    ]);
  });
});

test("all that is wrong is told at once", () => {
  const wrong = { count: "0", active: 1, tags: "x", policy: "no", metadata: { "": "", pulumi_id: "" }, nmae: "a" };
  expect(check(wrong)).toEqual([
    "name: is required (string)",
    "count: expected number, received string",
    "active: expected boolean, received number",
    "tags: expected array, received string",
    'policy: Invalid option: expected one of "fail"|"leave-empty"',
    "metadata.: a key must not be empty",
    "metadata.pulumi_id: this key is kept for stripe-as-code's own stamp: choose another name",
    "nmae: is no input of Sample; did you mean name?",
  ]);
});

describe("unknown values pass", () => {
  test.each<[string, Values]>([
    ["in place of a text", { name: unknownValue }],
    ["in place of a number", { name: "a", count: unknownValue }],
    ["in place of a boolean", { name: "a", active: unknownValue }],
    ["in place of a list", { name: "a", tags: unknownValue, steps: unknownValue }],
    ["in a list", { name: "a", tags: ["a", unknownValue] }],
    ["in place of an object in a list", { name: "a", steps: [unknownValue] }],
    ["in an object in a list", { name: "a", steps: [{ stepName: unknownValue, maxCount: unknownValue }] }],
    ["in place of an object", { name: "a", owner: unknownValue }],
    ["in an object", { name: "a", owner: { fullName: "", age: unknownValue } }],
    ["in place of metadata", { name: "a", metadata: unknownValue }],
    ["in metadata", { name: "a", metadata: { a: unknownValue } }],
    ["in place of a choice", { name: "a", policy: unknownValue }],
    ["in place of what has a form", { name: "a", known: unknownValue, stripeAccount: unknownValue }],
    ["in a rule over several fields", { name: "a", count: 0, active: unknownValue }],
    ["everywhere", Object.fromEntries(sampleKind.inputFields.map((field) => [field.name, unknownValue]))],
  ])("%s", (_name, inputs) => {
    expect(check(inputs)).toEqual([]);
  });

  test("and hide nothing of what is known to be wrong", () => {
    expect(check({ name: unknownValue, tags: [unknownValue, 0], count: "x" })).toEqual([
      "count: expected number, received string",
      "tags[1]: expected string, received number",
    ]);
  });

  test.each(kindNames)("of every kind, field by field: %s", (name) => {
    const declaration = declarationOf(name);
    for (const field of declaration.inputFields) {
      for (const sample of [declaration.samples.minimal, declaration.samples.full] as Values[]) {
        expect([field.name, check({ ...sample, [field.name]: unknownValue }, declaration)]).toEqual([field.name, []]);
      }
    }
  });
});

describe("a secret is never quoted", () => {
  const planted = "PLANTED0SECRET";

  test.each(kindNames)("%s: planted in every field, in every form", (name) => {
    const declaration = declarationOf(name);
    const secrets = declaration.inputFields.filter((field) => field.secret);
    for (const field of secrets) {
      const told: string[] = [];
      for (const value of [planted, [planted], { key: planted }, [{ key: [planted] }]]) {
        told.push(check({ ...declaration.samples.minimal, [field.name]: value }, declaration).join("\n"));
      }
      expect(told.filter((text) => text !== "").length).toBeGreaterThan(1);
      expect(told.join("\n")).not.toContain(planted);
    }
  });

  test("nor is any value of the sample kind", () => {
    const told = sampleKind.inputFields.flatMap((field) =>
      [planted, [planted], { key: planted }, [{ key: planted }]].flatMap((value) =>
        check({ name: "a", [field.name]: value }),
      ),
    );
    expect(told.length).toBeGreaterThan(20);
    expect(told.join("\n")).not.toContain(planted);
  });
});

describe("rules of kinds", () => {
  const endpoint = declarationOf("WebhookEndpoint");
  const args = { url: "https://example.com", enabledEvents: ["*"] };

  test.each<[string, Values, Partial<RuleContext>, string[]]>([
    ["http in test mode", { url: "http://example.com" }, {}, []],
    ["http while nobody knows the mode", { url: "http://example.com" }, { livemode: undefined }, []],
    [
      "http in live mode",
      { url: "HTTP://example.com" },
      { livemode: true },
      ["url: must be https: Stripe takes http in test mode only"],
    ],
    [
      "an event that is misspelled",
      { enabledEvents: ["*", "invoice.payed"] },
      {},
      [
        'enabledEvents[1]: "invoice.payed" is no event type of API version 2026-08-26.dahlia: did you mean "invoice.paid"? (for an event of a later version set stripe:apiVersion)',
      ],
    ],
    ["an event of another API version", { enabledEvents: ["new.thing_created"] }, { pinned: false }, []],
    [
      "what can be no event in any version",
      { enabledEvents: [""] },
      { pinned: false, apiVersion: "2027-01-01.x" },
      [
        'enabledEvents[0]: "" is no event type of API version 2027-01-01.x: see https://docs.stripe.com/api/events/types (for an event of a later version set stripe:apiVersion)',
      ],
    ],
  ])("%s", (_name, change, about, findings) => {
    expect(check({ ...args, ...change }, endpoint, { ...context, ...about })).toEqual(findings);
  });
});

test("rules are told beside wrong fields they don't concern", () => {
  const told = checkInputs(declarationOf("WebhookEndpoint"), { url: "x", enabledEvents: ["invoice.payed"] }, context);
  expect(told.map(({ path }) => path)).toEqual(["url", "enabledEvents[0]"]);
});

test("a field that is wrong in two ways is told once", () => {
  const told = checkInputs(declarationOf("climate:Order"), { product: "climsku_x", metricTons: "half" }, context);
  expect(told).toHaveLength(1);
});

test("a misspelled name inside an object is told with the names of that object", () => {
  const beneficiary = { publicNam: "x", publicName: "x" };
  const told = checkInputs(declarationOf("climate:Order"), { product: "climsku_x", amount: 1, beneficiary }, context);
  expect(told).toEqual([{ path: "beneficiary.publicNam", message: "is no input of Order; did you mean publicName?" }]);
});
