import { control, Refused } from "./api.js";
import { attempt, h, momentOf, placeOf, spanOf, timeOf, toast } from "./dom.js";
import { jsonView } from "./json.js";
import { List } from "./list.js";
import { backTo, factList, nothingChosen, part, searchField, splitView, standingOf, tag } from "./parts.js";
import { state } from "./store.js";

/** @typedef {import("./store.js").EventRow} EventRow */
/**
 * @typedef {{
 *   eventId: string, endpointId: string, url: string, attempt: number, resent: boolean, at: number, delivered: boolean,
 *   status?: number, error?: string, responseBody?: string, durationMs: number, nextAttemptAt?: number
 * }} Attempt
 */

const search = searchField("Search events", "Search: type, object, id …", () => render());
const detail = h("article", { class: "detail", "aria-label": "Event" });
const attempts = h("div", { class: "attempts" });
let chosen = "";
let asked = -1;
/** Undefined until asked for; null where the emulator delivers nothing. @type {Attempt[] | null | undefined} */
let deliveries;

/** @type {List<EventRow>} */
const list = new List("Events", {
  keyOf: ({ id }) => id,
  choose: ({ id }) => (location.hash = `#/events/${id}`),
  empty: "No event yet. Create something, or type trigger in the shell.",
  render: ({ type, object, created }) => [
    h(
      "span",
      { class: "what" },
      h("span", { class: "path" }, type),
      h("span", { class: "tags" }, h("span", { class: "id" }, object.id || object.object), standingOf(object.status)),
    ),
    h("time", {}, timeOf(created * 1000)),
  ],
});

const element = splitView([search], list.element, detail);

function render() {
  const words = search.value.toLowerCase().split(/\s+/);
  const rows = state.events.filter(({ id, type, object }) => {
    const text = `${type} ${id} ${object.id} ${object.object}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  list.show(rows, chosen);
  if (asked !== state.deliveries && state.connected) void readDeliveries();
}

async function readDeliveries() {
  asked = state.deliveries;
  try {
    ({ data: deliveries } = await control("GET", "deliveries"));
  } catch (error) {
    deliveries = error instanceof Refused && error.status === 404 ? null : deliveries;
  }
  showAttempts();
}

function showAttempts() {
  if (deliveries === undefined) return;
  if (deliveries === null)
    return attempts.replaceChildren(h("p", { class: "quiet" }, "This emulator delivers no events."));
  const own = deliveries.filter(({ eventId }) => eventId === chosen).reverse();
  if (own.length === 0) {
    return attempts.replaceChildren(
      h("p", { class: "quiet" }, "No webhook endpoint was sent this event: none is registered for it."),
    );
  }
  attempts.replaceChildren(...own.map(attemptOf));
}

/** @param {Attempt} attempt */
function attemptOf({
  url,
  endpointId,
  attempt: number,
  resent,
  at,
  delivered,
  status,
  error,
  responseBody,
  durationMs,
  nextAttemptAt,
}) {
  return h(
    "div",
    { class: "attempt" },
    h("span", { class: `status ${delivered ? "good" : "bad"}` }, status === undefined ? "none" : String(status)),
    h(
      "span",
      { class: "what" },
      h("span", { class: "path" }, url),
      h(
        "span",
        { class: "tags" },
        h("a", { class: "id", href: `#/objects/webhook_endpoint/${endpointId}` }, endpointId),
        tag(`attempt ${number}`),
        resent && tag("resent"),
        nextAttemptAt !== undefined && tag(`again ${timeOf(nextAttemptAt)}`, "warn"),
      ),
      (error ?? responseBody) && h("span", { class: "quiet" }, error ?? responseBody),
    ),
    h("span", { class: "ms" }, spanOf(durationMs)),
    h("time", {}, timeOf(at)),
  );
}

/** @param {string[]} place */
async function show([id = ""]) {
  chosen = id;
  render();
  element.classList.toggle("has-detail", id !== "");
  if (id === "")
    return detail.replaceChildren(nothingChosen("Choose an event to see what it tells, and whom it was sent to."));
  try {
    const account = state.events.find((event) => event.id === id)?.account;
    const { object: event } = await control("GET", "inspect/object", { kind: "event", id, account });
    if (chosen !== id) return;
    detail.replaceChildren(...detailOf(event, account));
    attempts.replaceChildren(h("p", { class: "quiet" }, "…"));
    await readDeliveries();
  } catch (error) {
    if (chosen === id) detail.replaceChildren(backTo("events"), nothingChosen(/** @type {Error} */ (error).message));
  }
}

/** @param {any} event @param {string | undefined} account @returns {Node[]} */
function detailOf(event, account) {
  const { id, type, created, request, data, api_version: version } = event;
  const resend = attempt(async () => {
    await control("POST", "resend", { event: id, account });
    toast(`Sent ${type} again`);
  });
  return [
    backTo("events"),
    h("h2", { class: "title" }, h("span", { class: "path" }, type)),
    factList({
      "Event id": h("code", {}, id),
      Time: momentOf(created * 1000),
      Object: h(
        "a",
        { href: placeOf("objects", data.object.object, data.object.id ?? "") },
        data.object.id ?? data.object.object,
      ),
      "Caused by": request.id === null ? "Stripe itself" : h("a", { href: `#/requests/${request.id}` }, request.id),
      Version: version,
    }),
    part("Delivery attempts", attempts, h("button", { type: "button", onclick: resend }, "Resend")),
    ...(data.previous_attributes === undefined
      ? []
      : [part("Was before", jsonView(data.previous_attributes, "Was before"))]),
    part("Object as told", jsonView(data.object, "Object as told")),
  ];
}

export const events = {
  id: "events",
  title: "Events",
  element,
  search,
  list,
  render,
  show,
  badge: () => state.events.length,
};
