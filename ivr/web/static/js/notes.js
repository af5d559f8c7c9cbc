// What the agent writes and chooses about a call. It is saved while it is typed, at most every two seconds, and stands
// there again when the page is loaded anew or another one takes over.

import { ask, csrfToken, t, write } from "./common.js";
import { chooseReason, drawReasons, reasonChosen } from "./results.js";
import { standingNamed } from "./standing.js";

const EVERY_MS = 2000;

const byId = (id) => document.getElementById(id);
const CHOICES = ["dispositions", "about", "standing"];
const touched = (id) => byId(id).dataset.touched === "1";
const radio = (name) => byId("dispositions").querySelector(name ? `input[value="${CSS.escape(name)}"]` : "input:checked");

/** The form as it stands; what the agent has not touched stays empty. */
function readForm() {
  return {
    notes: byId("notes").value.trim(),
    disposition: touched("dispositions") || reasonChosen() ? (radio()?.value ?? "") : "",
    disposition_reason: reasonChosen(),
    topic: touched("about") ? byId("about").value : "",
    follow_up: byId("follow-up-field").hidden ? "" : byId("follow-up").value,
    account_changed: byId("account-changed").checked,
    standing: standingNamed(),
  };
}

/** Put back what was saved. What the agent has begun here meanwhile stays. */
function fillForm(saved) {
  const begun = byId("notes").value;
  if (saved.notes.startsWith(begun.trimEnd())) byId("notes").value = begun.trimEnd() === saved.notes ? begun : saved.notes;
  else if (!begun.startsWith(saved.notes)) byId("notes").value = [saved.notes, begun].join("\n");
  if (saved.account_changed && !byId("account-changed").disabled) byId("account-changed").checked = true;
  if (saved.follow_up) byId("follow-up").value = saved.follow_up;
  if (saved.disposition && !touched("dispositions") && radio(saved.disposition)) {
    radio(saved.disposition).checked = true;
    byId("dispositions").dispatchEvent(new Event("change"));
  }
  chooseReason(saved.disposition_reason);
  for (const [id, value] of [["about", saved.topic], ["standing", saved.standing]]) {
    if (!value || touched(id)) continue;
    byId(id).value = value;
    byId(id).dispatchEvent(new Event("change"));
  }
}

/** For the next call. */
function clearForm() {
  byId("notes").value = "";
  byId("account-changed").checked = false;
  byId("follow-up").value = "";
  for (const id of CHOICES) delete byId(id).dataset.touched;
  delete byId("dispositions").dataset.names;
  delete byId("standing").dataset.offer;
  byId("dispositions").replaceChildren();
  drawReasons(null);
}

export class Notes {
  #offer = null;
  #timer = 0;
  #sent = "";
  #fetched = false;
  #left = { offer: null, notes: "", saved: null };

  constructor() {
    for (const id of CHOICES) byId(id).addEventListener("change", () => (byId(id).dataset.touched = "1"));
    for (const kind of ["input", "change"]) byId("result").addEventListener(kind, () => this.#soon());
    addEventListener("pagehide", () => this.#timer && this.#send({ keepalive: true }));
  }

  /** Whether there is anything to save at the end of wrap-up. */
  get begun() {
    return Boolean(byId("notes").value.trim() || reasonChosen()) || CHOICES.some(touched);
  }

  /** The call at this page, in talk or wrap-up; null: none. */
  heed(offer) {
    if (offer === this.#offer) return;
    if (this.#offer) this.#leave(this.#offer);
    this.#rest();
    this.#offer = offer;
    if (!offer) return;
    if (offer === this.#left.offer) byId("notes").value = this.#left.notes;
    this.#fetch(offer);
  }

  /** The call goes from this page, maybe to come back: what was typed last is not saved yet. */
  #leave(offer) {
    const unsaved = this.#timer && this.#fetched;
    const saved = unsaved ? ask("POST", this.#path(offer), readForm()).catch(() => {}) : null;
    this.#left = { offer, notes: byId("notes").value, saved };
    clearForm();
  }

  /** Save now: nobody will press a button any more. */
  flush() {
    this.#send();
  }

  /** The whole form is being sent: nothing is saved beside it. */
  pause() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #rest() {
    this.pause();
    this.#sent = "";
    this.#fetched = false;
    write(byId("notes-state"), "");
  }

  async #fetch(offer) {
    while (offer === this.#offer) {
      try {
        await this.#left.saved;
        const saved = await ask("GET", this.#path(offer));
        if (offer !== this.#offer) return;
        const begun = this.begun;
        fillForm(saved);
        this.#fetched = true;
        this.#sent = begun ? "" : JSON.stringify(readForm());
        if (begun) this.#soon();
        return;
      } catch {
        await new Promise((go) => setTimeout(go, EVERY_MS));
      }
    }
  }

  #soon() {
    if (!this.#offer || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#send();
    }, EVERY_MS);
  }

  async #send({ keepalive = false } = {}) {
    const offer = this.#offer;
    const form = JSON.stringify(readForm());
    if (!this.#fetched) return this.#soon(); // what was saved before must not be overwritten unseen
    if (!offer || form === this.#sent) return;
    try {
      if (keepalive) this.#lastWords(offer, form);
      else await ask("POST", this.#path(offer), JSON.parse(form));
      if (offer !== this.#offer) return;
      this.#sent = form;
      write(byId("notes-state"), t("notes_saved"));
    } catch (error) {
      if (offer !== this.#offer) return;
      write(byId("notes-state"), t("notes_unsaved"));
      if (!error.status || error.status >= 500) this.#soon();
    }
  }

  /** The page goes: the browser still sends this. */
  #lastWords(offer, body) {
    const headers = { "X-CSRF-Token": csrfToken(), "Content-Type": "application/json" };
    fetch(this.#path(offer), { method: "POST", headers, body, keepalive: true }).catch(() => {});
  }

  #path(offer) {
    return `/api/v1/offers/${encodeURIComponent(offer)}/notes`;
  }
}

export { readForm };
