import { createRequire } from "node:module";
import { type Command, InvalidArgumentError } from "commander";
import { type ResourceCommand, resourceCommands } from "../emulator/commands";
import { type ParamSpec, type ParamTable } from "../emulator/params";
import type * as calling from "./api";
import { closestWord } from "./closest";
import { CommandError, type GlobalOptions, helpHint, type Shell } from "./shell";
import { showObject, showTable, showText } from "./show";

const load = createRequire(__filename);

interface ResourceOptions extends GlobalOptions {
  data?: string[];
  expand?: string[];
  limit?: number;
  startingAfter?: string;
  endingBefore?: string;
  stripeAccount?: string;
  idempotencyKey?: string;
  live?: boolean;
  confirm?: boolean;
}

/** One line per resource for `--help`: its name and what can be done with it. */
export function describeResources(): string {
  const rows = [...byResource(resourceCommands())].map(([name, commands]) => [
    name,
    commands.map(({ operation }) => operation).join(" "),
  ]);
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return rows.map(([name = "", operations = ""]) => `  ${name.padEnd(width)}  ${operations}`).join("\n");
}

/**
 * Gives the program the commands that begin with `words`: the namespace or the resource first.
 * @throws CommandError where there are none, naming the closest
 */
export function defineResource(
  program: Command,
  [word = ""]: readonly string[],
  shell: Shell,
  others: readonly string[],
): void {
  const all = resourceCommands();
  const commands = all.filter(({ resource }) => resource[0] === word);
  if (commands.length === 0) {
    // What follows a namespace may be typed without it.
    const names = [...byResource(all).keys()];
    const whole = names.find((name) => name.split(" ").at(-1) === word);
    const near = whole ?? closestWord(word, [...names, ...others]);
    throw new CommandError(
      `unknown command '${word}'.`,
      `${near === undefined ? "" : `Did you mean ${near}? `}Run \`stripe-as-code --help\` to see what there is.`,
    );
  }
  for (const [name, own] of byResource(commands)) {
    const place = name.split(" ").reduce((above, step) => childOf(above, step), program);
    place
      .summary(own.map(({ operation }) => operation).join(", "))
      .addHelpText("after", `${describeParams(own)}\n\nExamples:\n${own.map(exampleOf).join("\n")}`);
    for (const command of own) defineOperation(place, command, shell);
  }
}

/** Commander would print all of its help for an error. @throws CommandError where the words end before a verb */
export function needVerb(program: Command, words: readonly string[]): void {
  let place = program;
  for (const word of words) {
    const below = place.commands.find((command) => command.name() === word);
    if (below === undefined) return;
    place = below;
  }
  if (place.commands.length === 0) return;
  const names = place.commands.map((command) => command.name()).join(", ");
  throw new CommandError(`${words.join(" ")} what? There is ${names}.`, helpHint(words));
}

function byResource(commands: readonly ResourceCommand[]): Map<string, ResourceCommand[]> {
  const groups = new Map<string, ResourceCommand[]>();
  for (const command of commands) {
    const name = command.resource.join(" ");
    groups.set(name, [...(groups.get(name) ?? []), command]);
  }
  return groups;
}

function childOf(above: Command, name: string): Command {
  const present = above.commands.find((command) => command.name() === name);
  if (present !== undefined) return present;
  const made = above.command(name).helpCommand(false).description(`Commands on ${name} of a Stripe account.`);
  return made.showHelpAfterError(helpHint(wordsTo(made)));
}

/** What is typed to come to a command, without the program. */
function wordsTo(command: Command): string[] {
  return command.parent === null ? [] : [...wordsTo(command.parent), command.name()];
}

function defineOperation(place: Command, command: ResourceCommand, shell: Shell): void {
  const { operation, method, path, ids, lists, ends } = command;
  const defined = place
    .command(operation)
    .summary(`${method} ${path}`)
    .description(`Sends ${method} ${path}.`)
    .option("-d, --data <key=value>", "a parameter; nested ones in brackets: -d 'metadata[a]=1'", addData)
    .option("-e, --expand <field>", "an id to answer with the whole object for", addText)
    .option("--stripe-account <acct>", "the connected account to act on")
    .showHelpAfterError(helpHint([...command.resource, operation]));
  if (method === "GET") defined.option("--live", "read with a live key");
  for (const id of ids) defined.argument(`<${id}>`, "", parseId);
  if (lists) {
    defined
      .option("-l, --limit <number>", "how many, from 1 to 100", parseLimit)
      .option("--starting-after <id>", "what comes after this one")
      .option("--ending-before <id>", "what comes before this one");
  }
  if (method === "POST")
    defined.option("-i, --idempotency-key <key>", "sent again with the same key, it is done once", parseKey);
  if (ends) defined.option("-c, --confirm", "don't ask whether it shall be done: it can't be undone");
  const help = `${describeParams([command])}${describeWords(command.params)}\n\nExample:\n${exampleOf(command)}`;
  defined.addHelpText("after", help).action(async () => {
    const values = defined.processedArgs as string[];
    await run(shell, command, values, defined.optsWithGlobals<ResourceOptions>());
  });
}

