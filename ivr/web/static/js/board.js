// The supervisor's board: draws each snapshot, lets durations grow between two, and marks what needs a look.

import { clock, el, icon, listed, say, ServerClock, t, timeOfDay, word, write } from "./common.js";
import { callsOf, callsWithin, fromHere, intervalsOf, leads } from "./drill.js";
import { narrowed, stateOf, tellNarrowed } from "./narrow.js";
import { drawRoom, tickRoom } from "./room.js";
import { keyed } from "./rows.js";
import { Contact, follow } from "./stream.js";

const byId = (id) => document.getElementById(id);
const time = new ServerClock();
const SMALL = 10; // below this many, a share says little and is shown with its fraction
const LEVELS = ["", "amber", "red"];
const MISSED_LIMITS_S = [1, 60];
const OF_QUEUE = { wrap_up: ["wrap_limits_s", [120, 300]], on_call: ["talk_limits_s", [900, 1800]] };
const readsCalls = document.querySelector("[data-may-hear]") !== null;
const STATE_ORDER = ["missed", "available", "reserved", "on_call", "wrap_up", "declined", "break", "away"];

let view = null;
let room = null;
let whole = null;
let shown = false;
let alarms = "";

/** A share below its limits; one of few calls is no reason to act. */
function below({ part, whole }, [amber, red]) {
  if (whole < SMALL) return 0;
  const percent = (100 * part) / whole;
  return percent < red ? 2 : percent < amber ? 1 : 0;
}

const level = (value, [amber, red]) => (value >= red ? 2 : value >= amber ? 1 : 0);

/** How bad each cell of a queue is: 0 fine, 1 look, 2 act. */
function judge(row) {
  const longest = row.oldest_at ? Math.max(0, time.since(row.oldest_at)) : null;
  const free = row.signed_in === 0 && (row.open || row.waiting) ? 2 : row.waiting && row.free === 0 ? 1 : 0;
  const recent = row.recent;
  const lost = recent ? recent.abandoned_15 + recent.answered_15 : 0;
  const cells = {
    waiting: level(row.waiting, row.waiting_limits),
    longest: longest === null ? 0 : level(longest, row.longest_limits_s),
    free,
    share: recent ? below(recent.level_60, row.level_limits) : 0,
    abandoned: lost >= SMALL ? level((100 * recent.abandoned_15) / lost, row.abandon_limits) : 0,
    late: row.late_since ? level(time.since(row.late_since), row.late_limits_s) : 0,
  };
  return { longest, cells, worst: Math.max(...Object.values(cells)) };
}

function marked(text, grade, label = "") {
  const shape = grade ? icon(grade === 2 ? "p-missed" : "p-reserved") : null;
  const words = grade ? el("span", { class: "sr" }, ` ${t(LEVELS[grade])}`) : null;
  return el("span", { class: `mark ${LEVELS[grade]}`, title: label || null }, shape, text, words);
}

function share({ part, whole }, grade = 0) {
  if (!whole) return el("span", { class: "muted" }, "–");
  const percent = `${Math.round((100 * part) / whole)} %`;
  if (whole >= SMALL) return marked(percent, grade, t("of", { part, whole }));
  return el("span", { class: "small-number", title: t("few") },
    `${percent} `, el("small", {}, t("of", { part, whole })));
}

/** The strict service level, which callbacks and messages do not lift. */
const strict = (row) => (row.judged_strict ? t("strict_level", { part: row.in_time_strict, whole: row.judged_strict }) : null);
const count = (value) => (value === null ? "–" : String(value));

function callbacks(row) {
  return el("span", {}, count(row.callbacks_due),
    row.callbacks_late ? el("small", { class: "muted" }, ` ${t("late_callbacks", { count: row.callbacks_late })}`) : null);
}

function estimate(seconds) {
  if (seconds === null) return "–";
  return seconds < 60 ? "< 1 min" : `~${Math.round(seconds / 60)} min`;
}

/** The next caller's wait, and how many of those announced lately came true. */
function waitAhead(row) {
  const came = row.told ? el("small", { class: "muted", title: t("told_true_long") },
    ` ${t("told_true", { part: row.told_close, whole: row.told })}`) : null;
  return el("span", {}, estimate(row.estimate_s), came);
}

