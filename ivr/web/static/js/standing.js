// What callers who ask for the progress of the case are told: the agent may name it at wrap-up.

import { el, t, word } from "./common.js";

const byId = (id) => document.getElementById(id);
const STANDINGS = ["open", "pending", "solved", "closed"];

/** `status`: what follows from the result that is chosen; it stands first and needs no choice. */
export function drawStanding({ shown, offer, status }) {
  byId("standing-field").hidden = !shown;
  const box = byId("standing");
  if (!shown) return;
  if (box.dataset.offer !== String(offer)) {
    box.dataset.offer = offer;
    box.replaceChildren(el("option", { value: "" }), ...STANDINGS.map((one) => el("option", { value: one }, word("told", one))));
  }
  box.options[0].textContent = t("by_result", { standing: word("told", status) });
}

/** The standing named; empty: what follows from the result. */
export const standingNamed = () => (byId("standing-field").hidden ? "" : byId("standing").value);
