// What must work before calls can come: each check says `good`, `bad`, `weak`, `wait` or `unknown`, in words.

import { t, word, write } from "./common.js";

/** `why`: the word for it, where there is a better one than the state's own. */
export function check(what, state, why = state) {
  const node = document.getElementById(`check-${what}`);
  node.dataset.state = state;
  write(node.querySelector("em"), word(`check_${what}`, why) === why ? t(`check_${state}`) : word(`check_${what}`, why));
}

/** One sentence about what is wrong; an empty one takes it away, and what was told before it. */
export function trouble(text) {
  show("trouble", text);
  show("news", "");
}

/** One sentence about how something went that is nobody's fault; the next thing the agent does takes it away. */
export function news(text) {
  show("news", text);
}

function show(id, text) {
  const node = document.getElementById(id);
  node.hidden = !text;
  write(node.querySelector("span"), text);
}