/** Callers of the last hour beside the usual number; an arrow where they are far apart. */
function trend(row) {
  const now = row.recent?.arrived_60 ?? null;
  if (now === null) return "–";
  const callers = ofWindow(row, "arrived_60", now, String(now));
  if (row.usual_60 === null) return callers;
  const far = Math.abs(now - row.usual_60) >= Math.max(3, row.usual_60 / 2);
  const arrow = far ? el("b", { title: t(now > row.usual_60 ? "above_usual" : "below_usual") }, now > row.usual_60 ? " ▲" : " ▼") : null;
  return el("span", {}, callers, arrow, el("small", { class: "muted" }, ` ${t("usually", { count: Math.round(row.usual_60) })}`));
}

/** Until when the queue is open, or from when on; nothing of one that never closes. */
function hours(row) {
  if (!row.closes_at) return null;
  const far = Math.abs(time.until(row.closes_at)) > 20 * 3600;
  const day = far ? `${new Date(row.closes_at).toLocaleDateString(document.documentElement.lang, { timeZone: view.zone, weekday: "short" })} ` : "";
  const clockTime = new Date(row.closes_at).toLocaleTimeString("en-GB", { timeZone: view.zone, hour: "2-digit", minute: "2-digit" });
  return el("small", { class: "hours muted" }, t(row.open ? "open_until" : "opens_at", { time: `${day}${clockTime}` }));
}

/** A count of today, with its calls behind it for who may read calls. */
const ofToday = (row, figure, count, shown, side) =>
  (count && readsCalls ? el("a", { href: callsOf(view, time.now(), row.id, figure, side) }, shown) : shown);
const counted = (row, figure, value) => ofToday(row, figure, value, count(value));

/** A figure of the last minutes, with the calls of that very window behind it. */
const ofWindow = (row, figure, count, shown) =>
  (count && readsCalls ? el("a", { href: callsWithin(row.recent, figure, [row.id]) }, shown) : shown);

/** Of the team that the address names its own; the colour is about everybody: callers are not the team's alone. */
function staffOf(row, grade) {
  const { free, on_line: busy, signed_in: here } = row.team ?? row;
  const others = row.team ? t("free_in_all", { count: row.free }) : "";
  return marked(`${free} / ${busy} / ${here}`, grade, row.signed_in ? others : t("nobody"));
}

function queueCells({ row, judged: { longest, cells } }) {
  const n = (child) => el("td", { class: "n" }, child);
  const recent = row.recent;
  const depth = recent ? t("depth_hour", { peak: recent.depth.peak, average: recent.depth.average.toFixed(1) }) : "";
  return [
    n(marked(String(row.waiting), cells.waiting, depth)),
    n(longest === null ? "–" : marked(clock(longest), cells.longest)),
    n(waitAhead(row)),
    n(staffOf(row, cells.free)),
    n(callbacks(row)),
    n(row.unheard === null ? "–" : marked(String(row.unheard), row.unheard ? 1 : 0)),
    n(recent ? ofWindow(row, "level_15", recent.level_15.whole, share(recent.level_15)) : "–"),
    n(recent ? ofWindow(row, "level_60", recent.level_60.whole, share(recent.level_60, cells.share)) : "–"),
    el("td", { class: "n", title: strict(row) }, row.judged === null ? "–" : ofToday(row, "service_level_v4", row.judged, share({ part: row.in_time, whole: row.judged }), "whole")),
    n(row.asa_s === null ? "–" : ofToday(row, "answered", row.answered, clock(row.asa_s))),
    n(trend(row)),
    n(counted(row, "offered", row.offered)),
    n(counted(row, "answered", row.answered)),
    n(el("span", {}, counted(row, "abandon_rate", row.abandoned),
      row.short_abandoned ? el("small", { class: "muted", title: t("short") }, ` +${row.short_abandoned}`) : null)),
    n(recent ? ofWindow(row, "abandoned_15", recent.abandoned_15, marked(String(recent.abandoned_15), cells.abandoned)) : "–"),
  ];
}

