import { join } from "node:path";
import ts from "typescript";
import { packageRoot } from "../engine/package-root";

/** What is written above a class or function. */
export interface Written {
  text: string;
  /** Code of its `@example`. */
  example: string | undefined;
}

/** A function that programs call, as the sdk has it. */
export interface FunctionSource extends Written {
  /** How a program names it, such as `stripe.climate.getProduct`. */
  name: string;
  /** Name of the data source it reads. */
  source: string;
  args: Argument[];
  /** What the second argument holds. */
  options: Argument[];
  /** Resolves to a list of what the source tells. */
  list: boolean;
  /** Name of the function that takes and returns Outputs, where there is one. */
  twin: string | undefined;
}

interface Argument {
  name: string;
  text: string;
  type: string;
  optional: boolean;
}

/** A type of the sources, for what is written at its members. Steps follow the shape of what runs. */
export class SourceType {
  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly type: ts.Type,
  ) {}

  /** The type at the end of a path of member names; undefined where the sources tell no more. */
  at(...path: string[]): SourceType | undefined {
    let type = this.type;
    for (const name of path) {
      const member = this.checker.getPropertyOfType(type, name);
      if (member === undefined) return undefined;
      type = this.checker.getTypeOfSymbol(member);
    }
    return new SourceType(this.checker, type);
  }

  /** The JSDoc of a member; empty where there is none. */
  text(name: string): string {
    const member = this.checker.getPropertyOfType(this.type, name);
    if (member === undefined) return "";
    return textOf(this.checker, member) || this.textOfValue(member);
  }

  /** A member may be another field by the name of a variable: `{ url, metadata: labels }`. What is written there holds here. */
  private textOfValue({ valueDeclaration: declaration }: ts.Symbol): string {
    if (declaration === undefined) return "";
    const value = ts.isShorthandPropertyAssignment(declaration)
      ? this.checker.getShorthandAssignmentValueSymbol(declaration)
      : ts.isPropertyAssignment(declaration) && ts.isIdentifier(declaration.initializer)
        ? this.checker.getSymbolAtLocation(declaration.initializer)
        : undefined;
    const variable = value?.valueDeclaration;
    if (value === undefined || variable === undefined) return "";
    if (!ts.isBindingElement(variable)) return textOf(this.checker, value);
    const whole = variable.parent.parent;
    if (!ts.isVariableDeclaration(whole) || whole.initializer === undefined) return "";
    const taken = (variable.propertyName ?? variable.name).getText();
    return new SourceType(this.checker, this.checker.getTypeAtLocation(whole.initializer)).text(taken);
  }
}

/** The sources of `provider/` and `sdk/`, for what is written in them and gone when they run. */
export class Sources {
  private readonly program: ts.Program;
  private readonly checker: ts.TypeChecker;
  private readonly exported: Map<string, ts.Symbol>;
  private readonly registry: ts.Symbol;
  private readonly declare: ts.Symbol;

