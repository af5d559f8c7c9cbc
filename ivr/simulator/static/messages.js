// The text messages of one telephone: what came, with links to follow, and what was written.

import { t } from "./words.js";

const LINK = /https?:\/\/[^\s<>"'，。；、：（）]+/g;
const TAIL = /[.,;:!?)\]]+$/;

export class Messages {
  #list;
  #items = [];

  constructor(list) {
    this.#list = list;
  }

  /** Whom an answer goes to: who wrote last. */
  get partner() {
    return this.#items.findLast((item) => !item.mine)?.with ?? null;
  }

  /** Everything so far; what is shown already stays as it is. */
  set(items) {
    if (items.map(({ sid }) => sid).join() === this.#items.map(({ sid }) => sid).join()) return;
    this.#items = [];
    this.#list.replaceChildren();
    items.forEach((item) => this.add(item));
  }

  add(item) {
    if (this.#items.some(({ sid }) => sid === item.sid)) return;
    const kept = { ...item };
    kept.node = node(kept);
    this.#items.push(kept);
    this.#list.append(kept.node);
    this.#list.parentElement.scrollTop = this.#list.parentElement.scrollHeight;
  }

  /** In the language of the page, after it was changed. */
  redraw() {
    for (const item of this.#items) item.node.replaceWith((item.node = node(item)));
  }
}

function node(item) {
  const made = document.createElement("li");
  made.className = "text-message";
  made.dataset.way = item.mine ? "sent" : "received";
  const who = document.createElement("span");
  who.className = "sr";
  who.textContent = `${t(item.mine ? "text_sent" : "text_received")} `;
  const words = document.createElement("p");
  words.append(...linked(item.body));
  made.append(who, words);
  return made;
}

/** The words of a message: only web addresses become links, nothing else is read as markup. */
function linked(body) {
  const parts = [];
  let after = 0;
  for (const found of body.matchAll(LINK)) {
    const address = found[0].replace(TAIL, "");
    const link = document.createElement("a");
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = address;
    parts.push(body.slice(after, found.index), link);
    after = found.index + address.length;
  }
  return [...parts, body.slice(after)];
}
