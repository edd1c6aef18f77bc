import { h } from "./dom.js";

/** @typedef {import("../inspector").RequestRow} RequestRow */

/** @param {RequestRow} row */
export function statusOf({ status, fault }) {
  // A fault may keep an answer that was made from arriving.
  const kept = status === 0 || (fault !== undefined && /^(cut|hang|partial)/.test(fault));
  const tone = kept || status >= 500 ? "bad" : status >= 400 ? "warn" : "good";
  return h("span", { class: `status ${tone}` }, status === 0 ? "cut" : String(status));
}

/** @param {string} method */
export function methodOf(method) {
  return h("span", { class: `method ${method.toLowerCase()}` }, method);
}

/** What is fixed about a path stands out from the ids in it. @param {string} path */
export function pathOf(path) {
  return h(
    "span",
    { class: "path" },
    ...path.split(/(?<=\/)/).map((part) => (/_\w*[0-9A-Z]\w{5,}/.test(part) ? h("span", { class: "id" }, part) : part)),
  );
}

/** @param {NonNullable<RequestRow["operation"]>} operation */
export function readUrn({ method, urn }) {
  const [stack = "", project = "", type = ""] = urn.replace(/^urn:pulumi:/, "").split("::");
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  return {
    method,
    urn,
    stack,
    project,
    name,
    type: (type.split("$").at(-1) ?? "").replace(/^.*[:/]stripe:/, "stripe:"),
  };
}

/** @param {NonNullable<RequestRow["operation"]>} operation */
export function operationOf(operation) {
  const { method, name } = readUrn(operation);
  return h("span", { class: "tag pulumi", title: operation.urn }, h("b", {}, method), ` ${name}`);
}

/** @param {string} text @param {string} [tone] */
export function tag(text, tone = "") {
  return h("span", { class: `tag ${tone}` }, text);
}

/**
 * Names and what they stand for; what is undefined is left out.
 * @param {Record<string, import("./dom.js").Child>} entries
 */
export function factList(entries) {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined && value !== "" && value !== false);
  return h("dl", { class: "fact-list" }, ...given.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

/** @param {string} title @param {...import("./dom.js").Child} children */
export function part(title, ...children) {
  return h("section", { class: "part" }, h("h3", {}, title), ...children);
}

/** @param {string} label @param {string} placeholder @param {() => void} changed */
export function searchField(label, placeholder, changed) {
  return h("input", { type: "search", class: "search", "aria-label": label, placeholder, oninput: changed });
}

/**
 * A list beside what one of it holds.
 * @param {import("./dom.js").Child[]} head
 * @param {HTMLElement} list
 * @param {HTMLElement} detail
 */
export function splitView(head, list, detail) {
  return h(
    "div",
    { class: "split" },
    h("div", { class: "side" }, h("div", { class: "panel-head" }, ...head), list),
    detail,
  );
}

/** @param {string} text */
export function nothingChosen(text) {
  return h("p", { class: "nothing" }, text);
}

/** Where one goes back to from a detail, on a narrow screen. @param {string} place */
export function backTo(place) {
  return h("a", { class: "back", href: `#/${place}` }, "← Back");
}

/** @param {string | undefined} status */
export function standingOf(status) {
  if (status === undefined) return undefined;
  const tone = /cancel|reject|fail|disabled|expired|redacted/.test(status)
    ? "bad"
    : /verified|delivered|complete|confirmed|enabled|succeeded|active/.test(status)
      ? "good"
      : "";
  return tag(status, tone);
}
