import { h, momentOf, toast } from "./dom.js";

const masked = "••••••";

/**
 * JSON to look at: coloured, folded below a click, its requests and events to go to.
 * @param {unknown} value
 * @param {string} label
 */
export function jsonView(value, label) {
  const copy = h(
    "button",
    {
      type: "button",
      class: "copy",
      "aria-label": `Copy ${label}`,
      onclick: () => {
        navigator.clipboard.writeText(JSON.stringify(value, null, 2)).then(
          () => toast("Copied"),
          () => toast("The browser does not let pages copy", true),
        );
      },
    },
    "Copy",
  );
  return h("div", { class: "json", role: "group", "aria-label": label }, copy, h("code", {}, valueView(value)));
}

/** @param {unknown} value @returns {Node} */
function valueView(value) {
  if (typeof value === "string") return textView(value);
  if (typeof value !== "object" || value === null) return h("span", { class: "atom" }, String(value));
  const list = Array.isArray(value);
  const entries = list ? value.map((item) => ["", item]) : Object.entries(value);
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return h("span", { class: "mark" }, open + close);
  return h(
    "details",
    { open: true },
    h(
      "summary",
      {},
      h("span", { class: "mark" }, open),
      h("span", { class: "folded" }, ` ${entries.length} … ${close}`),
    ),
    ...entries.map(([name, inner]) =>
      h("div", { class: "entry" }, !list && h("span", { class: "name" }, name), !list && ": ", fieldView(name, inner)),
    ),
    h("span", { class: "mark" }, close),
  );
}

/** A time tells when that is. @param {string} name @param {unknown} value */
function fieldView(name, value) {
  const view = valueView(value);
  const isTime = typeof value === "number" && /(^|_)(at|created|updated|start|end)$/.test(name) && value > 1e9;
  if (isTime && view instanceof HTMLElement) view.title = momentOf(value * 1000);
  return view;
}

/** @param {string} text */
function textView(text) {
  if (text.endsWith(masked)) return h("span", { class: "masked", title: "Kept secret" }, text);
  const place = /^req_\w+$/.test(text) ? "requests" : /^evt_\w+$/.test(text) ? "events" : undefined;
  const shown = JSON.stringify(text);
  return place === undefined
    ? h("span", { class: "text" }, shown)
    : h("a", { class: "text", href: `#/${place}/${text}` }, shown);
}
