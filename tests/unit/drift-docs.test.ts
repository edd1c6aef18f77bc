import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** The compiler reads what the report is made of. */
jest.setTimeout(60_000);

const repository = resolve(__dirname, "../..");

/** Path and type of every field of the report, as the compiler sees them. */
function fieldsOfReport(): [path: string, type: string][] {
  const file = join(repository, "cli/drift-report.ts");
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(repository, "tsconfig.json"), (path) => readFileSync(path, "utf8")).config,
    ts.sys,
    repository,
  );
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const report = source?.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === "DriftReport");
  if (report === undefined) throw new Error("cli/drift-report.ts declares no DriftReport");

  function* fieldsOf(type: ts.Type, path: string): Generator<[string, string]> {
    for (const property of checker.getPropertiesOfType(type)) {
      const declared = checker.getTypeOfSymbol(property);
      const isAny = (declared.flags & ts.TypeFlags.Unknown) !== 0;
      const of = isAny ? declared : checker.getNonNullableType(declared);
      const name = path === "" ? property.name : `${path}.${property.name}`;
      const isOptional = isAny || (property.flags & ts.SymbolFlags.Optional) !== 0;
      const element = checker.isArrayType(of) ? checker.getTypeArguments(of as ts.TypeReference)[0] : undefined;
      yield [name, `${wordFor(of, element !== undefined)}${isOptional ? "?" : ""}`];
      const inner = element ?? of;
      if ((inner.flags & ts.TypeFlags.Object) !== 0) yield* fieldsOf(inner, element === undefined ? name : `${name}[]`);
    }
  }

  function wordFor(type: ts.Type, isList: boolean): string {
    if (isList) return "list";
    if ((type.flags & ts.TypeFlags.Unknown) !== 0) return "any";
    if ((type.flags & ts.TypeFlags.Object) !== 0) return "object";
    return checker.typeToString(checker.getBaseTypeOfLiteralType(type));
  }

  return [...fieldsOf(checker.getTypeAtLocation(report), "")];
}

const fields = fieldsOfReport();

test("docs/drift.md names every field that drift --json prints, with its type, and no other", () => {
  const page = readFileSync(join(repository, "docs/drift.md"), "utf8");
  const [, schema = ""] = page.split("## What `--json` prints");
  const told = Array.from(schema.matchAll(/^\| `([^`]+)` +\| (\S+) /gm), ([, path, type]) => [path, type]);
  expect(told.sort()).toEqual([...fields].sort());
});

test("it explains every status", () => {
  const page = readFileSync(join(repository, "docs/drift.md"), "utf8");
  const statuses = fields.flatMap(([path]) => /^summary\.(.*)$/.exec(path)?.[1] ?? []);
  expect(statuses.length).toBeGreaterThan(5);
  for (const status of statuses) expect(page).toMatch(new RegExp(`^\\| \`${status}\` +\\| \\w`, "m"));
});
