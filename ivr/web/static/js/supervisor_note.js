// What a supervisor tells the agent, until it is read; and who sits in on the talk.

import { say, t, timeOfDay, write } from "./common.js";

const byId = (id) => document.getElementById(id);
const WAYS = { listen: "visitor_listens", whisper: "visitor_whispers", join: "visitor_joined" };
let shown = "";
let visitor = "";

export function drawSupervisor(view, act) {
  const note = view.note;
  byId("supervisor-note").hidden = !note;
  if (note && note.id !== shown) {
    write(byId("supervisor-note-text"), note.text);
    write(byId("supervisor-note-by"), t("agent_told_by", { who: note.who, time: timeOfDay(note.at) }));
    byId("supervisor-note-read").onclick = () => act(`/api/v1/room/notes/${encodeURIComponent(note.id)}/read`);
    say(note.text);
  }
  shown = note?.id ?? "";
  const there = view.call?.visitor;
  const words = there ? t(WAYS[there.mode], { name: there.name }) : "";
  byId("visitor").hidden = !there;
  write(byId("visitor-text"), words);
  if (words && words !== visitor) say(words);
  visitor = words;
}
