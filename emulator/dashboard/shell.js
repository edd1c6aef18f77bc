import { completions, ofShell, run, withoutProgram, wordsOf } from "./commands.js";
import { byId, h, placeOf, timeOf } from "./dom.js";
import { jsonView } from "./json.js";
import { onEvent } from "./store.js";

/** Lines kept above, so that a shell that listens stays small. */
const outputs = 500;
const remembered = 100;
const kept = "stripe-emulator-shell";

const box = byId("shell");
const out = byId("shell-out");
const input = /** @type {HTMLInputElement} */ (byId("shell-input"));
const button = byId("shell-button");

/** @type {string[]} */
const past = JSON.parse(sessionStorage.getItem(kept) ?? "[]");
let at = past.length;
let listening = false;

export function toggleShell(open = box.hidden) {
  box.hidden = !open;
  button.setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("with-shell", open);
  if (open) {
    if (out.children.length === 0) print(h("p", { class: "quiet" }, "Type help to see what there is; Tab completes."));
    input.focus();
  } else button.focus();
}

/** @param {Node} node */
function print(node) {
  out.append(node);
  while (out.children.length > outputs) out.firstElementChild?.remove();
  out.scrollTop = out.scrollHeight;
}

/** @param {import("./commands.js").Output} output */
function show(output) {
  if ("json" in output) return print(jsonView(output.json, "Answer"));
  if ("text" in output) return print(h("p", { class: output.tone }, output.text));
  print(
    h(
      "table",
      {},
      h("tbody", {}, ...output.table.map((cells) => h("tr", {}, ...cells.map((text) => h("td", {}, linked(text)))))),
    ),
  );
}

/** @param {string} text */
function linked(text) {
  const place = /^req_\w+$/.test(text) ? "requests" : /^evt_\w+$/.test(text) ? "events" : undefined;
  return place === undefined ? text : h("a", { href: `#/${place}/${text}` }, text);
}

/** @param {string} line */
async function perform(line) {
  const typed = h("p", { class: "typed" }, line);
  print(typed);
  const words = withoutProgram(wordsOf(line));
  if (words.length === 0) return;
  if (past.at(-1) !== line) past.push(line);
  past.splice(0, past.length - remembered);
  at = past.length;
  sessionStorage.setItem(kept, JSON.stringify(past));
  const command = ofShell.find(({ name }) => name === words[0]);
  if (command !== undefined && words.length === 1) return ownCommand(command.name);
  if (command !== undefined) return show({ text: `Use: ${command.use}. ${command.alone}`, tone: "bad" });
  out.setAttribute("aria-busy", "true");
  try {
    for (const output of await run(words)) show(output);
  } catch (error) {
    show({ text: error instanceof Error ? error.message : String(error), tone: "bad" });
  }
  out.setAttribute("aria-busy", "false");
  // A long answer is read from its beginning.
  if (typed.isConnected && out.scrollTop > typed.offsetTop - out.offsetTop) typed.scrollIntoView({ block: "start" });
}

/** @param {string} name */
function ownCommand(name) {
  if (name === "clear") out.replaceChildren();
  else if (name === "exit") toggleShell(false);
  else listen(true);
}

/** @param {boolean} on */
function listen(on) {
  if (on !== listening)
    show({ text: on ? "Listening for events; Ctrl+C stops." : "Not listening any more.", tone: "quiet" });
  listening = on;
}

onEvent(({ id, type, created, object }) => {
  if (!listening) return;
  print(
    h(
      "p",
      { class: "event-line" },
      h("time", {}, timeOf(created * 1000)),
      h("b", {}, type),
      h("a", { href: placeOf("objects", object.object, object.id) }, object.id || object.object),
      h("a", { href: `#/events/${id}` }, id),
    ),
  );
});

async function complete() {
  const line = input.value;
  const found = await completions(line);
  if (found.length === 0 || input.value !== line) return;
  const start = line.replace(/\S*$/, "");
  const common = found.reduce((a, b) => {
    let length = 0;
    while (length < a.length && a[length] === b[length]) length++;
    return a.slice(0, length);
  });
  const only = found.length === 1;
  input.value = start + common + (only && !common.endsWith("=") ? " " : "");
  if (!only && input.value === line) show({ text: found.join("  "), tone: "quiet" });
}

input.addEventListener("keydown", (event) => {
  const { key, ctrlKey, shiftKey } = event;
  if (key === "ArrowUp" || key === "ArrowDown") {
    at = Math.max(0, Math.min(past.length, at + (key === "ArrowUp" ? -1 : 1)));
    input.value = past[at] ?? "";
  } else if (key === "Tab" && !shiftKey && input.value !== "") {
    // Without a word to complete, Tab goes on to what comes next: nobody is caught here.
    void complete();
  } else if (ctrlKey && key === "c" && input.selectionStart === input.selectionEnd) listen(false);
  else if (ctrlKey && key === "l") out.replaceChildren();
  else return;
  event.preventDefault();
});

byId("shell-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const line = input.value.trim();
  input.value = "";
  void perform(line);
});
byId("shell-close").addEventListener("click", () => toggleShell(false));
button.addEventListener("click", () => toggleShell());
box.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  toggleShell(false);
});
