import { isDiscreet, type Declaration } from "./declare";
import { redactedText } from "./outputs";

type Values = Record<string, unknown>;

/** Takes what must not be read out of a text. */
export type Hide = (text: string) => string;

/** What is shorter says nothing, and would hide half of every message. */
const shortest = 4;
/** A word of a longer text has to be this long to tell anything of it. */
const shortestWord = 6;

/**
 * Hides what is secret or personal of a resource in whatever is said of it: Stripe, or a proxy, may quote what it was sent.
 * @param known inputs and recorded outputs of the resource, as far as they are at hand
 */
export function hiderOf({ inputFields, outputFields }: Declaration, ...known: Values[]): Hide {
  // Most resources go through without a word.
  let hide: Hide | undefined;
  return (text) => (hide ??= hider(known.flatMap(textsOf)))(text);

  function textsOf(values: Values): string[] {
    const fields = [...inputFields, ...outputFields].filter(isDiscreet);
    const texts = fields.flatMap(({ name }) => textsIn(values[name]));
    // Of what was sent, a part may be quoted too: a field of a body, one name of several.
    const sent = inputFields.filter((field) => field.secret);
    return [...texts, ...sent.flatMap(({ name }) => textsIn(values[name]).flatMap(wordsIn))];
  }
}

/** Hides the texts, also where they are escaped or encoded, or in other letters: Stripe lower-cases addresses. */
export function hider(texts: string[]): Hide {
  // Longest first, as one may be part of another.
  const spellings = [...new Set(texts.filter((text) => text.length >= shortest).flatMap(spellingsOf))].sort(
    (one, other) => other.length - one.length,
  );
  return (text) => {
    // Of a body of a megabyte nearly nothing is in a message, and a pattern of all of it would be too large to be one.
    const lower = text.toLowerCase();
    const found = spellings.filter((spelling) => lower.includes(spelling.toLowerCase()));
    const [long, short] = [found.filter(isLong), found.filter((spelling) => !isLong(spelling))];
    const without = long.reduce((hidden, spelling) => hidden.replaceAll(spelling, hiddenText), text);
    if (short.length === 0) return without;
    const pattern = short.map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|");
    return without.replace(new RegExp(pattern, "gi"), hiddenText);
  };
}

const hiddenText = "[secret]";

/** Too long for a pattern: these are looked for as they are. */
const isLong = (text: string) => text.length > 1_000;

/** Every text in a value, also in one that is written as JSON, however deep. */
function textsIn(value: unknown): string[] {
  const texts: string[] = [];
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === "object" && one !== null) for (const inner of Object.values(one)) left.push(inner);
    else if (typeof one === "string" && one !== redactedText) {
      texts.push(one);
      left.push(parseJson(one));
    }
  }
  return texts;
}

/** The words of a text that is no JSON, whose parts are told apart already; but for such as any message is made of. */
function wordsIn(text: string): string[] {
  if (parseJson(text) !== undefined) return [];
  return text.split(/[\s<>"'{}[\],;&]+/).filter((word) => word.length >= shortestWord && !/^\W*[a-z]+\W*$/.test(word));
}

function parseJson(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function spellingsOf(text: string): string[] {
  const camelCased = text.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  const form = new URLSearchParams({ "": text }).toString().slice(1);
  const spaced = form.replaceAll("+", "%20");
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    form,
    spaced,
    spaced.replace(/%(21|27|28|29|7E)/g, decodeURIComponent),
    // Without what depends on the bytes behind it.
    Buffer.from(text).toString("base64").replace(/.=+$/, ""),
    // As the path of a field is written.
    camelCased,
  ];
}
