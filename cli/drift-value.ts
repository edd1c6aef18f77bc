import { type Markup, markup } from "./markup";

/** What fits beside another value on one line. */
const widest = 44;
/** As many items in a row that are the same on both sides are folded. */
const foldedFrom = 6;
/** Of a longer text what is the same, or goes on after as much, is folded; this much of it stays beside what differs. */
const longest = 400;
const beside = 80;
/** Less than this part of a text in common: it is another text, and no place in it is marked. */
const alike = 0.5;

/**
 * A value as JSON, with what the other side doesn't have marked; undefined reads `nothing`.
 * @param other the value it is compared with
 */
export function showValue(value: unknown, other: unknown): Markup {
  if (value === undefined) return markup`<span class="nothing">nothing</span>`;
  if (value === "[hidden]") return markup`<span class="masked">hidden</span>`;
  if (Array.isArray(value) && Array.isArray(other)) return block(items(value, other));
  if (typeof value === "string" && typeof other === "string") return block(text(value, other));
  return block(marked(pretty(value)));
}

/** All of it differs: a long one is folded after its beginning. */
function marked(json: string): Markup {
  if (json.length <= longest) return markup`<mark>${json}</mark>`;
  const parts = segments(json);
  const [head, rest] = [parts.slice(0, longest), parts.slice(longest)].map((some) => some.join(""));
  if (rest === "") return markup`<mark>${head}</mark>`;
  return markup`<mark>${head}</mark>${folded(`${parts.length - longest} more characters`, markup`<mark>${rest}</mark>`)}`;
}

function folded(what: string, content: Markup | Markup[]): Markup {
  return markup`<details class="same"><summary>  ${what}</summary>${content}</details>`;
}

function block(content: Markup): Markup {
  return markup`<div class="value">${content}</div>`;
}

function pretty(value: unknown): string {
  const line = JSON.stringify(value);
  return line.length <= widest ? line : JSON.stringify(value, undefined, 2);
}

/** Two lists of the same items differ by their order: then what stands elsewhere is marked. */
function items(value: readonly unknown[], other: readonly unknown[]): Markup {
  const [own, theirs] = [value, other].map((list) => list.map((item) => JSON.stringify(item))) as [string[], string[]];
  const missing = without(own, theirs);
  const reordered = !missing.includes(true) && !without(theirs, own).includes(true);
  const isMarked = (index: number) => (reordered ? own[index] !== theirs[index] : missing[index] === true);
  const shown = value.map((item, index) => {
    const json = pretty(item).replaceAll("\n", "\n  ");
    return isMarked(index) ? markup`<mark>${json}</mark>` : markup`${json}`;
  });
  if (own.join(", ").length + 2 <= widest)
    return markup`[${shown.map((one, index) => [index === 0 ? "" : ", ", one])}]`;
  const lines = shown.map((one, index) => markup`  ${one}${index < shown.length - 1 ? "," : ""}\n`);
  return markup`[\n${fold(lines, isMarked)}]`;
}

/** Of each item, whether the other list has no more of it: twice here and once there is one too many. */
function without(list: readonly string[], other: readonly string[]): boolean[] {
  const left = new Map<string, number>();
  for (const item of other) left.set(item, (left.get(item) ?? 0) + 1);
  return list.map((item) => {
    const number = left.get(item) ?? 0;
    left.set(item, number - 1);
    return number <= 0;
  });
}

/** What changed in a list of a hundred shall not have to be looked for. */
function fold(lines: readonly Markup[], isMarked: (index: number) => boolean): Markup[] {
  const out: Markup[] = [];
  let run: Markup[] = [];
  const flush = () => {
    if (run.length < foldedFrom) out.push(...run);
    else out.push(folded(`${run.length} that are the same`, run));
    run = [];
  };
  lines.forEach((line, index) => {
    if (!isMarked(index)) return void run.push(line);
    flush();
    out.push(line);
  });
  flush();
  return out;
}

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function segments(text: string): string[] {
  return Array.from(characters.segment(text), ({ segment }) => segment);
}

function isOfWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{M}\p{N}_]/u.test(character);
}

/** Marks the place where two texts differ, if they have enough in common. */
function text(value: string, other: string): Markup {
  const [own, theirs] = [segments(value), segments(other)];
  const shortest = Math.min(own.length, theirs.length);
  let start = 0;
  while (start < shortest && own[start] === theirs[start]) start++;
  let end = 0;
  while (end < shortest - start && own.at(-1 - end) === theirs.at(-1 - end)) end++;
  // Words that differ are marked as a whole.
  const middles = [own.slice(start, own.length - end), theirs.slice(start, theirs.length - end)];
  if (middles.some((one) => isOfWord(one[0]))) while (start > 0 && isOfWord(own[start - 1])) start--;
  if (middles.some((one) => isOfWord(one.at(-1)))) while (end > 0 && isOfWord(own.at(-end))) end--;
  if (start + end < alike * Math.max(own.length, theirs.length)) return marked(JSON.stringify(value));
  const part = (from: number, to: number) => JSON.stringify(own.slice(from, to).join("")).slice(1, -1);
  const same = (from: number, to: number) =>
    to - from <= longest
      ? markup`${part(from, to)}`
      : folded(`${to - from} characters that are the same`, markup`${part(from, to)}`);
  const middle = part(start, own.length - end);
  const [before, after] = [Math.max(0, start - beside), Math.min(own.length, own.length - end + beside)];
  const [head, tail] = [same(0, before), same(after, own.length)];
  const [near, next] = [part(before, start), part(own.length - end, after)];
  return markup`"${head}${near}${middle === "" ? "" : marked(middle)}${next}${tail}"`;
}
