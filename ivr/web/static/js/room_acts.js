// The dialog behind each row: what may be done with this caller, talk, agent, callback or message. It says what came of each press.

import { ask, clock, el, icon, Refused, t, word, write } from "./common.js";
import { VisitLine } from "./visit.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("act");
const ROOM = "/api/v1/room";
const REASONS = ["", "lunch", "rest", "training", "meeting", "technical"];
const SURE_MS = 4000;

let view = null;
let tools = null;
let shown = null; // { kind, id }
const mayHear = document.querySelector("[data-may-hear]") !== null;
const visit = mayHear ? new VisitLine((state) => answer(state)) : null;

const FIND = {
  waiting: (id) => view.waiting.find((row) => row.call === id),
  talk: (id) => view.talks.find((row) => row.call === id),
  agent: (id) => view.board.agents.find((row) => row.id === id),
  callback: (id) => view.promises?.find((row) => row.id === id),
  message: (id) => view.messages?.find((row) => row.id === id),
};
const DRAW = { waiting: waitingActs, talk: talkActs, agent: agentActs, callback: callbackActs, message: messageActs };

// --- pieces

/** While what was pressed is under way, a second press is the same one. */
const button = (label, deed, attributes = {}) => {
  const node = el("button", { type: "button", ...attributes }, t(label));
  let busy = false;
  node.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    try {
      await deed();
    } finally {
      busy = false;
    }
  });
  return node;
};

/** Asks twice, on the same button. */
function sure(label, deed) {
  let until = 0;
  const node = button(label, () => {
    if (Date.now() < until) return deed();
    until = Date.now() + SURE_MS;
    node.textContent = t("really");
    setTimeout(() => (node.textContent = t(label)), SURE_MS);
    return undefined;
  }, { class: "danger" });
  return node;
}

const group = (heading, ...children) => el("fieldset", { class: "act-group" }, el("legend", {}, t(heading)), ...children);
const select = (name, options) => el("select", { name, "aria-label": t(name) },
  ...options.map(([value, label]) => el("option", { value }, label)));
const row = (...children) => el("div", { class: "act-row" }, ...children);

/** Says it; `good` is left out where nothing has come of it yet. */
function answer(words, good) {
  const node = byId("act-answer");
  if (good === undefined) delete node.dataset.good;
  else node.dataset.good = good;
  write(node, words);
}

/** Why nothing was done, in the language of the page where its words are known. */
function trouble(error) {
  if (!(error instanceof Refused)) return t("answer_trouble", { why: t("stale") });
  const known = word("error", error.error);
  return known === error.error ? t("answer_trouble", { why: error.message }) : known;
}

async function does(path, body) {
  answer("…");
  try {
    const came = await ask("POST", `${ROOM}/${path}`, body);
    answer(t(`answer_${came.answer}`), came.done);
    return came;
  } catch (error) {
    answer(trouble(error), false);
    return null;
  }
}

/** Programs close a callback at the same address. */
async function closes(id, reason) {
  answer("…");
  try {
    await ask("POST", `/api/v1/callbacks/${encodeURIComponent(id)}/close`, { reason });
    answer(t("answer_closed"));
  } catch (error) {
    const known = { callback_gone: "answer_gone", callback_on_the_line: "answer_on_the_line" }[error.error];
    answer(known ? t(known) : trouble(error), false);
  }
}

const at = (kind, id) => `${kind}/${encodeURIComponent(id)}`;

/** What the page shows of it now. It goes with what is pressed: where somebody else was faster, or the page is old, nothing is undone. */
const seen = (item, name) => (FIND[shown?.kind]?.(shown.id) ?? item)[name];

/** To another queue than this one. */
function moves(path, item) {
  const topics = view.board.topics.filter((topic) => topic.id !== item.topic).map((topic) => [topic.id, topic.name]);
  const topic = select("act_move_to", topics);
  return row(topic, button("act_move", () => does(`${path}/move`, { topic: topic.value, seen: seen(item, "topic") })));
}

// --- a caller who waits

