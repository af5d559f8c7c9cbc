// Which microphone and which loudspeakers the agent chose, remembered in this browser; and how the call sounds.
//
// The line's device (the carrier's or the simulator's) does the talking; `Sound` tells it what was chosen.

const KEPT = "desk.sound";
const LISTEN_ONLY = "desk.listen-only";
const SAMPLES = 5;
const GOOD_MOS = 3.8;
const FAIR_MOS = 3;
const CHOICES = ["microphone", "speaker", "ring"];

/** Why the browser gives us no microphone: `denied`, `missing`, `busy`. */
export function whyNot(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  return error.name === "NotReadableError" || error.name === "AbortError" ? "busy" : "missing";
}

export class Sound {
  /** Ids of devices; "" is the one that the system prefers. */
  choice = { microphone: "", speaker: "", ring: "" };
  inputs = [];
  outputs = [];
  /** `unknown`, `good`, or why it is not there. */
  microphone = "unknown";
  /** What the last seconds of the call were like: {word, rtt, lost, jitter}, or null. */
  quality = null;
  #heirs = new Set();
  #device = null;
  #call = null;
  #samples = [];
  #warnings = new Set();

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
      for (const name of CHOICES) if (typeof kept[name] === "string") this.choice[name] = kept[name];
    } catch {
      // Something else was kept there.
    }
    navigator.mediaDevices?.addEventListener("devicechange", () => this.look());
    this.look();
    this.#permission();
  }

  /** Taken away or given while the page is open. */
  async #permission() {
    const permission = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
    if (permission) permission.onchange = () => (permission.state === "denied" ? this.heardOf("denied") : this.tryMicrophone());
  }

  /** Told `(sound, what)` of every change: `devices`, `choice`, `microphone`, `quality`, `level`. */
  watch(heir) {
    this.#heirs.add(heir);
  }

  #tell(what, value) {
    for (const heir of this.#heirs) heir(this, what, value);
  }

  // --- devices

  /** Names are known only once the browser has allowed a microphone. */
  async look() {
    const found = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const named = (kind) => found.filter((each) => each.kind === kind && each.deviceId && each.label && each.deviceId !== "default");
    this.inputs = named("audioinput");
    this.outputs = named("audiooutput");
    if (this.microphone === "good" && !found.some(({ kind }) => kind === "audioinput")) this.heardOf("missing");
    else if (this.microphone === "missing" && this.inputs.length) await this.tryMicrophone(); // plugged in again
    await this.#apply();
    this.#tell("devices");
  }

  /** The chosen device if it is plugged in now; it counts again when it is back. */
  present(name) {
    const all = name === "microphone" ? this.inputs : this.outputs;
    return all.some(({ deviceId }) => deviceId === this.choice[name]) ? this.choice[name] : "";
  }

  /** A chosen device that is not there. */
  gone(name) {
    const all = name === "microphone" ? this.inputs : this.outputs;
    return Boolean(this.choice[name] && all.length && !this.present(name));
  }

  get canChooseOutput() {
    return "setSinkId" in HTMLMediaElement.prototype;
  }

  async choose(name, id) {
    this.choice[name] = id;
    localStorage.setItem(KEPT, JSON.stringify(this.choice));
    await this.#apply();
    this.#tell("choice");
  }

  get constraints() {
    const id = this.present("microphone");
    return id ? { deviceId: { exact: id } } : true;
  }

  /** Where the ring is heard: the device chosen for it, else the speaker's. */
  get ringOn() {
    return this.present("ring") || this.present("speaker");
  }

  /** The microphone opened, or a DOMException. Whoever opens it stops its tracks. */
  async open() {
    if (!navigator.mediaDevices) throw new DOMException("not in an insecure page", "NotFoundError");
    return navigator.mediaDevices.getUserMedia({ audio: this.constraints });
  }

  /** Whether the browser gives us a microphone; it is let go at once. */
  async tryMicrophone() {
    try {
      const stream = await this.open();
      for (const track of stream.getTracks()) track.stop();
      this.heardOf("good");
    } catch (error) {
      this.heardOf(whyNot(error));
    }
    return this.microphone;
  }

  heardOf(state) {
    const first = state === "good" && this.inputs.length === 0;
    if (this.microphone !== state) {
      this.microphone = state;
      this.#tell("microphone");
    }
    if (first) this.look();
  }

  /** In the box an agent may go ready without a microphone, who says so; until the tab is closed. */
  get listenOnly() {
    return sessionStorage.getItem(LISTEN_ONLY) === "yes";
  }

  set listenOnly(wanted) {
    sessionStorage.setItem(LISTEN_ONLY, wanted ? "yes" : "no");
    this.#tell("microphone");
  }

  // --- the line

  takes(device) {
    this.#device = device;
    this.#apply();
  }

  async #apply() {
    const audio = this.#device?.audio;
    if (!audio) return;
    const speaker = this.present("speaker") || "default";
    if (audio.isOutputSelectionSupported && audio.availableOutputDevices.has(speaker)) await audio.speakerDevices.set(speaker).catch(() => {});
    if (!this.#call) return;
    const wanted = this.present("microphone");
    if (wanted && audio.availableInputDevices.has(wanted)) await audio.setInputDevice(wanted).catch(() => {});
    else if (audio.inputDevice) await audio.unsetInputDevice().catch(() => {});
  }

  follows(call) {
    this.#call = call;
    this.#samples = [];
    this.#warnings.clear();
    call.on("sample", (sample) => this.#sampled(sample));
    call.on("volume", (inward, outward) => this.#tell("level", { inward, outward }));
    call.on("warning", (name, values) => this.#warned(name, true, values));
    call.on("warning-cleared", (name, values) => this.#warned(name, false, values));
    call.on("disconnect", () => this.#over(call));
    call.on("error", () => call.status() === "closed" && this.#over(call));
    // The carrier's library looks for devices only once it was allowed a microphone.
    setTimeout(() => this.#call === call && this.#apply(), 1000);
  }

  #warned(name, wrong, values) {
    if (name === "no-microphone") this.heardOf(wrong ? values.reason : "good");
    if (wrong) this.#warnings.add(name);
    else this.#warnings.delete(name);
    this.#judge();
  }

  #sampled(sample) {
    this.#samples = [...this.#samples, sample].slice(-SAMPLES);
    this.#judge();
  }

  #judge() {
    const mean = (name) => this.#samples.reduce((sum, sample) => sum + (sample[name] ?? 0), 0) / this.#samples.length;
    const rated = this.#samples.filter(({ mos }) => mos != null);
    const mos = rated.length ? rated.reduce((sum, sample) => sum + sample.mos, 0) / rated.length : null;
    let word = mos === null || mos >= GOOD_MOS ? "good" : mos >= FAIR_MOS ? "fair" : "poor";
    if ([...this.#warnings].some((name) => /^(high-|low-)/.test(name)) && word === "good") word = "fair";
    if (this.#warnings.has("ice-connectivity-lost") || this.#warnings.has("low-bytes-received")) word = "poor";
    if (!this.#samples.length && word === "good") return;
    this.quality = { word, rtt: mean("rtt"), jitter: mean("jitter"), lost: mean("packetsLostFraction") };
    this.#tell("quality");
  }

  #over(call) {
    if (this.#call !== call) return;
    this.#call = null;
    this.quality = null;
    if (this.#device?.audio?.inputDevice) this.#device.audio.unsetInputDevice().catch(() => {}); // else it would stay open
    this.#tell("quality");
    this.#tell("level", { inward: 0, outward: 0 });
  }
}

/** How loud a stream is, from 0 to 1, asked as often as one likes. */
export class Meter {
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #samples = new Float32Array(1024);

  constructor(stream) {
    this.#analyser.fftSize = this.#samples.length;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#context.resume().catch(() => {});
  }

  level() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return loudness(Math.sqrt(power));
  }

  close() {
    this.#context.close().catch(() => {});
  }
}

/** Amplitude from 0 to 1 → what an ear would say, from 0 to 1: -60 dB is nothing. */
export function loudness(amplitude) {
  if (amplitude <= 0) return 0;
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(amplitude)) / 60));
}
