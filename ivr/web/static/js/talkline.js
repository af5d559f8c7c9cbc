// The page's line in a talk. Whenever this page leads a talk and has no line in it (accepted just now, loaded anew, taken
// over, or the line was lost) it dials in, and tries again until it is there or the talk is over. Each line of before is
// ended by the service.

import { trouble } from "./checks.js";
import { consoleName, t } from "./common.js";

const REFUSED_MS = 400; // the telephone may still be on its line of before
const AGAIN_AFTER_MS = 1000; // a line that ended because the talk did is not dialled again: the service says so by then

export class TalkLine {
  #line;
  #call = null;
  #lost = null; // offer whose line was lost and is being dialled again
  #timer = 0;

  constructor(line) {
    this.#line = line;
    addEventListener("pagehide", () => line.hangUp());
  }

  /** The talk of this page as the service sees it; null: none, or not at this page. */
  heed(call) {
    this.#call = call;
    const offer = call?.card.offer ?? null;
    if (this.#line.offer && this.#line.offer !== offer) this.#line.hangUp();
    if (this.#lost && this.#lost !== offer) this.#over();
    if (this.#lost && call.phase === "connected" && this.#line.offer) this.#found();
    this.dial();
  }

  /** Dial in, if there is a talk without a line. */
  dial() {
    const offer = this.#call?.card.offer;
    if (!offer || this.#timer || this.#line.state !== "good" || this.#line.offer === offer) return;
    this.#line.connect(offer, { console: consoleName() }).catch(() => {
      this.#line.hangUp();
      this.#later(() => {}, REFUSED_MS);
    });
  }

  /** The line ended without our doing. */
  lost(offer) {
    if (offer !== this.#call?.card.offer) return;
    this.#later(() => {
      if (offer !== this.#call?.card.offer) return;
      this.#lost = offer;
      trouble(t("line_again"));
    });
  }

  #later(before, afterMs = AGAIN_AFTER_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      before();
      this.dial();
    }, afterMs);
  }

  #found() {
    this.#lost = null;
    trouble("");
  }

  /** Too late: the talk is over. */
  #over() {
    this.#lost = null;
    trouble(t("line_lost"));
  }
}
