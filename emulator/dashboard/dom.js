/** @typedef {Node | string | number | undefined | null | false} Child */

/**
 * Makes an element. Functions of `props` listen, `true` sets an attribute without a value, `undefined` and `false` set none.
 * Text stays text: nothing is ever read as HTML.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false || value === null) continue;
    if (typeof value === "function") {
      element.addEventListener(name.replace(/^on/, "").toLowerCase(), /** @type {EventListener} */ (value));
    } else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {Element} element
 * @param {(Child | Child[])[]} children
 */
export function append(element, children) {
  for (const child of children.flat()) {
    if (child !== undefined && child !== null && child !== false) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
}

/**
 * The element of this id, which the page has.
 * @template {HTMLElement} E
 * @param {string} id
 * @returns {E}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return /** @type {E} */ (element);
}

/** The address of a place on this page: ids may be anybody's choice, with signs that an address has a meaning for. @param {...string} place */
export function placeOf(...place) {
  return `#/${place.map(encodeURIComponent).join("/")}`;
}

/** Where an address leads; nowhere, where it is none of ours. @param {string} address @returns {string[]} */
export function readPlace(address) {
  try {
    return address.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** @type {WeakMap<Element, Map<string, { item: unknown, node: Element }>>} */
const shown = new WeakMap();

/**
 * Shows one child per item, keeping those whose item is still the same: neither focus nor the place that one has scrolled to
 * is lost while things arrive.
 * @template I
 * @param {Element} container
 * @param {readonly I[]} items
 * @param {(item: I) => string} keyOf
 * @param {(item: I) => Element} render
 */
export function showEach(container, items, keyOf, render) {
  const before = shown.get(container) ?? new Map();
  const after = new Map();
  let at = container.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const known = before.get(key);
    const node = known?.item === item ? known.node : render(item);
    after.set(key, { item, node });
    if (node === at) at = at?.nextElementSibling ?? null;
    else container.insertBefore(node, at);
  }
  const kept = new Set([...after.values()].map(({ node }) => node));
  for (const child of [...container.children]) if (!kept.has(child)) child.remove();
  shown.set(container, after);
}

/** @param {string} text */
export function toast(text, wrong = false) {
  const note = h("div", { class: wrong ? "toast wrong" : "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), wrong ? 8000 : 3500);
}

/**
 * Does what a button is for; what goes wrong is told.
 * @param {() => Promise<unknown>} work
 */
export function attempt(work) {
  return () => {
    work().catch((error) => toast(error instanceof Error ? error.message : String(error), true));
  };
}

/** @param {number} at milliseconds */
export function timeOf(at) {
  return new Date(at).toLocaleTimeString("en-GB", { hour12: false });
}

/** @param {number} at milliseconds */
export function momentOf(at) {
  const date = new Date(at);
  const day = date.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
  return `${day}, ${timeOf(at)}`;
}

/** @param {number} ms */
export function spanOf(ms) {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ].filter(([count]) => count !== 0);
  return parts.map(([count, unit]) => `${count} ${unit}`).join(" ");
}
