import { control } from "./api.js";
import { h, momentOf, spanOf, timeOf } from "./dom.js";
import { jsonView } from "./json.js";
import { List } from "./list.js";
import {
  backTo,
  factList,
  methodOf,
  nothingChosen,
  operationOf,
  part,
  pathOf,
  readUrn,
  searchField,
  splitView,
  statusOf,
  tag,
} from "./parts.js";
import { state } from "./store.js";

/** @typedef {import("./store.js").RequestRow} RequestRow */

const search = searchField("Search requests", "Search: path, status, resource, error …", () => render());
const onlyRefused = h("input", { type: "checkbox", onchange: () => render() });
const skipped = h("p", { class: "notice", hidden: true });
const detail = h("article", { class: "detail", "aria-label": "Request" });
let chosen = "";

/** @type {List<RequestRow>} */
const list = new List("Requests", {
  keyOf: ({ requestId }) => requestId,
  choose: ({ requestId }) => (location.hash = `#/requests/${requestId}`),
  empty: "No request yet. Point a program at this emulator, or open the shell.",
  render: (row) => [
    statusOf(row),
    methodOf(row.method),
    h(
      "span",
      { class: "what" },
      pathOf(row.path),
      h(
        "span",
        { class: "tags" },
        row.operation && operationOf(row.operation),
        row.error && tag(row.error.code ?? row.error.param ?? row.error.type ?? "refused", "warn"),
        row.fault !== undefined && tag(`fault ${row.fault}`, "bad"),
        row.replayed && tag("replayed"),
      ),
    ),
    h("span", { class: "ms" }, spanOf(row.ms)),
    h("time", {}, timeOf(row.at)),
  ],
});

const element = splitView(
  [search, h("label", { class: "check" }, onlyRefused, "Refused only"), skipped],
  list.element,
  detail,
);

/** @param {RequestRow} row */
function textOf({ method, path, status, requestId, operation, error, fault, replayed }) {
  return [
    ...[method, path, status, requestId, operation?.method, operation?.urn, fault, replayed && "replayed"],
    ...[error?.code, error?.param, error?.message],
  ]
    .join(" ")
    .toLowerCase();
}

function render() {
  const words = search.value.toLowerCase().split(/\s+/);
  const filtered = search.value !== "" || onlyRefused.checked;
  const rows = filtered
    ? state.requests.filter((row) => {
        const text = textOf(row);
        return (
          (!onlyRefused.checked || row.status >= 400 || row.status === 0) && words.every((word) => text.includes(word))
        );
      })
    : state.requests;
  list.empty.textContent = filtered ? "No request is like that." : list.what.empty;
  list.show(rows, chosen);
  skipped.hidden = state.skipped === 0;
  skipped.textContent = `${state.skipped} more came too fast to be shown one by one.`;
}

/** @param {string[]} place */
async function show([id = ""]) {
  chosen = id;
  render();
  element.classList.toggle("has-detail", id !== "");
  if (id === "") return detail.replaceChildren(nothingChosen("Choose a request to see what was sent and answered."));
  try {
    const request = await control("GET", "inspect/request", { id });
    if (chosen === id) detail.replaceChildren(...detailOf(request));
  } catch (error) {
    if (chosen === id) detail.replaceChildren(backTo("requests"), nothingChosen(/** @type {Error} */ (error).message));
  }
}

/** @param {any} request @returns {Node[]} */
function detailOf(request) {
  const { error, operation } = request;
  const answer = request.answer;
  const events = /** @type {import("./store.js").EventRow[]} */ (request.events);
  return [
    backTo("requests"),
    h("h2", { class: "title" }, statusOf(request), methodOf(request.method), pathOf(request.path)),
    ...(operation === undefined ? [] : [operationCard(operation)]),
    ...(error === undefined ? [] : [findingCard(error)]),
    ...(request.fault === undefined
      ? []
      : [h("div", { class: "card bad" }, h("b", {}, "Fault "), h("code", {}, request.fault), " met this request.")]),
    factList({
      "Request id": h("code", {}, request.requestId),
      Time: momentOf(request.at),
      Took: spanOf(request.ms),
      "Idempotency key": request.idempotencyKey && h("code", {}, request.idempotencyKey),
      Replayed: request.replayed && "yes: the answer kept under its key",
      Account: h("code", {}, request.account),
    }),
    ...(events.length === 0
      ? []
      : [
          part(
            events.length === 1 ? "Event" : "Events",
            ...events.map(({ id, type }) =>
              h("a", { class: "link-row", href: `#/events/${id}` }, type, h("code", {}, id)),
            ),
          ),
        ]),
    ...jsonPart("Parameters", { ...request.query, ...request.params }),
    ...(answer === undefined
      ? [part("Answer", h("p", { class: "quiet" }, request.status === 0 ? "None was made." : "No longer kept."))]
      : [part("Answer", jsonView(answer, "Answer"))]),
    ...jsonPart("Headers", request.headers),
  ];
}

/** @param {string} title @param {object} value */
function jsonPart(title, value) {
  return Object.keys(value).length === 0 ? [] : [part(title, jsonView(value, title))];
}

/** @param {NonNullable<RequestRow["operation"]>} operation */
function operationCard(operation) {
  const { method, name, type, stack, project, urn } = readUrn(operation);
  return h(
    "div",
    { class: "card pulumi" },
    h("div", { class: "card-title" }, h("span", { class: "tag pulumi" }, h("b", {}, `pulumi ${method}`)), ` ${name}`),
    factList({ Resource: type, Stack: `${project} / ${stack}`, URN: h("code", {}, urn) }),
  );
}

/** @param {NonNullable<RequestRow["error"]>} error */
function findingCard({ type, code, param, message }) {
  return h(
    "div",
    { class: "card warn" },
    h("div", { class: "card-title" }, message),
    factList({
      Parameter: param && h("code", {}, param),
      Code: code && h("code", {}, code),
      Type: type && h("code", {}, type),
    }),
  );
}

export const requests = {
  id: "requests",
  title: "Requests",
  element,
  search,
  list,
  render,
  show,
  badge: () => state.requests.length,
};
