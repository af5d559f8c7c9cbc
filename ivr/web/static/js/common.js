// What every page needs: texts of the page's language, requests to the API, time, and safe ways to draw.

const texts = JSON.parse(document.getElementById("texts").textContent);
const csrf = document.querySelector("meta[name=csrf]").content;
let page = "";

/** A text of the page's language; `{name}` is filled from `values`. An unknown key shows itself. */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A text that may not exist (an operator's own words): then the word itself. */
export function word(prefix, value) {
  return texts[`${prefix}_${value}`] ?? value;
}

export class Refused extends Error {
  constructor(status, body) {
    super(body?.message ?? String(status));
    this.status = status;
    this.error = body?.error ?? "";
  }
}

/** Ask the API. Throws Refused with the service's answer, TypeError when there was none. */
export async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: {
      "X-CSRF-Token": csrf,
      ...(page ? { "X-Console": page } : {}),
      ...(body ? { "Content-Type": "application/json" } : {}),
    },
    body: body ? JSON.stringify(body) : undefined,
  });
  const answer = await response.json().catch(() => null);
  if (response.status === 401) signedOut();
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

export const csrfToken = () => csrf;

/** From now on requests say which page asks: one page of an agent acts. */
export function nameConsole(name) {
  page = name;
}

export const consoleName = () => page;

/** The session is over: sign in again and come back here. */
export function signedOut() {
  window.onbeforeunload = null;
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
}

/** 75 → "1:15", 3700 → "1:01:40". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** An instant as the time of day here: "3:30 PM". */
/** Several names in a sentence, as the page's language puts them. */
export const listed = (names) => new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(names);

/** What a name stands before, with the colon of the page's language. */
export const labelled = (name, words) => `${name}${document.documentElement.lang.startsWith("zh") ? "：" : ": "}${words}`;

export const timeOfDay = (instant) => new Date(instant).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

/** The service's clock, as seen from here: pages count with it, never with their own. */
export class ServerClock {
  #ahead = 0;
  set(serverNow) {
    this.#ahead = Date.parse(serverNow) - Date.now();
  }
  now() {
    return Date.now() + this.#ahead;
  }
  since(instant) {
    return (this.now() - Date.parse(instant)) / 1000;
  }
  until(instant) {
    return -this.since(instant);
  }
}

/** An element with text children: nothing that comes from outside is ever read as markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(id) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${id}`);
  svg.append(use);
  return svg;
}

/** Write only when it differs, so that live regions and selections are left in peace. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function say(text) {
  const node = document.getElementById("announce");
  node.textContent = "";
  node.textContent = text;
}
