// One telephone on the page. The network knows its state; this follows the network's events and draws.

import { Messages } from "./messages.js";
import { ask, Gone, Refused, Stream } from "./network.js";
import { Ear, keyTone, unlock } from "./sound.js";
import { Talk } from "./talk.js";
import { Transcript } from "./transcript.js";
import { dress, known, t } from "./words.js";

export const CALLERS = [
  { address: "+8613800138000", text: "mobile_cn" },
  { address: "+14155550123", text: "mobile_us" },
  { address: "+447911123456", text: "mobile_gb" },
  { address: "anonymous", text: "withheld" },
];
const OWN = "own";
const NUMBER = /^(\+[1-9]\d{5,14}|anonymous|client:\S+|sip:\S+)$/;
const KEYS = "123456789*0#";
const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ", 0: "+" };
const GROUPS = [/^(\+86)(1\d\d)(\d{4})(\d{4})$/, /^(\+86)(10|2\d)(\d{4})(\d{4})$/, /^(\+1)(\d{3})(\d{3})(\d{4})$/, /^(\+44)(7\d{3})(\d{6})$/];
const SPEAK_S = 5;

export class Handset {
  #id = null;
  #stream = null;
  #call = null;
  #ringing = null;
  #over = "";
  #timer = 0;
  #lit = 0;
  #ear = new Ear();
  #talk = new Talk((state) => this.#microphone(state));
  #trouble = null;
  #dumb = "";
  /** Whom the person chose to call; nobody yet: the first number, once the network has named it. */
  #toChosen = null;

