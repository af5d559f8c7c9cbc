// What happens while an offer rings: the ring (its own for an urgent one), the words for screen readers, the notice of the
// desktop. One ring can be silenced while it rings; who wants no ring at all chooses it in "Sound", kept with the account.

import { check } from "./checks.js";
import { ask, Refused, say, t, write } from "./common.js";

const byId = (id) => document.getElementById(id);

export class Ringing {
  #ring;
  #time;
  #offer = null;
  #shown = null;
  #hushed = null;

  constructor(ring, time) {
    this.#ring = ring;
    this.#time = time;
    ring.silent = byId("sound-panel").dataset.ring === "silent";
    byId("ring-silent").checked = ring.silent;
    byId("ring-silent").addEventListener("change", (event) => this.#keep(event.target.checked));
    byId("hush").addEventListener("click", () => {
      this.#hushed = this.#hushed === this.#shown ? null : this.#shown;
      this.#sound();
    });
  }

  /** The offer that rings at this page now; null: none. */
  heed(offer) {
    this.#offer = offer;
    this.#sound();
    if (offer && this.#shown !== offer.card.offer) this.#announce(offer.card);
    this.#shown = offer?.card.offer ?? null;
    if (offer) this.#mark();
  }

  #sound() {
    const card = this.#offer?.card;
    if (card && this.#hushed !== card.offer) this.#ring.start({ urgent: card.urgent });
    else this.#ring.stop();
    this.#mark();
  }

  #mark() {
    const hushed = this.#hushed !== null && this.#hushed === this.#shown;
    byId("hush").hidden = this.#ring.silent;
    byId("hush").setAttribute("aria-pressed", String(hushed));
  }

  #announce(card) {
    const waited = Math.round(card.queued_at ? this.#time.since(card.queued_at) : 0);
    const words = t("announce", {
      topic: [card.topic_name, ...card.path].join(", "),
      language: card.language_name,
      waited: t("minutes_seconds", { minutes: Math.floor(waited / 60), seconds: waited % 60 }),
    });
    say(words);
    if (document.hidden && window.Notification?.permission === "granted") {
      new Notification(t("incoming"), { body: words, tag: "offer", silent: this.#ring.silent });
    }
  }

  async #keep(silent) {
    write(byId("ring-silent-said"), "");
    try {
      await ask("POST", "/api/v1/desk/choices", { ring: silent ? "silent" : "" });
      this.#ring.silent = silent;
      this.#sound();
      if (this.#ring.ready) checkSound(this.#ring);
    } catch (error) {
      byId("ring-silent").checked = this.#ring.silent;
      write(byId("ring-silent-said"), error instanceof Refused ? error.message : t("no_answer"));
    }
  }
}

/** The check "Sound": an agent without a ring is to see that it is so. */
export function checkSound(ring) {
  if (!ring.ready) check("sound", "bad");
  else if (ring.silent) check("sound", "weak", "silent");
  else check("sound", "good");
}
