// The agent's desk. The server owns the state: every view that arrives is drawn whole, and every button only asks.

import { ask, clock, el, Refused, say, ServerClock, signedOut, t, word, write } from "./common.js";
import { Sound } from "./audio.js";
import { Breaks } from "./breaks.js";
import { drawCallOut, wireCallOut } from "./call_out.js";
import { drawTexts, textActions, wireTexts } from "./desk_texts.js";
import { Bridge } from "./bridge.js";
import { check, news, trouble } from "./checks.js";
import { Console } from "./console.js";
import { drawEvidence } from "./evidence.js";
import { fitToTalk } from "./fit.js";
import { KeysList } from "./keys_list.js";
import { FollowUps } from "./follow_ups.js";
import { Line } from "./line.js";
import { drawMatter } from "./matter.js";
import { Notes, readForm } from "./notes.js";
import { numberShown, wireReveal } from "./reveal.js";
import { Opened } from "./opened.js";
import { askReason, drawReasons, reasonMissing, resultWords } from "./results.js";
import { Ring } from "./ring.js";
import { Ringing } from "./ringing.js";
import { SoundPanel } from "./sound_panel.js";
import { Speechless } from "./speechless.js";
import { drawStanding, standingNamed } from "./standing.js";
import { Contact, follow } from "./stream.js";
import { drawSupervisor } from "./supervisor_note.js";
import { drawTalk, talkActions, tickTalk, wireTalk } from "./talk.js";
import { drawTold, tickTold } from "./told.js";
import { TalkLine } from "./talkline.js";

const WITHOUT_LINE_MS = 20_000;
const FLUSH_BEFORE_S = 1.5; // notes and result are sent this long before wrap-up runs out

const byId = (id) => document.getElementById(id);
const time = new ServerClock();
const sound = new Sound();
const ring = new Ring(() => sound.ringOn);
const line = new Line(
  (state) => {
    check("line", state);
    talkLine.dial();
    breakWithoutLine();
  },
  (offer) => talkLine.lost(offer),
  sound,
);
const panel = new SoundPanel({ sound, line, ring });
const ringing = new Ringing(ring, time);
const speechless = new Speechless({ sound, line, view: () => view, leads: () => leader, act });
const talkLine = new TalkLine(line);
const notes = new Notes();
const followUps = new FollowUps({ time });
const breaks = new Breaks({ time, go: (reason) => act("/api/v1/desk/break", { reason }) });
const desk = new Console(async (body) => ((await act("/api/v1/desk/open", body)) ? view : null));

const opened = new Opened();
const bridge = new Bridge({
  open: (wanted) => opened.open(wanted),
  ready: () => leader && once(actions.ready),
  break: (reason) => leader && act("/api/v1/desk/break", { reason }),
});

let view = null;
let leader = false;
let card = null; // of the present or last call: stays through wrap-up
let flushed = null;
let breaking = 0;
const title = document.title;

// ---- what is shown ---------------------------------------------------------------------------------------------

