import { type DataSource, type Declaration } from "../../provider/declare";
import { dataSourceOf, declarationOf, kindNames, type DataSourceName, type KindName } from "../../provider/registry";
import { sayEnding, sayLife } from "./ending-words";
import { replaces } from "./fact-words";
import { describeShape, type FieldEntry } from "./fields";
import { Sources, type FunctionSource, type SourceType } from "./sources";

/** A page before it is formatted. */
export interface Page {
  /** File in `docs/reference/`. */
  file: string;
  text: string;
  /** Names of the fields of a kind that nothing is written at. */
  unexplained: string[];
}

const notice = "<!-- Written by `npm run docs` from the declarations: change those. -->";

/** How a program names the class of a kind. */
const className = (kind: KindName) => `stripe.${kind.replace(":", ".")}`;

/** `climate:Order` → `climate-order.md`. */
export function fileOf(kind: KindName): string {
  return `${kind
    .replace(":", "-")
    .replace(/(?<=[a-z0-9])[A-Z]/g, "-$&")
    .toLowerCase()}.md`;
}

/** Every page, from the declarations that run and from what is written in their sources. */
export function writePages(): Page[] {
  const sources = new Sources();
  const functions = sources.functions();
  return [
    ...kindNames.map((kind) => kindPage(kind, sources)),
    functionsPage(functions, sources),
    permissionsPage(),
    indexPage(functions, sources),
  ];
}

function kindPage(kind: KindName, sources: Sources): Page {
  const declaration = declarationOf(kind);
  const source = sources.kind(kind);
  const { text, example } = sources.classText(className(kind));
  const inputs = describeInputs(declaration, source, sources.commonInputs);
  const outputs = describeShape(declaration.outputs, source.at("outputs"));
  return {
    file: fileOf(kind),
    unexplained: [...inputs, ...outputs].filter((field) => field.text === "").map((field) => field.name),
    text: paragraphs(
      `# ${className(kind)}`,
      notice,
      text,
      example && code(example),
      `[Stripe's reference](${declaration.api.source}). Type token: \`${declaration.type}\`.`,
      "## Arguments",
      list(inputs, (field) => (field.optional ? "optional" : "required")),
      "## Outputs",
      "Every argument is also a property, as an Output. Beside them:",
      list(outputs, sometimes),
      "## How it ends",
      sayEnding(declaration).long,
      sayLife(declaration)
        .map((sentence) => `- ${sentence}`)
        .join("\n"),
    ),
  };
}

function describeInputs(declaration: Declaration, source: SourceType, common: SourceType): FieldEntry[] {
  const shared = describeShape(declaration.inputs, common);
  return describeShape(declaration.inputs, source.at("inputs")).map((field, index) => {
    const written = field.text === "" ? (shared[index] ?? field) : field;
    return { ...written, facts: sayRefusal(declaration, written) };
  });
}

/** The facts of an input. What the kind refuses to change, or changes on purpose only, is not said to replace. */
function sayRefusal(declaration: Declaration, { name, facts }: FieldEntry): string[] {
  const { samples, spends } = declaration;
  const others = facts.filter((fact) => fact !== replaces);
  if (name === spends?.askAgain) return ["a new value asks for another one on purpose", ...others];
  const recorded: Record<string, unknown> = { ...samples.full };
  const findings = declaration.refuse?.(recorded, recorded, [name], others.length < facts.length ? [name] : []) ?? [];
  if (findings.length === 0) return facts;
  return [spends ? `a change is refused, unless \`${spends.askAgain}\` changes too` : "a change is refused", ...others];
}

function functionsPage(functions: FunctionSource[], sources: Sources): Page {
  const options = functions.find((one) => one.options.length > 0)?.options ?? [];
  return {
    file: "functions.md",
    unexplained: [],
    text: paragraphs(
      "# Functions",
      notice,
      "They read and manage nothing. Each returns a promise; its twin takes and returns Outputs. The last argument holds options:",
      list(
        options.map((one) => ({ ...one, facts: [], below: [] })),
        sometimes,
      ),
      ...sources.dataSourceNames.map((name) => {
        const readers = functions.filter((one) => one.source === name);
        return readers.length === 0 ? undefined : dataSourceSection(name, readers, sources);
      }),
    ),
  };
}

