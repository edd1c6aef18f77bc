import { Refusal } from "./errors";

/** A decoded form value: text, or what stands below its brackets. Lists are maps with the keys "0", "1", … */
export type FormValue = string | FormMap;
export type FormMap = Map<string, FormValue>;

/** Nesting beyond this is refused as malformed; no Stripe parameter comes near it. */
const maxDepth = 12;

const name = new RegExp(`^([^[\\]]+)((?:\\[[^[\\]]*\\]){0,${maxDepth - 1}})$`);

/**
 * Decodes `a[b][c]=v`, `a[0]=v`, `a[]=v` and `a[][k]=v`, brackets raw or percent-encoded. [docs.stripe.com/api; stripe-node]
 * Throws a 400 refusal on text that is no form: broken escapes, unbalanced brackets, a name that is value and hash at once.
 */
export function decodeForm(text: string): FormMap {
  const root: FormMap = new Map();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const split = pair.indexOf("=");
    const key = unescapeForm(split === -1 ? pair : pair.slice(0, split));
    const value = split === -1 ? "" : unescapeForm(pair.slice(split + 1));
    place(root, key, value);
  }
  return root;
}

function place(root: FormMap, key: string, value: string): void {
  const parts = name.exec(key);
  if (parts === null) throw malformed(key);
  const brackets = parts[2] ?? "";
  const path = [parts[1] ?? ""];
  if (brackets !== "") path.push(...brackets.slice(1, -1).split("]["));

  let map = root;
  for (const [depth, segment] of path.entries()) {
    const last = depth === path.length - 1;
    const step = segment === "" ? nextIndex(map, last ? undefined : path[depth + 1]) : segment;
    const present = map.get(step);
    if (last) {
      if (present instanceof Map) throw malformed(key);
      map.set(step, value);
    } else if (present === undefined) {
      const below: FormMap = new Map();
      map.set(step, below);
      map = below;
    } else {
      if (typeof present === "string") throw malformed(key);
      map = present;
    }
  }
}

/** `a[]=v` appends; `a[][k]=v` goes on filling the last hash until it already has that key. */
function nextIndex(list: FormMap, key: string | undefined): string {
  const lastIndex = String(list.size - 1);
  const last = list.get(lastIndex);
  if (key !== undefined && last instanceof Map && !last.has(key)) return lastIndex;
  return String(list.size);
}

function unescapeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Refusal(`Invalid request: malformed percent-encoding in the parameters.`);
  }
}

function malformed(key: string): Refusal {
  return new Refusal(`Invalid request: malformed parameter name "${key.slice(0, 200)}".`, { param: key.slice(0, 200) });
}

/** The elements of a list sent as `a[0]`, `a[1]`, …, in the order of their indexes; undefined when it is no list. */
export function listElements(value: FormValue): FormValue[] | undefined {
  if (typeof value === "string") return undefined;
  const keys = [...value.keys()];
  if (!keys.every((key) => /^\d{1,9}$/.test(key))) return undefined;
  return [...value].sort(([left], [right]) => Number(left) - Number(right)).map(([, element]) => element);
}

/** Plain data as a reader expects it, for the request log; hashes whose keys are 0, 1, … show as lists. */
export function showForm(value: FormMap): Record<string, unknown> {
  return Object.fromEntries([...value].map(([key, below]) => [key, show(below)]));
}

function show(value: FormValue): unknown {
  if (typeof value === "string") return value;
  const keys = [...value.keys()];
  if (keys.length > 0 && keys.every((key, index) => key === String(index))) return [...value.values()].map(show);
  return showForm(value);
}

/** One text for equal parameters whatever their order, to tell whether an idempotency key is reused as it was. */
export function canonicalForm(value: FormValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  const pairs = [...value].sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${pairs.map(([key, below]) => `${JSON.stringify(key)}:${canonicalForm(below)}`).join(",")}}`;
}