function show(next) {
  if (view && next.server_now < view.server_now) return; // overtaken by a newer one
  const before = view;
  view = next;
  time.set(view.server_now);
  const led = leader;
  leader = desk.heed(view);
  if (leader !== led) (leader ? startLine : takenOver)();
  const wrapping = view.presence === "wrap_up" && !view.wrap_up?.declined;
  card = view.offer?.card ?? view.call?.card ?? (wrapping ? card : null);
  const panel = panelNow();
  byId("desk").dataset.presence = view.presence;
  for (const node of document.querySelectorAll("[data-panel]")) node.hidden = node.dataset.panel !== panel;
  const calling = panel === "reserved" && Boolean(view.offer?.card.callback?.calling);
  for (const node of document.querySelectorAll("[data-foot]")) node.hidden = node.dataset.foot !== panel || calling;
  write(byId("offer-kicker"), t(calling ? "calling_customer" : "incoming"));
  const own = view.call?.connected_at && !view.call.card.asked_by;
  byId("result").hidden = panel !== "wrap_up" && !(panel === "on_call" && own);
  drawBar();
  drawRecording(view.call?.phase === "connected" ? view.call.recording : "off");
  drawCaller(leader ? card : null);
  drawTalk(leader ? view.call : null, leader ? card : null);
  drawSupervisor(view, act);
  drawTexts((leader && view.call?.phase === "connected" && card?.texts) || [], card?.language);
  drawEvidence(leader ? view.evidence : []);
  drawMatter(leader && card ? view.matter : null);
  drawWrapUp();
  drawTopics();
  drawCallOut(view, leader);
  talkLine.heed(leader ? view.call : null);
  notes.heed(leader ? (view.call?.card.offer ?? (view.wrap_up?.declined ? null : view.wrap_up?.offer) ?? null) : null);
  followUps.heed(leader ? view.presence : "");
  breaks.heed(leader ? view : null);
  ringOrNot();
  speechless.heed();
  bridge.heed(view, leader);
  if (leader && before?.presence !== view.presence) arrived();
  tick();
}

function panelNow() {
  if (leader) return view.wrap_up?.declined ? "declined" : view.presence;
  if (view.presence === "signed_out") return "signed_out";
  write(byId("elsewhere-title"), t(`elsewhere_${desk.elsewhere}`));
  write(byId("elsewhere-button"), t(desk.elsewhere.endsWith("tab") ? "use_tab" : "take_over"));
  return "elsewhere";
}

/** Another page has the desk now: this one falls silent. */
function takenOver() {
  say(t(`elsewhere_${desk.elsewhere}`));
}

/** This page has the desk: it needs a telephone of its own. */
function startLine() {
  if (view.line !== "phone") line.start();
  else for (const what of ["check-line", "check-mic"]) byId(what).hidden = true;
  byId("sound-panel").dataset.line = view.line;
}

function drawBar() {
  const reason = view.presence === "break" && view.reason ? ` · ${word("reason", view.reason)}` : "";
  const name = view.wrap_up?.declined ? "declined" : view.presence;
  byId("presence").querySelector("use").setAttribute("href", `#p-${name}`);
  write(byId("presence-name"), t(`presence_${name}`) + reason);
  const kind = ["signed_in", "away"].includes(view.reason) ? view.reason : "break";
  write(byId("break-title"), t(`title_${kind}`));
  const busy = ["reserved", "on_call", "wrap_up"].includes(view.presence);
  byId("ready").disabled = !leader || view.presence === "available" || view.presence === "reserved"
    || (busy && view.wanted === "available");
  byId("break").disabled = !leader || view.presence === "signed_out" || view.presence === "reserved";
  write(byId("ready"), busy ? t("ready_after") : t(view.presence === "missed" ? "back" : "ready"));
  write(byId("break"), busy ? t("break_after") : t("break"));
  const wanted = t(`wanted_${view.wanted}`);
  const why = view.wanted === "break" && view.wanted_reason ? ` (${word("reason", view.wanted_reason)})` : "";
  write(byId("after-wanted"), wanted + why);
  write(byId("wrap-wanted"), wanted + why);
  for (const button of document.querySelectorAll("button[name=language]")) button.disabled = busy;
}

