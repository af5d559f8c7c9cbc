// A case or a number that was opened without a call: by the address of the page, or by the system in whose frame it stands.
// Nothing is dialled. What was asked for does not stay in the address.

import { ask, el, Refused, t, word, write } from "./common.js";
import { caseLine, earlierLine, grouped } from "./matter.js";

const LONGEST = 40;
const byId = (id) => document.getElementById(id);

/** Text that came from outside, or nothing. */
export function plain(value) {
  return typeof value === "string" && value.length <= LONGEST ? value : "";
}

export class Opened {
  #turn = 0;

  constructor() {
    byId("opened-close").addEventListener("click", () => {
      byId("opened").hidden = true;
      byId("main").focus();
    });
  }

  /** What the address asks for: `?number=+86…&case=25061607`, or the same behind `#`, which no server sees. */
  fromAddress() {
    const asked = new URLSearchParams(location.search || location.hash.slice(1));
    const wanted = { number: plain(asked.get("number")).replace(/^ /, "+"), case: plain(asked.get("case")) };
    if (!asked.has("number") && !asked.has("case")) return;
    history.replaceState(null, "", location.pathname);
    this.open(wanted);
  }

  async open(wanted) {
    const turn = ++this.#turn;
    let found = null;
    let trouble = "";
    try {
      found = await ask("POST", "/api/v1/desk/matter", wanted);
    } catch (error) {
      const said = error instanceof Refused ? word("error", error.error) : "";
      trouble = !(error instanceof Refused) ? t("no_answer") : said === error.error ? error.message : said;
    }
    if (turn !== this.#turn) return;
    if (found && found.asked_case && !found.case) trouble = t("opened_no_case");
    byId("opened").hidden = false;
    byId("opened-trouble").hidden = !trouble;
    write(byId("opened-trouble"), trouble);
    this.#draw(found);
  }

  #draw(found) {
    const own = found?.case;
    byId("opened-facts").hidden = !found || (!own && !found.number);
    write(byId("opened-case"), own ? caseLine(own) : "–");
    byId("opened-case-link").hidden = !own;
    if (own) byId("opened-case-link").href = `/supervisor/cases?number=${encodeURIComponent(own.number)}`;
    write(byId("opened-note"), own?.note || "–");
    write(byId("opened-number"), found?.number || "–");
    list("opened-open", found?.open_cases.map(caseLine) ?? []);
    list("opened-earlier", found?.earlier.map(earlierLine) ?? []);
    write(byId("opened-title"), own ? t("opened_case", { number: grouped(own.number) }) : t("opened_number"));
  }
}

function list(id, lines) {
  byId(id).replaceChildren(...(lines.length ? lines : ["–"]).map((line) => el("li", {}, line)));
}
