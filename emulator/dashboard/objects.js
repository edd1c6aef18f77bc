import { control } from "./api.js";
import { attempt, h, placeOf, showEach, timeOf, toast } from "./dom.js";
import { jsonView } from "./json.js";
import { List } from "./list.js";
import {
  backTo,
  methodOf,
  nothingChosen,
  operationOf,
  part,
  pathOf,
  searchField,
  splitView,
  standingOf,
  statusOf,
} from "./parts.js";
import { state } from "./store.js";

/** @typedef {{ id?: string, status?: string, created?: number | string } & Record<string, unknown>} Shown */

const search = searchField("Search objects", "Search: id, name, any value …", () => render());
const kindList = h("div", { class: "kinds", role: "group", "aria-label": "Kinds" });
const detail = h("article", { class: "detail", "aria-label": "Object" });
let kind = "";
let chosen = "";
/** @type {readonly Shown[]} */
let objects = [];
let seen = -1;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

/** @type {List<Shown>} */
const list = new List("Objects", {
  keyOf: (object) => object.id ?? "",
  choose: ({ id }) => (location.hash = placeOf("objects", kind, id ?? "")),
  empty: "None of this kind.",
  render: (object) =>
    [
      h(
        "span",
        { class: "what" },
        h("span", { class: "path" }, headlineOf(object) ?? object.id),
        h(
          "span",
          { class: "tags" },
          headlineOf(object) !== undefined && h("span", { class: "id" }, object.id),
          standingOf(object.status),
        ),
      ),
      object.created !== undefined && h("time", {}, timeOf(createdAt(object.created))),
    ].filter((node) => node instanceof Node),
});

const element = splitView([kindList, search], list.element, detail);
element.classList.add("three");

/** Seconds on v1, an RFC 3339 text on v2. @param {number | string} created */
function createdAt(created) {
  return typeof created === "number" ? created * 1000 : Date.parse(created);
}

/** What a person would call it. @param {Shown} object */
function headlineOf(object) {
  const named = [object["name"], object["nickname"], object["url"], object["description"]];
  return named.find((value) => typeof value === "string" && value !== "" && !value.endsWith("••"))?.toString();
}

function render() {
  const kinds = Object.entries(state.kinds).sort(([, a], [, b]) => Number(b > 0) - Number(a > 0));
  showEach(
    kindList,
    kinds.map(([name, count]) => `${name} ${count} ${name === kind}`),
    (text) => text.split(" ")[0] ?? "",
    (text) => {
      const [name = "", count = "0", current] = text.split(" ");
      return h(
        "button",
        {
          type: "button",
          class: count === "0" ? "kind none" : "kind",
          "aria-pressed": current ?? "false",
          onclick: () => (location.hash = `#/objects/${name}`),
        },
        h("span", {}, name),
        h("span", { class: "count" }, count),
      );
    },
  );
  const words = search.value.toLowerCase().split(/\s+/);
  list.show(
    objects.filter((object) => {
      const text = JSON.stringify(object).toLowerCase();
      return words.every((word) => text.includes(word));
    }),
    chosen,
  );
  if (seen !== state.changes && state.connected) {
    seen = state.changes;
    clearTimeout(soon);
    soon = setTimeout(() => void refresh(), 120);
  }
}

async function refresh() {
  const before = `${kind}/${chosen}`;
  if (kind === "") return;
  try {
    const { data } = await control("GET", "inspect/objects", { kind, account: state.account });
    if (before !== `${kind}/${chosen}`) return;
    objects = sameObjects(objects, data);
    render();
    if (chosen === "")
      return detail.replaceChildren(nothingChosen("Choose an object to see it and what happened to it."));
    const found = await control("GET", "inspect/object", { kind, id: chosen, account: state.account });
    if (before === `${kind}/${chosen}`) showDetail(found);
  } catch (error) {
    if (before === `${kind}/${chosen}`) {
      shownDetail = "";
      detail.replaceChildren(backTo(`objects/${kind}`), nothingChosen(/** @type {Error} */ (error).message));
    }
  }
}