function drawCaller(caller) {
  byId("caller").hidden = !caller;
  if (!caller) return;
  byId("caller-urgent").hidden = !caller.urgent;
  write(byId("caller-topic"), caller.topic_name);
  write(byId("caller-path"), caller.path.join(" › "));
  byId("caller-callback").hidden = !caller.callback;
  const promise = caller.callback?.by_agent ? "called_out" : "callback";
  if (caller.callback) write(byId("caller-callback"), t(promise, { code: caller.callback.code, attempt: caller.callback.attempt }));
  byId("caller-announced").hidden = !caller.announced;
  byId("caller-announced").dataset.announced = caller.announced;
  if (caller.announced) write(byId("caller-announced"), t(`announced_${caller.announced}`));
  write(byId("caller-proof"), t(caller.verified ? `proof_${caller.verified}` : "proof_none"));
  byId("caller-proof").dataset.verified = caller.verified;
  write(byId("caller-number"), numberShown(caller.offer, caller.caller) || t(`caller_${caller.caller_kind}`));
  byId("reveal-open").hidden = !caller.caller || !["on_call", "wrap_up"].includes(view.presence);
  byId("caller-waited").parentElement.hidden = Boolean(caller.callback?.by_agent); // who is called has not waited
  drawTold(caller.told);
  write(byId("caller-language"), caller.language_name);
  byId("caller-answers").replaceChildren(
    ...caller.answers.map(([name, value]) => el("li", {}, el("span", { class: "muted" }, word("answer", name)), " ", word("value", value))),
  );
}

function drawWrapUp() {
  const talkOrWrap = view.wrap_up ?? (view.presence === "on_call" ? {} : null);
  if (!talkOrWrap) return;
  const box = byId("dispositions");
  const names = view.wrap_up?.declined ? null : view.wrap_up?.dispositions;
  if (names && box.dataset.names !== names.join()) {
    const chosen = box.querySelector("input:checked")?.value ?? names[0];
    box.dataset.names = names.join();
    box.replaceChildren(...names.map((name) => {
      const input = el("input", { type: "radio", name: "disposition", value: name, required: true });
      input.checked = name === chosen;
      return el("label", {}, input, el("span", {}, resultWords(view.wrap_up, name)));
    }));
  }
  byId("result").querySelector("fieldset").hidden = !names;
  // In the talk nobody knows yet whether the caller goes on to prove it: what the service says at wrap-up counts.
  const verified = view.wrap_up ? view.wrap_up.verified : view.call?.card.verified;
  byId("account-changed").disabled = !verified;
  byId("account-why").hidden = Boolean(verified);
  if (!verified) byId("account-changed").checked = false;
  showFollowUp();
  drawAbout(names ? view.wrap_up : null);
}

const resultChosen = () => byId("dispositions").querySelector("input:checked")?.value;

/** The standing that follows from the result, and a day for the follow-up only where there is to be one. */
function showFollowUp() {
  const wrapUp = view.wrap_up?.declined ? null : view.wrap_up;
  drawReasons(wrapUp, resultChosen());
  const follows = wrapUp?.standings[resultChosen()] ?? "open";
  drawStanding({ shown: Boolean(wrapUp && view.matter?.case), offer: wrapUp?.offer, status: follows });
  byId("follow-up-field").hidden = !wrapUp || (standingNamed() || follows) !== "pending";
}

/** What the call was about: the menu's topic stands there, and may be put right. */
function drawAbout(wrapUp) {
  byId("about-field").hidden = !wrapUp;
  const box = byId("about");
  if (!wrapUp || box.dataset.offer === String(wrapUp.offer)) return;
  box.dataset.offer = wrapUp.offer;
  box.replaceChildren(...wrapUp.topics.map(([name, words]) => el("option", { value: name }, words)));
  box.value = wrapUp.topic;
}

function drawTopics() {
  const names = view.topics.join("\n");
  if (byId("topics").dataset.names === names) return;
  byId("topics").dataset.names = names;
  byId("topics").replaceChildren(...view.topics.map((name) => el("li", {}, name)));
}

