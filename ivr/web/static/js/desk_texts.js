// What an agent may text the caller: a list with the words as the caller will read them, and a button for each.

import { el, say, t, write } from "./common.js";

const byId = (id) => document.getElementById(id);
let desk = null;

/** `desk`: `{ act(path, body, tell), path(what) }`, as the page hands it over. */
export function wireTexts(given) {
  desk = given;
}

export const textActions = {
  texts() {
    trouble("");
    byId("texts-sheet").showModal();
  },
};

/** `texts`: those of the present talk; none, and there is no button. */
export function drawTexts(texts, language) {
  byId("texts-open").hidden = !texts.length;
  if (!texts.length && byId("texts-sheet").open) byId("texts-sheet").close();
  const key = JSON.stringify(texts);
  if (byId("texts-list").dataset.key === key) return;
  byId("texts-list").dataset.key = key;
  const focused = document.activeElement?.dataset.text;
  byId("texts-list").replaceChildren(...texts.map((one) => row(one, language)));
  // A button that was pressed is another one now: the focus stays where it was.
  if (focused) byId("texts-list").querySelector(`[data-text="${CSS.escape(focused)}"]`)?.focus();
}

function row({ name, label, words, sent }, language) {
  const title = label || t("steps");
  const button = el("button", { type: "button", "data-text": name, "aria-disabled": sent, "aria-label": t(sent ? "text_sent" : "send_text", { name: title }) }, t(sent ? "sent" : "send"));
  button.addEventListener("click", () => !sent && send(name, title));
  return el("li", {}, el("div", {}, el("strong", {}, title), el("p", { lang: language }, words)), button);
}

async function send(name, title) {
  trouble("");
  if (await desk.act(desk.path("send-text"), { text: name }, trouble)) say(t("text_sent", { name: title }));
}

function trouble(words) {
  byId("texts-trouble").hidden = !words;
  write(byId("texts-trouble"), words);
}