async function run(shell: Shell, command: ResourceCommand, ids: string[], options: ResourceOptions): Promise<void> {
  const { method, ends } = command;
  const path = command.path.replace(/:(\w+)/g, (_all, name: string) =>
    encodeURIComponent(ids[command.ids.indexOf(name)] ?? ""),
  );
  const { withApi } = load("./api") as typeof calling;
  await withApi(shell, { ...options, ...(method !== "GET" && { live: "never" }) }, async (api) => {
    if (ends && !api.live && options.confirm !== true) await askFirst(shell, `${method} ${path}`);
    const { idempotencyKey } = options;
    const { body, text } = await api.send({
      method,
      path,
      form: encodeOptions(options),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
    if (options.json === true) shell.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    else print(shell, body);
  });
}

function print(shell: Shell, body: Record<string, unknown>): void {
  const { data, has_more: more } = body;
  if (!Array.isArray(data)) {
    shell.stdout.write(showObject(shell, body));
    return;
  }
  const rows = data as Record<string, unknown>[];
  shell.stdout.write(showTable(shell, rows));
  const last = rows.at(-1)?.["id"];
  if (more === true && typeof last === "string") {
    shell.stderr.write(`There is more: repeat with --starting-after ${showText(last)}\n`);
  }
}

/** As Stripe's own command line asks before it deletes. A script is not asked: it says `--confirm` or is refused. */
async function askFirst(shell: Shell, what: string): Promise<void> {
  const answer = await shell.ask?.(`${what} can't be undone. Enter 'yes' to do it: `);
  if (answer?.trim() === "yes") return;
  throw new CommandError(
    `${what} was not sent: it can't be undone.`,
    answer === undefined ? "Repeat with --confirm." : "Enter yes, or repeat with --confirm.",
  );
}

function encodeOptions({ data = [], expand = [], limit, startingAfter, endingBefore }: ResourceOptions): string {
  const given = [
    ...data,
    ...expand.map((field) => `expand[]=${field}`),
    ...(limit === undefined ? [] : [`limit=${limit}`]),
    ...(startingAfter === undefined ? [] : [`starting_after=${startingAfter}`]),
    ...(endingBefore === undefined ? [] : [`ending_before=${endingBefore}`]),
  ];
  return given
    .map((pair) => {
      const split = pair.indexOf("=");
      return `${encodeURIComponent(pair.slice(0, split))}=${encodeURIComponent(pair.slice(split + 1))}`;
    })
    .join("&");
}

function addData(text: string, all: string[] = []): string[] {
  if (!/^[^=[\]]+(?:\[[^=[\]]*\])*=/.test(text)) {
    throw new InvalidArgumentError(
      "A parameter is written key=value, such as url=https://example.com or metadata[a]=1.",
    );
  }
  return [...all, text];
}

function addText(text: string, all: string[] = []): string[] {
  return [...all, text];
}

/** Dots alone would be another path. */
function parseId(text: string): string {
  if (/^\.{0,2}$/.test(text.trim())) throw new InvalidArgumentError("An id is needed, as list shows it.");
  return text;
}

/** What no header can carry would be told as a request that may have been done. */
function parseKey(text: string): string {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(text)) {
    throw new InvalidArgumentError("A key is 1 to 255 plain characters.");
  }
  return text;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new InvalidArgumentError("A limit is a whole number from 1 to 100.");
  }
  return limit;
}

const ownOptions = ["expand", "limit", "starting_after", "ending_before"];

/** What each operation takes by `-d`, with what is required. */
function describeParams(commands: readonly ResourceCommand[]): string {
  const sections = commands.flatMap(({ operation, params }) => {
    const lines = [...paramLines(params)];
    if (lines.length === 0) return [];
    const width = Math.max(...lines.map(([name]) => name.length));
    const rows = lines.map(([name, what]) => `  ${name.padEnd(width)}  ${what}`.trimEnd());
    return [`\nParameters of ${operation} (-d key=value), * required:\n${rows.join("\n")}`];
  });
  return sections.join("\n");
}

/** One line that works once its dots and `ID` are filled in: what is required, or the first of what may be given. */
function exampleOf({ resource, operation, method, ids, params, lists }: ResourceCommand): string {
  const pairs = [...examplePairs(params)];
  if (pairs.length === 0 && lists && method === "GET") pairs.push("--limit 5");
  if (pairs.length === 0 && method === "POST" && "metadata" in params) pairs.push("-d 'metadata[team]=shop'");
  return `  $ ${["stripe-as-code", ...resource, operation, ...ids.map(() => "ID"), ...pairs].join(" ")}`;
}

