// The caller's matter beside the call: the case, why it is urgent, open cases, earlier calls.

import { el, t, word, write } from "./common.js";

const byId = (id) => document.getElementById(id);
const day = (at) => new Date(at).toLocaleDateString(document.documentElement.lang);
const moment = (at) =>
  new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });

/** "25061607" as "2506 1607": in the groups in which the caller hears it. */
export const grouped = (number) => `${number.slice(0, 4)} ${number.slice(4)}`;

function standing(one) {
  const due = one.due_at ? ` · ${t("case_due", { day: day(one.due_at) })}` : "";
  return `${word("case", one.status)}${due}`;
}

/** The agent's result, else how the call ended. */
const resultOf = (result) => {
  const said = word("disposition", result);
  return said === result ? word("end", result) : said;
};

/** One case in one line, and one earlier call. */
export const caseLine = (one) => `${grouped(one.number)} · ${one.topic} · ${standing(one)}`;
export const earlierLine = (call) =>
  [moment(call.at), call.topic, resultOf(call.result), call.agent].filter(Boolean).join(" · ");

function list(id, lines) {
  byId(id).replaceChildren(...(lines.length ? lines : ["–"]).map((line) => el("li", {}, line)));
}

export function drawMatter(matter) {
  byId("matter").hidden = !matter;
  if (!matter) return;
  const { case: own } = matter;
  write(byId("matter-case"), own ? grouped(own.number) : "–");
  write(byId("matter-status"), own ? `${standing(own)}${own.joined ? ` · ${t("case_joined")}` : ""}` : "");
  const why = matter.why.map((reason) => t(`why_${reason}`, { calls: matter.calls_24h }));
  write(byId("matter-why"), why.join(" · ") || "–");
  list("matter-open", matter.open_cases.map(caseLine));
  write(byId("matter-calls"), matter.calls_24h > 1 ? t("calls_24h", { calls: matter.calls_24h }) : "");
  list("matter-earlier", matter.earlier.map(earlierLine));
  write(byId("matter-note"), own?.note || "–");
}
