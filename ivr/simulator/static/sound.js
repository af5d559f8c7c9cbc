// What is heard, made audible: prompts by the browser's voices, files by <audio>, keys and rings by tones.
// A browser without voices, or with sound off, is silent; the page works all the same.

const KEPT = "telephone.sound";
const FILE_VOLUME = 0.35;
const TONE_VOLUME = 0.06;
const RING_EVERY_MS = 2400;
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";
const synth = window.speechSynthesis;

let on = localStorage.getItem(KEPT) !== "off";
let context = null;
/** Prompts of all phones, oldest first: the browser has one mouth. */
let prompts = [];

export const soundOn = () => on;

export function setSound(wanted) {
  on = wanted;
  localStorage.setItem(KEPT, on ? "on" : "off");
  if (!on) {
    prompts = [];
    synth?.cancel();
    for (const audio of files) audio.pause();
  }
}

const files = new Set();

/** Call from a click or a key: browsers let sound begin only then. */
export function unlock() {
  context ??= new AudioContext();
  if (context.state !== "running") context.resume().catch(() => {});
}

function speakNext() {
  const prompt = prompts[0];
  if (!prompt || prompt.begun || !synth) return;
  prompt.begun = true;
  const utterance = new SpeechSynthesisUtterance(prompt.text);
  utterance.lang = prompt.language;
  utterance.voice = voiceFor(prompt.language);
  // The network does not wait for this voice: the more is waiting, the faster it speaks.
  utterance.rate = Math.min(1.5, 1.05 + 0.2 * (prompts.length - 1));
  utterance.onend = utterance.onerror = () => {
    if (prompts[0] !== prompt) return;
    prompts.shift();
    speakNext();
  };
  prompt.utterance = utterance;
  synth.speak(utterance);
}

function voiceFor(language) {
  const wanted = language.toLowerCase();
  const voices = synth.getVoices();
  const spoken = (voice) => voice.lang.toLowerCase().replace("_", "-");
  return voices.find((voice) => spoken(voice) === wanted) ?? voices.find((voice) => spoken(voice).slice(0, 2) === wanted.slice(0, 2)) ?? null;
}

function tone(pitches, lengthS, volume = TONE_VOLUME, waitS = 0) {
  if (!on || context?.state !== "running") return;
  const at = context.currentTime + waitS;
  for (const pitch of pitches) {
    const oscillator = context.createOscillator();
    const loudness = context.createGain();
    oscillator.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(volume, at + 0.01);
    loudness.gain.setValueAtTime(volume, at + lengthS - 0.02);
    loudness.gain.linearRampToValueAtTime(0, at + lengthS);
    oscillator.connect(loudness).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + lengthS);
  }
}

export function keyTone(key) {
  const place = KEYS.indexOf(key);
  if (place >= 0) tone([ROWS[Math.floor(place / 3)], COLUMNS[place % 3]], 0.14);
}

/** The ear of one phone. */
export class Ear {
  #audio = null;
  #playing = null;
  #ringTimer = 0;

  hear(item) {
    if (!on) return;
    if (item.kind === "say" && synth) {
      this.#stopFile();
      prompts.push({ ear: this, n: item.n, text: item.text, language: spokenIn(item.language) });
      speakNext();
    } else if (item.kind === "play" && /^https?:/.test(item.url)) this.#play(item);
    else if (item.kind === "ring") tone([440, 480], 0.9, 0.03);
    else if (item.kind === "beep") tone([1000], 0.35);
  }

  #play(item) {
    this.#stopFile();
    const audio = new Audio(item.url);
    audio.volume = FILE_VOLUME;
    files.add(audio);
    audio.onended = audio.onerror = () => files.delete(audio);
    audio.play().catch(() => files.delete(audio));
    this.#audio = audio;
    this.#playing = item.n;
  }

  #stopFile() {
    this.#audio?.pause();
    files.delete(this.#audio);
    this.#audio = this.#playing = null;
  }

  cut(n) {
    if (this.#playing === n) this.#stopFile();
    this.#hush((prompt) => prompt.n <= n);
  }

  stop() {
    this.#stopFile();
    this.#hush(() => true);
    this.ring(false);
  }

  #hush(which) {
    const current = prompts[0];
    prompts = prompts.filter((prompt) => prompt.ear !== this || !which(prompt));
    if (current && prompts[0] !== current) synth.cancel();
    speakNext();
  }

  ring(ringing) {
    clearInterval(this.#ringTimer);
    if (!ringing) return;
    const chime = () => [587, 784, 587, 784].forEach((pitch, place) => tone([pitch], 0.2, TONE_VOLUME, place * 0.22));
    chime();
    this.#ringTimer = setInterval(chime, RING_EVERY_MS);
  }
}

/** The network's language tags, as browsers name them. */
export function spokenIn(language) {
  return language.startsWith("cmn") ? `zh${language.slice(3)}` : language;
}
