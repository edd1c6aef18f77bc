import { readFileSync } from "node:fs";
import { join } from "node:path";
import { declarationOf, kindNames, type KindName } from "../../provider/registry";
import { eventTypes } from "../../provider/resources/event-types";
import { emitDeclarations, Language } from "./language";

const at = (name: string) => join(__dirname, name);
const read = (name: string) => readFileSync(at(name), "utf8");

/** How a program names the classes of a kind. */
const className = (kind: KindName) => `stripe.${kind.replace(":", ".")}`;

/** A program with a marker at every field of every kind: what its author points at. */
function hoverProgram(from: string): string {
  const lines = kindNames.flatMap((kind) => {
    const { inputFields, outputFields } = declarationOf(kind);
    return [
      `new ${className(kind)}("x", {`,
      ...inputFields.map((field) => `  /*${kind} in ${field.name}*/${field.name}: undefined as never,`),
      `});`,
      `{ const made = undefined as unknown as ${className(kind)};`,
      ...[...inputFields, ...outputFields].map((field) => `  void made./*${kind} out ${field.name}*/${field.name};`),
      `}`,
    ];
  });
  return [`import * as stripe from "${from}";`, ...lines].join("\n");
}

const emitted = emitDeclarations();
const language = new Language(
  new Map([
    ...emitted,
    [at("program.ts"), read("program.ts")],
    [at("create-only.ts"), read("create-only.ts")],
    [at("emitted-program.ts"), read("program.ts").replace('"../../sdk"', '"./emitted/sdk"')],
    [at("hover-source.ts"), hoverProgram("../../sdk")],
    [at("hover-emitted.ts"), hoverProgram("./emitted/sdk")],
  ]),
);

describe("a program compiles where it should, and not where it shouldn't", () => {
  test.each([
    ["from source", "program.ts"],
    ["from what is published", "emitted-program.ts"],
  ])("%s", (_name, file) => {
    expect(language.errors(at(file))).toEqual([]);
  });

  test("what is published compiles by itself, and names nothing that isn't published", () => {
    expect([...emitted.keys()]).toContain(at("emitted/sdk/index.d.ts"));
    for (const path of emitted.keys()) expect([path, language.errors(path)]).toEqual([path, []]);
  });
});

describe.each(kindNames)("what an editor shows of %s", (kind) => {
  const { inputFields, outputFields } = declarationOf(kind);
  /** Stripe's word for it says it all. */
  const plain = ["livemode"];
  const shown = (program: string, marker: string) => language.documentation(at(program), `/*${kind} ${marker}*/`);
  const inputs = inputFields.map((field) => field.name);
  const outputs = outputFields.map((field) => field.name).filter((name) => !plain.includes(name));

  test.each(inputs)("argument %s is explained", (name) => {
    expect(shown("hover-source.ts", `in ${name}`)).toMatch(/^.{20,}/s);
  });

  test.each(inputs)("argument %s is explained as published, too", (name) => {
    expect(shown("hover-emitted.ts", `in ${name}`)).toBe(shown("hover-source.ts", `in ${name}`));
  });

  test.each([...inputs, ...outputs])("property %s is explained", (name) => {
    expect(shown("hover-source.ts", `out ${name}`)).toMatch(/^.{10,}/s);
  });

  test.each([...inputs, ...outputs])("property %s is explained as published, too", (name) => {
    expect(shown("hover-emitted.ts", `out ${name}`)).toBe(shown("hover-source.ts", `out ${name}`));
  });

  test("the hover programs compile", () => {
    expect(language.errors(at("hover-source.ts"))).toEqual([]);
    expect(language.errors(at("hover-emitted.ts"))).toEqual([]);
  });
});

test("what is written at a field is what shows", () => {
  expect(language.documentation(at("hover-source.ts"), "/*WebhookEndpoint in url*/")).toBe(
    "Where Stripe posts events: a URL that can be reached from the internet; https, or also http in test mode.",
  );
});

describe("against the types of Stripe's own client", () => {
  const kinds: [kind: KindName, stripe: string][] = [
    ["WebhookEndpoint", "WebhookEndpoint"],
    ["Product", "Product"],
    ["Price", "Price"],
    ["billingPortal:Configuration", "PortalConfiguration"],
    ["climate:Order", "Order"],
    ["identity:VerificationSession", "VerificationSession"],
    ["forwarding:Request", "Request"],
  ];
  /** Kinds that Stripe's own client doesn't have. */
  const preview: KindName[] = ["crypto:OnrampSession"];
  /** Fields of Stripe's that no declaration has, and why. */
  const leftOut: Record<string, string> = {
    expand: "asks for more of the answer and changes nothing of the object: the declaration says what is expanded",
    tax_details:
      "came with a later version of Stripe's API than the pinned one, which refuses it; tax_code is declared",
    transfer_lookup_key: "is no state: it is sent by itself where a price takes the place of another",
  };

  test("every kind is compared", () => {
    expect([...kinds.map(([kind]) => kind), ...preview].sort()).toEqual([...kindNames].sort());
  });

  describe.each(kinds)("%s", (kind, stripe) => {
    const sent = declarationOf(kind).inputFields.filter((field) => !field.local);
    const params = (which: (field: (typeof sent)[number]) => boolean | undefined) =>
      sent
        .filter(which)
        .map((field) => field.param)
        .sort();
    const members = (type: string) =>
      language.members(at("create-only.ts"), `${stripe}${type}`).filter((name) => !(name in leftOut));

    test("create-only fields are those of create without those of update", () => {
      const update = members("Update");
      expect(members("Create").length).toBeGreaterThan(3);
      expect(params((field) => field.fixed)).toEqual(
        members("Create")
          .filter((name) => !update.includes(name))
          .sort(),
      );
    });

    test("update-only fields are those of update without those of create", () => {
      const create = members("Create");
      expect(params((field) => field.updateOnly)).toEqual(
        members("Update")
          .filter((name) => !create.includes(name))
          .sort(),
      );
    });

    test("every field Stripe takes is declared, and none that it doesn't take", () => {
      expect(params(() => true)).toEqual([...new Set([...members("Create"), ...members("Update")])].sort());
    });
  });

  test("every event is known", () => {
    const stripes = language.texts(at("create-only.ts"), "EnabledEvent").filter((name) => name !== "*");
    expect(stripes.length).toBeGreaterThan(200);
    expect(stripes.filter((name) => !(eventTypes as readonly string[]).includes(name))).toEqual([]);
  });
});
