// What the caller sent through the link: words and files, as they come in.

import { el, t, word } from "./common.js";

const FIELDS = ["email", "what", "when", "transaction"];

const size = (bytes) => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

function listed(file) {
  const open = ["clean", "not_scanned"].includes(file.state);
  const name = open ? el("a", { href: `/evidence/${encodeURIComponent(file.id)}`, download: "" }, file.name) : el("span", {}, file.name);
  return el("li", {}, name, " ", el("small", { class: "muted" }, `${size(file.size)} · ${word("file", file.state)}`));
}

function form(sent) {
  const words = FIELDS.filter((name) => sent.fields[name]).map((name) =>
    el("div", {}, el("dt", {}, word("field", name)), el("dd", {}, sent.fields[name])));
  const files = sent.files.length ? [el("ul", { class: "files" }, ...sent.files.map(listed))] : [];
  return el("article", {}, el("h2", {}, t("evidence_sent")), el("dl", {}, ...words), ...files);
}

/** Drawn only when it changed, so that a link keeps the focus. */
export function drawEvidence(forms) {
  const box = document.getElementById("evidence");
  const key = JSON.stringify(forms);
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  box.hidden = !forms.length;
  box.replaceChildren(...forms.map(form));
}
