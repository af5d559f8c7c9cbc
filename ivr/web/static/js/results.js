// The result of a call and the reason beneath it. A result that the menu gives reasons needs one of them.

import { el, word, write } from "./common.js";

const byId = (id) => document.getElementById(id);
const box = () => byId("reasons");

/** A name that has no words: "bank_slow" reads "Bank slow". */
function readable(name) {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A result in the menu's own words, else in ours. */
export function resultWords(wrapUp, name) {
  const said = wrapUp.labels[name] ?? word("disposition", name);
  return said === name ? readable(name) : said;
}

/** The reasons of the result that is chosen; `wrapUp` null: there is no result to give now. */
export function drawReasons(wrapUp, result) {
  const reasons = (wrapUp && wrapUp.reasons[result]) || [];
  byId("reasons-field").hidden = !reasons.length;
  const drawn = reasons.length ? `${wrapUp.offer} ${result}` : "";
  if (box().dataset.of === drawn) return;
  box().dataset.of = drawn;
  if (reasons.length) write(byId("reasons-of"), resultWords(wrapUp, result));
  box().replaceChildren(
    ...reasons.map(([name, words]) =>
      el("label", {}, el("input", { type: "radio", name: "disposition-reason", value: name }), el("span", {}, words)),
    ),
  );
  if (reasons.length) inSight();
}

export const reasonChosen = () => box().querySelector("input:checked")?.value ?? "";

/** Put back a reason that was chosen before; what is chosen here meanwhile stays. */
export function chooseReason(name) {
  const input = name && !reasonChosen() && box().querySelector(`input[value="${CSS.escape(name)}"]`);
  if (input) input.checked = true;
}

/** A reason is needed and none is chosen. */
export const reasonMissing = () => !byId("reasons-field").hidden && !reasonChosen();

/** The keyboard goes to the reasons. */
export function askReason() {
  box().querySelector("input").focus({ preventScroll: true });
  inSight();
}

/** Out from under the row of buttons. */
function inSight() {
  byId("reasons-field").scrollIntoView({ block: "nearest" });
}
