// What must work before calls can come: each check says `good`, `bad`, `weak`, `wait` or `unknown`, in words.

import { t, word, write } from "./common.js";

/** `why`: the word for it, where there is a better one than the state's own. */
export function check(what, state, why = state) {
  const node = document.getElementById(`check-${what}`);
  node.dataset.state = state;
  write(node.querySelector("em"), word(`check_${what}`, why) === why ? t(`check_${state}`) : word(`check_${what}`, why));
}

/** One sentence about what is wrong; an empty one takes it away. */
export function trouble(text) {
  const node = document.getElementById("trouble");
  node.hidden = !text;
  write(node.querySelector("span"), text);
}
