// Ready without a microphone means a caller who talks to nobody: when it has gone for a few seconds (a plug that is moved to
// another socket is back sooner) the service puts the agent on a break, at once or after the present call, and says why.

import { trouble } from "./checks.js";
import { t } from "./common.js";

const WITHOUT_MS = 5000;

export class Speechless {
  #timer = 0;

  /** `desk`: `{ sound, line, view(), leads(), act(path, body) }`. */
  constructor(desk) {
    this.desk = desk;
    desk.sound.watch((_, what) => what === "microphone" && this.heed());
  }

  heed() {
    if (!this.#counts()) {
      clearTimeout(this.#timer);
      this.#timer = 0;
    } else this.#timer ||= setTimeout(() => this.#stop(), WITHOUT_MS);
  }

  /** Calls would come to this page, and it has no microphone. */
  #counts() {
    const { sound, line } = this.desk;
    const view = this.desk.view();
    if (!view || !this.desk.leads() || view.line === "phone") return false;
    if (["good", "unknown"].includes(sound.microphone) || (line.kind === "simulator" && sound.listenOnly)) return false;
    return view.presence === "available" || (["on_call", "wrap_up"].includes(view.presence) && view.wanted === "available");
  }

  async #stop() {
    const now = this.desk.view().presence === "available";
    const done = await this.desk.act("/api/v1/desk/break", { reason: "no_microphone" });
    this.#timer = 0;
    if (done) trouble(t(now ? "mic_gone" : "mic_gone_after"));
    else this.heed();
  }
}
