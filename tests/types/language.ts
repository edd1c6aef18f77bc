import { dirname, join } from "node:path";
import ts from "typescript";

export const root = dirname(dirname(__dirname));

const settings = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)).config,
  ts.sys,
  root,
).options;
const declarationSettings: ts.CompilerOptions = {
  ...settings,
  noEmit: false,
  declaration: true,
  emitDeclarationOnly: true,
  isolatedModules: false,
  rootDir: root,
  outDir: join(__dirname, "emitted"),
};

/** TypeScript as an editor runs it, over files that exist in memory beside those on disk. */
export class Language {
  private readonly service: ts.LanguageService;

  /** @param files text by absolute path */
  constructor(private readonly files: ReadonlyMap<string, string>) {
    const folders = new Set([...files.keys()].flatMap((path) => ancestors(path)));
    const host: ts.LanguageServiceHost = {
      getCompilationSettings: () => settings,
      getCurrentDirectory: () => root,
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      getScriptFileNames: () => [...files.keys()],
      getScriptVersion: () => "0",
      getScriptSnapshot: (path) => {
        const text = files.get(path) ?? ts.sys.readFile(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      fileExists: (path) => files.has(path) || ts.sys.fileExists(path),
      readFile: (path) => files.get(path) ?? ts.sys.readFile(path),
      directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
      realpath: (path) => (files.has(path) ? path : (ts.sys.realpath?.(path) ?? path)),
    };
    this.service = ts.createLanguageService(host);
  }

  get program(): ts.Program {
    const program = this.service.getProgram();
    if (program === undefined) throw new Error("no program");
    return program;
  }

  /** What is wrong with a file: line, code and text of each finding. */
  errors(path: string): string[] {
    return [...this.service.getSyntacticDiagnostics(path), ...this.service.getSemanticDiagnostics(path)].map(
      ({ file, start = 0, code, messageText }) => {
        const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
        return `${line}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      },
    );
  }

  /** What an editor shows where the marker stands in a file: the documentation. */
  documentation(path: string, marker: string): string {
    const at = (this.files.get(path) ?? "").indexOf(marker);
    if (at < 0) throw new Error(`${path} has no ${marker}`);
    const info = this.service.getQuickInfoAtPosition(path, at + marker.length);
    return ts.displayPartsToString(info?.documentation);
  }

  /** Names of the members of a type that a file exports. */
  members(path: string, type: string): string[] {
    return this.typeOf(path, type)
      .getProperties()
      .map((member) => member.name);
  }

  /** The texts of a union of texts that a file exports. */
  texts(path: string, type: string): string[] {
    const union = this.typeOf(path, type);
    return (union.isUnion() ? union.types : [union]).map((one) => (one.isStringLiteral() ? one.value : "?"));
  }

  private typeOf(path: string, name: string): ts.Type {
    const checker = this.program.getTypeChecker();
    const file = this.program.getSourceFile(path);
    const module = file && checker.getSymbolAtLocation(file);
    const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name);
    if (symbol === undefined) throw new Error(`${path} exports no ${name}`);
    return checker.getDeclaredTypeOfSymbol(symbol);
  }
}

/** The package's `.d.ts` files as the build makes them, by the path they'd have in `emitted/` beside this file. */
export function emitDeclarations(): Map<string, string> {
  const program = ts.createProgram([join(root, "sdk/index.ts")], declarationSettings);
  const emitted = new Map<string, string>();
  program.emit(undefined, (path, text) => emitted.set(path, text));
  return emitted;
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}
