// The supervisor's board: draws each snapshot, lets durations grow between two, and marks what needs a look.

import { clock, el, icon, say, ServerClock, t, word, write } from "./common.js";
import { Contact, follow } from "./stream.js";

const byId = (id) => document.getElementById(id);
const time = new ServerClock();
const SMALL = 10; // below this many, a share says little and is shown with its fraction
const LEVELS = ["", "amber", "red"];
const AGENT_LIMITS_S = { wrap_up: [120, 300], missed: [1, 60], on_call: [900, 1800] };
const STATE_ORDER = ["missed", "available", "reserved", "on_call", "wrap_up", "declined", "break", "away"];

let view = null;
let alarms = "";

const level = (value, [amber, red]) => (value >= red ? 2 : value >= amber ? 1 : 0);

/** How bad each cell of a queue is: 0 fine, 1 look, 2 act. */
function judge(row) {
  const longest = row.oldest_at ? Math.max(0, time.since(row.oldest_at)) : null;
  const free = row.signed_in === 0 ? (row.waiting ? 2 : 1) : row.waiting && row.free === 0 ? 1 : 0;
  const cells = {
    waiting: level(row.waiting, row.waiting_limits),
    longest: longest === null ? 0 : level(longest, row.longest_limits_s),
    free,
  };
  return { longest, cells, worst: Math.max(...Object.values(cells)) };
}

function marked(text, grade, label = "") {
  const shape = grade ? icon(grade === 2 ? "p-missed" : "p-reserved") : null;
  const words = grade ? el("span", { class: "sr" }, ` ${t(LEVELS[grade])}`) : null;
  return el("span", { class: `mark ${LEVELS[grade]}`, title: label || null }, shape, text, words);
}

function share(row) {
  if (!row.judged) return el("span", { class: "muted" }, "–");
  const percent = `${Math.round((100 * row.in_time) / row.judged)} %`;
  if (row.judged >= SMALL) return el("span", {}, percent);
  return el("span", { class: "small-number", title: t("few") },
    `${percent} `, el("small", {}, t("of", { part: row.in_time, whole: row.judged })));
}

const count = (value) => (value === null ? "–" : String(value));

function callbacks(row) {
  return el("span", {}, count(row.callbacks_due),
    row.callbacks_late ? el("small", { class: "muted" }, ` ${t("late_callbacks", { count: row.callbacks_late })}`) : null);
}

function estimate(seconds) {
  if (seconds === null) return "–";
  return seconds < 60 ? "< 1 min" : `~${Math.round(seconds / 60)} min`;
}

function queueRow(row, { longest, cells, worst }) {
  const n = (child) => el("td", { class: "n" }, child);
  return el("tr", { class: LEVELS[worst] || null },
    el("th", { scope: "row" }, row.name),
    n(marked(String(row.waiting), cells.waiting)),
    n(longest === null ? "–" : marked(clock(longest), cells.longest)),
    n(estimate(row.estimate_s)),
    n(marked(`${row.free} / ${row.on_line} / ${row.signed_in}`, cells.free, row.signed_in ? "" : t("nobody"))),
    n(callbacks(row)),
    n(share(row)),
    n(count(row.offered)),
    n(count(row.answered)),
    n(el("span", {}, count(row.abandoned),
      row.short_abandoned ? el("small", { class: "muted", title: t("short") }, ` +${row.short_abandoned}`) : null)),
  );
}

/** What is shown of an agent: the presence, but the pause after a decline is no wrap-up. */
const stateOf = (agent) => (agent.presence === "wrap_up" && agent.reason === "declined" ? "declined" : agent.presence);

function inState(state) {
  if (state === "declined") return view.declined;
  return (view.presences[state] ?? 0) - (state === "wrap_up" ? view.declined : 0);
}

function agentLevel(agent) {
  const limits = AGENT_LIMITS_S[stateOf(agent)];
  return limits ? level(time.since(agent.since), limits) : 0;
}

const stateMark = (state, ...more) => el("span", { class: `state ${state}` }, icon(`p-${state}`), t(`presence_${state}`), ...more);

function agentRow(agent) {
  const grade = agentLevel(agent);
  const about = agent.presence === "break" ? word("reason", agent.reason) : agent.topic;
  const next = agent.wanted === "break" && ["on_call", "wrap_up"].includes(agent.presence) ? t("then_break") : "";
  return el("tr", { class: LEVELS[grade] || null },
    el("th", { scope: "row" }, agent.name),
    el("td", {}, stateMark(stateOf(agent)),
      about || next ? el("p", { class: "about" }, el("span", {}, about), next ? ` ${next}` : null) : null),
    el("td", { class: "n" }, marked(clock(time.since(agent.since)), grade)),
  );
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
  byId("queues").replaceChildren(...rows.map(({ row, judged }) => queueRow(row, judged)));
  drawFigures(rows);
  drawAgents();
  write(byId("hotline"), view.hotline);
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
  figure("figure-free", String(free), view.waiting && !free ? 1 : 0, t("of_signed_in", { count: signedIn }));
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
  byId("agents").replaceChildren(...(agents.length
    ? agents.map(agentRow)
    : [el("tr", {}, el("td", { colspan: "3", class: "empty" }, t("no_agents")))]));
}

/** The hotline's own clock, wherever the reader sits: "14:05:09 Shanghai". */
function localTime() {
  const shown = new Date(time.now()).toLocaleTimeString("en-GB", { timeZone: view.zone });
  return `${shown} ${view.zone.split("/").at(-1).replaceAll("_", " ")}`;
}

/** Said once when a queue turns red, not at every tick. */
function tellAlarms(rows) {
  const red = rows.filter(({ judged }) => judged.worst === 2).map(({ row }) => row.name);
  if (red.join() !== alarms && red.length) say(t("red_queues", { names: red.join(", ") }));
  alarms = red.join();
}

function live(lost) {
  const node = byId("live");
  const state = !view ? "wait" : lost ? "lost" : "live";
  node.dataset.state = state;
  byId("board").dataset.state = state;
  write(byId("live-text"), state === "live" ? t("live", { seconds: contact.ageS }) : t(state === "lost" ? "stale" : "wait"));
}

const contact = new Contact(live);
follow("/events/board", contact, (next) => {
  view = next;
  document.dispatchEvent(new CustomEvent("board", { detail: view }));
  time.set(view.as_of);
  draw();
  live(false);
});
setInterval(() => {
  if (!view || contact.lost) return;
  write(byId("as-of"), localTime());
  draw();
}, 1000);
