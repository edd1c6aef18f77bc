import { control } from "./api.js";
import { h, placeOf, showEach } from "./dom.js";
import { stepButtons } from "./objects.js";
import { searchField, standingOf } from "./parts.js";
import { state } from "./store.js";

/** @typedef {import("../inspector").Standing} Standing */

const search = searchField("Search lifecycles", "Search: kind, id, status …", () => render());
const cards = h("div", { class: "cards" });
const empty = h(
  "p",
  { class: "empty" },
  "Nothing can be taken further. Climate orders, verification sessions and onramp sessions have lives of their own.",
);
const element = h(
  "div",
  { class: "page" },
  h("div", { class: "panel-head" }, search),
  h("p", { class: "lead" }, "Steps that Stripe, time or a person would take. One click, and their events follow."),
  cards,
  empty,
);

/** @type {Standing[]} */
let standings = [];
let seen = -1;

function render() {
  const words = search.value.toLowerCase().split(/\s+/);
  const shown = standings.filter(({ kind, id, status }) => {
    const text = `${kind} ${id} ${status ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  showEach(cards, shown, ({ id }) => id, card);
  empty.hidden = standings.length > 0;
  if (seen !== state.changes && state.connected) void refresh();
}

async function refresh() {
  seen = state.changes;
  const { data } = await control("GET", "steps", { account: state.account });
  const known = new Map(standings.map((standing) => [JSON.stringify(standing), standing]));
  standings = data.map((/** @type {Standing} */ standing) => known.get(JSON.stringify(standing)) ?? standing);
  // What has a status has a life; the rest only changes now and then.
  standings.sort((a, b) => Number(b.status !== undefined) - Number(a.status !== undefined));
  render();
}

/** @param {Standing} standing */
function card({ kind, id, status, steps }) {
  const details = h("textarea", {
    rows: 3,
    spellcheck: "false",
    "aria-label": `Details for ${id}`,
    placeholder: '{"last_error": {"code": "document_expired", "reason": "…"}}',
  });
  const read = () => (details.value.trim() === "" ? undefined : JSON.parse(details.value));
  return h(
    "article",
    { class: "life", "aria-label": id },
    h("header", {}, h("span", { class: "kind-name" }, kind), standingOf(status)),
    h("a", { class: "id", href: placeOf("objects", kind, id) }, id),
    stepButtons(kind, id, steps, read),
    h("details", { class: "more-details" }, h("summary", {}, "With details"), details),
  );
}

export const lifecycles = {
  id: "lifecycles",
  title: "Lifecycles",
  element,
  search,
  render,
  show: async () => refresh(),
  badge: () => undefined,
};
