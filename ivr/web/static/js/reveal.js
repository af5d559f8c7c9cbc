// The full number of the caller: asked for with a reason, shown for a while, never kept by the page.

import { ask, Refused, t, word, write } from "./common.js";

const SHOWN_MS = 30_000;
const byId = (id) => document.getElementById(id);
let desk = null;
let shown = null; // { offer, number }
let timer = 0;

/** `desk`: `{ offer(), path(what), redraw() }`. */
export function wireReveal(given) {
  desk = given;
  byId("reveal-open").addEventListener("click", () => {
    byId("reveal-reason").value = "";
    trouble("");
    byId("reveal").showModal();
  });
  byId("reveal-close").addEventListener("click", () => byId("reveal").close());
  byId("reveal-form").addEventListener("submit", send);
}

/** The number that may stand there now: the full one for a while, else what the service shows everybody. */
export function numberShown(offer, masked) {
  return shown?.offer === offer ? shown.number : masked;
}

async function send(event) {
  event.preventDefault();
  const offer = desk.offer();
  try {
    const { number } = await ask("POST", desk.path("reveal"), { reason: byId("reveal-reason").value });
    shown = { offer, number };
    clearTimeout(timer);
    timer = setTimeout(hide, SHOWN_MS);
    byId("reveal").close();
    desk.redraw();
  } catch (error) {
    const said = error instanceof Refused ? word("error", error.error) : "";
    trouble(!(error instanceof Refused) ? t("no_answer") : said === error.error ? error.message : said);
  }
}

function hide() {
  shown = null;
  desk.redraw();
}

function trouble(words) {
  byId("reveal-trouble").hidden = !words;
  write(byId("reveal-trouble"), words);
}
