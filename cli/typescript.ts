/** Source text that stands as it is among values: the name of a variable, a call. */
export class Code {
  constructor(readonly text: string) {}
}

const width = 80;

/** A value as TypeScript, formatted as Prettier does by default; what is undefined is left out. */
export function toTypeScript(value: unknown, indent = 0, room = width): string {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) {
    const items = value.map((item) => toTypeScript(item, indent + 2));
    const line = `[${items.join(", ")}]`;
    const isShort = line.length <= room && !line.includes("\n") && !value.some((item) => isMap(item));
    return isShort ? line : `[\n${items.map((item) => `${pad(indent + 2)}${item},\n`).join("")}${pad(indent)}]`;
  }
  if (isMap(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length === 0) return "{}";

    const lines = entries.map(([name, item]) => {
      const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
      const text = toTypeScript(item, indent + 2, width - indent - 2 - key.length - 3);
      return `${pad(indent + 2)}${key}: ${text},\n`;
    });
    return `{\n${lines.join("")}${pad(indent)}}`;
  }
  return typeof value === "string" ? quoted(value) : JSON.stringify(value);
}

/** In the quotes that need fewer escapes, double ones where it makes no difference. */
function quoted(text: string): string {
  const double = JSON.stringify(text).replace(/[\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
  const count = (quote: string) => text.split(quote).length - 1;
  if (count('"') <= count("'")) return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Code);
}

function pad(count: number): string {
  return " ".repeat(count);
}
