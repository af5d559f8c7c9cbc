// The agent's own follow-ups, beside the stage: how many, what is due. Quiet: nothing rings, and a talk is not disturbed.

import { ask, el, icon, labelled, Refused, t, word, write } from "./common.js";

const SHOWN = 5;
const LATEST_MS = 3_600_000; // a browser's timers do not hold for ever
const AGAIN_MS = 30_000; // after an answer that did not come
const BUSY = ["reserved", "on_call", "wrap_up"];

const byId = (id) => document.getElementById(id);
const grouped = (number) => `${number.slice(0, 4)} ${number.slice(4)}`;
const day = (iso) => new Date(`${iso}T12:00:00`).toLocaleDateString(document.documentElement.lang, { month: "short", day: "numeric", weekday: "short" });

export class FollowUps {
  #time;
  #presence = "";
  #list = null;
  #timer = 0;
  #moving = "";

  constructor({ time }) {
    this.#time = time;
    byId("follow-move-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#act("move", this.#moving, { day: byId("follow-move-day").value });
    });
    byId("follow-move-close").addEventListener("click", () => byId("follow-move").close());
    document.addEventListener("visibilitychange", () => document.hidden || this.#fetch());
  }

  /** What the agent is doing now; empty: another page has the desk. */
  heed(presence) {
    if (presence === this.#presence) return;
    const before = this.#presence;
    this.#presence = presence;
    if (!this.#free || (before && !BUSY.includes(before) && presence !== "available")) return this.#draw();
    write(byId("follow-reminder"), ""); // said again: the day begins, or goes on after a call
    this.#fetch();
  }

  get #free() {
    return Boolean(this.#presence) && this.#presence !== "signed_out" && !BUSY.includes(this.#presence);
  }

  async #fetch() {
    clearTimeout(this.#timer);
    if (!this.#free) return; // asked for when the call is over
    let next = AGAIN_MS;
    try {
      this.#list = await ask("GET", "/api/v1/follow-ups");
      next = Math.min(LATEST_MS, Math.max(1000, this.#time.until(this.#list.changes_at) * 1000 + 500));
    } catch {
      // what stands there stays
    }
    this.#timer = setTimeout(() => this.#fetch(), next);
    this.#draw();
  }

  async #act(what, number, body) {
    const trouble = byId(what === "move" ? "follow-move-trouble" : "follow-trouble");
    trouble.hidden = true;
    try {
      this.#list = await ask("POST", `/api/v1/follow-ups/${encodeURIComponent(number)}/${what}`, body);
      byId("follow-move").close();
      this.#draw();
      byId("follow-title").focus();
    } catch (error) {
      const said = error instanceof Refused ? word("error", error.error) : t("no_answer");
      write(trouble, said === error.error ? error.message : said);
      trouble.hidden = false;
      if (error.error === "unknown_follow_up") this.#fetch();
    }
  }

  #draw() {
    const list = this.#list;
    byId("follow-ups").hidden = !this.#free || !list?.follow_ups.length;
    if (!list || byId("follow-ups").hidden) return write(byId("follow-reminder"), "");
    write(byId("follow-count"), String(list.follow_ups.length));
    const due = [["late", list.late], ["today", list.today]].filter(([, count]) => count);
    byId("follow-due").hidden = !due.length;
    const words = due.map(([what, count]) => t(`follow_${what}`, { count })).join(" · ");
    write(byId("follow-reminder"), words && t("follow_due", { due: words }));
    const worst = list.late ? "late" : "today";
    byId("follow-due").dataset.due = worst;
    byId("follow-due").querySelector("use").setAttribute("href", `#i-${worst}`);
    const shown = list.follow_ups.slice(0, SHOWN);
    const key = JSON.stringify(shown);
    if (byId("follow-list").dataset.key === key) return; // a button keeps the focus
    byId("follow-list").dataset.key = key;
    byId("follow-list").replaceChildren(...shown.map((one) => this.#line(one)));
    byId("follow-all").hidden = list.follow_ups.length <= SHOWN;
  }

  #line(one) {
    const number = grouped(one.number);
    const button = (label, action) => {
      const made = el("button", { class: "small", type: "button", "aria-label": labelled(label, number) }, label);
      made.addEventListener("click", action);
      return made;
    };
    return el(
      "li",
      { "data-due": one.due },
      el("a", { href: `/supervisor/cases?number=${encodeURIComponent(one.number)}`, target: "_blank", rel: "noopener" }, number),
      el("span", { class: "follow-topic" }, one.topic_name),
      el("span", { class: "follow-day" }, one.due === "later" ? null : icon(`i-${one.due}`), one.due === "later" ? day(one.due_on) : `${day(one.due_on)} · ${t(`due_${one.due}`)}`),
      el("span", { class: "follow-actions" }, button(t("follow_done"), () => this.#act("done", one.number)), button(t("follow_move"), () => this.#open(one))),
    );
  }

  #open(one) {
    this.#moving = one.number;
    write(byId("follow-move-case"), `${grouped(one.number)} · ${one.topic_name}`);
    byId("follow-move-trouble").hidden = true;
    byId("follow-move-day").value = one.due === "late" ? "" : one.due_on;
    byId("follow-move").showModal();
  }
}
