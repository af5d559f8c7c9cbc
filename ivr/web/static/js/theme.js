// The bar at the top. Theme and language without losing the page: the theme is switched in place, a language needs a new page.
// The lists behind Reports and Manage close when the attention goes elsewhere.

import { csrfToken } from "./common.js";

const form = document.getElementById("preferences");

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "theme") return;
  event.preventDefault();
  document.documentElement.dataset.theme = button.value;
  for (const other of form.querySelectorAll("button[name=theme]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  const body = new URLSearchParams({ theme: button.value, csrf: csrfToken(), next: "/" });
  fetch("/preferences", { method: "POST", body, redirect: "manual" }).catch(() => {});
});

for (const more of document.querySelectorAll(".nav-more")) {
  const summary = more.querySelector("summary");
  document.addEventListener("click", (event) => {
    if (!more.contains(event.target)) more.open = false;
  });
  more.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !more.contains(event.relatedTarget)) more.open = false;
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    summary.focus();
  });
}
