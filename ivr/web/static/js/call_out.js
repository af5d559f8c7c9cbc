// Calling somebody: a customer of an own case or call, or a house that the menu file names. The service decides who may.

import { ask, el, labelled, t, timeOfDay, word, write } from "./common.js";

const byId = (id) => document.getElementById(id);
const MAY_CALL = ["available", "break"];
let desk = null;
let preset = ""; // the call that the page was opened for
let ringing = false;

/** `desk`: `{ act(path, body, tell) }`, as the page hands it over. */
export function wireCallOut(given) {
  desk = given;
  byId("call-out-open").addEventListener("click", () => open(""));
  byId("call-out-close").addEventListener("click", () => byId("call-out").close());
  byId("call-out-form").addEventListener("submit", (event) => {
    event.preventDefault();
    call(preset ? { why: "call", ref: preset } : { why: "case", ref: byId("call-out-case").value });
  });
  const wanted = new URLSearchParams(location.search).get("call");
  if (wanted) {
    history.replaceState(null, "", location.pathname); // loaded anew it is not asked again
    open(wanted);
  }
}

/** The button, and what became of a call that nobody answered. */
export function drawCallOut(view, leader) {
  byId("call-out-open").disabled = !leader || !MAY_CALL.includes(view.presence);
  const now = Boolean(view.call?.card.callback?.by_agent) && view.call.phase !== "connected";
  if (ringing && !now && !view.call) tellResult();
  ringing = now;
}

async function open(ofCall) {
  preset = ofCall;
  trouble("");
  byId("call-out-of-call").hidden = !preset;
  byId("call-out-case-field").hidden = Boolean(preset);
  byId("call-out-case").disabled = Boolean(preset);
  byId("call-out-case").value = "";
  byId("call-out").showModal();
  await draw();
}

async function draw() {
  const { destinations, latest } = await ask("GET", "/api/v1/desk/calls-out").catch(() => ({ destinations: [], latest: [] }));
  byId("call-out-destinations-part").hidden = destinations.length === 0;
  byId("call-out-destinations").replaceChildren(...destinations.map(([name, label]) => row(label, "", { why: "destination", ref: name })));
  byId("call-out-latest-part").hidden = latest.length === 0;
  byId("call-out-latest").replaceChildren(
    ...latest.map((one) => row(whom(one), `${timeOfDay(one.at)} · ${resultOf(one)}`, one)),
  );
  return latest;
}

const whom = (one) => one.label || [one.number, one.case && t("case_number", { number: one.case })].filter(Boolean).join(" · ");
const resultOf = (one) => word("called", one.result || "going_on");

function row(name, about, { why, ref }) {
  const button = el("button", { type: "button", "aria-label": t("call_whom", { name }) }, t("call"));
  button.addEventListener("click", () => call({ why, ref }));
  return el("li", {}, el("span", {}, el("strong", {}, name), about ? el("small", {}, about) : null), button);
}

async function call(whom) {
  trouble("");
  if (await desk.act("/api/v1/desk/call-out", whom, trouble)) byId("call-out").close();
}

async function tellResult() {
  const [last] = await draw();
  if (!last?.result || last.result === "answered") return;
  desk.tell(labelled(whom(last), resultOf(last)));
}

function trouble(words) {
  byId("call-out-trouble").hidden = !words;
  write(byId("call-out-trouble"), words);
}
