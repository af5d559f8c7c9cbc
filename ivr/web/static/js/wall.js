// The wallboard: what needs a look or an act, worst first, to be read from afar. Nothing to press but the layout.

import { clock, el, icon, listed, say, ServerClock, t, write } from "./common.js";
import { boardOf, callsWithin, intervalsOf, leads, reportOf } from "./drill.js";
import { keyed } from "./rows.js";
import { Contact, follow } from "./stream.js";

const byId = (id) => document.getElementById(id);
const time = new ServerClock();
const layout = JSON.parse(byId("board").dataset.layout);
const readsCalls = "readsCalls" in byId("board").dataset;
const LEVELS = ["", "amber", "red"];
const SMALL = 10;
const STATES = ["available", "on_call", "reserved", "wrap_up", "missed", "break", "away"];
const WIDE = 960;
const HIGH = 150;
const DAY_AGAIN_MS = 30_000;

let view = null;
let alarms = null;

const above = (value, [amber, red]) => (value >= red ? 2 : value >= amber ? 1 : 0);
const below = ({ part, whole }, [amber, red]) => (whole < SMALL ? 0 : (100 * part) / whole < red ? 2 : (100 * part) / whole < amber ? 1 : 0);
const percent = (share) => (share?.whole ? `${Math.round((100 * share.part) / share.whole)} %` : "–");

function marked(text, grade) {
  return el("span", { class: `mark ${LEVELS[grade]}` }, grade ? icon(grade === 2 ? "p-missed" : "p-reserved") : null, text,
    grade ? el("span", { class: "sr" }, ` ${t(LEVELS[grade])}`) : null);
}

/** Abandons of the last quarter of an hour among all who left the line; of few callers nothing follows. */
function overLimit({ abandoned_15: lost, answered_15: answered }, limits) {
  return lost + answered < SMALL ? 0 : above((100 * lost) / (lost + answered), limits);
}

function judge(row) {
  const longest = row.oldest_at ? Math.max(0, time.since(row.oldest_at)) : null;
  const cells = {
    waiting: above(row.waiting, row.waiting_limits),
    longest: longest === null ? 0 : above(longest, row.longest_limits_s),
    free: row.signed_in === 0 && row.open ? 2 : row.waiting && !row.free ? 1 : 0,
    share: row.recent ? below(row.recent.level_15, row.level_limits) : 0,
    abandoned: row.recent ? overLimit(row.recent, row.abandon_limits) : 0,
    late: row.late_since ? above(time.since(row.late_since), row.late_limits_s) : 0,
  };
  return { longest, cells, worst: Math.max(...Object.values(cells)) };
}

function cellsOf({ row, judged: { longest, cells } }) {
  const n = (child) => el("td", { class: "n" }, child);
  const wait = row.estimate_s === null ? "–" : row.estimate_s < 60 ? "< 1 min" : `~${Math.round(row.estimate_s / 60)} min`;
  return [
    n(marked(String(row.waiting), cells.waiting)),
    n(longest === null ? "–" : marked(clock(longest), cells.longest)),
    n(wait),
    n(marked(`${row.free} / ${row.on_line}`, cells.free)),
    n(marked(percent(row.recent?.level_15), cells.share)),
    n(percent(row.judged === null ? null : { part: row.in_time, whole: row.judged })),
    n(row.abandoned === null ? "–" : String(row.abandoned)),
    n(marked(row.callbacks_due === null ? "–" : `${row.callbacks_due} / ${row.callbacks_late}`, cells.late)),
  ];
}

function figure(id, value, grade, note) {
  const node = byId(id);
  node.dataset.level = LEVELS[grade];
  node.querySelector(".value").replaceChildren(marked(value, grade));
  write(node.querySelector(".note"), note);
}

const summed = (rows, of) => rows.reduce((sum, row) => (of(row) ? { part: sum.part + of(row).part, whole: sum.whole + of(row).whole } : sum), { part: 0, whole: 0 });

const sum = (rows, of) => rows.reduce((all, { row }) => all + (of(row) ?? 0), 0);
const worst = (rows, cell) => Math.max(0, ...rows.map(({ judged }) => judged.cells[cell]));
const slowestOf = (rows) => [...rows].sort((a, b) => (b.judged.longest ?? -1) - (a.judged.longest ?? -1))[0];
const targetOf = (rows) => (rows.length ? Math.round(Math.max(...rows.map(({ row }) => row.target_percent))) : 80);

function level(rows, of) {
  const share = summed(rows, of);
  const target = targetOf(rows);
  return [percent(share), below(share, [target - 5, target - 15]), t("limit_target", { percent: target })];
}

