// Theme and language without losing the page: the theme is switched in place, a language needs a new page.

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
