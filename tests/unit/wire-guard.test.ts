import { createRequire } from "node:module";
import { toPlain } from "../../provider/wire-guard";

// The very class that the host puts values in.
const pulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const { Struct } = pulumi("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: object): { toJavaScript(): unknown; serializeBinary(): Uint8Array } };
};

class Point {
  constructor(readonly x: number) {}
  distance() {
    return this.x;
  }
}

const cases: [name: string, value: unknown, plain: unknown][] = [
  ["0", 0, 0],
  ["false", false, false],
  ["the empty text", "", ""],
  ["null", null, null],
  ["text", "x", "x"],
  ["a number", -1.5, -1.5],
  ["undefined", undefined, undefined],
  ["a function", () => 1, undefined],
  ["a symbol", Symbol("x"), undefined],
  ["minus 0", -0, 0],
  ["NaN", NaN, "NaN"],
  ["Infinity", Infinity, "Infinity"],
  ["minus Infinity", -Infinity, "-Infinity"],
  ["bigint", 12345678901234567890n, "12345678901234567890"],
  ["bigint 0", 0n, "0"],
  ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["no date", new Date(NaN), null],
  ["an empty list", [], []],
  ["an empty object", {}, {}],
  ["a key that the Struct loses", JSON.parse('{"__proto__": 1, "a": 2}'), { a: 2 }],

  ["a list with a hole", [1, , 2], [1, null, 2]],
  ["a list keeps its places", [undefined, 0, () => 1, "", NaN], [null, 0, null, "", "NaN"]],
  [
    "keys without a value are left out",
    { a: undefined, b: 0, c: false, d: "", e: null },
    { b: 0, c: false, d: "", e: null },
  ],
  [
    "at every depth",
    { a: [{ b: undefined, c: [1n, { d: new Date(0) }] }] },
    { a: [{ c: ["1", { d: "1970-01-01T00:00:00.000Z" }] }] },
  ],
  ["an object of a class", new Point(1), { x: 1 }],
  ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 0 }), { a: 0 }],
];

test.each(cases)("%s", (_name, value, plain) => {
  expect(toPlain(value)).toEqual(plain);
});

test.each(cases)("%s: the host's Struct carries it", (_name, value) => {
  const sent = toPlain({ value, list: [value], nested: { value } });
  const struct = Struct.fromJavaScript(sent);
  expect(() => struct.serializeBinary()).not.toThrow();
  expect(struct.toJavaScript()).toEqual(sent);
});

test("plain values are left as they are", () => {
  const value = { a: [{ b: 0, c: [false, "", null] }], d: { e: { f: "g" } } };
  expect(toPlain(value)).toEqual(value);
});
