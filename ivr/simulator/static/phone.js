// The telephone page: several phones side by side on the network in a box.
//
// Hooks that tests and tools may rely on:
//   <section data-phone="1" data-state="idle|calling|incoming|talking|ended">   one phone; the state is the network's
//   [data-action="call|hangup|answer|decline|speak|remove"]                     inside it
//   [data-action="add"], [data-action="sound"], [data-language="zh|en"]         in the page's head
//   [data-key="0"…"9", "*", "#"]                                                keys; the keyboard works too
//   [data-field="from|from-own|to|to-own"]                                      who calls, and whom
//   p[data-state]  [data-timer]  [data-transcript]  [data-trouble]  [data-dumb]    what it shows; no microphone
//   [data-messages] li[data-way="sent|received"]  [data-body]  [data-action=text]    text messages, and a field to answer
//   [data-transcript] li[data-kind="say|play|gather|keys|ring|beep|event|spoke|end"][data-interrupted]
//
// `?from=+44…&to=+86…` presets the first phone.

import { CALLERS, Handset, seconds } from "./handset.js";
import { ask } from "./network.js";
import { tune } from "./talk.js";
import { setSound, soundOn, unlock } from "./sound.js";
import { currentLanguage, dress, setLanguage, t } from "./words.js";

const KEPT = "telephone.phones";
const RETRY_MS = 2000;
const place = document.getElementById("phones");
const handsets = [];
const clock = { factor: 1, aheadS: 0 };
let made = 0;

const page = {
  ready: false,
  numbers: [],
  clock: () => ({ factor: clock.factor, nowS: clock.aheadS + (performance.now() / 1000) * clock.factor }),
  taken: (address, but) => handsets.some((other) => other !== but && other.address === address),
  onReach(reached) {
    const notice = document.getElementById("network");
    notice.hidden = reached;
    notice.textContent = reached ? "" : t("network_gone");
  },
  onChange: keep,
  onRemove: remove,
};

/** A page that is loaded anew has the phones it had. */
function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify(handsets.map(({ address }) => address)));
}

function kept() {
  const asked = new URLSearchParams(location.search).get("from");
  try {
    const addresses = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    if (addresses.length) return addresses;
  } catch {
    // Something else was kept there.
  }
  // A plus in an address bar means a space.
  return [asked ? asked.replace(/^ /, "+") : CALLERS[0].address];
}

function freeAddress() {
  const free = CALLERS.find(({ address }) => !page.taken(address));
  return free?.address ?? `+86139001390${String(handsets.length).padStart(2, "0")}`;
}

function add(address = freeAddress()) {
  const handset = new Handset(++made, address, page);
  handsets.push(handset);
  place.append(handset.node);
  keep();
  return handset;
}

function remove(handset) {
  if (handsets.length === 1) return;
  handsets.splice(handsets.indexOf(handset), 1);
  handset.node.remove();
  handset.leave();
  keep();
  handsets[0].node.focus({ preventScroll: true });
}

function dressPage() {
  document.documentElement.lang = currentLanguage() === "zh" ? "zh-CN" : "en";
  document.title = t("title");
  dress(document.querySelector(".top"));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === currentLanguage()));
  }
  const sound = document.querySelector("[data-action=sound]");
  sound.textContent = t(soundOn() ? "sound_on" : "sound_off");
  sound.setAttribute("aria-pressed", String(soundOn()));
  for (const handset of handsets) handset.dress();
}

document.querySelector(".top").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  unlock();
  if (button.dataset.language) setLanguage(button.dataset.language);
  else if (button.dataset.action === "sound") setSound(!soundOn()), tune();
  else if (button.dataset.action === "add") add().node.focus({ preventScroll: true });
  dressPage();
});

async function configure() {
  try {
    const state = await ask("GET", "config");
    page.numbers = state.numbers;
    page.ready = true;
    clock.factor = Number(state.clock.factor);
    clock.aheadS = seconds(state.clock.now) - (performance.now() / 1000) * clock.factor;
    page.onReach(true);
    for (const handset of handsets) handset.dress();
  } catch {
    page.onReach(false);
    setTimeout(configure, RETRY_MS);
  }
}

dressPage();
for (const address of kept()) add(address);
configure();
