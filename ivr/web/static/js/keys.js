// Every action that has a key, in one table: what acts on a key press, what stands on the buttons and what the list under `?`
// shows are all made from it. A key presses the action's button, so it can never do what the page does not offer just now.
//
// `key` acts only outside fields, and a letter only while the call has the focus; `chord` acts anywhere, also while one
// writes. Both may be chosen anew by the agent (`keys_list`).

export const ACTIONS = [
  { name: "accept", when: "ringing", key: "Space", chord: "Ctrl+Alt+a", button: "[data-action=accept]" },
  { name: "decline", when: "ringing", key: "Escape", chord: "Ctrl+Alt+r", button: "[data-action=decline]" },
  { name: "silence", when: "ringing", key: "s", chord: "Ctrl+Alt+s", button: "#hush" },
  { name: "mute", when: "call", key: "m", chord: "Ctrl+Alt+m", button: "[data-action=mute]" },
  { name: "hold", when: "call", key: "h", chord: "Ctrl+Alt+h", button: "#hold" },
  { name: "keypad", when: "call", key: "k", chord: "Ctrl+Alt+k", button: "[data-action=keypad]" },
  // Not Ctrl+Alt+T: many desktops open a terminal with it.
  { name: "transfer", when: "call", key: "t", chord: "Ctrl+Alt+f", button: "[data-action=transfer]" },
  { name: "texts", when: "call", key: "w", chord: "Ctrl+Alt+w", button: "[data-action=texts]" },
  { name: "pause-recording", when: "call", key: "p", chord: "Ctrl+Alt+p", button: "[data-action=pause-recording]" },
  { name: "end", when: "call", key: "e", chord: "Ctrl+Alt+e", button: "[data-action=end]" },
  { name: "call", when: "call", key: "", chord: "Ctrl+Alt+c", focus: "#talk" },
  { name: "finish", when: "wrap_up", key: "", chord: "Ctrl+Enter", button: "#result [type=submit]" },
  { name: "more-time", when: "wrap_up", key: "", chord: "Ctrl+Alt+o", button: "[data-action=more-time]" },
  { name: "ready", when: "always", key: "", chord: "Ctrl+Alt+g", button: "#ready" },
  { name: "break", when: "always", key: "", chord: "Ctrl+Alt+b", button: "#break" },
  { name: "call-out", when: "always", key: "", chord: "Ctrl+Alt+y", button: "#call-out-open" },
  { name: "keys", when: "always", key: "?", chord: "Ctrl+Alt+i", button: "#help-open" },
];
export const KINDS = ["key", "chord"];
const WRITING = "input, textarea, select, [contenteditable]";
const NAMED = { " ": "Space", Escape: "Escape", Enter: "Enter" };
const FUNCTION_KEY = /^F([1-9]|1[0-2])$/;
const FREE_FUNCTION_KEYS = ["F2", "F4", "F8", "F9"];
const OWNED = ["Ctrl+Alt+x", "Ctrl+Alt+z", "Ctrl+Alt+Shift+i", "Ctrl+Alt+Shift+j"];
const A_SIGN = /^[!-~]$/;
const A_KEY = /^([!-~]|Space|Escape)$/;

// ---- keys as words ---------------------------------------------------------------------------------------------

/** The key of a press: one character, `Space`, `Escape`, `Enter`, `F2` …; "" for what can be no shortcut. */
function keyOf(event) {
  if (NAMED[event.key]) return NAMED[event.key];
  if (/^[!-~]$/.test(event.key)) return event.key.toLowerCase();
  if (FUNCTION_KEY.test(event.key)) return event.key;
  // With Ctrl or Alt held some layouts and input methods give a sign of their own: then the key itself counts.
  return /^(?:Key|Digit)(.)$/.exec(event.code)?.[1].toLowerCase() ?? "";
}

