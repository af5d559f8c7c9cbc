// A call played again: one place in time, shown in every lane, in the list and in words.

import { clock, t } from "./common.js";

const byId = (id) => document.getElementById(id);
const replay = byId("replay");
const length = Number(replay.dataset.length);
const [play, speed, seek, told, said] = ["replay-play", "replay-speed", "replay-seek", "told", "replay-said"].map(byId);
const heads = [...replay.querySelectorAll(".head")];
const lines = [...told.children].map((line) => ({ line, from: Number(line.dataset.from), to: Number(line.dataset.to) }));
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const STILL_MS = 1000; // where motion is unwelcome the place moves once a second
const SPOKEN_MS = 2500; // so often at most a new line is read out

let at = 0;
let playing = false;
let drawnAt = 0;
let spokenAt = -SPOKEN_MS;
let last = null;

function show() {
  const x = String((1000 * at) / length);
  for (const head of heads) {
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
  }
  seek.value = String(at);
  const text = `${clock(at)} / ${clock(length)}`;
  seek.setAttribute("aria-valuetext", text);
  byId("replay-clock").textContent = text;
  let newest = null;
  for (const one of lines) {
    const now = one.from <= at && at <= one.to;
    one.line.classList.toggle("now", now);
    if (one.from <= at) newest = one.line;
  }
  if (newest !== last) follow(newest);
  last = newest;
}

/** Keep the newest line in sight, and say it: not more often than one can listen to. */
function follow(line) {
  if (!line) return;
  const place = line.offsetTop - told.offsetTop - told.clientHeight / 2;
  told.scrollTo({ top: place, behavior: calm.matches || !playing ? "auto" : "smooth" });
  if (playing && performance.now() - spokenAt >= SPOKEN_MS) {
    spokenAt = performance.now();
    said.textContent = line.querySelector(".told-words").firstElementChild?.textContent ?? line.querySelector(".told-words").textContent;
  }
}

function frame(now) {
  if (!playing) return;
  const passed = now - drawnAt;
  if (!calm.matches || passed >= STILL_MS) {
    drawnAt = now;
    at = Math.min(length, at + (passed / 1000) * Number(speed.value));
    show();
    if (at >= length) set(false);
  }
  requestAnimationFrame(frame);
}

function set(on) {
  playing = on;
  play.setAttribute("aria-pressed", String(on));
  play.firstElementChild.textContent = on ? t("replay_pause") : t("replay_play");
  if (!on) return;
  if (at >= length) at = 0;
  drawnAt = performance.now();
  show();
  requestAnimationFrame(frame);
}

play.addEventListener("click", () => set(!playing));
seek.addEventListener("input", () => {
  at = Number(seek.value);
  show();
});
seek.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };
  if (event.key === " ") set(!playing);
  else if (steps[event.key]) {
    at = Math.max(0, Math.min(length, at + steps[event.key]));
    show();
  } else return;
  event.preventDefault();
});
for (const { line, from } of lines) {
  line.addEventListener("dblclick", () => {
    at = from;
    show();
  });
}
replay.querySelector(".replay-bar").hidden = false;
show();
