import { z } from "zod";
import { checkInputs } from "../../provider/check";
import { type Field, fieldsOf, unwrap } from "../../provider/declare";
import { declarationOf, type KindName } from "../../provider/registry";
import { Handler } from "../../provider/runtime";
import { openSession } from "../../provider/session";
import { discreetKinds, markedInputs } from "./marked";
import { mark, Secrets } from "./secrets";

type Values = Record<string, unknown>;

/** Wrong in every way a text can be: of another type, of another form, too long, below a name that is none. */
const wrong: unknown[] = [mark, `${mark}\n`, mark.repeat(1000), [mark], [[mark]], { planted: mark }, { "": [mark] }];

/** Values for what a schema describes, each wrong somewhere in it. */
function wrongValues(schema: z.ZodType): unknown[] {
  const { schema: inner } = unwrap(schema);
  const deeper =
    inner instanceof z.ZodObject
      ? fieldsOf(inner.shape).flatMap(({ name, schema }) => wrongValues(schema).map((value) => ({ [name]: value })))
      : inner instanceof z.ZodArray
        ? wrongValues(inner.element as z.ZodType).map((value) => [value])
        : inner instanceof z.ZodRecord
          ? wrongValues(inner.valueType as z.ZodType).map((value) => ({ key: value }))
          : [];
  return [...wrong, ...deeper];
}

/** The inputs that are secret or personal, whole or in part. */
function discreetInputs(kind: KindName): Field[] {
  const isDiscreet = (field: Field): boolean =>
    field.secret === true ||
    field.personal === true ||
    (field.schema instanceof z.ZodObject && fieldsOf(field.schema.shape).some(isDiscreet));
  return declarationOf(kind).inputFields.filter(isDiscreet);
}

async function check(kind: KindName, inputs: Values) {
  const handler = new Handler(declarationOf(kind), (config) => openSession(config, () => undefined));
  const config: Values = {
    "stripe:apiKey": `sk_test_${mark}`,
    "stripe:apiBase": "http://127.0.0.1:9",
    "stripe:readOnly": mark,
  };
  await handler.configure({ config: { get: (key) => config[key] as string, require: (key) => String(config[key]) } });
  return handler.check({}, inputs);
}

const cases = discreetKinds.flatMap((kind) => discreetInputs(kind).map((field) => [kind, field.name, field] as const));

test("every secret input has a marked value", () => {
  for (const kind of discreetKinds) {
    const secrets = declarationOf(kind).inputFields.filter(({ secret }) => secret);
    for (const { name } of secrets)
      expect([name, JSON.stringify(markedInputs(kind)[name])]).toContainEqual(
        expect.stringMatching(/PLANTED|735173|173/),
      );
  }
});

test.each(cases)("%s: whatever is wrong with %s, no value is quoted", async (kind, name, field) => {
  const secrets = new Secrets();
  let refused = 0;
  for (const value of wrongValues(field.schema)) {
    const { inputs, failures = [] } = await check(kind, { ...markedInputs(kind), [name]: value });
    expect(JSON.stringify(inputs)).toContain(mark);
    expect(failures.map(({ property }) => property).join("")).toBe("");
    // Not quoted to begin with, and not only hidden in the end.
    const found = checkInputs(declarationOf(kind), inputs as Values, { livemode: false, apiVersion: "", pinned: true });
    expect(secrets.readableIn(found.map(({ path, message }) => `${path}: ${message}`).join("\n"))).toEqual([]);
    const reasons = failures.map(({ reason }) => reason).join("\n");
    expect(secrets.readableIn(reasons)).toEqual([]);
    if (reasons.includes(`\n${name}`)) refused++;
  }
  expect(refused).toBeGreaterThan(3);
});
