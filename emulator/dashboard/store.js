import { follow } from "./api.js";

/** @typedef {import("../inspector").Overview} Overview */
/** @typedef {import("../inspector").RequestRow} RequestRow */
/** @typedef {import("../inspector").EventRow} EventRow */

/** Rows of a kind that are kept here, the newest. */
const capacity = 1000;

/** What is known of the emulator. */
export const state = {
  connected: false,
  /** @type {readonly string[]} */
  accounts: [],
  /** Account that objects and lives are shown of. */
  account: "",
  livemode: false,
  apiVersion: "",
  now: 0,
  aheadMs: 0,
  /** By this page's own clock, when `now` was told. */
  toldAt: 0,
  /** @type {Readonly<Record<string, number>>} */
  kinds: {},
  /** @type {Overview["faults"]} */
  faults: [],
  /** Newest first. @type {readonly RequestRow[]} */
  requests: [],
  /** Newest first. @type {readonly EventRow[]} */
  events: [],
  /** Rows that came too fast to be told. */
  skipped: 0,
  /** Grows with everything that may have changed an object. */
  changes: 0,
  /** Grows with every attempt to deliver an event. */
  deliveries: 0,
};

/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {Set<(event: EventRow) => void>} */
const eventListeners = new Set();
let due = false;

/** Calls back after changes, at most once a frame. @param {() => void} listener */
export function onChange(listener) {
  listeners.add(listener);
}

/** Calls back for every event as it happens. @param {(event: EventRow) => void} listener */
export function onEvent(listener) {
  eventListeners.add(listener);
}

export function changed() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    for (const listener of listeners) listener();
  });
}

/** @param {(message: string) => Promise<void>} refused */
export function startFollowing(refused) {
  void follow({
    refused,
    connected(is) {
      state.connected = is;
      changed();
    },
    told(event, data) {
      if (event === "overview") takeOverview(data);
      else if (event === "news") takeNews(data);
      changed();
    },
  });
}

/** @param {Overview} overview */
function takeOverview({ requests, events, ...rest }) {
  const known = new Set(state.events.map(({ id }) => id));
  // At first all is old; later an overview may tell what no news did.
  const unheard = state.toldAt === 0 ? [] : events.filter(({ id }) => !known.has(id));
  Object.assign(state, rest, { toldAt: performance.now(), skipped: 0 });
  if (!state.accounts.includes(state.account)) state.account = state.accounts[0] ?? "";
  state.requests = sameRows(state.requests, [...requests].reverse(), (row) => row.requestId);
  state.events = sameRows(state.events, [...events].reverse(), (row) => row.id);
  state.changes++;
  state.deliveries++;
  for (const event of unheard) for (const listener of eventListeners) listener(event);
}

/** @param {Pick<Overview, "now" | "aheadMs" | "kinds" | "requests" | "events"> & { skipped: number, deliveries: boolean }} news */
function takeNews({ requests, events, now, aheadMs, kinds, skipped, deliveries }) {
  Object.assign(state, { now, aheadMs, kinds, toldAt: performance.now() });
  state.requests = [...[...requests].reverse(), ...state.requests].slice(0, capacity);
  state.events = [...[...events].reverse(), ...state.events].slice(0, capacity);
  state.skipped += skipped;
  if (events.length > 0 || requests.some(({ method }) => method !== "GET")) state.changes++;
  if (deliveries || events.length > 0) state.deliveries++;
  for (const event of events) for (const listener of eventListeners) listener(event);
}

/**
 * Rows that are known already stay the same, so that what shows them does too.
 * @template R
 * @param {readonly R[]} known
 * @param {readonly R[]} told
 * @param {(row: R) => string} keyOf
 */
function sameRows(known, told, keyOf) {
  const byKey = new Map(known.map((row) => [keyOf(row), row]));
  return told.map((row) => byKey.get(keyOf(row)) ?? row);
}

/** Milliseconds on the emulator's clock, as far as can be told from here. */
export function emulatedNow() {
  return state.now + performance.now() - state.toldAt;
}
