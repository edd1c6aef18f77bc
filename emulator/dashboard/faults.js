import { control } from "./api.js";
import { attempt, h, showEach, toast } from "./dom.js";
import { methodOf, tag } from "./parts.js";
import { state } from "./store.js";

const kinds = [
  ["status", "Answer with a status"],
  ["cut-before", "Cut before anything is done"],
  ["cut-after-commit", "Cut after it is done"],
  ["hang", "Never answer"],
  ["slow", "Answer late"],
  ["late", "Do it late, never answer"],
  ["drip", "Answer byte by byte"],
  ["partial-body", "Answer half"],
];

/** Those that say how many milliseconds. */
const timed = ["slow", "late", "drip"];

const field = {
  what: h(
    "select",
    { name: "what", onchange: () => fit() },
    ...kinds.map(([value, text]) => h("option", { value }, text)),
  ),
  status: h("input", { name: "status", type: "number", min: 200, max: 599, value: 500 }),
  ms: h("input", { name: "ms", type: "number", min: 0, value: 1000 }),
  method: h(
    "select",
    { name: "method" },
    ...["", "GET", "POST", "DELETE"].map((name) => h("option", { value: name }, name || "any")),
  ),
  path: h("input", { name: "path", placeholder: "/v1/climate/orders/:id", spellcheck: "false" }),
  skip: h("input", { name: "skip", type: "number", min: 0, value: 0 }),
  times: h("input", { name: "times", type: "number", min: 1, value: 1 }),
  stored: h("input", { name: "stored", type: "checkbox" }),
};

/** @param {string} text @param {HTMLElement} control @param {string} [hint] */
const labelled = (text, control, hint) =>
  h("label", { class: "field" }, h("span", {}, text), control, hint !== undefined && h("small", {}, hint));
const statusField = labelled("Status", field.status);
const msField = labelled("Milliseconds", field.ms);
const storedField = h(
  "label",
  { class: "check", title: "As where Stripe had begun: a 5xx leaves its object behind, and the answer is replayed" },
  field.stored,
  "It had begun: kept under the idempotency key",
);

const form = h(
  "form",
  {
    class: "card form",
    "aria-label": "Arm a fault",
    onsubmit: (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      attempt(arm)();
    },
  },
  h("h3", {}, "Arm a fault"),
  h(
    "div",
    { class: "fields" },
    labelled("What goes wrong", field.what),
    statusField,
    msField,
    labelled("Method", field.method),
    labelled("Path", field.path, "exact, or with :placeholders; any where empty"),
    labelled("Let through first", field.skip),
    labelled("Requests it meets", field.times),
  ),
  storedField,
  h("button", { class: "primary" }, "Arm"),
);

const armed = h("div", { class: "rows" });
const none = h("p", { class: "quiet" }, "No fault is armed: every request is answered as it should be.");
const element = h(
  "div",
  { class: "page narrow" },
  h("p", { class: "lead" }, "What goes wrong on the way to Stripe, so that you see how a program takes it."),
  form,
  h(
    "section",
    { class: "part" },
    h(
      "div",
      { class: "part-head" },
      h("h3", {}, "Armed"),
      h("button", { type: "button", onclick: attempt(() => control("POST", "faults/clear")) }, "Clear all"),
    ),
    armed,
    none,
  ),
);

function fit() {
  const what = field.what.value;
  statusField.hidden = what !== "status";
  msField.hidden = !timed.includes(what);
  storedField.hidden = what !== "status" && what !== "hang";
}
fit();

async function arm() {
  const what = field.what.value;
  await control("POST", "fail", {
    with: what === "status" ? Number(field.status.value) : timed.includes(what) ? `${what}:${field.ms.value}` : what,
    method: field.method.value || undefined,
    path: field.path.value.trim() || undefined,
    skip: Number(field.skip.value),
    times: Number(field.times.value),
    ...(field.stored.checked && !storedField.hidden && { stored: true }),
  });
  toast("Armed");
}

function render() {
  const rows = state.faults.map((fault, index) => ({ key: `${index} ${JSON.stringify(fault)}`, fault }));
  showEach(
    armed,
    rows,
    ({ key }) => key,
    ({ fault: { with: what, method, path, skip, left, stored, conditional } }) =>
      h(
        "div",
        { class: "row still" },
        h("span", { class: "status bad" }, String(what)),
        method !== undefined && methodOf(method),
        h(
          "span",
          { class: "what" },
          h("span", { class: "path" }, path ?? "any path"),
          h(
            "span",
            { class: "tags" },
            tag(left === null ? "for ever" : left === 1 ? "once more" : `${left} times more`),
            skip > 0 && tag(`after ${skip}`),
            stored === true && tag("kept"),
            conditional && tag("on a condition of its program"),
          ),
        ),
      ),
  );
  none.hidden = rows.length > 0;
}

export const faults = {
  id: "faults",
  title: "Faults",
  element,
  render,
  show: async () => render(),
  badge: () => state.faults.length || undefined,
};