function dataSourceSection(name: string, readers: FunctionSource[], sources: Sources): string {
  const { shape, params = {} }: DataSource = dataSourceOf(name as DataSourceName);
  const { type, text } = sources.dataSource(name);
  const reference = /https:\/\/\S+/.exec(text)?.[0];
  const declared = describeShape(params, type.at("params"));
  const args = readers.flatMap((one) => one.args).map((one) => ({ ...one, facts: [], below: [] }));
  const taken = args
    .filter((one, index) => args.findIndex(({ name }) => name === one.name) === index)
    .map((one) => declared.find((param) => param.name === one.name) ?? one);
  return paragraphs(
    `## ${readers.map((one) => one.name).join(", ")}`,
    readers.map((one) => `- \`${one.name}\`: ${one.text}${one.twin ? ` Twin: \`${one.twin}\`.` : ""}`).join("\n"),
    reference && `[Stripe's reference](${reference}).`,
    ...(taken.length > 0 ? ["### Arguments", list(taken, (field) => (field.optional ? "optional" : "required"))] : []),
    `### ${readers.every((one) => one.list) ? "Each of the list" : "Result"}`,
    list(describeShape(shape, type.at("shape")).map(withoutFacts), sometimes),
  );
}

function indexPage(functions: FunctionSource[], sources: Sources): Page {
  const rows = kindNames.map((kind) => {
    const { short } = sayEnding(declarationOf(kind));
    return `| \`${className(kind)}\` | ${short.replaceAll("|", "\\|")} | [${fileOf(kind)}](${fileOf(kind)}) |`;
  });
  const unread = sources.dataSourceNames.filter((name) => !functions.some((one) => one.source === name));
  if (unread.length > 0) throw new Error(`sdk/ has no function that reads ${unread.join(", ")}`);
  return {
    file: "README.md",
    unexplained: [],
    text: paragraphs(
      "# Reference",
      notice,
      ["| class | how it ends | page |", "|---|---|---|", ...rows].join("\n"),
      "What a restricted key has to be allowed is in [permissions.md](permissions.md).",
      "What is read and never managed is in [functions.md](functions.md):",
      sources.dataSourceNames
        .flatMap((name) => functions.filter((one) => one.source === name))
        .map((one) => `- \`${one.name}\`: ${firstSentence(one.text)}`)
        .join("\n"),
    ),
  };
}

/** What a restricted key has to be allowed for each kind; a drift job or a preview needs the reads alone. */
function permissionsPage(): Page {
  const rows = kindNames.flatMap((kind) => {
    const { path, beside = [] } = declarationOf(kind).api;
    return [
      `| \`${className(kind)}\` | \`${path}\` | write | |`,
      ...beside.map((one) => `| | \`${one.path}\` | ${one.access}${one.optional ? ", or none" : ""} | ${one.why} |`),
    ];
  });
  return {
    file: "permissions.md",
    unexplained: [],
    text: paragraphs(
      "# What a restricted key needs",
      notice,
      "Beside `GET /v1/account`, which tells whether it is the right account. Write includes read; previews and refreshes read only.",
      ["| class | calls | access | why |", "|---|---|---|---|", ...rows].join("\n"),
    ),
  };
}

/** A nested list of fields. */
function list(fields: FieldEntry[], presence: (field: FieldEntry) => string | undefined, indent = ""): string {
  return fields
    .map((field) => {
      const head = [`\`${field.type}\``, presence(field)].filter((part) => part !== undefined).join(", ");
      const facts = field.facts.length === 0 ? "" : ` _${capital(field.facts.join("; "))}._`;
      const body = field.text.replace(/\s+/g, " ");
      const below = field.below.length === 0 ? "" : `\n${list(field.below, presence, `${indent}  `)}`;
      return `${indent}- **\`${field.name}\`** (${head})${body || facts ? ":" : ""} ${body}${facts}${below}`;
    })
    .join("\n");
}

/** A field may be an argument of a kind as well: what holds for writing it says nothing of reading it. */
function withoutFacts(field: FieldEntry): FieldEntry {
  return { ...field, facts: [], below: field.below.map(withoutFacts) };
}

/** Of what Stripe tells: whether it always does. */
function sometimes(field: FieldEntry): string | undefined {
  return field.optional ? "optional" : undefined;
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s+[A-Z]|$)/s.exec(text)?.[0] ?? text;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function code(text: string): string {
  return ["```ts", text, "```"].join("\n");
}

function paragraphs(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("\n\n");
}