  constructor() {
    const root = packageRoot();
    const settings = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
    const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, root);
    this.program = ts.createProgram([join(root, "sdk/index.ts"), join(root, "provider/registry.ts")], options);
    this.checker = this.program.getTypeChecker();
    this.exported = this.exportsOf(this.moduleOf(join(root, "sdk/index.ts")), "stripe");
    this.registry = this.moduleOf(join(root, "provider/registry.ts"));
    this.declare = this.moduleOf(join(root, "provider/declare.ts"));
  }

  /** @param name how a program names the class */
  classText(name: string): Written {
    const symbol = this.exported.get(name);
    if (symbol === undefined) throw new Error(`sdk/ exports no ${name}`);
    return this.written(symbol);
  }

  /** The declaration of a kind. */
  kind(name: string): SourceType {
    return this.declared("kinds", name).type;
  }

  /** The inputs that every kind takes. */
  get commonInputs(): SourceType {
    const symbol = this.checker.getExportsOfModule(this.declare).find((one) => one.name === "commonInputs");
    if (symbol === undefined) throw new Error("provider/declare.ts exports no commonInputs");
    return new SourceType(this.checker, this.checker.getTypeOfSymbol(symbol));
  }

  /** What a data source is, and what is written above it. */
  dataSource(name: string): { type: SourceType; text: string } {
    return this.declared("dataSources", name);
  }

  get dataSourceNames(): string[] {
    return this.checker
      .getTypeAtLocation(this.table("dataSources"))
      .getProperties()
      .map((member) => member.name);
  }

  /** Every function that reads a data source. */
  functions(): FunctionSource[] {
    const sources = this.dataSourceNames;
    return [...this.exported].flatMap(([name, symbol]) => {
      const declaration = symbol.valueDeclaration;
      const call = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
      if (declaration === undefined || call === undefined || !ts.isCallExpression(call)) return [];
      const source = call.arguments.find((one) => ts.isStringLiteral(one) && sources.includes(one.text));
      const [signature] = this.checker.getTypeOfSymbol(symbol).getCallSignatures();
      if (source === undefined || signature === undefined || !ts.isStringLiteral(source)) return [];
      const [args, options] = signature.parameters.map((one) => this.checker.getTypeOfSymbol(one));
      const result = this.checker.getAwaitedType(signature.getReturnType());
      const twin = `${name}Output`;
      return {
        ...this.written(symbol),
        name,
        source: source.text,
        args: this.members(args),
        options: this.members(options),
        list: result !== undefined && this.checker.isArrayType(result),
        twin: this.exported.has(twin) ? twin : undefined,
      };
    });
  }

  private members(type: ts.Type | undefined): Argument[] {
    return (type === undefined ? [] : this.checker.getNonNullableType(type).getProperties()).map((member) => ({
      name: member.name,
      text: textOf(this.checker, member),
      type: this.checker.typeToString(this.checker.getNonNullableType(this.checker.getTypeOfSymbol(member))),
      optional: (member.flags & ts.SymbolFlags.Optional) !== 0,
    }));
  }

  private written(symbol: ts.Symbol): Written {
    const example = symbol.getJsDocTags(this.checker).find((tag) => tag.name === "example");
    return {
      text: textOf(this.checker, symbol),
      example: example && ts.displayPartsToString(example.text).trim(),
    };
  }

  private declared(table: string, name: string): { type: SourceType; text: string } {
    const member = this.checker.getTypeAtLocation(this.table(table)).getProperty(name);
    const [signature] = member === undefined ? [] : this.checker.getTypeOfSymbol(member).getCallSignatures();
    const row = member?.valueDeclaration;
    if (signature === undefined || row === undefined) throw new Error(`provider/registry.ts: ${table} has no ${name}`);
    // `() => climateProducts().climateProduct`: what is written stands where that is exported.
    const body = ts.isPropertyAssignment(row) && ts.isArrowFunction(row.initializer) ? row.initializer.body : undefined;
    const symbol =
      body && ts.isPropertyAccessExpression(body) ? this.checker.getSymbolAtLocation(body.name) : undefined;
    return {
      type: new SourceType(this.checker, signature.getReturnType()),
      text: symbol === undefined ? "" : textOf(this.checker, symbol),
    };
  }

  /** A table of the registry; it is not exported, as what it holds is loaded by name. */
  private table(name: string): ts.VariableDeclaration {
    const found = this.registry.declarations
      ?.flatMap((file) => (ts.isSourceFile(file) ? [...file.statements] : []))
      .flatMap((statement) => (ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : []))
      .find((variable) => variable.name.getText() === name);
    if (found === undefined) throw new Error(`provider/registry.ts has no ${name}`);
    return found;
  }

  private moduleOf(path: string): ts.Symbol {
    const file = this.program.getSourceFile(path);
    const symbol = file && this.checker.getSymbolAtLocation(file);
    if (symbol === undefined) throw new Error(`${path} is no module`);
    return symbol;
  }

  /** What a module exports, by the name a program uses; also what its namespaces do. */
  private exportsOf(module: ts.Symbol, prefix: string): Map<string, ts.Symbol> {
    return new Map(
      this.checker.getExportsOfModule(module).flatMap((one) => {
        const symbol = one.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(one) : one;
        const name = `${prefix}.${one.name}`;
        return symbol.flags & ts.SymbolFlags.ValueModule
          ? [...this.exportsOf(symbol, name)]
          : [[name, symbol] as const];
      }),
    );
  }
}

function textOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return text.replace(/\{@link\s+([^}\s|]+)[^}]*\}/g, "`$1`").trim();
}