function waitingActs(item) {
  const path = at("calls", item.call);
  const free = view.board.agents.filter((agent) => agent.presence === "available").map((agent) => [agent.id, agent.name]);
  const agent = select("act_offer_to", free);
  return [
    group("act_line",
      row(button("act_raise", () => does(`${path}/raise`)), button("act_critical", () => does(`${path}/raise`, { critical: true })))),
    group("act_move_to", moves(path, item)),
    group("act_offer_to", free.length
      ? row(agent, button("act_offer", () => does(`${path}/offer`, { agent: agent.value })))
      : el("p", { class: "muted" }, t("act_nobody_free"))),
    group("act_otherwise", row(
      item.may_call_back ? button("act_call_back", () => does(`${path}/call-back`)) : null,
      sure("act_end", () => does(`${path}/end`, { talk: false })))),
  ];
}

async function drawWhy() {
  const list = byId("act-reasons");
  try {
    const { reasons } = await ask("GET", `${ROOM}/calls/${encodeURIComponent(shown.id)}/why`);
    if (shown?.kind !== "waiting") return;
    list.replaceChildren(...(reasons.length ? reasons.map(reason) : [el("li", {}, t("why_nobody_here"))]));
  } catch {
    list.replaceChildren(el("li", {}, t("answer_left_line")));
  }
}

function reason(one) {
  const wait = one.until ? clock(tools.time.until(one.until)) : "";
  const detail = one.obstacle === "break" ? word("reason", one.detail) || t("presence_break") : one.detail;
  return el("li", {}, el("b", {}, one.name), ` ${t(`why_${one.obstacle}`, { detail, wait })}`,
    one.since ? el("small", { class: "muted" }, ` ${clock(tools.time.since(one.since))}`) : null,
    one.until && one.obstacle !== "later" ? ` ${t("why_and_later", { wait })}` : null);
}

// --- a talk

function talkActs(item) {
  const path = at("calls", item.call);
  const mine = visit?.call === item.call;
  const enter = (mode) => (visit.call === item.call ? does(`${path}/visit-mode`, { mode }) : visit.enter(item.call, mode));
  const listening = item.visit_refused && !mine
    ? el("p", { class: "muted" }, t(`refused_${item.visit_refused}`))
    : row(...["listen", "whisper", "join"].map((mode) => button(`act_${mode}`, () => enter(mode), { "data-mode": mode })),
      button("act_leave", () => visit.leave(), { class: "quiet", id: "visit-leave" }));
  return [
    group("act_hear", el("p", { class: "muted" }, t("act_hear_note")), listening),
    group("act_otherwise", row(sure("act_end_talk", () => does(`${path}/end`, { talk: true })))),
  ];
}

// --- an agent

function agentActs(item) {
  const path = at("agents", item.id);
  const why = select("act_reason", REASONS.map((one) => [one, one ? t(`reason_${one}`) : t("act_no_reason")]));
  const text = el("textarea", { rows: "3", maxlength: "300", "aria-label": t("act_note") });
  const set = (state, reason = "") => does(`${path}/state`, reason ? { state, reason } : { state });
  return [
    group("act_state", row(button("act_ready", () => set("available")), sure("act_sign_out", () => set("signed_out"))),
      row(why, button("act_break", () => set("break", why.value)))),
    item.presence === "wrap_up" ? group("presence_wrap_up", row(sure("act_end_wrap_up", () => does(`${path}/wrapped-up`, { seen: seen(item, "since") })))) : null,
    group("act_note", text, row(button("act_send", async () => {
      const came = await does(`${path}/note`, { text: text.value });
      if (came?.done) text.value = "";
    }))),
  ];
}

// --- what was promised

const people = () => [["", t("nobodys")], ...view.board.agents.map((agent) => [agent.id, agent.name])];

function callbackActs(item) {
  const path = at("callbacks", item.id);
  const owner = select("act_owner", people());
  owner.value = item.owner;
  const later = el("input", { type: "datetime-local", "aria-label": t("act_until") });
  const why = el("input", { type: "text", maxlength: "200", "aria-label": t("act_close_reason"), placeholder: t("act_close_reason") });
  return [
    group("act_dial", row(button("act_dial_now", () => does(`${path}/dial-now`, { seen: seen(item, "due_at") })))),
    group("act_until", row(later, button("act_put_off", () => does(`${path}/reschedule`, { at: later.value, seen: seen(item, "due_at") })))),
    group("act_move_to", el("p", { class: "muted" }, t("act_move_for_good")), moves(path, item)),
    group("act_owner", el("p", { class: "muted" }, t("act_owner_first")), row(owner, button("act_assign", () => does(`${path}/assign`, { owner: owner.value, seen: seen(item, "owner") })))),
    group("act_close", row(why, sure("act_close_it", () => closes(item.id, why.value)))),
  ];
}