function* examplePairs(params: ParamTable, above = ""): Generator<string> {
  const names = Object.keys(params);
  for (const [name, spec] of Object.entries(params)) {
    const second = spec.orElse !== undefined && names.indexOf(spec.orElse) < names.indexOf(name);
    if (spec.required === true || (spec.orElse !== undefined && !second))
      yield* examplePair(spec, above === "" ? name : `${above}[${name}]`);
  }
}

function* examplePair(spec: ParamSpec, name: string): Generator<string> {
  if (spec.type === "object") {
    const pairs = [...examplePairs(spec.params, name)];
    const [[first, inner] = []] = Object.entries(spec.params);
    if (pairs.length > 0 || first === undefined || inner === undefined) yield* pairs;
    else yield* examplePair(inner, `${name}[${first}]`);
  } else if (spec.type === "list") yield* examplePair(spec.items, `${name}[]`);
  else {
    const pair = `${name}=${exampleValue(spec)}`;
    yield `-d ${/[[*]/.test(pair) ? `'${pair}'` : pair}`;
  }
}

function exampleValue(spec: ParamSpec): string {
  if (spec.type === "string") return spec.enum?.[0] ?? "…";
  if (spec.type === "integer" || spec.type === "number") return "100";
  return spec.type === "boolean" ? "true" : spec.type === "decimal" ? "0.5" : "…";
}

/** Required ones first; `needed` says whether all that is around them is required too. */
function* paramLines(params: ParamTable, above = "", needed = true): Generator<[string, string]> {
  const table = Object.entries(params).filter(([name]) => above !== "" || !ownOptions.includes(name));
  const rank = ({ required = false }: ParamSpec): number => (required ? 0 : 1);
  for (const [name, spec] of table.sort(([, one], [, other]) => rank(one) - rank(other))) {
    const required = spec.required === true;
    const own = above === "" ? name : `${above}[${name}]`;
    for (const [inner, what] of specLines(spec, own, needed && required)) {
      yield [inner, required && !needed && inner.trim() === own ? `${what}, required with ${above}` : what];
    }
  }
}

function* specLines(spec: ParamSpec, name: string, needed: boolean): Generator<[string, string]> {
  const marked = `${needed ? "* " : "  "}${name}`;
  if (spec.type === "object") {
    if (needed) yield [marked, "by its parts:"];
    yield* paramLines(spec.params, name, needed);
  } else if (spec.type === "list") yield* specLines(spec.items, `${name}[]`, needed);
  else if (spec.type === "dictionary") yield* specLines(spec.items, `${name}[<key>]`, needed);
  else if (spec.type === "map") yield [`${marked}[<key>]`, "text"];
  else if (spec.type === "range") yield [`${marked}[gt|gte|lt|lte]`, "time in Unix seconds"];
  else
    yield [marked, `${describeValue(spec)}${spec.orElse === undefined ? "" : `; this or ${spec.orElse} is required`}`];
}

function describeValue(spec: ParamSpec): string {
  if (spec.type === "string") return spec.enum === undefined ? "text" : oneOf(spec.enum);
  return spec.type === "unbuilt" ? "not in the emulator" : spec.type;
}

const shownWords = 6;

function oneOf(words: readonly string[]): string {
  const shown = words.slice(0, shownWords).join(", ");
  return words.length <= shownWords ? shown : `${shown}, … (${words.length}; --help after the verb has all)`;
}

const lineWidth = 100;

/** Every word of what is told in part above, once for all parameters that take the same. */
function describeWords(params: ParamTable): string {
  const places = new Map<string, string[]>();
  for (const [name, words] of longLists(params)) {
    const key = words.join(" ");
    places.set(key, [...(places.get(key) ?? []), name]);
  }
  return [...places].map(([words, names]) => `\n\nValues of ${names.join(", ")}:\n${wrap(words.split(" "))}`).join("");
}

function* longLists(params: ParamTable, above = ""): Generator<[string, readonly string[]]> {
  for (const [name, spec] of Object.entries(params)) {
    yield* longListsOf(spec, above === "" ? name : `${above}[${name}]`);
  }
}

function* longListsOf(spec: ParamSpec, name: string): Generator<[string, readonly string[]]> {
  if (spec.type === "object") yield* longLists(spec.params, name);
  else if (spec.type === "list") yield* longListsOf(spec.items, `${name}[]`);
  else if (spec.type === "dictionary") yield* longListsOf(spec.items, `${name}[<key>]`);
  else if (spec.type === "string" && (spec.enum?.length ?? 0) > shownWords) yield [name, spec.enum ?? []];
}

function wrap(words: readonly string[]): string {
  const lines = [" "];
  for (const word of words) {
    const last = lines.at(-1) ?? "";
    if (last.length + word.length >= lineWidth) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}
