import { callStripe, control, Refused } from "./api.js";
import { state } from "./store.js";

/** @typedef {{ resource: string[], operation: string, method: string, path: string, ids: string[], params: Record<string, { required?: boolean }> }} ResourceCommand */
/** @typedef {{ text: string, tone?: "quiet" | "bad" | "good" } | { json: unknown } | { table: string[][] }} Output */
/** @typedef {{ name: string, use: string, does: string, run(words: string[]): Promise<Output[]> }} Command */

/** Seconds by the letter of their unit. */
const units = /** @type {Record<string, number>} */ ({ s: 1, m: 60, h: 3600, d: 86_400 });

/** What the emulator knows to do, asked for once. @type {{ commands: ResourceCommand[], triggers: string[] } | undefined} */
let known;

async function load() {
  known ??= {
    commands: (await askFor("commands")).map((command) => /** @type {ResourceCommand} */ (command)),
    triggers: (await askFor("triggers")).map((trigger) => String(Object(trigger).event ?? trigger)),
  };
  return known;
}

/** Nothing, where the emulator has no such route. @param {string} name @returns {Promise<unknown[]>} */
async function askFor(name) {
  try {
    return (await control("GET", name)).data;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return [];
    throw error;
  }
}

/** Commands that are not requests. @type {readonly Command[]} */
const own = [
  { name: "help", use: "help [command]", does: "what there is, or how one is used", run: ([...words]) => help(words) },
  {
    name: "trigger",
    use: "trigger <event>",
    does: "bring an event about, objects and all",
    run: ([event]) => trigger(event),
  },
  { name: "get", use: "get <path>", does: "send a GET", run: (words) => plain("GET", words) },
  { name: "post", use: "post <path> -d name=value", does: "send a POST", run: (words) => plain("POST", words) },
  { name: "delete", use: "delete <path>", does: "send a DELETE", run: (words) => plain("DELETE", words) },
  {
    name: "advance",
    use: "advance <id> <step>",
    does: "take an object on in its life",
    run: ([id, to]) => advance(id, to),
  },
  { name: "pass", use: "pass 30s | 10m | 2h | 1d", does: "let time pass", run: ([span]) => pass(span) },
  { name: "fail", use: "fail <status or fault> [method] [path]", does: "arm a fault", run: (words) => fail(words) },
  {
    name: "events resend",
    use: "events resend <event>",
    does: "send an event to its webhook endpoints again",
    run: ([event]) => resend(event),
  },
  {
    name: "reset",
    use: "reset --confirm",
    does: "forget everything",
    run: (words) => reset(words),
  },
];

/** Those that only the shell itself can do. */
export const ofShell = [
  {
    name: "listen",
    use: "listen",
    does: "print events as they happen, until Ctrl+C",
    alone: "It takes no options here; in a terminal `stripe-as-code listen --forward-to` forwards.",
  },
  { name: "clear", use: "clear", does: "empty the shell", alone: "It takes nothing." },
  { name: "exit", use: "exit", does: "close the shell", alone: "It takes nothing." },
];

/** @param {unknown} _result @param {string} text @returns {Output[]} */
function done(_result, text) {
  return [{ text, tone: "good" }];
}

/** @param {string[]} words @returns {Promise<Output[]>} */
export async function run(words) {
  const { commands } = await load();
  const command = commandIn(own, words);
  if (command !== undefined) return command.run(words.slice(command.name.split(" ").length));
  const found = commands.find(({ resource, operation }) => startsWith(words, [...resource, operation]));
  if (found !== undefined) return request(found, words.slice(found.resource.length + 1));
  const near = commands.filter(({ resource }) =>
    startsWith(words.slice(0, resource.length), resource.slice(0, words.length)),
  );
  if (near.length > 0) return [{ table: near.map(useOf) }];
  return [{ text: `There is no '${words[0] ?? ""}'. Type help to see what there is.`, tone: "bad" }];
}

/** @template {{ name: string }} C @param {readonly C[]} commands @param {string[]} words */
function commandIn(commands, words) {
  return commands.find(({ name }) => startsWith(words, name.split(" ")));
}

/** @param {string[]} words @param {string[]} start */
function startsWith(words, start) {
  return start.length <= words.length && start.every((word, index) => word === words[index]);
}

/** @param {ResourceCommand} command @returns {string[]} */
function useOf({ resource, operation, method, path, ids }) {
  return [[...resource, operation, ...ids.map((id) => `<${id}>`)].join(" "), `${method} ${path}`];
}

