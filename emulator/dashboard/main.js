import { control, hasKey, Refused, setKey, takeKey } from "./api.js";
import { clock } from "./clock.js";
import { byId, h, placeOf, readPlace, timeOf } from "./dom.js";
import { events } from "./events.js";
import { faults } from "./faults.js";
import { lifecycles } from "./lifecycles.js";
import { objectsPanel } from "./objects.js";
import { requests } from "./requests.js";
import { toggleShell } from "./shell.js";
import { changed, emulatedNow, onChange, startFollowing, state } from "./store.js";

/**
 * @typedef {{
 *   id: string, title: string, element: HTMLElement, search?: HTMLInputElement, list?: { focus(): void },
 *   render(): void, show(place: string[]): Promise<void>, badge(): string | number | undefined
 * }} Panel
 */

/** @type {readonly Panel[]} */
const panels = [requests, events, objectsPanel, lifecycles, faults, clock];
/** @type {Panel} */
let current = requests;
let shown = "";

const tabs = panels.map((panel, index) => {
  const badge = h("span", { class: "count" });
  const tab = h(
    "button",
    {
      type: "button",
      role: "tab",
      id: `tab-${panel.id}`,
      "aria-controls": `panel-${panel.id}`,
      onclick() {
        location.hash = `#/${panel.id}`;
        // At once: the next key is already meant for this panel.
        route();
      },
    },
    h("span", { class: `tab-icon ${panel.id}`, "aria-hidden": "true" }),
    h("span", { class: "tab-name" }, panel.title),
    badge,
    h("kbd", { "aria-hidden": "true" }, index + 1),
  );
  Object.assign(panel.element, { id: `panel-${panel.id}`, tabIndex: -1 });
  panel.element.setAttribute("role", "tabpanel");
  panel.element.setAttribute("aria-labelledby", tab.id);
  return { panel, tab, badge };
});
byId("tabs").append(...tabs.map(({ tab }) => tab));
byId("main").append(...panels.map(({ element }) => element));

/** Goes where the address says: `#/requests/req_…`. */
function route() {
  takeKey();
  const [id, ...place] = readPlace(location.hash);
  current = panels.find((panel) => panel.id === id) ?? requests;
  for (const { panel, tab } of tabs) {
    const is = panel === current;
    panel.element.hidden = !is;
    tab.setAttribute("aria-selected", String(is));
    tab.tabIndex = is ? 0 : -1;
  }
  document.title = `${current.title} · Stripe emulator`;
  shown = location.hash;
  if (state.connected) void current.show(place);
}

/** @type {string} */
let told = "";
onChange(() => {
  byId("live").dataset["state"] = state.connected ? "on" : "off";
  const words = state.connected ? "live" : "offline";
  if (told !== words) byId("live").lastElementChild?.replaceChildren(words);
  // What the address names is asked for once there is somebody to ask.
  if (state.connected && told !== words) route();
  told = words;
  byId("mode").textContent = state.apiVersion === "" ? "" : state.livemode ? "live mode" : "test mode";
  showAccount();
  for (const { panel, badge } of tabs) {
    const count = panel.badge();
    badge.textContent = count === undefined || count === 0 ? "" : String(count);
  }
  current.render();
});

function showAccount() {
  const key = state.accounts.join(" ");
  const place = byId("account");
  if (place.dataset["accounts"] === key) return;
  place.dataset["accounts"] = key;
  if (state.accounts.length < 2) return place.replaceChildren(state.accounts[0] ?? "");
  const select = h(
    "select",
    { "aria-label": "Account" },
    ...state.accounts.map((id) => h("option", { value: id }, id)),
  );
  select.value = state.account;
  select.addEventListener("change", () => {
    state.account = select.value;
    state.changes++;
    changed();
    route();
  });
  place.replaceChildren(select);
}

setInterval(() => {
  if (state.toldAt === 0 || document.hidden) return;
  byId("now").textContent = timeOf(emulatedNow());
  if (current === clock) clock.render();
}, 1000);