/** `Ctrl+Alt+m`, or "" when no chord was pressed. AltGr writes signs: it is never one. */
export function chordOf(event) {
  const key = keyOf(event);
  if (!key || event.getModifierState("AltGraph")) return "";
  if (FUNCTION_KEY.test(key) && !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey) return key;
  const ctrl = event.ctrlKey || (event.metaKey && key === "Enter");
  if (!ctrl && !event.altKey && !event.metaKey) return "";
  if (event.metaKey && key !== "Enter") return `Meta+${key}`;
  return [ctrl && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift", key].filter(Boolean).join("+");
}

/** A key without a modifier; Shift only where it makes the sign. */
export function plainKeyOf(event) {
  return event.ctrlKey || event.altKey || event.metaKey ? "" : keyOf(event);
}

/** Why an action cannot have this: `browser`, `no_chord`, `no_key`; "" when it can. Chords of one modifier belong to the
 *  browser or the system, here or elsewhere, so none of them is taken. Space and Escape are for the ringing only. */
export function unfit({ when }, kind, value) {
  if (kind === "key") return (when === "ringing" ? A_KEY : A_SIGN).test(value) ? "" : "no_key";
  if (FUNCTION_KEY.test(value)) return FREE_FUNCTION_KEYS.includes(value) ? "" : "browser";
  if (value === "Ctrl+Enter") return "";
  if (!/^(Ctrl|Alt|Meta)\+/.test(value)) return "no_chord";
  if (!value.startsWith("Ctrl+Alt+") || OWNED.includes(value)) return "browser";
  return /\+(Escape|Enter|Space)$/.test(value) ? "browser" : "";
}

// ---- what is chosen --------------------------------------------------------------------------------------------

const defaults = () => Object.fromEntries(ACTIONS.map(({ name, key, chord }) => [name, { key, chord }]));

export class Keys {
  #chosen = defaults();
  #heirs = [];

  /** `kept`: what the agent chose before, by action; only what differs from the table. */
  constructor(kept) {
    this.take(kept);
    addEventListener("keydown", (event) => this.#pressed(event));
  }

  watch(heir) {
    this.#heirs.push(heir);
    heir();
  }

  of(name, kind) {
    return this.#chosen[name][kind];
  }

  /** What is kept; a value that fits no more (an older page, another hand) leaves the default. */
  take(kept) {
    this.#chosen = defaults();
    for (const action of ACTIONS) {
      for (const kind of KINDS) {
        const value = kept?.[action.name]?.[kind];
        if (value === "" || (typeof value === "string" && !unfit(action, kind, value))) this.#chosen[action.name][kind] = value;
      }
    }
    for (const heir of this.#heirs) heir();
  }

  /** All that differs from the table, with one change more: what is to be kept. */
  with(name, kind, value) {
    const next = structuredClone(this.#chosen);
    next[name][kind] = value;
    const kept = {};
    for (const action of ACTIONS) {
      for (const each of KINDS) {
        if (next[action.name][each] !== action[each]) (kept[action.name] ??= {})[each] = next[action.name][each];
      }
    }
    return kept;
  }

  /** The action that has it already. */
  owner(kind, value) {
    return ACTIONS.find(({ name }) => this.#chosen[name][kind] === value)?.name;
  }

  #pressed(event) {
    if (event.isComposing || event.repeat || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const chord = chordOf(event);
    const wanted = chord ? this.owner("chord", chord) : this.#byKey(event);
    const action = ACTIONS.find(({ name }) => name === wanted);
    const node = action && shown(action);
    if (!node) return;
    event.preventDefault();
    if (action.focus) node.focus();
    else node.click();
  }

  #byKey(event) {
    const key = plainKeyOf(event);
    if (!key || event.target.closest(WRITING)) return undefined;
    if (key === "Space" && event.target.closest("button, a, summary")) return undefined; // it presses that one
    const name = this.owner("key", key);
    const when = ACTIONS.find((one) => one.name === name)?.when;
    const anywhere = /^[^a-z0-9]|.{2}/.test(key) && ["ringing", "always"].includes(when);
    return anywhere || callHasFocus(when) ? name : undefined;
  }
}

/** While it rings nothing may have the focus yet. */
function callHasFocus(when) {
  const { activeElement } = document;
  return Boolean(activeElement?.closest(".stage")) || (when === "ringing" && activeElement === document.body);
}

/** The node to press, where the page offers it now. */
function shown({ button, focus }) {
  const nodes = [...document.querySelectorAll(button ?? focus)];
  return nodes.find((node) => !node.disabled && node.checkVisibility());
}