/** @param {string[]} words @returns {Promise<Output[]>} */
async function help(words) {
  const { commands, triggers } = await load();
  if (words.length === 0) {
    return [
      { table: [...own, ...ofShell].map(({ use, does }) => [use, does]) },
      {
        text: "Every resource, as in the Stripe CLI; -d name=value gives parameters, and so does --name value:",
        tone: "quiet",
      },
      {
        table: [...new Set(commands.map(({ resource }) => resource.join(" ")))].map((name) =>
          operationsOf(name, commands),
        ),
      },
    ];
  }
  const command = commandIn([...own, ...ofShell], words);
  if (command !== undefined) {
    const events = command.name === "trigger" ? triggers.map((event) => [event]) : [];
    return [{ table: [[command.use, command.does]] }, ...(events.length === 0 ? [] : [{ table: events }])];
  }
  const found = commands.filter((one) => startsWith([...one.resource, one.operation], words));
  if (found.length === 0) return [{ text: `There is no '${words.join(" ")}'.`, tone: "bad" }];
  const [only] = found;
  if (found.length > 1 || only === undefined) return [{ table: found.map(useOf) }];
  return [
    { table: [useOf(only)] },
    {
      table: Object.entries(only.params).map(([name, { required }]) => [
        `--${name}`,
        required === true ? "required" : "",
      ]),
    },
  ];
}

/** @param {string} name @param {ResourceCommand[]} commands */
function operationsOf(name, commands) {
  const operations = commands.filter(({ resource }) => resource.join(" ") === name).map(({ operation }) => operation);
  return [name, operations.join("  ")];
}

/** @param {string | undefined} event @returns {Promise<Output[]>} */
async function trigger(event) {
  const { triggers } = await load();
  if (event === undefined) return [{ text: "Which event?", tone: "quiet" }, { table: triggers.map((name) => [name]) }];
  const { objects } = await control("POST", "trigger", { event, account: state.account });
  return [
    { text: `✓ ${event}`, tone: "good" },
    { table: objects.map((/** @type {{ object: string, id: string }} */ { object, id }) => [object, id]) },
  ];
}

/** @param {string | undefined} id @param {string | undefined} to @returns {Promise<Output[]>} */
async function advance(id, to) {
  const { data } = await control("GET", "steps", { account: state.account });
  const standing = data.find((/** @type {{ id: string }} */ one) => one.id === id);
  if (standing === undefined) {
    return [
      { text: id === undefined ? "Which of these?" : `'${id}' can't be taken any further; these can:`, tone: "quiet" },
      { table: data.map((/** @type {any} */ one) => [one.id, one.steps.join("  ")]) },
    ];
  }
  if (to === undefined)
    return [{ text: "Where to?", tone: "quiet" }, { table: [[standing.id, standing.steps.join("  ")]] }];
  await control("POST", "advance", { kind: standing.kind, id, to, account: state.account });
  const { object } = await control("GET", "inspect/object", { kind: standing.kind, id, account: state.account });
  return [{ json: object }];
}

/** @param {string | undefined} event @returns {Promise<Output[]>} */
async function resend(event) {
  if (event === undefined) return [{ text: "Which event? events resend evt_…", tone: "bad" }];
  const { endpoints } = await control("POST", "resend", { event, account: state.account });
  if (endpoints.length === 0) return [{ text: "No enabled webhook endpoint wants it.", tone: "quiet" }];
  return done(undefined, `Sent again to ${endpoints.join(", ")}.`);
}

/** Asked as the command line asks: what it forgets can't be had back. @param {string[]} words @returns {Promise<Output[]>} */
async function reset(words) {
  if (words.length !== 1 || !["--confirm", "-c"].includes(words[0] ?? ""))
    return [{ text: "It forgets everything, which can't be undone: reset --confirm does it.", tone: "bad" }];
  return done(await control("POST", "reset"), "As new.");
}

/** @param {string | undefined} span @returns {Promise<Output[]>} */
async function pass(span) {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(span ?? "") ?? [];
  if (amount === "") return [{ text: "How much time? pass 30s, pass 10m, pass 2h, pass 1d", tone: "bad" }];
  return done(
    await control("POST", "pass-time", { seconds: Number(amount) * (units[unit] ?? 1) }),
    `${span ?? ""} passed.`,
  );
}

/** @param {string[]} words @returns {Promise<Output[]>} */
async function fail([what, method, path]) {
  if (what === undefined)
    return [{ text: "What goes wrong? fail 500, fail cut-after-commit POST /v1/products", tone: "bad" }];
  const rule = { with: /^\d+$/.test(what) ? Number(what) : what, method, path };
  return done(await control("POST", "fail", rule), "Armed.");
}

