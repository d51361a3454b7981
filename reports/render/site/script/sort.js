// @ts-check
"use strict";

/*
 * Tables sort by a click on a head. A plain script, so that it runs in a page opened from a folder.
 */

for (const table of document.querySelectorAll("table.data")) makeSortable(table);

/**
 * Puts a button into every column head. A first click sorts upwards, a second downwards, a third restores the order.
 *
 * @param {Element} table
 */
function makeSortable(table) {
  const body = /** @type {HTMLTableSectionElement} */ (table.querySelector("tbody"));
  const original = [...body.rows];
  const heads = [...table.querySelectorAll("th[data-column]")];
  if (original.length < 2) return;
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Sort";
    const name = /** @type {Element} */ (head.querySelector(".head"));
    name.replaceWith(button);
    button.append(name);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") ?? ""] ?? "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      if (next !== "none") head.setAttribute("aria-sort", next);
      const column = Number(head.getAttribute("data-column"));
      body.append(...(next === "none" ? original : sorted(original, column, next === "ascending" ? 1 : -1)));
    });
  }
}

/**
 * Rows by the values of a column, equal ones in their first order; cells without a value come last in either direction.
 *
 * @param {HTMLTableRowElement[]} rows
 * @param {number} column
 * @param {1 | -1} direction
 */
function sorted(rows, column, direction) {
  const keyed = rows.map((row) => ({ row, value: sortValue(row.cells[column]) }));
  return keyed.toSorted((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return direction * compare(a.value, b.value);
  }).map(({ row }) => row);
}

/**
 * A cell's number, else its text; null when it has none.
 *
 * @param {HTMLTableCellElement} cell
 * @returns {number | string | null}
 */
function sortValue(cell) {
  const text = (cell.dataset.value ?? cell.textContent ?? "").trim();
  if (text === "") return null;
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/**
 * Numbers before texts, and each in its own order.
 *
 * @param {number | string} a
 * @param {number | string} b
 */
function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b, "en", { numeric: true });
  return typeof a === "number" ? -1 : 1;
}