function messageActs(item) {
  const owner = select("act_owner", people().slice(1));
  owner.value = item.owner;
  return [
    mayHear && group("act_hear_message", el("audio", { controls: true, preload: "none", src: `/supervisor/messages/${encodeURIComponent(item.id)}/sound` }),
      item.transcript ? el("p", {}, item.transcript) : null),
    group("act_owner", row(owner, button("act_assign", () => does(`messages/${encodeURIComponent(item.id)}/assign`, { owner: owner.value, seen: seen(item, "owner") })))),
    mayHear && el("p", {}, el("a", { href: "/supervisor/messages" }, t("act_all_messages"))),
  ];
}

// --- the dialog

const TITLES = {
  waiting: (item) => t("act_waiting", { caller: tools.caller(item), topic: item.topic_name }),
  talk: (item) => t("act_talk", { agent: item.agent_name, caller: tools.caller(item) }),
  agent: (item) => item.name,
  callback: (item) => t("act_callback", { caller: item.caller, topic: item.topic_name }),
  message: (item) => t("act_message", { time: tools.when(item.at), topic: item.topic_name }),
};

function open(kind, id) {
  const item = FIND[kind](id);
  if (!item) return;
  shown = { kind, id };
  byId("act-why").hidden = true;
  answer("");
  write(byId("act-title"), TITLES[kind](item));
  const theirs = !mayHear && ["waiting", "talk", "agent"].includes(kind);
  byId("act-body").replaceChildren(...(theirs ? [el("p", { class: "muted" }, t("answer_only_supervisors"))] : DRAW[kind](item).filter(Boolean)));
  if (kind === "waiting") {
    byId("act-why").hidden = false;
    drawWhy();
  }
  heedModes();
  if (!dialog.open) dialog.showModal();
}

/** Which way we sit in the talk that is shown. */
function heedModes() {
  const item = shown?.kind === "talk" ? FIND.talk(shown.id) : null;
  const mine = item && visit?.call === item.call;
  for (const node of dialog.querySelectorAll("[data-mode]")) {
    node.setAttribute("aria-pressed", Boolean(mine && item.visitor?.mode === node.dataset.mode));
  }
  const leave = byId("visit-leave");
  if (leave) leave.hidden = !mine;
}

function heedVisit() {
  const bar = byId("visit");
  const item = visit?.call ? view.talks.find((one) => one.call === visit.call) : null;
  visit?.heed(item ?? null);
  bar.hidden = !visit?.call;
  if (item?.visitor) {
    bar.querySelector("span").replaceChildren(icon("i-people"), ` ${t("act_talk", { agent: item.agent_name, caller: tools.caller(item) })} · ${t(`act_${item.visitor.mode}`)}`);
  }
}

/** Why what the dialog is about stands in its table no more. */
function left() {
  if (shown.kind !== "waiting") return "answer_gone";
  return FIND.talk(shown.id) ? "answer_answered" : "answer_left_line";
}

export function heedRoom(next, given) {
  view = next;
  tools = given;
  heedVisit();
  if (!dialog.open || !shown) return;
  const item = FIND[shown.kind](shown.id);
  if (shown.kind === "waiting" && item) drawWhy();
  if (shown.kind === "talk") heedModes();
  for (const node of byId("act-body").querySelectorAll("button:not([id]), select, input, textarea")) node.disabled = !item;
  if (!item && byId("act-answer").textContent === "") answer(t(left()), false);
}

document.addEventListener("click", (event) => {
  const node = event.target.closest("[data-act]");
  if (node) open(node.dataset.act, node.dataset.id);
});
byId("act-close").addEventListener("click", () => dialog.close());
byId("visit-open").addEventListener("click", () => visit?.call && open("talk", visit.call));
byId("visit-end").addEventListener("click", () => visit?.leave());
dialog.addEventListener("close", () => (shown = null));

