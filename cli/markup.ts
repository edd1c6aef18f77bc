/** HTML that may stand in a page as it is: made by {@link markup} alone. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | undefined | readonly Part[];

/**
 * A template of HTML. Markup and lists of it are put in as they are, all else as text that can't become markup, also between
 * the double quotes of an attribute; undefined is nothing.
 */
export function markup(fixed: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(fixed.map((text, index) => (index === 0 ? text : textOf(parts[index - 1]) + text)).join(""));
}

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeText(showHidden(String(part)));
  return part.map(textOf).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** What shows as nothing, or turns round what stands beside it, is written out; a line's end is left. */
function showHidden(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}\u00ad\u200b\u2028\u2029\u2060\ufeff]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
