import fc from "fast-check";
import { z } from "zod";
import { checkInputs } from "../../provider/check";
import { ruleContextOf } from "../../provider/config";
import { type Declaration } from "../../provider/declare";
import { canonical, compare, planChange } from "../../provider/plan";
import { declarationOf, kindNames } from "../../provider/registry";
import { unknownValue } from "../../provider/unknown";
import { encodeForm } from "../../provider/wire";
import { sampleKind } from "../unit/sample-kind";
import { copyOf, pathsIn, type Values, valuesOf, withUnknowns } from "./values";

const kinds: [string, Declaration][] = [
  ...kindNames.map((name): [string, Declaration] => [name, declarationOf(name)]),
  ["a made-up kind", sampleKind],
];
const nothing = { changed: [], replaces: [], ignored: [], params: {}, findings: [] };

describe.each(kinds)("%s", (_name, declaration) => {
  const values = valuesOf(declaration.inputs);

  test("what is recorded as it is declared is no change", () => {
    fc.assert(
      fc.property(values, (inputs) => {
        expect(planChange(declaration, copyOf(inputs), inputs)).toEqual(nothing);
      }),
    );
  });

  test("a spelling that means the same is no change", () => {
    fc.assert(
      fc.property(values, (inputs) => {
        const spelled = Object.fromEntries(
          declaration.inputFields.flatMap((field) => {
            const value = inputs[field.name];
            if (value === undefined) return [];
            const respelled =
              field.set && Array.isArray(value) ? [...(value as unknown[]), ...(value as unknown[])].reverse() : value;
            return [[field.name, canonical(field, respelled)]];
          }),
        );
        expect(compare(declaration, inputs, spelled).changed).toEqual([]);
      }),
    );
  });

  test("a change is either sent, or replaces, or is ours alone, or is refused: nothing is silent", () => {
    fc.assert(
      fc.property(values, values, (olds, news) => {
        const { changed, replaces, ignored, params, findings } = compare(declaration, olds, news);
        const told = new Set([...replaces, ...ignored, ...findings.map(({ path }) => path)]);
        for (const field of declaration.inputFields.filter(({ name }) => changed.includes(name))) {
          expect([field.name, told.has(field.name) || field.local === true || field.param in params]).toEqual([
            field.name,
            true,
          ]);
        }
      }),
    );
  });

  const { samples } = declaration;
  const declared = [samples.minimal, samples.full, { ...samples.full, ...samples.update }] as Values[];
  const partlyUnknown = fc.constantFrom(...declared).chain((inputs) => {
    const paths = pathsIn(inputs);
    return fc.subarray(paths, { minLength: Math.min(1, paths.length) }).map((some) => withUnknowns(inputs, some));
  });

  test("what isn't known yet passes the check, wherever it stands", () => {
    const context = ruleContextOf(undefined);
    fc.assert(
      fc.property(partlyUnknown, (inputs) => {
        expect(checkInputs(declaration, inputs, context)).toEqual([]);
      }),
    );
  });

  test("what isn't known yet passes the plan, and is never sent", () => {
    fc.assert(
      fc.property(fc.constantFrom(...declared), partlyUnknown, (olds, news) => {
        const { params } = planChange(declaration, olds, news);
        expect(encodeForm(params)).not.toContain(unknownValue);
      }),
    );
  });

  test("of generated values, too", () => {
    const unknowns = values.chain((inputs) => {
      const paths = pathsIn(inputs);
      return fc.subarray(paths).map((some) => withUnknowns(inputs, some));
    });
    fc.assert(
      fc.property(values, unknowns, (olds, news) => {
        expect(JSON.stringify(compare(declaration, olds, news).params)).not.toContain(unknownValue);
      }),
    );
  });
});

test("every value that a kind takes can be generated", () => {
  for (const [, { inputs }] of kinds) expect(z.object(inputs).shape).toBeDefined();
  for (const [, { inputs }] of kinds) expect(() => valuesOf(inputs)).not.toThrow();
});
