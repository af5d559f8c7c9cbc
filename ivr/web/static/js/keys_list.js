// The list of keys: in the dialog under `?`, beside the stage, and on the buttons. Made from the table of `keys`, in which
// the agent may choose each key anew; what is chosen is kept with the account.

import { ask, el, Refused, t, write } from "./common.js";
import { ACTIONS, chordOf, Keys, KINDS, plainKeyOf, unfit } from "./keys.js";

const GROUPS = ["ringing", "call", "wrap_up", "always"];
const MODIFIERS = ["Control", "Alt", "Shift", "Meta", "AltGraph", "CapsLock", "NumLock", "Process", "Dead"];
const byId = (id) => document.getElementById(id);

/** As it stands on the keyboard. */
function words(value) {
  const shown = { Space: t("key_space"), Escape: "Esc" };
  return value.split(/\+(?=.)/).map((part) => shown[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ");
}

const asAria = (value) => value.replace("Ctrl", "Control");

export class KeysList {
  #keys;
  #waits = null; // { name, kind, button }: the next press is its key

  constructor() {
    const dialog = byId("help");
    this.#keys = new Keys(JSON.parse(dialog.dataset.kept));
    this.#keys.watch(() => this.#draw());
    byId("help-open").addEventListener("click", () => {
      this.#say("");
      dialog.showModal();
      byId("help-close").focus();
    });
    byId("help-close").addEventListener("click", () => dialog.close());
    byId("keys-defaults").addEventListener("click", () => this.#keep({}, t("keys_defaults")));
    dialog.addEventListener("close", () => this.#wait(null));
    dialog.addEventListener("keydown", (event) => this.#pressed(event));
    dialog.addEventListener("focusout", () => this.#wait(null));
  }

  // ---- what is shown -----------------------------------------------------------------------------------------

  #draw() {
    const table = byId("keys-table");
    for (const body of [...table.tBodies]) body.remove();
    table.append(...GROUPS.map((when) => this.#group(when)));
    const short = ACTIONS.filter(({ name }) => this.#keys.of(name, "key") || name === "finish");
    byId("keys-side").replaceChildren(
      ...short.map(({ name }) => {
        const value = this.#keys.of(name, "key") || this.#keys.of(name, "chord");
        return el("div", {}, el("dt", {}, el("kbd", {}, words(value))), el("dd", {}, t(`key_${name}`)));
      }),
    );
    for (const { name, button } of ACTIONS) this.#mark(name, button);
  }

  #group(when) {
    const rows = ACTIONS.filter((action) => action.when === when).map(({ name }) =>
      el("tr", {}, el("th", { scope: "row" }, t(`key_${name}`)), ...KINDS.map((kind) => el("td", {}, this.#button(name, kind)))),
    );
    const head = el("tr", {}, el("th", { scope: "rowgroup", colspan: 3 }, t(`keys_${when}`)));
    return el("tbody", {}, head, ...rows);
  }

  #button(name, kind) {
    const value = this.#keys.of(name, kind);
    const said = t("keys_change", { action: t(`key_${name}`), kind: t(`keys_${kind}`), key: value ? words(value) : t("keys_none") });
    const button = el("button", { type: "button", class: "key", "aria-label": said, "data-key": name, "data-kind": kind });
    button.append(value ? el("kbd", {}, words(value)) : "–");
    button.addEventListener("click", () => this.#wait(this.#waits?.button === button ? null : { name, kind, button }));
    return button;
  }

  /** Buttons say their key, to eyes and to screen readers. */
  #mark(name, button) {
    if (!button) return;
    const values = KINDS.map((kind) => this.#keys.of(name, kind)).filter(Boolean);
    for (const node of document.querySelectorAll(button)) {
      node.setAttribute("aria-keyshortcuts", values.map(asAria).join(" "));
      const mark = node.querySelector("kbd");
      if (mark) write(mark, values.length ? words(values[0]) : "");
    }
  }

  #say(text, bad = false) {
    const node = byId("keys-said");
    node.classList.toggle("bad", bad);
    node.hidden = !text;
    write(node, text);
  }

  // ---- choosing anew -----------------------------------------------------------------------------------------

  #wait(what) {
    this.#waits?.button.removeAttribute("aria-pressed");
    this.#waits = what;
    if (!what) return;
    what.button.setAttribute("aria-pressed", "true");
    this.#say(t(`keys_press_${what.kind}`, { action: t(`key_${what.name}`) }));
  }

  #pressed(event) {
    if (!this.#waits || event.isComposing || event.key === "Tab" || MODIFIERS.includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return; // still the press that began it
    const { name, kind } = this.#waits;
    const plain = plainKeyOf(event);
    if (plain === "Escape" && !(kind === "key" && ACTIONS.some((one) => one.name === name && one.key === plain))) {
      this.#wait(null);
      this.#say(t("keys_left"));
      return;
    }
    if (["Backspace", "Delete"].includes(event.key)) return void this.#choose(name, kind, "");
    this.#choose(name, kind, kind === "chord" ? chordOf(event) || plain : plain || chordOf(event));
  }

  #choose(name, kind, value) {
    const owner = value && this.#keys.owner(kind, value);
    const action = ACTIONS.find((one) => one.name === name);
    const why = value === "" ? "" : unfit(action, kind, value);
    if (why) return this.#say(t(`keys_refused_${why}`, { key: words(value) }), true);
    if (owner && owner !== name) return this.#say(t("keys_refused_taken", { key: words(value), action: t(`key_${owner}`) }), true);
    const said = value ? t("keys_kept", { key: words(value), action: t(`key_${name}`) }) : t("keys_taken_away", { action: t(`key_${name}`) });
    return this.#keep(this.#keys.with(name, kind, value), said, { name, kind });
  }

  async #keep(kept, said, at = null) {
    this.#wait(null);
    try {
      await ask("POST", "/api/v1/desk/choices", { keys: kept });
    } catch (error) {
      return this.#say(error instanceof Refused ? error.message : t("no_answer"), true);
    }
    this.#keys.take(kept);
    this.#say(said);
    if (at) byId("keys-table").querySelector(`[data-key="${at.name}"][data-kind="${at.kind}"]`).focus();
    return undefined;
  }
}
