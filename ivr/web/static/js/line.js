// The page as a telephone: one face for the carrier's device and for the simulator's.

import { ask } from "./common.js";

const REFRESH_BEFORE_S = 120;
const SHORTEST_REFRESH_S = 30;
// The carrier's library would fetch fifteen sounds from its own host; the page makes its own ring and needs none.
const SOUNDS = ["incoming", "outgoing", "disconnect", "dtmfh", "dtmfs", ...Array.from({ length: 10 }, (_, key) => `dtmf${key}`)];
const SILENT = Object.fromEntries(SOUNDS.map((name) => [name, "/static/silence.wav"]));

function load(src) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = done;
    script.onerror = () => failed(new Error(src));
    document.head.append(script);
  });
}

export class Line {
  #device = null;
  #call = null;
  #offer = null;
  state = "unknown";

  /** `onState(state)`: `good`, `bad`. `onLost()`: our leg ended without us ending it. */
  constructor(onState, onLost) {
    this.onState = onState;
    this.onLost = onLost;
  }

  async start() {
    try {
      const softphone = await ask("GET", "/api/v1/softphone");
      this.kind = softphone.kind;
      this.#device = await this.#make(softphone);
      this.#device.on?.("error", () => this.#is("bad"));
      this.#device.on?.("registered", () => this.#is("good"));
      this.#device.on?.("unregistered", () => this.#is("bad"));
      await this.#device.register();
      this.#is("good");
      this.#refreshLater(softphone.expires_s);
    } catch {
      this.#is("bad");
      setTimeout(() => this.start(), 5000);
    }
  }

  async #make(softphone) {
    if (softphone.kind === "simulator") {
      if (!window.SimulatorDevice) await load(`${softphone.base}/device.js`);
      return new window.SimulatorDevice(softphone.token, { base: softphone.base });
    }
    if (!window.Twilio?.Device) await load("/static/vendor/twilio.min.js");
    return new window.Twilio.Device(softphone.token, { closeProtection: false, sounds: SILENT });
  }

  #refreshLater(expiresS) {
    const afterS = Math.max(SHORTEST_REFRESH_S, expiresS - REFRESH_BEFORE_S);
    setTimeout(async () => {
      try {
        const softphone = await ask("GET", "/api/v1/softphone");
        this.#device.updateToken?.(softphone.token);
        this.#refreshLater(softphone.expires_s);
      } catch {
        this.#refreshLater(0);
      }
    }, Math.min(afterS, 86_400) * 1000);
  }

  #is(state) {
    this.state = state;
    this.onState(state);
  }

  get offer() {
    return this.#offer;
  }

  /** Dial into the room of an accepted offer. */
  async connect(offer) {
    if (this.#offer === offer) return;
    this.#offer = offer;
    const call = await this.#device.connect({ params: { offer } });
    this.#call = call;
    call.on("disconnect", () => this.#gone(call, offer));
    call.on("error", () => this.#gone(call, offer));
  }

  /** True while our microphone is shut. A new call begins with an open one. */
  get muted() {
    return Boolean(this.#call?.isMuted());
  }

  mute(on) {
    this.#call?.mute(on);
  }

  /** Send the tone of one key, or of several. */
  press(keys) {
    this.#call?.sendDigits(keys);
  }

  hangUp() {
    const call = this.#call;
    this.#call = null;
    this.#offer = null;
    call?.disconnect();
  }

  #gone(call, offer) {
    if (this.#call !== call) return;
    this.#call = null;
    this.#offer = null;
    this.onLost(offer);
  }
}