/** What is the same stays the same, so that its row does too. @param {readonly Shown[]} known @param {readonly Shown[]} told */
function sameObjects(known, told) {
  const texts = new Map(known.map((object) => [JSON.stringify(object), object]));
  return told.map((object) => texts.get(JSON.stringify(object)) ?? object);
}

let shownDetail = "";

/** @param {{ object: Shown, secrets: boolean, steps: string[], history: any[] }} found */
function showDetail(found) {
  // Drawn again only where something is different: what one has folded or revealed stays so.
  const text = JSON.stringify(found);
  if (text === shownDetail) return;
  shownDetail = text;
  const { object, secrets, steps, history } = found;
  const view = h("div", {}, jsonView(object, "Object"));
  detail.replaceChildren(
    backTo(`objects/${kind}`),
    h("h2", { class: "title" }, h("span", { class: "path" }, object.id ?? kind), standingOf(object.status)),
    ...(steps.length === 0 ? [] : [part("Take it on", stepButtons(kind, object.id ?? "", steps))]),
    part("Object", view, secrets && revealButton(object.id ?? "", view, object)),
    part("History", historyOf(history)),
  );
}

/** @param {string} id @param {HTMLElement} view @param {Shown} object */
function revealButton(id, view, object) {
  let revealed = false;
  const button = h("button", { type: "button", class: "reveal", "aria-pressed": "false" }, "Reveal secrets");
  button.addEventListener(
    "click",
    attempt(async () => {
      revealed = !revealed;
      const shown = revealed ? await control("GET", "reveal", { kind, id, account: state.account }) : object;
      view.replaceChildren(jsonView(shown, "Object"));
      button.textContent = revealed ? "Hide secrets" : "Reveal secrets";
      button.setAttribute("aria-pressed", String(revealed));
    }),
  );
  return button;
}

/** @param {string} kindName @param {string} id @param {readonly string[]} steps @param {() => object | undefined} [details] */
export function stepButtons(kindName, id, steps, details = () => undefined) {
  return h(
    "div",
    { class: "steps" },
    ...steps.map((to) =>
      h(
        "button",
        {
          type: "button",
          "aria-label": `Take ${id} to ${to}`,
          onclick: attempt(async () => {
            await control("POST", "advance", { kind: kindName, id, to, details: details(), account: state.account });
            toast(`${id} went to ${to}`);
          }),
        },
        `→ ${to}`,
      ),
    ),
  );
}

/** @param {any[]} history */
function historyOf(history) {
  if (history.length === 0) return h("p", { class: "quiet" }, "Nothing is known to have happened to it.");
  return h(
    "ol",
    { class: "history" },
    ...history.map(({ request, event }) =>
      request !== undefined
        ? h(
            "li",
            { class: "request" },
            h("time", {}, timeOf(request.at)),
            h(
              "a",
              { href: `#/requests/${request.requestId}` },
              statusOf(request),
              methodOf(request.method),
              pathOf(request.path),
              request.operation && operationOf(request.operation),
            ),
          )
        : h(
            "li",
            { class: "event" },
            h("time", {}, timeOf(event.created * 1000)),
            h("a", { href: `#/events/${event.id}` }, event.type, standingOf(event.object.status)),
          ),
    ),
  );
}

/** @param {string[]} place */
async function show([kindName, id = ""]) {
  const wanted =
    kindName ?? (kind === "" ? (Object.entries(state.kinds).find(([, count]) => count > 0)?.[0] ?? "") : kind);
  if (wanted !== kind) objects = [];
  kind = wanted;
  chosen = id;
  shownDetail = "";
  element.classList.toggle("has-detail", id !== "");
  render();
  await refresh();
}

const badge = () => Object.values(state.kinds).reduce((sum, count) => sum + count, 0);

export const objectsPanel = { id: "objects", title: "Objects", element, search, list, render, show, badge };
