import { createRequire } from "node:module";
import fc from "fast-check";
import { z } from "zod";
import { decodeForm } from "../../emulator/form";
import { mergeMetadata, type MetadataChange } from "../../emulator/metadata";
import { validateParams } from "../../emulator/validate";
import { fieldsOf } from "../../provider/declare";
import { planChange } from "../../provider/plan";
import { declarationOf, kindNames } from "../../provider/registry";
import { encodeForm, fromWire, toWire } from "../../provider/wire";
import { toPlain } from "../../provider/wire-guard";
import { sampleKind } from "../unit/sample-kind";
import { valuesOf } from "./values";

// The very class that the host puts values in.
const pulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const { Struct } = pulumi("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: object): { toJavaScript(): unknown } };
};

describe.each([
  ...kindNames.map((name) => [name, declarationOf(name)] as const),
  ["a made-up kind", sampleKind] as const,
])("%s", (_name, { inputs }) => {
  test("what is put in Stripe's spelling comes back as it was", () => {
    // A field that is read off something else than its own name has no way back by itself.
    const names = fieldsOf(inputs).flatMap(({ name, reads }) => (reads === undefined ? [name] : []));
    const shape = Object.fromEntries(names.map((name) => [name, inputs[name] as z.ZodType]));
    const schema = z.object(shape);
    fc.assert(
      fc.property(valuesOf(shape), (values) => {
        const wire = toWire(schema, values);
        expect(fromWire(schema, JSON.parse(JSON.stringify(wire)))).toEqual(values);
      }),
    );
  });
});

describe("metadata", () => {
  const key = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter((text) => !/[[\]]/.test(text));
  const value = fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" });
  const map = fc.dictionary(key, value, { maxKeys: 10, noNullPrototype: true });

  test("the changed keys, merged as Stripe does, leave what is declared and what others wrote", () => {
    fc.assert(
      fc.property(map, map, map, (before, after, others) => {
        const foreign = Object.fromEntries(Object.entries(others).filter(([name]) => !Object.hasOwn(before, name)));
        const { params } = planChange(sampleKind, { name: "a", metadata: before }, { name: "a", metadata: after });
        const sent = validateParams({ metadata: { type: "map", unsettable: true } }, decodeForm(encodeForm(params)));
        const { metadata } = sent as { metadata?: MetadataChange | null };
        expect(mergeMetadata({ ...foreign, ...before }, metadata)).toEqual(
          // What didn't change isn't sent: a key that another program wrote since stays as it is.
          { ...foreign, ...after },
        );
        expect(metadata).not.toBeNull();
      }),
    );
  });
});

describe("the wire guard", () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });

  test("whatever goes in, JSON and the host's Struct carry what comes out, unchanged", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const plain = toPlain({ value, list: [value] });
        expect(JSON.parse(JSON.stringify(plain))).toStrictEqual(plain);
        expect(Struct.fromJavaScript(plain).toJavaScript()).toStrictEqual(plain);
      }),
    );
  });

  test("a second time changes nothing", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const plain = toPlain(value);
        expect(toPlain(plain)).toStrictEqual(plain);
      }),
    );
  });

  test("what is JSON already stays as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        // The host's Struct has no place for this key.
        fc.pre(!text.includes('"__proto__"'));
        const json: unknown = JSON.parse(text);
        expect(toPlain(json)).toStrictEqual(json);
      }),
    );
  });
});
