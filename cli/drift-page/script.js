// All of the page is there before this runs; it only hides what isn't asked for.
(() => {
  /**
   * @template {HTMLElement} E
   * @param {string} id
   */
  const byId = (id) => /** @type {E} */ (document.getElementById(id));
  /** @param {string} selector */
  const all = (selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);

  // A report of nothing has nothing to filter.
  if (document.getElementById("search") === null) return;
  const search = /** @type {HTMLInputElement} */ (byId("search"));
  const rest = /** @type {HTMLDetailsElement | null} */ (document.getElementById("rest"));
  const filters = /** @type {HTMLButtonElement[]} */ (all(".filter"));
  const groups = all(".group:not(.notes)");
  const items = all(".item").map((element) => ({
    element,
    status: element.dataset["status"] ?? "",
    // Without the heads of the tables, or every change would have "code" in it.
    text: [...element.querySelectorAll("h3, b, .kind, .status, .id, .urn, .detail, .field, .value, .nothing, .masked")]
      .map(({ textContent }) => textContent)
      .join("\n")
      .toLowerCase(),
  }));
  const others = items.some(({ status }) => status !== "unchanged");

  /** @param {HTMLElement} button */
  const isPressed = (button) => button.getAttribute("aria-pressed") === "true";

  function show() {
    const statuses = filters.filter(isPressed).map(({ dataset }) => dataset["status"]);
    const words = search.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const { element, status, text } of items) {
      const is =
        (statuses.length === 0 || statuses.includes(status)) &&
        words.every((word) => word === "" || text.includes(word));
      element.hidden = !is;
      if (is) count++;
    }
    for (const group of groups) {
      const of = group.querySelectorAll(".item").length;
      const shown = group.querySelectorAll(".item:not([hidden])").length;
      group.hidden = shown === 0;
      const told = group.querySelector(".count");
      if (told !== null) told.textContent = shown === of ? String(of) : `${shown} of ${of}`;
    }
    const filtered = statuses.length > 0 || search.value.trim() !== "";
    byId("shown").textContent = filtered ? `${count} of ${items.length} shown` : "";
    byId("none").hidden = count > 0 || !filtered;
    // What is as it should be waits folded until it is asked for.
    if (rest !== null) rest.open = filtered || !others;
  }

  function showAll() {
    for (const button of filters) button.setAttribute("aria-pressed", "false");
    search.value = "";
    show();
  }

  /**
   * Moves the focus to the next object that is shown.
   * @param {number} by 1 or -1
   */
  function go(by) {
    const shown = items.map(({ element }) => element).filter((element) => element.checkVisibility());
    const at = shown.findIndex((element) => element.contains(document.activeElement));
    const next = at === -1 ? (by === 1 ? 0 : shown.length - 1) : Math.max(0, Math.min(shown.length - 1, at + by));
    shown[next]?.focus();
  }

  for (const button of filters) {
    button.disabled = !items.some(({ status }) => status === button.dataset["status"]);
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(!isPressed(button)));
      show();
    });
  }
  search.addEventListener("input", show);
  byId("all").addEventListener("click", () => {
    showAll();
    search.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      showAll();
      if (document.activeElement === search) search.blur();
    } else if (event.target === search) return;
    else if (event.key === "/") search.focus();
    else if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else return;
    event.preventDefault();
  });
  byId("finding").hidden = false;
  show();
})();
