// One page of an agent rings and talks, however many tabs and computers have the desk open. The service owns which one
// (`view.console`); the pages of one browser only settle among themselves, by a lock, who asks it: so a tab that is closed
// is followed by the next one, and another computer asks its agent first.

import { csrfToken, nameConsole } from "./common.js";

const HEARTBEAT_MS = 5000;
const FOLLOW_AFTER_MS = 1500; // a page that is only being loaded anew is back by then
const AGAIN_MS = 2000;
const LOCK = "desk";
const LED = "desk-led";

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** One name for all pages of this browser; without storage every page is a browser of its own. */
function browserName() {
  try {
    const name = localStorage.getItem("desk-browser") ?? random();
    localStorage.setItem("desk-browser", name);
    return name;
  } catch {
    return random();
  }
}

const page = `${browserName()}.${random()}`;
const browserOf = (name) => name.split(".")[0];
nameConsole(page);

/** Loaded anew by the agent: unlike a copy of a tab, which has the same storage. */
const wasReloaded = () => performance.getEntriesByType("navigation")[0]?.type === "reload";

const led = {
  get: () => sessionStorage.getItem(LED) !== null,
  set: (is) => (is ? sessionStorage.setItem(LED, "1") : sessionStorage.removeItem(LED)),
};

export class Console {
  #open;
  #worker = null;
  #holds = 0; // counts the times that this page got the lock; 0 while it has not
  #grants = 0;
  #owner = "";
  #was = false; // it led, and another one took over
  leads = false;

  /** `open(body)` asks the service for the desk, shows its answer and gives it back (null: there was none). */
  constructor(open) {
    this.#open = open;
    addEventListener("pagehide", () => this.#close());
  }

  /** Resolves when this page knows whether the desk is its own. A page loaded anew goes on where it was. */
  start() {
    return new Promise((known) => {
      this.#hold(wasReloaded() && led.get() ? { steal: true } : { ifAvailable: true }, () => this.#ask().then(known), known);
    });
  }

  /** The agent wants to work here. */
  takeOver() {
    return new Promise((done) => this.#hold({ steal: true }, () => this.#open({ take_over: true }).then(done)));
  }

  /** What the service says: whether this page leads. While it knows of none (it has forgotten), who led goes on. */
  heed(view) {
    this.#owner = view.console;
    const leads = view.console === page || (!view.console && this.leads);
    if (leads !== this.leads) {
      led.set(leads);
      this.#was = this.leads;
      this.leads = leads;
    }
    this.#worker?.postMessage({ beats: leads });
    return leads;
  }

  /** Where the desk is instead, for words: `tab`, `computer`, `taken_tab`, `taken_computer`. */
  get elsewhere() {
    const where = browserOf(this.#owner) === browserOf(page) ? "tab" : "computer";
    return this.#was ? `taken_${where}` : where;
  }

  /** Tell the service that this page is there, for as long as it leads. */
  beat(path, heard) {
    this.#worker = new Worker("/static/js/heartbeat.js");
    this.#worker.onmessage = ({ data }) => heard(data);
    this.#worker.postMessage({ path, csrf: csrfToken(), everyMs: HEARTBEAT_MS, console: page, beats: this.leads });
  }

  /** Whoever opens the desk next need not ask. */
  #close() {
    if (!this.leads) return;
    const headers = { "X-CSRF-Token": csrfToken(), "X-Console": page };
    fetch("/api/v1/desk/close", { method: "POST", headers, keepalive: true }).catch(() => {});
  }

  /** `got` runs when this page has the lock; it waits for it if `ifAvailable` and another one has it. */
  #hold(options, got, busy = () => {}) {
    if (!navigator.locks) return void got();
    const wait = () => this.#hold({}, () => this.#follow());
    navigator.locks
      .request(LOCK, options, (lock) => {
        if (!lock) {
          busy();
          wait();
          return undefined;
        }
        this.#holds = ++this.#grants;
        got();
        return new Promise(() => {}); // held until the page goes, or another one takes it
      })
      .catch(() => {
        this.#holds = 0;
        wait();
      });
  }

  /** The page that had the lock is gone: after a moment in which it may come back, this one takes its place. */
  #follow() {
    const held = this.#holds;
    setTimeout(() => held === this.#holds && this.#ask(), FOLLOW_AFTER_MS);
  }

  /** The desk for this page, unless it is open on another computer. A page of this browser that has it is gone. */
  async #ask() {
    let view = await this.#open({});
    while (!view) {
      await new Promise((go) => setTimeout(go, AGAIN_MS));
      view = await this.#open({});
    }
    const ours = navigator.locks && view.console !== page && browserOf(view.console) === browserOf(page);
    if (ours) await this.#open({ take_over: true });
  }
}
