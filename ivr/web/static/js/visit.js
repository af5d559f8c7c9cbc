// The supervisor's own line into a talk. It is dialled when somebody asks to listen, and put down when the visit is over; it is
// nobody's but theirs, so losing it changes nothing for the two who talk.

import { ask, t } from "./common.js";
import { Line } from "./line.js";

const GRACE_MS = 6000; // the view is a moment behind the press

export class VisitLine {
  call = null;
  #line = null;
  #since = 0;

  /** `tell(words, good)`: what to say of it. */
  constructor(tell) {
    this.tell = tell;
    addEventListener("pagehide", () => this.#line?.hangUp());
  }

  async enter(call, mode) {
    if (this.call) await this.leave();
    this.tell("…");
    try {
      await this.#ready();
      const came = await ask("POST", `/api/v1/room/calls/${encodeURIComponent(call)}/visit`, { mode });
      this.tell(t(`answer_${came.answer}`), came.done);
      if (!came.done) return;
      this.call = call;
      this.#since = Date.now();
      await this.#line.connect(came.line);
    } catch {
      this.call = null;
      this.tell(t("line_bad"), false);
    }
  }

  async leave() {
    const call = this.call;
    this.call = null;
    this.#line?.hangUp();
    if (call) await ask("POST", `/api/v1/room/calls/${encodeURIComponent(call)}/visit-leave`).catch(() => {});
    this.tell(t("answer_left"));
  }

  /** The talk as the service sees it; null: it is over, and so is the visit. */
  heed(talk) {
    if (!this.call || Date.now() - this.#since < GRACE_MS) return;
    if (talk?.visitor?.inside) return;
    this.call = null;
    this.#line?.hangUp();
    this.tell(t("answer_visit_over"), false);
  }

  async #ready() {
    this.#line ??= new Line(() => {}, () => this.#lost(), null, "/api/v1/room/softphone");
    await this.#line.start();
    if (this.#line.state !== "good") throw new Error("no line");
  }

  #lost() {
    this.call = null;
    this.tell(t("answer_visit_over"), false);
  }
}
