// In the talk: mute, hold, keypad, transfer, a colleague's help. Every button asks the service; only mute is the page's own.

import { ask, clock, el, Refused, say, t, write } from "./common.js";

const HOLD_LONG_S = 60; // from here on the agent is reminded of who waits
const byId = (id) => document.getElementById(id);

let desk = null;
let asked = "";
let noted = ""; // the offer that the note is about

/** `desk`: `{ view(), line, time, act(path, body), path(what), notes() }`, as the page hands it over. */
export function wireTalk(given) {
  desk = given;
  byId("transfer-form").addEventListener("submit", send);
  byId("transfer-close").addEventListener("click", () => byId("transfer").close());
  for (const key of byId("keypad").querySelectorAll("[data-tone]")) {
    key.addEventListener("click", () => press(key.dataset.tone));
  }
  byId("keypad").addEventListener("keydown", (event) => {
    if (/^[0-9*#]$/.test(event.key)) press(event.key);
  });
}

export const talkActions = {
  mute() {
    desk.line.mute(!desk.line.muted);
    drawMute();
    say(t(desk.line.muted ? "muted" : "unmuted"));
  },
  hold: () => desk.act(desk.path("hold"), { on: !desk.view().call?.held_at }),
  "pause-recording": () => desk.act(desk.path("pause-recording"), { on: desk.view().call?.recording !== "paused" }),
  keypad: () => {
    write(byId("keypad-pressed"), "\u00a0");
    byId("keypad").showModal();
  },
  transfer: open,
  alone: () => desk.act(desk.path("alone")),
  "hand-over": () => desk.act(desk.path("hand-over")),
};

// ---- what is shown ---------------------------------------------------------------------------------------------

export function drawTalk(call, card) {
  const talking = call?.phase === "connected";
  const own = talking && !call.card.asked_by;
  const byPage = desk.view()?.line !== "phone"; // who talks on a telephone mutes and keys there
  for (const id of ["mute", "keypad-open"]) byId(id).hidden = !talking || !byPage;
  for (const id of ["hold", "transfer-open"]) byId(id).hidden = !own;
  byId("transfer-open").disabled = Boolean(call?.consult);
  const held = Boolean(talking && call.held_at);
  byId("hold").setAttribute("aria-pressed", String(held));
  byId("on-hold").hidden = !held;
  byId("pause").hidden = !own || call.recording !== "on";
  byId("tape-paused").hidden = !own || call.recording !== "paused";
  byId("asked-by").hidden = !card?.asked_by;
  if (card?.asked_by) write(byId("asked-by-text"), t(talking ? "helping" : "asked_by", { name: card.asked_by }));
  drawConsult(own ? call.consult : null, held);
  const result = own && !call.consult ? call.consult_result : "";
  byId("consult-result").hidden = !result;
  write(byId("consult-result"), result ? t(`consult_${result}`) : "");
  drawHandovers(card);
  drawMute();
  if (!own && byId("transfer").open) byId("transfer").close();
  if (!talking && byId("keypad").open) byId("keypad").close();
}

function drawMute() {
  byId("mute").setAttribute("aria-pressed", String(desk.line.muted));
}

function drawConsult(consult, held) {
  byId("consult").hidden = !consult;
  if (!consult) return (asked = "");
  const house = consult.outside && consult.phase !== "here" ? "house_" : "";
  const words = t(`consult_${house}${consult.phase}`, { name: consult.name, topic: consult.topic_name });
  write(byId("consult-who"), words);
  byId("consult").dataset.phase = consult.phase;
  byId("hand-over").hidden = consult.phase !== "here";
  byId("together").hidden = consult.phase !== "here" || !held;
  write(byId("alone"), t(consult.phase !== "here" ? "consult_stop" : held ? "consult_alone" : consult.outside ? "consult_house_drop" : "consult_drop"));
  if (asked !== consult.phase) say(words);
  asked = consult.phase;
}

function drawHandovers(card) {
  const told = (card?.handovers ?? []).filter(({ name }) => name !== desk.view()?.agent.name);
  byId("handovers").hidden = told.length === 0;
  byId("handovers").replaceChildren(
    ...told.map(({ name, topic_name: topic, note }) =>
      el("li", {}, el("strong", {}, `${name} · ${topic}`), note ? el("p", {}, note) : null),
    ),
  );
}

/** Once a second. */
export function tickTalk(call) {
  if (call?.held_at) {
    const seconds = desk.time.since(call.held_at);
    write(byId("hold-timer"), clock(seconds));
    byId("on-hold").dataset.long = String(seconds >= HOLD_LONG_S);
    byId("hold-hint").hidden = seconds < HOLD_LONG_S;
  }
  if (call?.recording_until) {
    write(byId("tape-left"), t("tape_left", { time: clock(Math.ceil(desk.time.until(call.recording_until))) }));
  }
  if (call?.consult) write(byId("consult-timer"), clock(desk.time.since(call.consult.since)));
}

// ---- where to --------------------------------------------------------------------------------------------------

async function open() {
  trouble("");
  let targets;
  try {
    targets = await ask("GET", desk.path("targets"));
  } catch (error) {
    return desk.trouble(error instanceof Refused ? error.message : t("no_answer"));
  }
  const here = desk.view().call?.card.topic;
  byId("targets-desks").replaceChildren(...targets.desks.map((one) => deskRow(one, here)));
  byId("targets-people").replaceChildren(...targets.people.map(personRow));
  byId("targets-nobody").hidden = targets.people.length > 0;
  byId("targets-houses-part").hidden = targets.houses.length === 0;
  byId("targets-houses").replaceChildren(...targets.houses.map(([name, label]) => row(`destination:${name}`, false, label)));
  const offer = desk.view().call?.card.offer ?? "";
  if (noted !== offer) byId("transfer-note").value = ""; // begun for another caller, and never sent
  noted = offer;
  byId("transfer-note").value ||= desk.notes();
  byId("transfer").showModal();
  byId("transfer").querySelector("input:not(:disabled)")?.focus();
}

function row(value, disabled, name, ...about) {
  const input = el("input", { type: "radio", name: "target", value, disabled, required: true });
  return el("label", {}, input, el("span", { class: "target" }, el("strong", {}, name), el("small", {}, about.join(" · "))));
}

function deskRow(one, here) {
  const about = one.open
    ? [
        t("target_waiting", { count: one.waiting }),
        one.estimate_s == null ? t("target_no_estimate") : t("target_wait", { minutes: Math.ceil(one.estimate_s / 60) }),
        t("target_free", { count: one.free }),
      ]
    : [t("target_closed")];
  if (one.topic === here) about.unshift(t("target_here"));
  return row(`topic:${one.topic}`, !one.open, one.name, ...about);
}

function personRow(one) {
  const about = [`${t(`presence_${one.presence}`)} ${clock(desk.time.since(one.since))}`];
  if (!one.language) about.push(t("target_language"));
  return row(`to:${one.agent}`, !one.free, one.name, ...about);
}

async function send(event) {
  event.preventDefault();
  const how = event.submitter?.value ?? "consult";
  const chosen = byId("transfer-form").querySelector("input[name=target]:checked");
  if (!chosen) return trouble(t("target_choose"));
  const [kind, ...name] = chosen.value.split(":");
  const body = { [kind]: name.join(":"), note: byId("transfer-note").value.trim() };
  const done = await desk.act(desk.path(kind === "destination" && how === "transfer" ? "pass-on" : how), body, trouble);
  if (!done) return;
  byId("transfer-note").value = "";
  byId("transfer").close();
  if (how === "transfer") desk.line.hangUp();
}

function trouble(words) {
  byId("transfer-trouble").hidden = !words;
  write(byId("transfer-trouble"), words);
}

function press(key) {
  desk.line.press(key);
  write(byId("keypad-pressed"), (byId("keypad-pressed").textContent + key).trim().slice(-16));
}