/** @param {string} method @param {string[]} words @returns {Promise<Output[]>} */
async function plain(method, words) {
  const { values, params, headers } = readOptions(words);
  const [path] = values;
  if (path === undefined) return [{ text: `Which path? ${method.toLowerCase()} /v1/products`, tone: "bad" }];
  return send(method, path.startsWith("/") ? path : `/${path}`, params, headers);
}

/** @param {ResourceCommand} command @param {string[]} words @returns {Promise<Output[]>} */
async function request({ method, path, ids, resource, operation }, words) {
  const { values, params, headers } = readOptions(words);
  const missing = ids.slice(values.length);
  if (missing.length > 0 || values.length > ids.length) {
    const use = [...resource, operation, ...ids.map((id) => `<${id}>`), "[-d name=value …]"].join(" ");
    return [{ text: `Use: ${use}`, tone: "bad" }];
  }
  const filled = ids.reduce((at, id, index) => at.replace(`:${id}`, encodeURIComponent(values[index] ?? "")), path);
  return send(method, filled, params, headers);
}

/** @param {string} method @param {string} path @param {URLSearchParams} params @param {Record<string, string>} headers @returns {Promise<Output[]>} */
async function send(method, path, params, headers) {
  // v2 takes no request that names no version.
  const versioned = path.startsWith("/v2/") ? { "Stripe-Version": state.apiVersion, ...headers } : headers;
  const { status, answer } = await callStripe(method, path, params, versioned);
  return [
    ...(status >= 400 ? [{ text: `${method} ${path}: ${status}`, tone: /** @type {const} */ ("bad") }] : []),
    { json: answer },
  ];
}

/** `-d a[b]=c`, `-e data.x`, `-i KEY`, `--name value`, `--name=value`; what is left is given by its place. @param {string[]} words */
function readOptions(words) {
  const params = new URLSearchParams();
  /** @type {string[]} */
  const values = [];
  /** @type {Record<string, string>} */
  const headers = {};
  if (state.account !== state.accounts[0]) headers["Stripe-Account"] = state.account;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = "", given] = /^--([\w[\]-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (word === "-d" || word === "--data") addPair(params, rest.shift() ?? "");
    else if (word === "-e" || word === "--expand") params.append("expand[]", rest.shift() ?? "");
    else if (word === "-i" || word === "--idempotency") headers["Idempotency-Key"] = rest.shift() ?? "";
    // Nobody is asked here: what a terminal wants before it deletes is nothing to send.
    else if (word === "-c" || word === "--confirm") continue;
    else if (name !== "") params.append(name.replaceAll("-", "_"), given ?? rest.shift() ?? "");
    else values.push(word);
  }
  return { values, params, headers };
}

/** @param {URLSearchParams} params @param {string} pair */
function addPair(params, pair) {
  const split = pair.indexOf("=");
  if (split < 1) throw new Error(`-d wants name=value, not '${pair}'`);
  params.append(pair.slice(0, split), pair.slice(split + 1));
}

/** Words of a line, as a shell takes them: what is quoted is one. @param {string} line */
export function wordsOf(line) {
  return [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_all, double, single) => double ?? single ?? ""),
  );
}

/** A line that is pasted from a terminal begins with the program. @param {string[]} words */
export function withoutProgram(words) {
  const at = words.findIndex((word) => !["$", "npx", "stripe", "stripe-as-code"].includes(word));
  return at < 1 ? words : words.slice(at);
}

/** What the last word of a line may become. @param {string} line @returns {Promise<string[]>} */
export async function completions(line) {
  const { commands, triggers } = await load();
  const words = wordsOf(line);
  const last = /\s$/.test(line) || line === "" ? "" : (words.pop() ?? "");
  const typed = withoutProgram([...words, last]).slice(0, -1);
  const before = typed[0] === "help" ? typed.slice(1) : typed;
  const all = () => {
    if (before[0] === "trigger") return triggers;
    if (before[0] === "advance") return state.events.map(({ object }) => object.id);
    const command = commands.find((one) => startsWith(before, [...one.resource, one.operation]));
    if (command !== undefined) return paramsOf(command, before.at(-1) === "-d", last);
    return [
      ...[...own, ...ofShell].map(({ name }) => name.split(" ")),
      ...commands.map(({ resource, operation }) => [...resource, operation]),
    ].flatMap((name) => (startsWith(name, before) ? (name[before.length] ?? "") : []));
  };
  return [...new Set(all())].filter((word) => word.startsWith(last) && word !== "").sort();
}

/** @param {ResourceCommand} command @param {boolean} pair @param {string} last */
function paramsOf({ params }, pair, last) {
  if (pair) return Object.keys(params).map((name) => `${name}=`);
  return last.startsWith("-") ? Object.keys(params).map((name) => `--${name}`) : [];
}
