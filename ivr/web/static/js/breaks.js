// Breaks that a supervisor set: said quietly ten minutes before and when due, and gone to with one press.

import { ask, t, word, write } from "./common.js";

const SOON_S = 600;
const EVERY_MS = 300_000; // a supervisor may set another one
const TALKING = ["reserved", "on_call"];
const AWAY = ["break", "away", "signed_out"];

const byId = (id) => document.getElementById(id);

export class Breaks {
  #time;
  #go;
  #breaks = [];
  #taken = new Set();
  #view = null;
  #said = "";
  #timer = 0;

  /** `go` takes a break with a reason, now or after the call. */
  constructor({ time, go }) {
    this.#time = time;
    this.#go = go;
    byId("break-planned-go").addEventListener("click", () => this.#due && this.#go(this.#due.reason));
  }

  /** The agent's view; null: another page has the desk. */
  heed(view) {
    const changed = view?.presence !== this.#view?.presence;
    this.#view = view;
    if (view?.presence === "break" && !["signed_in", "away"].includes(view.reason) && this.#due) this.#taken.add(this.#due.id);
    if (changed && view) this.#fetch();
    this.tick();
  }

  /** Whether one comes soon or is due, as time passes. */
  tick() {
    const one = this.#view && !AWAY.includes(this.#view.presence) ? this.#next : null;
    if (this.#view?.presence === "reserved" && byId("break-planned").hidden) return; // nothing moves under a finger that accepts
    byId("break-planned").hidden = !one;
    if (!one) return;
    const due = this.#time.until(one.start) <= 0;
    const why = one.reason ? ` · ${word("reason", one.reason)}` : "";
    const minutes = Math.max(1, Math.ceil(this.#time.until(one.start) / 60));
    const words = due ? t("planned_due", { ends: one.ends }) : t("planned_soon", { starts: one.starts, minutes });
    write(byId("break-planned-words"), words + why);
    const follows = this.#view.wanted === "break";
    byId("break-planned-go").hidden = !due || follows;
    write(byId("break-planned-go"), t(this.#view.call || this.#view.wrap_up ? "planned_after" : "planned_now"));
    const key = `${one.id} ${due}`;
    if (this.#said === key || TALKING.includes(this.#view.presence)) return;
    this.#said = key; // once for each, not every minute
    write(byId("break-planned-said"), words + why);
  }

  get #next() {
    return this.#breaks.find(
      (one) => !one.taken && !this.#taken.has(one.id) && this.#time.until(one.end) > 0 && this.#time.until(one.start) <= SOON_S,
    );
  }

  get #due() {
    const one = this.#next;
    return one && this.#time.until(one.start) <= 0 ? one : null;
  }

  async #fetch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetch(), EVERY_MS);
    try {
      this.#breaks = (await ask("GET", "/api/v1/breaks")).breaks;
      this.tick();
    } catch {
      // what is known stays
    }
  }
}