/** What each card says: value, how bad, note. */
const CARDS = {
  waiting: (rows) => {
    const waiting = sum(rows, (row) => row.waiting);
    return [String(waiting), worst(rows, "waiting"), waiting ? "" : t("nobody_waits")];
  },
  longest: (rows) => {
    const slow = slowestOf(rows);
    const known = slow && slow.judged.longest !== null;
    return [known ? clock(slow.judged.longest) : "–", worst(rows, "longest"), known ? slow.row.name : ""];
  },
  share: (rows) => level(rows, ({ row }) => row.recent?.level_60),
  level_15: (rows) => level(rows, ({ row }) => row.recent?.level_15),
  level_day: (rows) => level(rows, ({ row }) => (row.judged === null ? null : { part: row.in_time, whole: row.judged })),
  abandoned: (rows) => [known(rows) ? String(sum(rows, (row) => row.recent?.abandoned_15)) : "–", worst(rows, "abandoned"), ""],
  free: () => {
    const free = view.presences.available ?? 0;
    return [String(free), view.waiting && !free ? 1 : 0, t("of_signed_in", { count: view.agents.length })];
  },
  talking: () => [String(view.presences.on_call ?? 0), 0,
    t("ringing_wrapping", { ringing: view.presences.reserved ?? 0, wrapping: (view.presences.wrap_up ?? 0) - view.declined })],
  asa: (rows) => {
    const calls = sum(rows, (row) => (row.asa_s === null ? 0 : row.answered));
    return [calls ? clock(sum(rows, (row) => (row.asa_s ?? 0) * row.answered) / calls) : "–", 0, ""];
  },
  arrived: (rows) => {
    const usual = rows.some(({ row }) => row.usual_60 !== null) ? Math.round(sum(rows, (row) => row.usual_60)) : null;
    return [known(rows) ? String(sum(rows, (row) => row.recent?.arrived_60)) : "–", 0, usual === null ? "" : t("usually", { count: usual })];
  },
  answered: (rows) => [String(sum(rows, (row) => row.answered)), 0, t("of_offered", { count: sum(rows, (row) => row.offered) })],
  late: (rows) => [String(sum(rows, (row) => row.callbacks_late)), worst(rows, "late"), t("due_now", { count: sum(rows, (row) => row.callbacks_due) })],
  unheard: (rows) => [String(sum(rows, (row) => row.unheard)), sum(rows, (row) => row.unheard) ? 1 : 0, ""],
};
/** Where the rows stand that a card counts: live ones on the board, those of the last minutes in the list of calls, for who may read
 *  it, those of the day in today's intervals, and of some queues in their rows on the board, from which each leads on. */
const LIVE = {
  waiting: (topics) => boardOf("waiting-card", topics),
  longest: (topics) => boardOf("waiting-card", topics, { longest: 1 }),
  free: () => boardOf("agents-card", [], { state: "available" }),
  talking: () => boardOf("agents-card", [], { state: "on_call" }),
  late: (topics) => boardOf("promises-card", topics, { late: 1 }),
  unheard: (topics) => boardOf("messages-card", topics, { unheard: 1 }),
};

const LATELY = { share: "level_60", level_15: "level_15", abandoned: "abandoned_15", arrived: "arrived_60" };

function behind(card, rows) {
  const topics = layout.hidden.length ? rows.map(({ row }) => row.id) : [];
  if (LIVE[card]) return LIVE[card](topics);
  const recent = rows.find(({ row }) => row.recent)?.row.recent;
  if (readsCalls && recent && LATELY[card]) return callsWithin(recent, LATELY[card], topics);
  if (topics.length === 1) return intervalsOf(view, time.now(), topics[0]);
  if (topics.length) return boardOf("queues-card", topics);
  return card === "abandoned" ? reportOf(view, time.now(), "abandons") : intervalsOf(view, time.now());
}

const known = (rows) => rows.some(({ row }) => row.recent);

function drawFigures(rows) {
  for (const card of layout.cards) {
    const [value, grade, note] = CARDS[card](rows);
    figure(`figure-${card}`, value, grade, note);
    leads(byId(`figure-${card}`), behind(card, rows));
  }
}

function draw() {
  if (!view) return;
  const rows = view.topics.filter((row) => !layout.hidden.includes(row.id)).map((row) => ({ row, judged: judge(row) }));
  rows.sort((a, b) => b.judged.worst - a.judged.worst || (b.judged.longest ?? -1) - (a.judged.longest ?? -1));
  keyed(byId("queues"), rows, {
    key: ({ row }) => row.id,
    first: ({ row }) => el("th", { scope: "row" }, el("a", { href: intervalsOf(view, time.now(), row.id) }, row.name)),
    cells: cellsOf,
    look: (tr, { row, judged }) => {
      tr.className = LEVELS[judged.worst];
      tr.dataset.closed = !row.open;
    },
  });
  drawFigures(rows);
  drawStates();
  write(byId("agent-count"), String(view.agents.length));
  write(byId("hotline"), view.hotline);
  byId("incidents").replaceChildren(...view.incidents.map((one) => el("p", { class: "notice incident" }, icon("i-warn"), el("span", {}, one.text))));
  const alerts = view.alerts?.length ?? 0;
  byId("alert-count").hidden = !alerts;
  write(byId("alert-count"), alerts ? t(alerts === 1 ? "wall_alert" : "wall_alerts", { count: alerts }) : "");
  tellDay();
  tellRed(rows);
}

