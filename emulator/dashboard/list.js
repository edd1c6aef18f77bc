import { h, showEach } from "./dom.js";

/** Rows put on the page at first; of more the newest are shown until the others are asked for. */
const step = 200;

/**
 * A list to go through by arrow keys, of which one item may be chosen.
 * @template I
 */
export class List {
  /**
   * @param {string} label
   * @param {{ keyOf(item: I): string, render(item: I): Node[], choose(item: I): void, empty: string }} what
   */
  constructor(label, what) {
    this.what = what;
    this.limit = step;
    /** @type {readonly I[]} */
    this.items = [];
    this.chosen = "";
    this.rows = h("div", { class: "rows", role: "listbox", "aria-label": label });
    this.empty = h("p", { class: "empty", hidden: true }, what.empty);
    this.more = h(
      "button",
      { type: "button", class: "more", hidden: true, onclick: () => this.showMore() },
      "Show more",
    );
    this.element = h("div", { class: "list" }, this.rows, this.empty, this.more);
    this.rows.addEventListener("keydown", (event) => this.move(event));
  }

  showMore() {
    this.limit += step;
    this.show(this.items, this.chosen);
  }

  /** @param {readonly I[]} items @param {string} [chosen] */
  show(items, chosen = "") {
    this.items = items;
    this.chosen = chosen;
    const shown = items.slice(0, this.limit);
    showEach(this.rows, shown, this.what.keyOf, (item) => this.row(item));
    const rows = this.options();
    const current = rows.find((row) => row.dataset["key"] === chosen);
    for (const row of rows) {
      row.setAttribute("aria-selected", String(row === current));
      row.tabIndex = row === (current ?? rows[0]) ? 0 : -1;
    }
    this.rows.hidden = items.length === 0;
    this.empty.hidden = items.length > 0;
    this.more.hidden = items.length <= this.limit;
  }

  /** @param {I} item */
  row(item) {
    const choose = () => this.what.choose(item);
    return h(
      "div",
      { class: "row", role: "option", tabindex: -1, "data-key": this.what.keyOf(item), onclick: choose },
      this.what.render(item),
    );
  }

  options() {
    return /** @type {HTMLElement[]} */ ([...this.rows.children]);
  }

  focus() {
    this.options()
      .find((row) => row.tabIndex === 0)
      ?.focus();
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = this.options();
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") rows[at]?.click();
    else if (to !== undefined) {
      const row = rows[Math.max(0, Math.min(to, rows.length - 1))];
      row?.focus();
      row?.scrollIntoView({ block: "nearest" });
    } else return;
    event.preventDefault();
  }
}
