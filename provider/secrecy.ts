import { AsyncLocalStorage } from "node:async_hooks";
import { isDiscreet, type Declaration } from "./declare";
import { parseObject } from "./json";
import { redactedText } from "./outputs";

type Values = Record<string, unknown>;

/** Puts `[secret]` into a text in place of what it must not tell. */
export type Mask = (text: string) => string;

/** What may be said of a resource, without its secret and personal values. */
export interface Masks {
  /** For what others say: Stripe, or a proxy, may quote whatever it was sent. */
  quotation: Mask;
  /**
   * For a whole message, quotations included: once more, but for plain words, of which our own messages are made. A body that holds
   * the text `POST` would take it out of each of them.
   */
  message: Mask;
}

/** Characters a value has at least to be masked in quotations: what is shorter would mask half of each. */
const shortestQuoted = 4;
/** The same for a part of a text that isn't JSON, and for our own messages. */
const shortestWord = 6;
/** Plain words, also joined as in Stripe's names: `POST`, `Payment`, `card_number`. Keys and tokens have digits, or both cases. */
const plainWords = /^([A-Z]?[a-z]+([_.][a-z]+)*|[A-Z]+(_[A-Z]+)*)$/;
const longestPlain = 24;

/** As much of a value is looked for; where it is found, all that follows may be of it. */
const longestSought = 2_000;
/** As much is told, and no more: errors are kept in state, and a message has a few quotations and what to do. */
const [longestQuotation, longestMessage] = [2_000, 15_000];

const maskText = "[secret]";

const running = new AsyncLocalStorage<Mask>();

/** Does what one resource asks for: whatever is quoted meanwhile goes through its mask. */
export function quotingThrough<T>(mask: Mask, work: () => T): T {
  return running.run(mask, work);
}

/** A text of somebody else's, as a message may hold it. */
export function quote(text: string): string {
  return running.getStore()?.(text) ?? text;
}

/**
 * The masks for what is said of a resource.
 * @param known inputs and recorded outputs of the resource, as far as they are at hand
 */
export function masksFor({ inputFields, outputFields }: Declaration, ...known: Values[]): Masks {
  // Most resources go through without a word.
  let values: string[] | undefined;
  const secretValues = () => (values ??= [...new Set(known.flatMap(secretValuesOf))]);
  return {
    quotation: cutOff(longestQuotation, () => maskOf(secretValues())),
    message: cutOff(longestMessage, () => maskOf(secretValues().filter(isNoneOfOurWords))),
  };

  function secretValuesOf(values: Values): string[] {
    const fields = [...inputFields, ...outputFields].filter(isDiscreet);
    const whole = fields.flatMap(({ name }) => textsIn(values[name]));
    // Of what was sent, a part may be quoted too: a field of a body, one name of several.
    const sent = inputFields.filter((field) => field.secret);
    return [...whole, ...sent.flatMap(({ name }) => textsIn(values[name]).flatMap(wordsIn))];
  }
}

function cutOff(longest: number, make: () => Mask): Mask {
  let mask: Mask | undefined;
  return (text) => {
    // What begins in the part that is told is recognised, although it may end behind.
    const masked = (mask ??= make())(text.slice(0, longest + longestSought));
    return masked.length > longest ? `${masked.slice(0, longest)}…` : masked;
  };
}

function isNoneOfOurWords(value: string): boolean {
  return value.length >= shortestWord && !(value.length <= longestPlain && plainWords.test(value));
}

/** Masks the values, also where they are escaped or encoded, or in other letters: Stripe lower-cases addresses. */
export function maskOf(values: string[]): Mask {
  const spellings = new Set(
    values.filter(({ length }) => length >= shortestQuoted).flatMap((value) => spellingsOf(value).map(toLowerCase)),
  );
  return (text) => {
    const lower = toLowerCase(text);
    const found: Span[] = [];
    for (const spelling of spellings) {
      for (let start = lower.indexOf(spelling), end; start >= 0; start = lower.indexOf(spelling, end)) {
        end = spelling.length < longestSought ? start + spelling.length : text.length;
        found.push({ start, end });
      }
    }
    return withoutSpans(text, found);
  };
}

interface Span {
  start: number;
  end: number;
}

/** Where two overlap, or touch, both are one. */
function withoutSpans(text: string, spans: Span[]): string {
  let [left, end] = ["", 0];
  for (const span of spans.sort((one, other) => one.start - other.start)) {
    if (span.start > end || left === "") left += text.slice(end, span.start) + maskText;
    end = Math.max(end, span.end);
  }
  return left + text.slice(end);
}

/** Of the same length, so that places in it are places in the text. */
function toLowerCase(text: string): string {
  const lower = text.toLowerCase();
  // A final sigma is another letter than the same one before others.
  if (lower.length === text.length && !text.includes("Σ")) return lower;
  return text.replace(/\p{Lu}/gu, (letter) => {
    const one = letter.toLowerCase();
    return one.length === letter.length ? one : letter;
  });
}

/** Every text in a value, also in one that is written as JSON, however deep. */
function textsIn(value: unknown): string[] {
  const texts: string[] = [];
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === "object" && one !== null) for (const inner of Object.values(one)) left.push(inner);
    else if (typeof one === "string" && one !== redactedText) {
      texts.push(one);
      left.push(parseObject(one));
    }
  }
  return texts;
}

/** The words of a text that is no JSON, whose parts are told apart already; but for such as any message is made of. */
function wordsIn(text: string): string[] {
  if (parseObject(text) !== undefined) return [];
  return text.split(/[\s<>"'{}[\],;&]+/).filter((word) => word.length >= shortestWord && !/^\W*[a-z]+\W*$/.test(word));
}

/** How a value may be written: as it is or escaped for JSON, twice for JSON in JSON, and each of these encoded. */
function spellingsOf(value: string): string[] {
  const text = value.slice(0, longestSought);
  const escaped = escapeForJson(text);
  const all = [...new Set([text, escaped, escapeForJson(escaped)])].flatMap((written) => [
    written,
    ...urlEncodings(written),
    ...base64Cores(written),
  ]);
  // As the path of a field is written.
  const camelCased = text.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  return [...new Set([...all, camelCased])].map((spelling) => spelling.slice(0, longestSought));
}

function escapeForJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function urlEncodings(text: string): string[] {
  const form = new URLSearchParams({ "": text }).toString().slice(1);
  const spaced = form.replaceAll("+", "%20");
  return [form, spaced, spaced.replace(/%(21|27|28|29|7E)/g, decodeURIComponent)];
}

/**
 * How a text looks in base64, wherever in what was encoded it stood (`user:<secret>`, say): four characters hold three
 * bytes, so there are three alignments, each without the characters at its ends that its neighbours have a share in.
 */
function base64Cores(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const core = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
