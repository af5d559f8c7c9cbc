// The ring, made of tones: no file to load, and it starts at once because going ready was a click.

const PATTERN_MS = 2400;

export class Ring {
  #context = null;
  #timer = 0;
  /** The agent wants no ring: the page only shows who calls. */
  silent = false;

  /** `where()`: the id of the output device it is heard on, "" for the usual one. */
  constructor(where = () => "") {
    this.where = where;
  }

  /** Must be called from a click: browsers let sound begin only then. True when it can be heard. */
  async unlock() {
    this.#context ??= new AudioContext();
    if (this.#context.state !== "running") await this.#context.resume().catch(() => {});
    return this.ready;
  }

  /** Not every browser can choose. */
  async #on(id) {
    if (this.#context.setSinkId && this.#context.sinkId !== id) await this.#context.setSinkId(id).catch(() => {});
  }

  get ready() {
    return this.#context?.state === "running";
  }

  /** A short chime there, or on another device. */
  async test(id = this.where()) {
    await this.#on(id);
    this.#chime([660, 880], 0.16);
  }

  start({ urgent = false } = {}) {
    if (this.silent) return this.stop();
    if (this.#timer || !this.#context) return undefined;
    const notes = urgent ? [880, 660, 880, 660] : [587, 784];
    const play = () => this.#chime(notes, urgent ? 0.14 : 0.26);
    this.#timer = setInterval(play, urgent ? PATTERN_MS / 2 : PATTERN_MS);
    this.#on(this.where()).then(() => this.#timer && play());
    return undefined;
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #chime(notes, lengthS) {
    if (!this.ready) return;
    notes.forEach((pitch, place) => this.#tone(pitch, this.#context.currentTime + place * lengthS * 1.15, lengthS));
  }

  #tone(pitch, at, lengthS) {
    const tone = this.#context.createOscillator();
    const loudness = this.#context.createGain();
    tone.type = "triangle";
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.22, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + lengthS);
    tone.connect(loudness).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + lengthS);
  }
}