/** Once a second: everything that grows by itself. */
function tick() {
  if (!view) return;
  write(byId("presence-timer"), clock(time.since(view.since)));
  const from = card?.queued_at;
  if (from) {
    const until = view.call?.connected_at ? Date.parse(view.call.connected_at) : time.now();
    if (view.presence !== "wrap_up") {
      write(byId("caller-waited"), clock((until - Date.parse(from)) / 1000));
      tickTold(leader ? card.told : null, until);
    }
  }
  tickTalk(leader ? view.call : null);
  breaks.tick();
  const begun = card?.handovers.length && view.presence !== "wrap_up" ? card.started_at : null;
  byId("caller-total-field").hidden = !begun;
  if (begun) write(byId("caller-total"), clock(time.since(begun)));
  if (view.offer) tickRing(view.offer);
  const connected = view.call?.phase === "connected";
  write(byId("talk-phase"), t(view.call?.phase ?? "connecting"));
  byId("talk").dataset.phase = view.call?.phase ?? "";
  write(byId("talk-timer"), view.call?.connected_at ? clock(time.since(view.call.connected_at)) : "");
  if (view.wrap_up) tickWrapUp(view.wrap_up);
  document.title = view.offer && leader ? `☎ ${view.offer.card.topic_name} · ${t("incoming")}` : title;
}

function tickRing(offer) {
  const whole = (Date.parse(offer.ring_until) - Date.parse(offer.offered_at)) / 1000;
  const left = Math.max(0, time.until(offer.ring_until));
  byId("ring-bar").value = left / whole;
  write(byId("ring-left"), t("rings", { seconds: Math.ceil(left), whole: Math.round(whole) }));
}

function tickWrapUp(wrapUp) {
  const whole = (Date.parse(wrapUp.until) - Date.parse(view.since)) / 1000;
  const left = Math.max(0, time.until(wrapUp.until));
  const part = wrapUp.declined ? "declined" : "wrap";
  byId(`${part}-bar`).value = whole > 0 ? left / whole : 0;
  const words = !wrapUp.declined ? "left" : view.wanted === "available" ? "next_in" : "break_in";
  write(byId(`${part}-left`), t(words, { time: clock(Math.ceil(left)), seconds: Math.ceil(left) }));
  if (wrapUp.declined) return;
  if (leader && left < FLUSH_BEFORE_S && notes.begun && flushed !== wrapUp.offer) reasonMissing() ? notes.flush() : finish();
}

function ringOrNot() {
  // While the customer of a callback is being called there is nothing to accept: the page joins by itself.
  ringing.heed(leader && view.presence === "reserved" && !view.offer?.card.callback?.calling ? view.offer : null);
}

/** A new state: put the focus where the next key is wanted. Who writes goes on writing: letters beside the field are keys. */
function arrived() {
  const writes = byId("notes") === document.activeElement;
  if (view.presence === "on_call" && !writes) byId("talk").focus({ preventScroll: true });
  if (view.presence === "wrap_up" && !view.wrap_up?.declined) byId("notes").focus({ preventScroll: true });
  if (view.wrap_up?.declined) say(t("presence_declined"));
  if (view.presence === "missed") say(t("presence_missed"));
}

// ---- going ready -----------------------------------------------------------------------------------------------

/** Ready without a line means that calls ring in vain: after a while it is a break, and says why. */
function breakWithoutLine() {
  clearTimeout(breaking);
  if (line.state === "good" || view?.line === "phone") return;
  breaking = setTimeout(async () => {
    if (leader && view?.presence === "available" && await act("/api/v1/desk/break", { reason: "technical" })) trouble(t("line_gone"));
  }, WITHOUT_LINE_MS);
}

// ---- what the agent asks for -----------------------------------------------------------------------------------

/** Our words for what the service refused, where there are some; else its own sentence. */
function refusal(error) {
  const said = word("error", error.error);
  return said === error.error ? error.message : said;
}

async function act(path, body, tell = trouble) {
  try {
    show(await ask("POST", path, body));
    tell("");
    return true;
  } catch (error) {
    if (error.error === "not_this_console") ask("GET", "/api/v1/desk").then(show, () => {});
    else tell(error instanceof Refused ? refusal(error) : t("no_answer"));
    return false;
  }
}

const offerNow = () => view.offer?.card.offer ?? view.call?.card.offer ?? "";
const offerPath = (what, offer) => `/api/v1/offers/${encodeURIComponent(offer)}/${what}`;

