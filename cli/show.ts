import { paint, type Shell } from "./shell";

type Fields = Readonly<Record<string, unknown>>;

/** What people look for first, where objects have it. */
const telling = [
  "id",
  "status",
  "active",
  "type",
  "name",
  "url",
  "nickname",
  "currency",
  "unit_amount",
  "amount_total",
];

/** What says nothing in a table: the same in all rows, or a secret. */
const untold = /^(?:object|livemode)$|secret/;

const widestCell = 48;
const mostColumns = 6;
const narrowestTerminal = 60;

/** A list as a table: the columns that matter, as many as the terminal has room for. */
export function showTable(shell: Shell, rows: readonly Fields[]): string {
  if (rows.length === 0) return "Nothing there.\n";
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const useful = names.filter((name) => !untold.test(name) && rows.some((row) => isPlain(row[name])));
  const order = [
    ...telling.filter((name) => useful.includes(name)),
    ...useful.filter((name) => !telling.includes(name) && name !== "created"),
  ];
  const created = useful.includes("created") ? ["created"] : [];
  const { isTTY, columns } = shell.stdout;
  const room = isTTY ? Math.max(columns ?? 80, narrowestTerminal) : 120;
  const chosen: { name: string; width: number }[] = [];
  let left = room - created.length * 22;
  for (const name of order.slice(0, mostColumns)) {
    const width = Math.max(...[name, ...rows.map((row) => cell(name, row[name]))].map((text) => text.length));
    if (chosen.length > 0 && width + 2 > left) continue;
    chosen.push({ name, width });
    left -= width + 2;
  }
  for (const name of created) chosen.push({ name, width: 20 });
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => text.padEnd(chosen[index]?.width ?? 0))
      .join("  ")
      .trimEnd();
  const head = paint(shell, shell.stdout, "bold", line(chosen.map(({ name }) => name)));
  const body = rows.map((row) => line(chosen.map(({ name }) => cell(name, row[name]))));
  return `${[head, ...body].join("\n")}\n`;
}

/** One object as a listing of its fields, nested ones dotted; fields without a value come last, in one line. */
export function showObject(shell: Shell, object: Fields): string {
  const fields = [...flatten(object, "")];
  const empty = fields.filter(([, value]) => value === "");
  const told = fields.filter(([, value]) => value !== "");
  const width = Math.max(0, ...told.map(([name]) => name.length));
  const lines = told.map(([name, value]) => `${paint(shell, shell.stdout, "bold", name.padEnd(width))}  ${value}`);
  if (empty.length > 0)
    lines.push(paint(shell, shell.stdout, "dim", `empty: ${empty.map(([name]) => name).join(", ")}`));
  return `${lines.join("\n")}\n`;
}

/** `2027-01-15 08:00:00`, in UTC. */
export function showTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Text of others, with nothing in it that would move a terminal. */
export function showText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The same in one line: reasons have several. */
export function showLine(text: string): string {
  return showText(text.trim().replace(/\s*\n\s*/g, "; "));
}

function* flatten(value: unknown, name: string): Generator<[string, string]> {
  const key = name.slice(name.lastIndexOf(".") + 1);
  if (Array.isArray(value) && value.length > 0 && value.every(isPlain)) {
    yield [name, value.map((item) => plain(key, item)).join(", ")];
  } else if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    for (const [field, inner] of Object.entries(value)) yield* flatten(inner, name === "" ? field : `${name}.${field}`);
  } else {
    yield [name, isPlain(value) ? plain(key, value) : ""];
  }
}

function isPlain(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function plain(name: string, value: string | number | boolean): string {
  if (typeof value === "number" && /^(?:created|updated)$|_at$/.test(name)) return `${showTime(value)} UTC`;
  return showText(String(value));
}

function cell(name: string, value: unknown): string {
  if (!isPlain(value)) return "";
  const text = name === "created" && typeof value === "number" ? showTime(value) : plain(name, value);
  return text.length <= widestCell ? text : `${text.slice(0, widestCell - 1)}…`;
}