function drawQueues(rows) {
  keyed(byId("queues"), rows, {
    key: ({ row }) => row.id,
    first: ({ row }) => el("th", { scope: "row" }, el("a", { href: intervalsOf(view, time.now(), row.id) }, row.name), hours(row)),
    cells: queueCells,
    look: (tr, { row, judged }) => {
      tr.className = LEVELS[judged.worst];
      tr.dataset.closed = !row.open;
    },
  });
}

function inState(state) {
  if (state === "declined") return view.declined;
  return (view.presences[state] ?? 0) - (state === "wrap_up" ? view.declined : 0);
}

function agentLevel(agent) {
  const state = stateOf(agent);
  const [name, usual] = OF_QUEUE[state] ?? [];
  const limits = state === "missed" ? MISSED_LIMITS_S : whole.board.topics.find((row) => row.id === agent.topic_id)?.[name] ?? usual;
  return limits ? level(time.since(agent.since), limits) : 0;
}

const stateMark = (state, ...more) => el("span", { class: `state ${state}` }, icon(`p-${state}`), t(`presence_${state}`), ...more);

/** The agent's day beside the state: calls, mean handle time against the team's, no answers, how busy, what comes next. */
function dayCells(agent) {
  const desk = room.desks[agent.id];
  if (!desk) return Array.from({ length: 4 }, () => el("td", { class: "n" }, el("span", { class: "muted" }, "–")));
  const n = (child, title = null) => el("td", { class: "n", title }, child);
  const team = room.team_handle_s === null ? null : t("of_team", { time: clock(room.team_handle_s) });
  const apart = desk.handle_s === null || room.team_handle_s === null ? 0 : Math.round(desk.handle_s - room.team_handle_s);
  const against = apart ? el("small", { class: "muted" }, ` ${apart > 0 ? "+" : "−"}${clock(Math.abs(apart))}`) : null;
  return [
    n(String(desk.handled)),
    n(desk.handle_s === null ? "–" : el("span", {}, clock(desk.handle_s), against), team),
    n(marked(String(desk.missed), desk.missed > 2 ? 1 : 0)),
    n(desk.busy_share === null ? "–" : `${Math.round(100 * desk.busy_share)} %`),
  ];
}

function agentCells(agent) {
  const grade = agentLevel(agent);
  const about = agent.presence === "break" ? word("reason", agent.reason) : agent.topic;
  const next = agent.wanted === "break" && ["on_call", "wrap_up"].includes(agent.presence) ? t("then_break") : "";
  const planned = room.desks[agent.id];
  return [
    el("td", {}, stateMark(stateOf(agent)),
      about || next ? el("p", { class: "about" }, el("span", {}, about), next ? ` ${next}` : null) : null,
      planned?.next_at ? el("p", { class: "about" }, t(`next_${planned.next_kind}`, { time: timeOfDay(planned.next_at) })) : null),
    el("td", { class: "n" }, marked(clock(time.since(agent.since)), grade)),
    ...dayCells(agent),
  ];
}

function figure(id, value, grade, note) {
  const node = byId(id);
  node.dataset.level = LEVELS[grade];
  node.querySelector(".value").replaceChildren(marked(value, grade));
  write(node.querySelector(".note"), note);
}

/** The incident banners that callers hear now, with what they did. */
function drawIncidents() {
  byId("incidents").replaceChildren(...view.incidents.map((row) =>
    el("p", { class: "notice incident" }, icon("i-warn"),
      el("span", {}, `${row.text} `, el("a", { href: `/supervisor/incident?hotline=${row.hotline}` },
        t("incident_effect", { heard: row.heard, left: row.left }))))));
}

function draw() {
  if (!view) return;
  drawIncidents();
  const rows = view.topics.map((row) => ({ row, judged: judge(row) }));
  rows.sort((a, b) => b.judged.worst - a.judged.worst || (b.judged.longest ?? -1) - (a.judged.longest ?? -1));
  drawQueues(rows);
  drawFigures(rows);
  drawAgents();
  write(byId("hotline"), view.hotline);
  write(byId("queue-team"), room.team ? t("in_team", { team: room.team }) : "");
  tellAlarms(rows);
}

