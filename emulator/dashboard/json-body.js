/**
 * Parameters as v2 of the API takes them, in JSON: what is spelled `a[b]=c` becomes `{"a": {"b": "c"}}`, and `a[]=b` or
 * `a[0]=b` a list. `true`, `false` and `null` are themselves, everything else is text.
 * @param {URLSearchParams} params
 */
export function jsonBody(params) {
  /** @type {Branch} */
  const body = new Map();
  for (const [name, value] of params) place(body, name.replaceAll("]", "").split("["), value);
  return JSON.stringify(plain(body));
}

/** @typedef {Map<string, Branch | string>} Branch */

/** @param {Branch} branch @param {string[]} path @param {string} value */
function place(branch, [given = "", ...below], value) {
  const step = given === "" ? String(branch.size) : given;
  if (below.length === 0) return void branch.set(step, value);
  const there = branch.get(step);
  const inner = there instanceof Map ? there : new Map();
  branch.set(step, inner);
  place(inner, below, value);
}

const words = new Map(
  /** @type {[string, unknown][]} */ ([
    ["true", true],
    ["false", false],
    ["null", null],
  ]),
);

/** @param {Branch | string} value @returns {unknown} */
function plain(value) {
  if (!(value instanceof Map)) return words.has(value) ? words.get(value) : value;
  const isList = value.size > 0 && [...value.keys()].every((key, index) => key === String(index));
  return isList
    ? [...value.values()].map(plain)
    : Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
}
