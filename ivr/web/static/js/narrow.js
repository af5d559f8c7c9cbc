// What the address narrows the board to: `topic` (several), `team` and `state` of agents, `late` callbacks, `unheard` messages; with
// `longest` who has waited longest comes first and is marked. So that a figure leads to exactly the rows it counts, and the view can be
// kept and shared.

import { el, t } from "./common.js";

const asked = new URLSearchParams(location.search);
const topics = asked.getAll("topic").filter(Boolean);
const team = asked.get("team") ?? "";
const state = asked.get("state") ?? "";
const late = asked.has("late");
const unheard = asked.has("unheard");
const longest = asked.has("longest");
const UNTRIED = ["requested", "due", "reserving"]; // nobody is dialled right now

const about = (topic) => !topics.length || topics.includes(topic);

/** What is shown of an agent: the presence, but the pause after a decline is no wrap-up. */
export const stateOf = (agent) => (agent.presence === "wrap_up" && agent.reason === "declined" ? "declined" : agent.presence);

/** The team that the address names; one that is gone has nobody. */
const teamOf = (room) => (team ? room.teams.find((one) => one.id === team) ?? { name: team, agents: [] } : null);

function ofTalk(room, talk) {
  const members = teamOf(room)?.agents;
  if (members && !members.includes(talk.agent)) return false;
  return !topics.length || about(room.board.agents.find((agent) => agent.id === talk.agent)?.topic_id);
}

/** As the column of late callbacks counts them. */
const isLate = (row, now, afterS) => UNTRIED.includes(row.state) && now - Date.parse(row.promised_to ?? row.due_at) > 1000 * afterS;

function presencesOf(agents) {
  const presences = {};
  for (const { presence } of agents) presences[presence] = (presences[presence] ?? 0) + 1;
  return { presences, declined: agents.filter((agent) => stateOf(agent) === "declined").length };
}

/** Agents' figures of the day: within a team, against the team's own median. */
function ofTeam(room, members) {
  if (!members) return {};
  const desks = Object.fromEntries(Object.entries(room.desks).filter(([agent]) => members.includes(agent)));
  const means = Object.values(desks).map((desk) => desk.handle_s).filter((mean) => mean !== null).sort((a, b) => a - b);
  const middle = means.length >> 1;
  const median = means.length % 2 ? means[middle] : (means[middle - 1] + means[middle]) / 2;
  return { desks, team_handle_s: means.length ? median : null };
}

/** Of a queue's agents, those of the team; who waits there, and what is amber or red, is about all. */
function ofQueue(row, staff) {
  const able = staff.filter((agent) => agent.takes.includes(row.id));
  const many = (...states) => able.filter((agent) => states.includes(agent.presence)).length;
  return { ...row, team: { free: many("available"), on_line: many("reserved", "on_call"), signed_in: able.length } };
}

/** Callers in line, as the address wants them. Who is rung for waits no more in the sense of the figure, and comes last as always. */
function inLine(rows) {
  const found = rows.filter((row) => about(row.topic));
  if (!longest) return found;
  found.sort((a, b) => (a.position === null) - (b.position === null) || Date.parse(a.queued_at) - Date.parse(b.queued_at));
  return found.map((row, at) => (at || row.position === null ? row : { ...row, longest: true }));
}

/** The room without what the address leaves out; figures that add up are those of what is left. */
export function narrowed(room, now) {
  const { board } = room;
  const rows = board.topics.filter((row) => about(row.id));
  const members = teamOf(room)?.agents;
  const staff = members ? board.agents.filter((agent) => members.includes(agent.id)) : board.agents;
  const queues = members ? rows.map((row) => ofQueue(row, staff)) : rows;
  const agents = staff.filter((agent) => !state || agent.presence === state);
  const oldest = rows.map((row) => row.oldest_at).filter(Boolean).sort();
  return {
    ...room,
    ...ofTeam(room, members),
    team: teamOf(room)?.name ?? "",
    board: { ...board, topics: queues, agents, ...presencesOf(staff), waiting: rows.reduce((sum, row) => sum + row.waiting, 0), oldest_at: oldest[0] ?? null },
    waiting: inLine(room.waiting),
    waiting_more: topics.length ? 0 : room.waiting_more,
    talks: room.talks.filter((talk) => ofTalk(room, talk)),
    promises: room.promises?.filter((row) => about(row.topic) && (!late || isLate(row, now, room.late_after_s))) ?? null,
    messages: room.messages?.filter((row) => about(row.topic) && (!unheard || !row.heard_by)) ?? null,
  };
}

/** Said above the tables, with the way back to everything. */
export function tellNarrowed(node, room) {
  const names = room.board.topics.filter((row) => topics.includes(row.id)).map((row) => row.name);
  const parts = [...names, teamOf(room)?.name ?? "", state ? t(`presence_${state}`) : "", late ? t("only_late", { minutes: Math.round(room.late_after_s / 60) }) : "", unheard ? t("only_unheard") : ""].filter(Boolean);
  node.hidden = !parts.length && !longest;
  const link = node.querySelector("a") ?? el("a", { href: "/supervisor?team=" }, t("show_all"));
  const words = [parts.length ? t("narrowed_to", { what: parts.join(" · ") }) : "", longest ? t("longest_first") : ""].filter(Boolean).join(" ");
  if (node.dataset.words === words) return;
  node.dataset.words = words;
  node.replaceChildren(words, " ", link);
}