function drawFigures(rows) {
  const worst = (cell) => Math.max(0, ...rows.map(({ judged }) => judged.cells[cell]));
  const { presences } = view;
  const signedIn = Object.values(presences).reduce((sum, n) => sum + n, 0);
  const free = presences.available ?? 0;
  const longest = view.oldest_at ? clock(time.since(view.oldest_at)) : "–";
  const slowest = [...rows].sort((a, b) => (b.judged.longest ?? -1) - (a.judged.longest ?? -1))[0];
  const topics = rows.filter(({ row }) => row.waiting).length;
  const where = topics === 0 ? "nobody_waits" : topics === 1 ? "in_one_topic" : "in_topics";
  figure("figure-waiting", String(view.waiting), worst("waiting"), t(where, { count: topics }));
  figure("figure-longest", longest, worst("longest"), view.oldest_at ? slowest.row.name : "");
  const nobody = !whole.board.presences.available;
  const note = t("of_signed_in", { count: signedIn });
  figure("figure-free", String(free), view.waiting && nobody ? 1 : 0,
    room.team ? `${note}; ${t("free_in_all", { count: whole.board.presences.available ?? 0 })}` : note);
  figure("figure-talking", String(presences.on_call ?? 0), 0,
    t("ringing_wrapping", { ringing: presences.reserved ?? 0, wrapping: inState("wrap_up") }));
}

function drawAgents() {
  const place = (agent) => STATE_ORDER.indexOf(stateOf(agent));
  const agents = [...view.agents].sort((a, b) =>
    agentLevel(b) - agentLevel(a) || place(a) - place(b) || a.since.localeCompare(b.since));
  write(byId("agent-count"), String(agents.length));
  byId("states").replaceChildren(...STATE_ORDER.filter((state) => state !== "declined" || inState(state)).map((state) =>
    el("li", { "data-none": !inState(state) }, stateMark(state, " ", el("b", {}, String(inState(state)))))));
  keyed(byId("agents"), agents, {
    key: (agent) => agent.id,
    first: (agent) => el("th", { scope: "row" }, agent.name),
    cells: agentCells,
    act: "agent",
    look: (tr, agent) => (tr.className = LEVELS[agentLevel(agent)]),
    empty: "no_agents",
  });
}

/** The hotline's own clock, wherever the reader sits: "14:05:09 Shanghai". */
function localTime() {
  const shown = new Date(time.now()).toLocaleTimeString("en-GB", { timeZone: view.zone });
  return `${shown} ${view.zone.split("/").at(-1).replaceAll("_", " ")}`;
}

/** Said once when a queue turns red, not at every tick. */
function tellAlarms(rows) {
  const red = rows.filter(({ judged }) => judged.worst === 2).map(({ row }) => row.name);
  if (red.join() !== alarms && red.length) say(t("red_queues", { names: listed(red) }));
  alarms = red.join();
}

function live(lost) {
  const node = byId("live");
  const state = !view ? "wait" : lost ? "lost" : "live";
  node.dataset.state = state;
  byId("board").dataset.state = state;
  write(byId("live-text"), state === "live" ? t("live", { seconds: contact.ageS }) : t(state === "lost" ? "stale" : "wait"));
}

leads(byId("figure-waiting"), fromHere("waiting-card", {}));
leads(byId("figure-longest"), fromHere("waiting-card", { longest: 1 }));
leads(byId("figure-free"), fromHere("agents-card", { state: "available" }));
leads(byId("figure-talking"), fromHere("agents-card", { state: "on_call" }));

const contact = new Contact(live);
follow("/events/room", contact, (next) => {
  whole = next;
  time.set(next.board.as_of);
  room = narrowed(next, time.now());
  view = room.board;
  tellNarrowed(byId("narrowed"), next);
  document.dispatchEvent(new CustomEvent("board", { detail: view }));
  write(byId("as-of"), localTime());
  draw();
  drawRoom(room, whole, time);
  if (!shown) byId(location.hash.slice(1))?.scrollIntoView(); // the tables have grown since the page was opened
  shown = true;
  live(false);
});
setInterval(() => {
  if (!view || contact.lost) return;
  write(byId("as-of"), localTime());
  draw();
  tickRoom();
}, 1000);
