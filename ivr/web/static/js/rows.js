// Rows of a table that is drawn anew all the time: a row stays the same element, and so do its first cell and its button, so
// that a press, the keyboard and a reader's place are not lost.

import { el, labelled, t } from "./common.js";

/** Bring `body` in line with `items`. `first(item)`: heading of the row; `cells(item)`: what changes; `act`: kind of the
 *  dialog behind the row's button; `look(tr, item)`: classes; `empty`: text when there is nothing. */
export function keyed(body, items, { key, first, cells, act = "", look = () => {}, empty = "" }) {
  const known = new Map([...body.children].map((row) => [row.dataset.key, row]));
  const rows = items.map((item) => {
    const row = known.get(key(item)) ?? fresh(key(item), first(item), act);
    if (row.firstHeading !== first(item).textContent) renew(row, first(item));
    const last = act ? row.lastElementChild : null;
    while (row.children[1] && row.children[1] !== last) row.children[1].remove();
    row.children[0].after(...cells(item));
    look(row, item);
    return row;
  });
  if (!rows.length && empty) rows.push(el("tr", {}, el("td", { colspan: String(columns(body)), class: "empty" }, t(empty))));
  place(body, rows);
}

function fresh(key, heading, act) {
  const button = el("button", { class: "quiet act", "data-act": act, "data-id": key, "aria-haspopup": "dialog" }, t("act"));
  const row = el("tr", { "data-key": key }, heading, act ? el("td", { class: "act-cell" }, button) : null);
  row.firstHeading = heading.textContent;
  button.setAttribute("aria-label", labelled(t("act"), heading.textContent));
  return row;
}

function renew(row, heading) {
  row.firstHeading = heading.textContent;
  row.children[0].replaceWith(heading);
}

/** Only what stands elsewhere is moved: an element that is moved loses the focus. */
function place(body, rows) {
  rows.forEach((row, at) => {
    if (body.children[at] !== row) body.insertBefore(row, body.children[at] ?? null);
  });
  while (body.children.length > rows.length) body.lastChild.remove();
}

const columns = (body) => body.closest("table").tHead.rows[0].cells.length;