/** Agents per state; each leads to just these on the board. The links stay, so that a press and the keyboard are not lost. */
function drawStates() {
  const list = byId("states");
  if (!list.childElementCount) {
    list.append(...STATES.map((state) => el("li", {}, el("a", { href: boardOf("agents-card", [], { state }) },
      el("span", { class: `state ${state}` }, icon(`p-${state}`), t(`presence_${state}`))), el("b", {}))));
  }
  STATES.forEach((state, at) => {
    const count = view.presences[state] ?? 0;
    list.children[at].dataset.none = !count;
    write(list.children[at].lastChild, String(count));
  });
}

/** Said once when a queue turns red, with a chime for who wants one. */
function tellRed(rows) {
  const red = rows.filter(({ judged }) => judged.worst === 2).map(({ row }) => row.name);
  const fresh = alarms !== null && red.some((name) => !alarms.includes(name));
  alarms = red;
  if (!fresh) return;
  say(t("raised_red", { names: listed(red) }));
  if (layout.chime) chime();
}

function chime() {
  const context = new AudioContext();
  const gain = context.createGain();
  gain.gain.setValueAtTime(0.2, context.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 1.2);
  const tone = context.createOscillator();
  tone.frequency.value = 660;
  tone.connect(gain).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 1.2);
  tone.onended = () => context.close();
}

// --- the day

const SVG = "http://www.w3.org/2000/svg";
function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

let today = null;

async function drawDay() {
  const answer = await fetch("/api/v1/room/day").then((response) => (response.ok ? response.json() : null), () => null);
  const line = Object.values(answer?.hotlines ?? {})[0];
  if (!line) {
    today = null;
    write(byId("day-words"), t("records_away"));
    return;
  }
  const top = Math.max(4, ...line.arrived, ...line.usual);
  const most = Math.max(2, ...line.staff);
  const step = WIDE / line.quarters;
  const y = (value, of) => HIGH - (value / of) * (HIGH - 8);
  const bars = line.arrived.map((count, at) => shape("rect", { class: "bar", x: at * step + 1, y: y(count, top), width: step - 2, height: HIGH - y(count, top) }));
  const points = line.usual.map((value, at) => `${(at + 0.5) * step},${y(value, top)}`).join(" ");
  const steps = line.staff.map((value, at) => `${at ? "L" : "M"}${at * step},${y(value, most)}H${(at + 1) * step}`).join("");
  byId("day").replaceChildren(...bars, shape("polyline", { class: "usual", points }), shape("path", { class: "staff", d: steps || "M0,0" }),
    shape("line", { class: "base", x1: 0, x2: WIDE, y1: HIGH, y2: HIGH }));
  today = line;
  tellDay();
}

/** The picture in words; who is on the line is of now, and the rest of the last look at the records. */
function tellDay() {
  if (!today || !view) return;
  const sum = today.arrived.reduce((all, one) => all + one, 0);
  const usual = today.usual.slice(0, today.arrived.length).reduce((all, one) => all + one, 0);
  const staff = ["available", "reserved", "on_call", "wrap_up"].reduce((all, state) => all + (view.presences[state] ?? 0), 0);
  write(byId("day-words"), t(today.usual.length ? "day_words" : "day_words_new",
    { count: sum, usual: Math.round(usual), staff, top: Math.max(0, ...today.arrived) }));
}

// --- the page

function live(lost) {
  const state = !view ? "wait" : lost ? "lost" : "live";
  byId("live").dataset.state = state;
  byId("board").dataset.state = state;
  write(byId("live-text"), state === "live" ? t("live", { seconds: contact.ageS }) : t(state === "lost" ? "stale" : "wait"));
}

byId("figures").hidden = layout.without.includes("figures");
byId("wall-agents").hidden = layout.without.includes("agents");
byId("wall-day").hidden = layout.without.includes("day");
byId("layout-open").addEventListener("click", () => byId("layout").showModal());
const boxes = [...document.querySelectorAll("#layout [name=card]")];
const most = Number(byId("layout").dataset.most);
const bound = () => boxes.forEach((box) => (box.disabled = !box.checked && boxes.filter((one) => one.checked).length >= most));
boxes.forEach((box) => box.addEventListener("change", bound));
bound();
byId("layout-close").addEventListener("click", () => byId("layout").close());

function tellTime() {
  const shown = new Date(time.now()).toLocaleTimeString("en-GB", { timeZone: view.zone });
  write(byId("as-of"), `${shown} ${view.zone.split("/").at(-1).replaceAll("_", " ")}`);
}

const contact = new Contact(live);
follow("/events/board", contact, (next) => {
  view = next;
  time.set(view.as_of);
  tellTime();
  draw();
  live(false);
});
setInterval(() => {
  if (!view || contact.lost) return;
  tellTime();
  draw();
}, 1000);
drawDay();
setInterval(drawDay, DAY_AGAIN_MS);