/** The page may ring a moment before it knows the offer; an answer given then waits for it (2 s at most). */
async function offerKnown() {
  for (let looks = 0; looks < 20 && !offerNow(); looks++) await new Promise((go) => setTimeout(go, 100));
  return offerNow();
}

function drawRecording(state) {
  const button = byId("record");
  button.hidden = state !== "can" && state !== "on";
  button.setAttribute("aria-pressed", String(state === "on"));
  write(button, t(state === "on" ? "record_stop" : "record_start"));
  byId("record-refused").hidden = state !== "refused";
}

const actions = {
  ...talkActions,
  ...textActions,
  async ready() {
    if (window.Notification?.permission === "default") Notification.requestPermission().catch(() => {});
    if (await fitToTalk({ ring, line, sound, panel, phone: view.line === "phone", busy: view.presence === "on_call" })) await act("/api/v1/desk/ready");
  },
  open: () => desk.takeOver(),
  async accept() {
    const offer = await offerKnown();
    ring.stop();
    if (offer) await act(offerPath("accept", offer));
  },
  async decline() {
    ring.stop();
    const offer = await offerKnown();
    if (offer) await act(offerPath("decline", offer));
  },
  async end() {
    await act(offerPath("end", offerNow()));
    line.hangUp();
  },
  record: () => act(offerPath("record", offerNow()), { on: view.call?.recording !== "on" }),
  "more-time": () => act("/api/v1/desk/more-time"),
  "take-over": () => desk.takeOver(),
};

async function finish() {
  const offer = view.wrap_up?.offer;
  if (!offer || flushed === offer) return;
  if (reasonMissing()) {
    trouble(t("error_reason_needed"));
    return askReason();
  }
  flushed = offer;
  notes.pause();
  const said = { ...readForm(), disposition: resultChosen() ?? view.wrap_up.default, topic: byId("about").value };
  const done = await act(offerPath("finish", offer), said);
  if (!done) flushed = null;
}

/** A second press of the same button waits for the first; another button never does: an Accept must not be lost
 *  because the answer to "ready" is still on its way. */
const asking = new Set();
async function once(action) {
  const name = action.name;
  if (asking.has(name)) return;
  asking.add(name);
  try {
    await action();
  } finally {
    asking.delete(name);
  }
}

function wire() {
  wireReveal({
    offer: () => card?.offer,
    path: (what) => offerPath(what, view.wrap_up?.offer ?? offerNow()),
    redraw: () => drawCaller(leader ? card : null),
  });
  wireTalk({ view: () => view, line, time, act, trouble, path: (what) => offerPath(what, offerNow()), notes: () => byId("notes").value });
  wireCallOut({ act, tell: news });
  wireTexts({ act, path: (what) => offerPath(what, offerNow()) });
  for (const button of document.querySelectorAll("[data-action]")) {
    button.addEventListener("click", () => once(actions[button.dataset.action]));
  }
  byId("ready").addEventListener("click", () => once(actions.ready));
  byId("break").addEventListener("click", () => once(() => act("/api/v1/desk/break", { reason: byId("break-reason").value })));
  byId("result").addEventListener("submit", (event) => {
    event.preventDefault();
    once(finish);
  });
  for (const box of [byId("dispositions"), byId("standing")]) box.addEventListener("change", showFollowUp);
  new KeysList();
  for (const option of byId("break-reason").options) {
    if (option.dataset.text) option.textContent = t(option.dataset.text);
  }
  window.onbeforeunload = (event) => {
    if (view && ["reserved", "on_call"].includes(view.presence) && leader) event.preventDefault();
  };
}

function start() {
  wire();
  check("sound", "unknown");
  check("mic", "unknown");
  check("line", "unknown");
  const contact = new Contact();
  setInterval(tick, 250);
  opened.fromAddress();
  desk.start().then(() => {
    follow("/events/agent", contact, show);
    desk.beat("/api/v1/desk/heartbeat", ({ status, view: heard }) => {
      if (status === 401) signedOut();
      if (!heard) return;
      contact.heard();
      show(heard);
    });
  });
}

start();
