// A server-sent stream that comes back by itself, and the mark that says when contact is lost.

import { signedOut, t } from "./common.js";

const STALE_AFTER_MS = 10_000;
const AGAIN_AFTER_MS = 3_000;

/** When we last heard from the service, by any road. */
export class Contact {
  #last = Date.now();
  #banner = document.getElementById("contact");
  constructor(onChange = () => {}) {
    this.onChange = onChange;
    setInterval(() => this.#look(), 1000);
  }
  heard() {
    this.#last = Date.now();
    this.#look();
  }
  get lost() {
    return Date.now() - this.#last > STALE_AFTER_MS;
  }
  get ageS() {
    return Math.round((Date.now() - this.#last) / 1000);
  }
  #look() {
    this.#banner.hidden = !this.lost;
    if (this.lost) this.#banner.querySelector("span").textContent = t("no_contact", { seconds: this.ageS });
    this.onChange(this.lost);
  }
}

/** Follow `path`; `onState` gets each whole state. Browsers do not retry a refused stream, so we do; nor do they notice
 *  a wire that carries nothing any more, so a stream that has been silent for too long is opened anew. */
export function follow(path, contact, onState) {
  let source;
  let heardAt;
  const heard = () => {
    heardAt = Date.now();
    contact.heard();
  };
  const open = () => {
    heardAt = Date.now();
    source = new EventSource(path);
    source.addEventListener("state", (event) => {
      heard();
      onState(JSON.parse(event.data));
    });
    source.addEventListener("beat", heard);
    source.addEventListener("over", () => {
      source.close();
      signedOut();
    });
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, AGAIN_AFTER_MS);
    };
  };
  open();
  setInterval(() => {
    if (source.readyState === EventSource.CLOSED || Date.now() - heardAt <= STALE_AFTER_MS) return;
    source.close();
    open();
  }, 1000);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && open());
}
