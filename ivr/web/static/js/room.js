// The supervisor's desk: who waits and why, who talks, open callbacks and messages. What may be done stands behind each row.

import { clock, el, icon, t, timeOfDay, word, write } from "./common.js";
import { heedRoom } from "./room_acts.js";
import { keyed } from "./rows.js";

const byId = (id) => document.getElementById(id);
const TALK_LIMITS_S = [900, 1800];
const DAY_MS = 24 * 3600 * 1000;

let view = null;
let whole = null;
let time = null;

const muted = (...children) => el("small", { class: "muted" }, ...children);
const lines = (...children) => el("td", {}, ...children.filter(Boolean).map((child) => el("div", {}, child)));
const n = (child) => el("td", { class: "n" }, child);
const caller = (row) => row.caller || t(`caller_${row.caller_kind}`);

function mark(text, grade) {
  const names = ["", "amber", "red"];
  return el("span", { class: `mark ${names[grade]}` }, grade ? icon(grade === 2 ? "p-missed" : "p-reserved") : null, text,
    grade ? el("span", { class: "sr" }, ` ${t(names[grade])}`) : null);
}

const queueOf = (id) => whole.board.topics.find((topic) => topic.id === id);
const grade = (value, [amber, red]) => (value >= red ? 2 : value >= amber ? 1 : 0);

// --- who waits

function blocked(row) {
  if (row.rings_at) return el("span", {}, t("rings_at", { name: row.rings_at }));
  const words = Object.entries(row.blocked).map(([kind, count]) => t(`blocked_${kind}`, { count }));
  return el("span", {}, words.join(" · ") || "–");
}

function waitingCells(row) {
  const limits = queueOf(row.topic)?.longest_limits_s ?? [60, 120];
  const waited = time.since(row.queued_at);
  return [
    n(row.position === null ? "–" : String(row.position)),
    lines(el("b", {}, row.topic_name), muted(row.path.join(" › "))),
    el("td", {}, row.language_name),
    lines(row.urgent ? mark(String(row.priority), 1) : String(row.priority), row.why ? muted(t(`urgent_${row.why}`)) : null),
    el("td", { class: "n" }, mark(clock(waited), grade(waited, limits)), row.longest ? el("div", {}, muted(t("waits_longest"))) : null),
    n(clock(time.since(row.started_at))),
    lines(row.told ? row.told.words || timeOfDay(row.told.until) : "–",
      row.no_answers ? muted(t("no_answers", { count: row.no_answers })) : null),
    el("td", {}, blocked(row)),
  ];
}

function drawWaiting() {
  keyed(byId("waiting"), view.waiting, {
    key: (row) => row.call,
    first: (row) => el("th", { scope: "row" }, caller(row), row.callback ? el("small", { class: "muted" }, ` ${t("we_call")}`) : null),
    cells: waitingCells,
    act: "waiting",
    look: (tr, row) => tr.toggleAttribute("data-longest", Boolean(row.longest)),
    empty: "nobody_in_line",
  });
  const rung = view.waiting.filter((row) => row.position === null).length;
  write(byId("waiting-count"), String(view.board.waiting));
  write(byId("waiting-rung"), rung ? t("rung_for", { count: rung }) : "");
  write(byId("waiting-more"), view.waiting_more ? t("more_waiting", { count: view.waiting_more }) : "");
}

// --- who talks

function talkCells(row) {
  const talked = row.connected_at ? time.since(row.connected_at) : 0;
  const visitor = row.visitor && t("visitor_is", { name: row.visitor.name, mode: t(`mode_${row.visitor.mode}`) });
  return [
    el("td", {}, row.agent_name),
    lines(row.topic_name, muted(row.language_name)),
    n(mark(clock(talked), grade(talked, queueOf(whole.board.agents.find((agent) => agent.id === row.agent)?.topic_id)?.talk_limits_s ?? TALK_LIMITS_S))),
    lines(row.held_at ? t("on_hold_for", { time: clock(time.since(row.held_at)) }) : row.holds ? t("held_times", { count: row.holds }) : "–",
      row.held_at && row.holds > 1 ? muted(t("held_times", { count: row.holds })) : null,
      row.with_whom ? muted(t("with_whom", { name: row.with_whom })) : null),
    el("td", {}, t(`tape_${row.recording}`)),
    n(row.transfers ? String(row.transfers) : "–"),
    el("td", {}, visitor || "–"),
  ];
}

function drawTalks() {
  keyed(byId("talks"), view.talks, {
    key: (row) => row.call,
    first: (row) => el("th", { scope: "row" }, caller(row)),
    cells: talkCells,
    act: "talk",
    empty: "nobody_talks",
  });
  write(byId("talk-count"), String(view.talks.length));
}

// --- what was promised

const when = (instant) => (Math.abs(Date.parse(instant) - time.now()) < DAY_MS
  ? timeOfDay(instant)
  : new Date(instant).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }));

function due(instant, limits = [300, 900]) {
  const late = time.since(instant);
  return late > 0 ? mark(t("late_by", { time: clock(late) }), grade(late, limits)) : t("due_at", { time: when(instant) });
}

function promiseCells(row) {
  const there = new Date(time.now()).toLocaleTimeString("en-GB", { timeZone: row.zone, hour: "2-digit", minute: "2-digit" });
  return [
    el("td", {}, row.topic_name),
    lines(due(row.promised_to ?? row.due_at, queueOf(row.topic)?.late_limits_s),
      row.promised_from ? muted(t("window", { start: when(row.promised_from), end: when(row.promised_to) })) : null),
    lines(row.attempts ? t("tries", { count: row.attempts }) : t("no_try_yet"),
      row.last_result ? muted(word("result", row.last_result)) : null),
    el("td", {}, t(`state_${row.state}`)),
    el("td", {}, nameOf(row.owner)),
    lines(there, row.has_code ? muted(t("code_set")) : null),
  ];
}

const nameOf = (owner) => (owner ? whole.board.agents.find((agent) => agent.id === owner)?.name ?? owner : t("nobodys"));

function drawPromises() {
  keyed(byId("promises"), view.promises ?? [], {
    key: (row) => row.id,
    first: (row) => el("th", { scope: "row" }, row.caller),
    cells: promiseCells,
    act: "callback",
    empty: view.promises ? "no_promises" : "records_away",
  });
}

function messageCells(row) {
  return [
    el("td", {}, row.topic_name),
    n(clock(row.duration_s)),
    lines(row.due_at ? due(row.due_at) : "–"),
    el("td", {}, nameOf(row.owner)),
    lines(row.heard_by ? nameOf(row.heard_by) : mark(t("unheard"), 1), row.heard_at ? muted(when(row.heard_at)) : null),
    el("td", { class: "words" }, row.transcript || "–"),
  ];
}

function drawMessages() {
  keyed(byId("messages"), view.messages ?? [], {
    key: (row) => row.id,
    first: (row) => el("th", { scope: "row" }, when(row.at)),
    cells: messageCells,
    act: "message",
    empty: view.messages ? "no_messages" : "records_away",
  });
}

export function tickRoom() {
  if (!view) return;
  drawWaiting();
  drawTalks();
  drawPromises();
  drawMessages();
}

/** `shown`: what the address leaves of the room; `all`: the room, in which names and actions are looked up. */
export function drawRoom(shown, all, clockOf) {
  view = shown;
  whole = all;
  time = clockOf;
  tickRoom();
  heedRoom(whole, { time, caller, when });
}
