// What the address narrows the board to: `topic` (several), `state` of agents, `late` callbacks, `unheard` messages. So that a
// figure of the wallboard leads to exactly the rows it counts, and the view can be kept and shared.

import { el, t } from "./common.js";

const asked = new URLSearchParams(location.search);
const topics = asked.getAll("topic").filter(Boolean);
const state = asked.get("state") ?? "";
const late = asked.has("late");
const unheard = asked.has("unheard");
const LATE_MS = 15 * 60_000; // as the column of late callbacks counts them

const about = (topic) => !topics.length || topics.includes(topic);

/** What is shown of an agent: the presence, but the pause after a decline is no wrap-up. */
export const stateOf = (agent) => (agent.presence === "wrap_up" && agent.reason === "declined" ? "declined" : agent.presence);

const ofAgent = (agent) => !state || agent.presence === state;

const ofTalk = (room, talk) => !topics.length || about(room.board.agents.find((agent) => agent.id === talk.agent)?.topic_id);

const isLate = (row, now) => now - Date.parse(row.promised_to ?? row.due_at) > LATE_MS;

/** The room without what the address leaves out; figures that add up are those of what is left. */
export function narrowed(room, now) {
  const { board } = room;
  const rows = board.topics.filter((row) => about(row.id));
  const agents = board.agents.filter(ofAgent);
  const oldest = rows.map((row) => row.oldest_at).filter(Boolean).sort();
  return {
    ...room,
    board: { ...board, topics: rows, agents, waiting: rows.reduce((sum, row) => sum + row.waiting, 0), oldest_at: oldest[0] ?? null },
    waiting: room.waiting.filter((row) => about(row.topic)),
    waiting_more: topics.length ? 0 : room.waiting_more,
    talks: room.talks.filter((talk) => ofTalk(room, talk)),
    promises: room.promises?.filter((row) => about(row.topic) && (!late || isLate(row, now))) ?? null,
    messages: room.messages?.filter((row) => about(row.topic) && (!unheard || !row.heard_by)) ?? null,
  };
}

/** Said above the tables, with the way back to everything. */
export function tellNarrowed(node, room) {
  const names = room.board.topics.filter((row) => topics.includes(row.id)).map((row) => row.name);
  const parts = [...names, state ? t(`presence_${state}`) : "", late ? t("only_late") : "", unheard ? t("only_unheard") : ""].filter(Boolean);
  node.hidden = !parts.length;
  const link = node.querySelector("a") ?? el("a", { href: "/supervisor" }, t("show_all"));
  const words = t("narrowed_to", { what: parts.join(" · ") });
  if (node.dataset.words === words) return;
  node.dataset.words = words;
  node.replaceChildren(words, " ", link);
}
