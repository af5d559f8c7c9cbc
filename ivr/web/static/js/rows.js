// Rows of a table that is drawn anew all the time: a row stays the same element, and so do its cells, the links in them and its
// button, so that a press that takes longer than a drawing, the keyboard and a reader's place are not lost.

import { el, labelled, t } from "./common.js";

/** Bring `body` in line with `items`. `first(item)`: heading of the row; `cells(item)`: what changes; `act`: kind of the
 *  dialog behind the row's button; `look(tr, item)`: classes; `empty`: text when there is nothing. */
export function keyed(body, items, { key, first, cells, act = "", look = () => {}, empty = "" }) {
  const known = new Map([...body.children].map((row) => [row.dataset.key, row]));
  const rows = items.map((item) => {
    const row = known.get(key(item)) ?? fresh(key(item), first(item), act);
    if (row.firstHeading !== first(item).textContent) renew(row, first(item));
    const last = act ? row.lastElementChild : null;
    refill([...row.children].filter((cell, at) => at && cell !== last), cells(item), row.children[0]);
    look(row, item);
    return row;
  });
  if (!rows.length && empty) rows.push(el("tr", {}, el("td", { colspan: String(columns(body)), class: "empty" }, t(empty))));
  place(body, rows);
}

function refill(old, cells, heading) {
  if (old.length === cells.length) {
    old.forEach((cell, at) => become(cell, cells[at]));
    return;
  }
  old.forEach((cell) => cell.remove());
  heading.after(...cells);
}

/** Let `old` say and look like `next`; what both have stays the element that it is. */
function become(old, next) {
  if (old.isEqualNode(next)) return;
  if (old.nodeName !== next.nodeName || old.childNodes.length !== next.childNodes.length) {
    old.replaceWith(next);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) old.data = next.data;
  else {
    for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const theirs = [...next.childNodes];
    [...old.childNodes].forEach((child, at) => become(child, theirs[at]));
  }
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
