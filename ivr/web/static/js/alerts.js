// Alerts as they come: a strip on the board, a fresh page of alerts, a sound where one was chosen.

import { el, icon, labelled, listed, say, t, write } from "./common.js";
import { Contact, follow } from "./stream.js";

const MOST = 4; // on the board; the rest are a press away
const strip = document.getElementById("alert-strip");
const list = document.getElementById("standing");
let known = null;

function words(one) {
  const said = `${t(`alert_${one.figure}`)}${one.value && ` ${one.value}`}`;
  return one.name ? labelled(one.name, said) : said;
}

function line(one) {
  return el("a", { class: `${one.level}${one.taken_by ? " taken" : ""}`, href: "/supervisor/alerts" },
    el("span", { class: `level ${one.level}` }, icon(one.level === "red" ? "p-missed" : "p-reserved"), t(`alert_level_${one.level}`)),
    el("span", {}, words(one)),
    one.taken_by ? el("small", {}, t("alert_taken", { who: one.taken_by })) : null);
}

/** Red first, no lighter alert beside the graver one of the same figure, and one line for one figure of several queues. */
function worst(alerts) {
  const red = alerts.filter((one) => one.level === "red");
  const same = (one) => red.some((graver) => graver.figure === one.figure && graver.name === one.name);
  const lines = new Map();
  for (const one of [...red, ...alerts.filter((one) => one.level !== "red" && !same(one))]) {
    const key = [one.figure, one.level, one.taken_by].join();
    lines.set(key, [...(lines.get(key) ?? []), one]);
  }
  return [...lines.values()].map((several) => ({
    ...several[0],
    name: listed(several.map((one) => one.name)),
    value: several.length === 1 ? several[0].value : "",
  }));
}

/** Two short tones; nothing where the browser has not been touched yet. */
function chime(level) {
  const sound = new AudioContext();
  for (const [at, pitch] of [[0, level === "red" ? 880 : 660], [0.18, level === "red" ? 660 : 550]]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.15, sound.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.16);
    tone.connect(volume).connect(sound.destination);
    tone.start(sound.currentTime + at);
    tone.stop(sound.currentTime + at + 0.17);
  }
  setTimeout(() => sound.close(), 600);
}

function take(alerts) {
  const before = known ?? new Set(list ? list.dataset.ids.split(" ") : alerts.map((one) => one.id));
  const fresh = alerts.filter((one) => !before.has(one.id));
  known = new Set(alerts.map((one) => one.id));
  if (strip) strip.replaceChildren(...worst(alerts).slice(0, MOST).map(line));
  if (fresh.length) {
    say(fresh.map((one) => labelled(t(`alert_level_${one.level}`), words(one))).join(". "));
    const choice = (strip ?? list).dataset.sound;
    const loud = fresh.filter((one) => choice === "all" || (choice === "red" && one.level === "red"));
    if (loud.length) chime(loud.some((one) => one.level === "red") ? "red" : "amber");
  }
  if (list) redraw(alerts);
}

/** The page of alerts is drawn by the service: taken anew when something changed, but not under somebody's hands. */
async function redraw(alerts) {
  const now = alerts.map((one) => one.id + (one.taken_by ? "+" : "")).join(" ");
  if (now === redraw.last || (redraw.last === undefined && now.replaceAll("+", "") === list.dataset.ids)) {
    redraw.last = now;
    return;
  }
  if (list.contains(document.activeElement) && document.activeElement.value) return;
  redraw.last = now;
  const page = new DOMParser().parseFromString(await (await fetch("/supervisor/alerts")).text(), "text/html");
  for (const id of ["standing", "history"]) {
    const next = page.getElementById(id);
    if (next) document.getElementById(id).replaceChildren(...next.childNodes);
  }
}

if (list) {
  const contact = new Contact((lost) => {
    document.getElementById("live").dataset.state = lost ? "lost" : "live";
    write(document.getElementById("live-text"), lost ? t("stale") : t("live", { seconds: contact?.ageS ?? 0 }));
  });
  follow("/events/board", contact, (view) => take(view.alerts));
} else {
  document.addEventListener("board", ({ detail }) => take(detail.alerts));
}
