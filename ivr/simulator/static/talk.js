// The voice of one telephone on the page: all of them share the page's microphone.

import { Hearing, Microphone } from "./hearing.js";
import { ask } from "./network.js";
import { soundOn } from "./sound.js";

const microphone = new Microphone();
const talks = new Set();

/** After the page's sound was switched. */
export const tune = () => talks.forEach((talk) => talk.tune());

export class Talk {
  #hearing = null;
  #sid = null;

  /** `onMicrophone(state)`: `open`, or why nobody hears this page. */
  constructor(onMicrophone) {
    this.onMicrophone = onMicrophone;
    microphone.watch(() => this.#hearing && this.onMicrophone(microphone.state));
  }

  /** This page carries the sound of that call; asked again, it hears anew who is there. */
  begin(phone, sid) {
    if (this.#sid === sid) return this.#hearing.again();
    this.end();
    this.#sid = sid;
    this.#hearing = new Hearing({ microphone, say: (body) => ask("POST", `phones/${phone}/hearing`, { sid, ...body }) });
    talks.add(this);
    this.tune();
    if (microphone.state !== "closed") this.onMicrophone(microphone.state);
  }

  take(event) {
    if (event.sid === this.#sid) this.#hearing?.take(event);
  }

  tune() {
    this.#hearing?.deafen(!soundOn());
  }

  end() {
    this.#hearing?.close();
    this.#hearing = this.#sid = null;
    talks.delete(this);
  }
}
