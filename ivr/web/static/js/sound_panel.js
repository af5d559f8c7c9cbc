// The dialog "Sound": which microphone, speaker and ring; how loud one is; how the line is.

import { check, trouble } from "./checks.js";
import { t, write } from "./common.js";
import { checkMicrophone } from "./fit.js";
import { checkSound } from "./ringing.js";
import { loudness, Meter, whyNot } from "./audio.js";

const METER_MS = 80;
const STEPS = 5;
const SILENT_MS = 4000;
const byId = (id) => document.getElementById(id);

export class SoundPanel {
  #meter = null;
  #stream = null;
  #timer = 0;
  #opening = 0;

  constructor({ sound, line, ring }) {
    Object.assign(this, { sound, line, ring });
    this.dialog = byId("sound-panel");
    byId("sound-open").addEventListener("click", () => this.open());
    this.dialog.addEventListener("close", () => this.#letGo());
    for (const name of ["microphone", "speaker", "ring"]) {
      byId(`sound-${name}`).addEventListener("change", (event) => this.#chose(name, event.target.value));
    }
    byId("sound-test").addEventListener("click", () => this.#test(this.sound.present("speaker")));
    byId("sound-ring-test").addEventListener("click", () => this.#test());
    byId("sound-listen-only").addEventListener("change", (event) => this.#listenOnly(event.target.checked));
    this.sound.watch((_, what, value) => this.#changed(what, value));
    this.#draw();
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector("button.primary").focus(); // no `autofocus`: a frame of another origin would complain of it
    this.#listen();
    this.#draw();
  }

  /** The microphone does not work, and this is the demonstration: whoever wants to go on says so. */
  offerListenOnly() {
    this.open();
    byId("sound-listen-only").focus();
  }

  #listenOnly(wanted) {
    this.sound.listenOnly = wanted;
    if (wanted) trouble("");
    checkMicrophone(this.sound, this.line);
  }

  async #chose(name, id) {
    await this.sound.choose(name, id);
    if (name === "microphone" && this.dialog.open) this.#listen();
    if (name === "speaker") this.#test(this.sound.present("speaker"));
    if (name === "ring") this.#test();
  }

  async #test(on) {
    const heard = await this.ring.unlock();
    checkSound(this.ring);
    if (heard) await this.ring.test(on);
  }

  /** One's own voice as a bar, while the dialog is open. */
  async #listen() {
    this.#letGo();
    if (this.dialog.dataset.line === "phone") return undefined; // who talks on a telephone has no microphone here
    const turn = ++this.#opening;
    try {
      const stream = await this.sound.open();
      if (turn !== this.#opening || !this.dialog.open) return stream.getTracks().forEach((track) => track.stop());
      this.#stream = stream;
      this.#meter = new Meter(stream);
      this.sound.heardOf("good");
      let loudMs = performance.now();
      this.#timer = setInterval(() => {
        const level = this.#meter.level();
        byId("sound-level").value = level;
        if (level > 0.05) loudMs = performance.now();
        this.#say(performance.now() - loudMs > SILENT_MS ? "mic_silent" : "mic_good");
      }, METER_MS);
    } catch (error) {
      this.sound.heardOf(whyNot(error));
    }
    checkMicrophone(this.sound, this.line);
    this.#draw();
    return undefined;
  }

  #letGo() {
    this.#opening += 1;
    clearInterval(this.#timer);
    this.#meter?.close();
    this.#meter = null;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    byId("sound-level").value = 0;
  }

  #changed(what, value) {
    if (what === "level") return level(value.inward);
    if (what === "microphone") checkMicrophone(this.sound, this.line);
    if (what === "quality") this.#checkLine();
    return this.#draw();
  }

  /** In a call the line is as good as it sounds. */
  #checkLine() {
    const { quality } = this.sound;
    if (this.line.state !== "good") check("line", this.line.state);
    else check("line", quality && quality.word !== "good" ? "weak" : "good", quality?.word);
  }

  #say(key) {
    write(byId("sound-microphone-state"), t(key));
  }

  #draw() {
    const { sound, line } = this;
    fill(byId("sound-microphone"), sound.inputs, sound.choice.microphone, t("device_usual"));
    fill(byId("sound-speaker"), sound.outputs, sound.choice.speaker, t("device_usual"));
    fill(byId("sound-ring"), sound.outputs, sound.choice.ring, t("device_as_speaker"));
    for (const name of ["speaker", "ring"]) byId(`sound-${name}`).disabled = !sound.canChooseOutput;
    byId("sound-no-choice").hidden = sound.canChooseOutput;
    if (sound.microphone !== "good") this.#say(sound.microphone === "unknown" ? "mic_unknown" : `mic_${sound.microphone}`);
    byId("sound-gone").hidden = !["microphone", "speaker", "ring"].some((name) => sound.gone(name));
    const dumb = !["good", "unknown"].includes(sound.microphone);
    byId("sound-listen-only-field").hidden = line.kind !== "simulator" || !(dumb || sound.listenOnly);
    byId("sound-listen-only").checked = sound.listenOnly;
    const { quality } = sound;
    write(byId("sound-quality"), t(quality ? `quality_${quality.word}` : "quality_none"));
    byId("sound-quality").dataset.quality = quality?.word ?? "";
    const figures = quality && { rtt: Math.round(quality.rtt), jitter: Math.round(quality.jitter), lost: quality.lost.toFixed(1) };
    write(byId("sound-figures"), figures ? t("quality_figures", figures) : "");
  }
}

/** The bar beside the microphone's check, while one talks. */
function level(inward) {
  byId("mic-level").dataset.level = Math.round(loudness(inward) * STEPS);
}

function fill(select, devices, chosen, usual) {
  const wanted = [["", usual], ...devices.map(({ deviceId, label }) => [deviceId, label])];
  if (select.dataset.devices !== JSON.stringify(wanted)) {
    select.dataset.devices = JSON.stringify(wanted);
    select.replaceChildren(...wanted.map(([value, text]) => new Option(text, value)));
  }
  select.value = wanted.some(([value]) => value === chosen) ? chosen : "";
}
