// The page as a telephone: one face for the carrier's device and for the simulator's.
//
// Kept alive by one tick a second, which needs no timer to survive a night of sleep: it fetches a new token at three
// quarters of the old one's life, registers again whatever took the registration away, and notices that it was asleep.

import { ask } from "./common.js";

const TICK_MS = 1000;
const ASLEEP_MS = 90_000; // a background tab's timer may come a minute late
const REFRESH_AT = 0.75;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 30_000;
const REGISTER_MS = 15_000;
const CONNECT_MS = 10_000;
const BAD_TOKEN = [20101, 20104, 31204, 31205, 31207];
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

/** The carrier's library may never answer when its token is old. */
function within(ms, promise) {
  return Promise.race([promise, new Promise((_, failed) => setTimeout(() => failed(new Error("no answer")), ms))]);
}

/** One thing at a time, again after a failure, each time later. */
class Attempt {
  #running = null;
  #notBefore = 0;
  #waitMs = FIRST_RETRY_MS;

  constructor(deed) {
    this.deed = deed;
  }

  /** Resolves with whether it was done. */
  now() {
    this.#running ??= this.#try().finally(() => (this.#running = null));
    return this.#running;
  }

  due() {
    if (Date.now() >= this.#notBefore) this.now();
  }

  /** Something changed for the better: no more waiting. */
  hope() {
    this.#notBefore = 0;
    this.#waitMs = FIRST_RETRY_MS;
  }

  async #try() {
    try {
      await this.deed();
      this.hope();
      return true;
    } catch {
      this.#notBefore = Date.now() + this.#waitMs;
      this.#waitMs = Math.min(LONGEST_RETRY_MS, this.#waitMs * 2);
      return false;
    }
  }
}

export class Line {
  #device = null;
  #call = null;
  #offer = null;
  #sound;
  #fetchedMs = 0;
  #lifeMs = 0;
  #tickedMs = 0;
  #making = new Attempt(() => this.#make());
  #renewing = new Attempt(() => this.#renew());
  #registering = new Attempt(() => this.#register());
  state = "unknown";

  /** `onState(state)`: `wait`, `good`, `bad`. `onLost()`: our leg ended without us ending it. `sound`: what was chosen.
   *  `tokens`: where the page gets its own. */
  constructor(onState, onLost, sound = null, tokens = "/api/v1/softphone") {
    this.tokens = tokens;
    this.onState = onState;
    this.onLost = onLost;
    this.#sound = sound;
  }

  async start() {
    if (this.#tickedMs) return;
    this.#tickedMs = Date.now();
    this.#is("wait");
    setInterval(() => this.#tick(), TICK_MS);
    addEventListener("online", () => this.#woke());
    addEventListener("offline", () => this.#is("bad"));
    addEventListener("pageshow", (event) => event.persisted && this.#woke());
    document.addEventListener("visibilitychange", () => document.hidden || this.#tick());
    await this.#making.now();
  }

  // --- being reachable

  async #make() {
    const softphone = await this.#fetch();
    this.kind = softphone.kind;
    const device = await this.#deviceFor(softphone);
    this.#device = device;
    device.on("error", (error) => this.#erred(error));
    device.on("registered", () => this.#is("good"));
    device.on("unregistered", () => this.#is("bad"));
    device.on("tokenWillExpire", () => this.#past(0.5) && this.#renewing.now());
    this.#sound?.takes(device);
    await this.#registering.now();
  }

  async #fetch() {
    const softphone = await ask("GET", this.tokens).catch((error) => {
      this.#is("bad");
      throw error;
    });
    this.#fetchedMs = Date.now();
    this.#lifeMs = softphone.expires_s * 1000;
    return softphone;
  }

  async #deviceFor({ kind, base, token }) {
    if (kind === "simulator") {
      if (!window.SimulatorDevice) await load(`${base}/device.js`);
      return new window.SimulatorDevice(token, { base });
    }
    if (!window.Twilio?.Device) await load("/static/vendor/twilio.min.js");
    return new window.Twilio.Device(token, {
      closeProtection: false, sounds: SILENT, tokenRefreshMs: 60_000, enableImprovedSignalingErrorPrecision: true,
    });
  }

  async #register() {
    try {
      await within(REGISTER_MS, this.#device.register());
      this.#is("good");
    } catch (error) {
      this.#is("bad");
      throw error;
    }
  }

  async #renew() {
    const { token } = await this.#fetch();
    this.#device.updateToken(token);
  }

  /** Whether the token has lived this part of its life. */
  #past(part) {
    return Date.now() - this.#fetchedMs >= this.#lifeMs * part;
  }

  #erred(error) {
    if (BAD_TOKEN.includes(error?.code)) this.#renewing.due();
    this.#is(this.#device.state === "registered" ? "good" : "bad");
  }

  #tick() {
    const sleptMs = Date.now() - this.#tickedMs;
    this.#tickedMs = Date.now();
    if (sleptMs > ASLEEP_MS) return this.#woke();
    if (!navigator.onLine) return undefined;
    if (!this.#device || this.#device.state === "destroyed") return this.#making.due();
    if (this.#past(REFRESH_AT)) this.#renewing.due();
    else if (this.#device.state === "unregistered") this.#registering.due();
    else if (this.#device.state === "registered") this.#is("good");
    return undefined;
  }

  /** After sleep, or with a new network: nothing that was known before counts. */
  async #woke() {
    for (const attempt of [this.#making, this.#renewing, this.#registering]) attempt.hope();
    if (!this.#device || this.#device.state === "destroyed") return this.#making.now();
    if (this.#past(0.5)) await this.#renewing.now();
    if (this.#device.state === "unregistered") await this.#registering.now();
    return undefined;
  }

  #is(state) {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }

  // --- the call

  get offer() {
    return this.#offer;
  }

  /** Dial into the room of an accepted offer; `more` goes along. */
  async connect(offer, more = {}) {
    if (this.#offer === offer) return;
    this.#offer = offer;
    try {
      const rtcConstraints = { audio: this.#sound?.constraints ?? true };
      const connecting = this.#device.connect({ params: { offer, ...more }, rtcConstraints });
      connecting.then((call) => this.#offer !== offer && call.disconnect(), () => {}); // put down meanwhile, or too late
      const call = await within(CONNECT_MS, connecting);
      if (this.#offer !== offer) return;
      this.#call = call;
      call.on("disconnect", () => this.#gone(call, offer));
      call.on("error", () => call.status() === "closed" && this.#gone(call, offer));
      this.#sound?.follows(call);
    } catch (error) {
      if (this.#offer === offer) this.#offer = null;
      throw error;
    }
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