/** Asks for the key until the emulator takes one. @param {string} [wrong] @returns {Promise<void>} */
function askForKey(wrong = "") {
  const dialog = /** @type {HTMLDialogElement} */ (byId("key-dialog"));
  const field = /** @type {HTMLInputElement} */ (byId("key-input"));
  byId("key-wrong").textContent = wrong;
  if (!dialog.open) dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    byId("key-form").onsubmit = (event) => {
      event.preventDefault();
      setKey(field.value.trim());
      field.value = "";
      control("GET", "faults").then(
        () => {
          dialog.close();
          resolve();
        },
        (error) => {
          if (error instanceof Refused) byId("key-wrong").textContent = error.message;
          else {
            dialog.close();
            resolve();
          }
        },
      );
    };
  });
}
byId("key-dialog").addEventListener("cancel", (event) => event.preventDefault());

const themes = /** @type {const} */ ([
  ["system", "◐"],
  ["light", "☀"],
  ["dark", "☾"],
]);

/** @param {string} name */
function setTheme(name) {
  const [theme, sign] = themes.find(([known]) => known === name) ?? themes[0];
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  localStorage.setItem("stripe-emulator-theme", theme);
  byId("theme-button").textContent = sign;
  byId("theme-button").setAttribute("aria-label", `Theme: ${theme === "system" ? "as the system" : theme}`);
}

function nextTheme() {
  const now = document.documentElement.dataset["theme"] ?? "system";
  const at = themes.findIndex(([theme]) => theme === now);
  setTheme(themes[(at + 1) % themes.length]?.[0] ?? "system");
}
setTheme(localStorage.getItem("stripe-emulator-theme") ?? "system");
byId("theme-button").addEventListener("click", nextTheme);

const help = /** @type {HTMLDialogElement} */ (byId("help-dialog"));
byId("help-keys").append(
  ...[
    ["1 – 6", "panels"],
    ["/", "search"],
    ["↑ ↓  j k", "through a list; Enter opens"],
    ["Esc", "out of a search or a detail"],
    ["Ctrl + `", "shell"],
    ["t", "light, dark, as the system"],
    ["?", "this"],
  ].flatMap(([keys = "", does = ""]) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, does)]),
);
byId("help-button").addEventListener("click", () => help.showModal());

byId("tabs").addEventListener("keydown", (event) => {
  const at = panels.indexOf(current);
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = tabs.at(to % tabs.length);
  next?.tab.click();
  next?.tab.focus();
});

document.addEventListener("keydown", (event) => {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey && (key === "`" || event.code === "Backquote")) {
    event.preventDefault();
    return toggleShell();
  }
  if (ctrlKey || metaKey || altKey || document.querySelector("dialog[open]") !== null) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("input, select, textarea")) {
    if (key === "Escape" && target === current.search) {
      // A list without a row takes no focus: the keys have to work all the same.
      target.blur();
      current.list?.focus();
    }
    return;
  }
  const number = Number(key);
  if (key === "/" && current.search !== undefined) current.search.focus();
  else if (key === "?") help.showModal();
  else if (key === "t") nextTheme();
  else if (key === "Escape") closeDetail();
  else if (number >= 1 && number <= tabs.length) {
    tabs[number - 1]?.tab.click();
    tabs[number - 1]?.tab.focus();
  } else if (key === "j" && target.closest("#tabs") !== null) current.list?.focus();
  else if ((key === "j" || key === "ArrowDown") && (target === document.body || target.id === "main"))
    current.list?.focus();
  else return;
  event.preventDefault();
});

function closeDetail() {
  const [panel = "", kind] = readPlace(shown);
  if (panel === "") return;
  location.hash = panel === "objects" && kind !== undefined ? placeOf(panel, kind) : placeOf(panel);
  current.list?.focus();
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});

window.addEventListener("hashchange", () => {
  if (location.hash !== shown) route();
});
route();
if (hasKey()) startFollowing(askForKey);
else void askForKey().then(() => startFollowing(askForKey));
