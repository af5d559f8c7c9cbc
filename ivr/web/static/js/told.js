// What the caller was told of the wait, and by how much it was longer: the first thing to be sorry for.

import { clock, t, timeOfDay, write } from "./common.js";

const byId = (id) => document.getElementById(id);

export function drawTold(told) {
  byId("caller-told-field").hidden = !told;
  byId("caller-over").hidden = true;
  if (told) write(byId("caller-told"), told.words || t("told_by", { time: timeOfDay(told.until) }));
}

/** `until`: when the waiting ended, or now; milliseconds. */
export function tickTold(told, until) {
  const longer = told ? (until - Date.parse(told.until)) / 1000 : 0;
  byId("caller-over").hidden = longer < 1;
  if (longer >= 1) write(byId("caller-over"), t("told_over", { time: clock(longer) }));
}
