import { control } from "./api.js";
import { attempt, h, momentOf, spanOf, toast } from "./dom.js";
import { emulatedNow, state } from "./store.js";

const face = h("output", { class: "face", "aria-label": "Time of the emulator" });
const ahead = h("p", { class: "quiet" });
const amount = h("input", { type: "number", min: 0, step: "any", value: 10, "aria-label": "How much time" });
const units = /** @type {const} */ ([
  ["seconds", 1],
  ["minutes", 60],
  ["hours", 3600],
  ["days", 86_400],
]);
const unit = h(
  "select",
  { "aria-label": "Unit of time" },
  ...units.map(([name, seconds]) => h("option", { value: seconds }, name)),
);

/** @param {number} seconds */
async function pass(seconds) {
  await control("POST", "pass-time", { seconds });
  toast(`${spanOf(seconds * 1000)} passed`);
}

const resetButton = h("button", { type: "button", class: "danger" }, "Reset everything");
resetButton.addEventListener("click", () => {
  // Asked in place: what it forgets can't be had back.
  if (resetButton.dataset["sure"] !== "yes") {
    resetButton.dataset["sure"] = "yes";
    resetButton.textContent = "Really forget it all?";
    return;
  }
  calm();
  attempt(async () => {
    await control("POST", "reset");
    toast("As new");
  })();
});
resetButton.addEventListener("blur", calm);

function calm() {
  delete resetButton.dataset["sure"];
  resetButton.textContent = "Reset everything";
}

const element = h(
  "div",
  { class: "page narrow" },
  h("div", { class: "card clock-card" }, face, ahead),
  h(
    "section",
    { class: "part" },
    h("h3", {}, "Let time pass"),
    h("p", { class: "quiet" }, "Every step whose time has come is taken at once; idempotency keys age too."),
    h(
      "div",
      { class: "steps" },
      ...[60, 3600, 86_400, 30 * 86_400].map((seconds) =>
        h("button", { type: "button", onclick: attempt(() => pass(seconds)) }, `+ ${spanOf(seconds * 1000)}`),
      ),
    ),
    h(
      "form",
      {
        class: "inline",
        onsubmit: (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          attempt(() => pass(Number(amount.value) * Number(unit.value)))();
        },
      },
      amount,
      unit,
      h("button", { class: "primary" }, "Pass"),
    ),
  ),
  h(
    "section",
    { class: "part" },
    h("h3", {}, "Begin again"),
    h(
      "p",
      { class: "quiet" },
      "Forgets objects, events, idempotency keys, faults, requests and the time that was passed. The key stays.",
    ),
    resetButton,
  ),
);

export function render() {
  face.textContent = momentOf(emulatedNow());
  ahead.textContent =
    state.aheadMs === 0 ? "As the machine's own clock." : `${spanOf(state.aheadMs)} ahead of the machine's own clock.`;
}

export const clock = {
  id: "clock",
  title: "Clock",
  element,
  render,
  show: async () => render(),
  badge: () => (state.aheadMs === 0 ? undefined : `+${spanOf(state.aheadMs).split(" ").slice(0, 2).join(" ")}`),
};