  /** `page`: {ready, numbers, clock(), taken(address, handset), onReach(bool), onChange(), onRemove(handset)} */
  constructor(n, address, page) {
    this.n = n;
    this.address = address;
    this.page = page;
    this.node = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.node.dataset.phone = n;
    this.transcript = new Transcript(this.#part("[data-transcript]"));
    this.messages = new Messages(this.#part("[data-messages]"));
    this.#keypad();
    this.#listen();
    this.dress();
    this.#join();
  }

  #part(selector) {
    return this.node.querySelector(selector);
  }

  // --- what the person does

  #listen() {
    const deeds = {
      call: () => this.#dial(), hangup: () => this.#onCall("hangup"), answer: () => this.#pick("answer"), decline: () => this.#pick("decline"),
      speak: () => this.#speak(), remove: () => this.page.onRemove(this),
    };
    this.node.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      unlock();
      if (button.dataset.key) this.#press(button.dataset.key);
      else deeds[button.dataset.action]?.();
    });
    this.node.addEventListener("keydown", (event) => {
      if (event.target.closest("select, input") || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key.length !== 1 || !KEYS.includes(event.key) || event.repeat) return;
      event.preventDefault();
      unlock();
      this.#press(event.key);
    });
    this.#part("[data-write]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#text();
    });
    this.#part("[data-field=from]").addEventListener("change", () => this.#chooseFrom());
    this.#part("[data-field=from-own]").addEventListener("change", (event) => this.#become(event.target.value.trim()));
    this.#part("[data-field=to]").addEventListener("change", (event) => {
      this.#toChosen = event.target.value;
      this.#showOwn("to", true);
    });
  }

  #chooseFrom() {
    this.#showOwn("from", true);
    const chosen = this.#part("[data-field=from]").value;
    if (chosen !== OWN) this.#become(chosen);
  }

  #showOwn(field, focus = false) {
    const input = this.#part(`[data-field=${field}-own]`);
    input.hidden = this.#part(`[data-field=${field}]`).value !== OWN;
    if (focus && !input.hidden) input.focus();
  }

  async #become(address) {
    if (!NUMBER.test(address)) return this.#complain(address ? "number_wrong" : "number_needed");
    if (this.page.taken(address, this)) return this.#complain("same_number");
    this.#complain(null);
    await this.leave();
    this.address = address;
    this.transcript.clear();
    this.messages.set([]);
    this.page.onChange();
    this.#join();
  }

  /** The number in the field "to". */
  #wanted() {
    const chosen = this.#part("[data-field=to]").value;
    return chosen === OWN ? this.#part("[data-field=to-own]").value.replace(/[\s()-]/g, "") : chosen;
  }

  #dial() {
    const to = this.#wanted();
    if (!NUMBER.test(to)) return this.#complain(to ? "number_wrong" : "number_needed");
    this.transcript.clear();
    this.#over = "";
    this.#call = { sid: null, to, status: "queued" };
    this.draw();
    return this.#do(`phones/${this.#id}/call`, { to });
  }

  #press(key) {
    const button = this.#part(`[data-key="${CSS.escape(key)}"]`);
    button.classList.add("down");
    clearTimeout(this.#lit);
    this.#lit = setTimeout(() => this.node.querySelectorAll(".down").forEach((each) => each.classList.remove("down")), 160);
    keyTone(key);
    this.#onCall("press", { keys: key });
  }

  /** Write a text message: to who wrote last, else to the number that would be dialled. */
  async #text() {
    const input = this.#part("[data-body]");
    const body = input.value.trim();
    const to = this.messages.partner ?? this.#wanted();
    if (!body || !this.#id) return;
    if (!NUMBER.test(to)) return this.#complain(to ? "number_wrong" : "number_needed");
    this.#complain(null);
    try {
      await ask("POST", `phones/${this.#id}/text`, { to, body });
      input.value = "";
    } catch (error) {
      this.#explain(error);
    }
  }

  async #speak() {
    const button = this.#part("[data-action=speak]");
    button.disabled = true;
    button.textContent = t("speaking");
    await this.#onCall("speak", { seconds: SPEAK_S });
    this.transcript.add({ kind: "spoke", seconds: SPEAK_S });
    setTimeout(() => {
      button.disabled = false;
      button.textContent = t("speak");
    }, SPEAK_S * 1000);
  }

  #onCall(deed, body) {
    return this.#call?.sid ? this.#do(`phones/${this.#id}/${deed}`, body) : undefined;
  }

  #pick(deed) {
    return this.#do(`phones/${this.#id}/${deed}`, { sid: this.#ringing?.sid });
  }

  async #do(path, body = {}) {
    this.#complain(null);
    try {
      const answer = await ask("POST", path, body);
      if (this.#call && !this.#call.sid) this.#call.sid = answer.sid;
    } catch (error) {
      if (!this.#call?.sid) this.#call = null;
      this.#explain(error);
    }
    this.draw();
  }

  // --- what the network says

  async #join() {
    try {
      const phone = await ask("POST", "phones", { address: this.address });
      this.#id = phone.id;
      this.page.onReach(true);
    } catch (error) {
      if (!(error instanceof Gone)) return this.#explain(error);
      this.page.onReach(false);
      setTimeout(() => this.#join(), 2000);
      return;
    }
    this.#stream = new Stream(`phones/${this.#id}/events`, {
      onEvent: (event) => this.#take(event),
      onOpen: () => this.page.onReach(true),
      onLost: () => this.#lost(),
    });
    this.draw();
  }

  /** The network is away, or came back without this phone: then it is made anew. */
  async #lost() {
    try {
      await ask("GET", `phones/${this.#id}`);
    } catch (error) {
      this.page.onReach(error instanceof Refused);
      if (!(error instanceof Refused)) return;
      this.#stream?.close();
      this.#end({ status: "failed" });
      this.#join();
    }
  }

  /** Away from the page, and from the network. */
  async leave() {
    this.#stream?.close();
    this.#ear.stop();
    this.#talk.end();
    clearInterval(this.#timer);
    this.#call = this.#ringing = null;
    if (this.#id) await ask("DELETE", `phones/${this.#id}`).catch(() => {});
    this.#id = null;
  }

  #take(event) {
    if (event.type === "hello") this.#greet(event);
    else if (event.type === "ring") this.#rings({ sid: event.sid, ...event.call });
    else if (event.type === "cancel") this.#silent(event.sid);
    else if (event.type === "state") this.#turn(event);
    else if (event.type === "ended") this.#end(event);
    else if (event.type === "hearing" || event.type === "signal") return this.#talk.take(event);
    else if (event.type === "text") this.messages.add(event.text);
    else if (event.type === "heard" && event.item) this.#hear(event);
    else if (event.type === "interrupted") {
      this.transcript.cut(event.n);
      this.#ear.cut(event.n);
    }
    this.draw();
  }

  #greet(hello) {
    const { call, ringing } = hello.phone;
    this.messages.set(hello.texts);
    if (this.#call?.sid && !call) this.#end({ sid: this.#call.sid, status: "completed" });
    if (call) {
      this.#call = { ...call, incoming: call.direction !== "inbound" };
      this.transcript.clear();
      hello.transcript.forEach((item) => this.transcript.add(item));
      this.#recording(hello.transcript.at(-1)?.kind === "beep");
      if (call.status === "in-progress") {
        this.#startTimer(seconds(call.started));
        this.#talk.begin(this.#id, call.sid);
      }
    }
    if (ringing) this.#rings(ringing);
    else this.#silent(this.#ringing?.sid);
  }

  #rings(call) {
    this.#ringing = call;
    this.#over = "";
    this.#ear.ring(true);
  }

  #silent(sid) {
    if (!this.#ringing || this.#ringing.sid !== sid) return;
    this.#ringing = null;
    this.#ear.ring(false);
  }

  #turn({ sid, status }) {
    if (this.#ringing?.sid === sid) {
      this.transcript.clear();
      this.#call = { ...this.#ringing, incoming: true };
      this.#silent(sid);
    }
    // The network may be faster than its answer to our request.
    if (this.#call && !this.#call.sid) this.#call.sid = sid;
    if (this.#call?.sid !== sid) return;
    const begins = status === "in-progress" && this.#call.status !== status;
    this.#call.status = status;
    if (begins) this.#talk.begin(this.#id, sid);
    if (begins || (status === "in-progress" && !this.#timer)) this.#startTimer();
  }

  #hear({ sid, item }) {
    if (this.#call?.sid && this.#call.sid !== sid) return;
    this.transcript.add(item);
    this.#ear.hear(item);
    if (item.kind !== "keys") this.#recording(item.kind === "beep");
  }

  /** Who is not heard must know it; the call goes on all the same. */
  #microphone(state) {
    const node = this.#part("[data-dumb]");
    this.#dumb = state === "open" || state === "closed" ? "" : state;
    node.hidden = !this.#dumb;
    write(node, this.#dumb ? t(`microphone_${this.#dumb}`) : "");
  }

  #recording(now) {
    this.#part("[data-speak]").hidden = !now;
  }

  #end({ sid, status }) {
    if (this.#ringing && this.#ringing.sid === sid) return this.#silent(sid);
    if (!this.#call || (sid && this.#call.sid && this.#call.sid !== sid)) return;
    if (status === "failed") this.#complain("number_unknown", { number: this.#call.to });
    this.#call = null;
    this.#over = status;
    this.transcript.add({ kind: "end", status });
    this.#ear.stop();
    this.#talk.end();
    this.#microphone("open");
    this.#recording(false);
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #startTimer(startedS) {
    const { factor, nowS } = this.page.clock();
    const before = Number.isFinite(startedS) ? Math.max(0, nowS - startedS) : 0;
    const beganMs = performance.now();
    const tick = () => {
      const seconds = Math.floor(before + ((performance.now() - beganMs) / 1000) * factor);
      this.#part("[data-timer]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    clearInterval(this.#timer);
    tick();
    this.#timer = setInterval(tick, 250);
  }

  // --- drawing

  get state() {
    if (this.#call) return this.#call.status === "in-progress" ? "talking" : "calling";
    if (this.#ringing) return "incoming";
    return this.#over ? "ended" : "idle";
  }

  draw() {
    const focus = this.node.contains(document.activeElement) ? document.activeElement : null;
    this.#drawAll();
    // Whoever pressed Call goes on with the keys: a focus that a disabled or hidden button would swallow stays here.
    if (focus && (focus.disabled || focus.getClientRects().length === 0)) this.node.focus({ preventScroll: true });
  }

  #drawAll() {
    const state = this.state;
    this.node.dataset.state = state;
    const spoken = state === "ended" && known(`ended_${this.#over}`) ? `ended_${this.#over}` : state;
    write(this.#part("p[data-state]"), t(spoken));
    this.#part("p[data-state]").dataset.state = state;
    write(this.#part("[data-with]"), this.#company(state));
    if (state === "idle" || state === "calling" || state === "incoming") write(this.#part("[data-timer]"), "");
    this.#part("[data-ring]").hidden = state !== "incoming";
    this.#part(".deeds").hidden = state === "incoming";
    const onCall = state === "talking" || state === "calling";
    this.#part("[data-action=call]").disabled = onCall || !this.#id || !this.page.ready;
    this.#part("[data-action=hangup]").disabled = !onCall;
    for (const field of this.node.querySelectorAll("[data-field]")) field.disabled = onCall || state === "incoming";
    // Whose number is withheld, nobody can write to.
    this.#part("[data-texts]").hidden = !this.address.startsWith("+");
    this.#part("[data-action=text]").disabled = !this.#id || !this.page.ready;
    this.#drawTrouble();
  }

  #company(state) {
    if (state === "incoming") return t("from_number", { number: spell(this.#ringing.from) });
    if (state === "calling") return t("to_number", { number: spell(this.#call.to) });
    if (state !== "talking") return spell(this.address);
    return t("with_number", { number: spell(this.#call.incoming ? this.#call.from : this.#call.to) });
  }

  #complain(key, values) {
    this.#trouble = key && { key, values };
    this.#drawTrouble();
  }

  #explain(error) {
    if (error instanceof Gone) this.page.onReach(false);
    else this.#complain("refused", { why: error.message });
  }

  #drawTrouble() {
    const node = this.#part("[data-trouble]");
    node.hidden = !this.#trouble;
    write(node, this.#trouble ? t(this.#trouble.key, this.#trouble.values) : "");
  }

  #keypad() {
    for (const key of KEYS) {
      const button = document.createElement("button");
      const letters = document.createElement("small");
      letters.textContent = LETTERS[key] ?? "";
      letters.ariaHidden = "true";
      button.type = "button";
      button.dataset.key = key;
      button.append(key === "*" ? "∗" : key, letters);
      this.#part(".keys").append(button);
    }
  }

  /** All texts anew, in the page's language. */
  dress() {
    dress(this.node);
    this.#part("h2").textContent = t("phone", { n: this.n });
    this.node.setAttribute("aria-label", t("phone", { n: this.n }));
    for (const action of ["call", "hangup", "answer", "decline", "speak", "text"]) this.#part(`[data-action=${action}]`).textContent = t(action);
    this.#part("[data-action=remove]").setAttribute("aria-label", t("remove"));
    this.#part(".keys").setAttribute("aria-label", t("keypad"));
    this.#part(".log").setAttribute("aria-label", t("transcript"));
    this.#part("[data-texts] .log").setAttribute("aria-label", t("texts"));
    this.#part("[data-body]").setAttribute("aria-label", t("write_text"));
    this.#part("[data-body]").placeholder = t("write_text");
    for (const field of ["from", "to"]) {
      const input = this.#part(`[data-field=${field}-own]`);
      input.placeholder = t(`own_${field}`);
      input.setAttribute("aria-label", t(`own_${field}`));
    }
    this.fill();
    this.#microphone(this.#dumb || "open");
    this.transcript.redraw();
    this.messages.redraw();
    this.draw();
  }

  fill() {
    const preset = CALLERS.some(({ address }) => address === this.address);
    const callers = CALLERS.map(({ address, text }) => [address, address === "anonymous" ? t(text) : `${spell(address)} · ${t(text)}`]);
    choices(this.#part("[data-field=from]"), [...callers, [OWN, t("own")]], preset ? this.address : OWN);
    if (!preset) this.#part("[data-field=from-own]").value = this.address;
    const to = this.#part("[data-field=to]");
    choices(to, [...this.page.numbers.map((number) => [number, spell(number)]), [OWN, t("own")]], this.#part("[data-field=to-own]").value ? OWN : this.#toChosen ?? this.page.numbers[0]);
    this.#showOwn("from");
    this.#showOwn("to");
  }
}

function choices(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, text]) => new Option(text, value)));
  if (pairs.some(([value]) => value === chosen)) select.value = chosen;
}

const write = (node, text) => node.textContent !== text && (node.textContent = text);

/** An instant of the network, in seconds since 1970. */
export const seconds = (instant) => (typeof instant === "number" ? instant : Date.parse(instant) / 1000);

/** Telephone numbers in groups, so that they can be read. */
function spell(address = "") {
  if (address === "anonymous") return t("withheld");
  for (const pattern of GROUPS) {
    const groups = pattern.exec(address);
    if (groups) return groups.slice(1).join(" ");
  }
  return address;
}
