// What must work before calls can come: each check says `good`, `bad` or `unknown`, in words.

import { t, write } from "./common.js";

export function check(what, state) {
  const node = document.getElementById(`check-${what}`);
  node.dataset.state = state;
  write(node.querySelector("em"), t(`check_${state}`));
}

/** One sentence about what is wrong; an empty one takes it away. */
export function trouble(text) {
  const node = document.getElementById("trouble");
  node.hidden = !text;
  write(node.querySelector("span"), text);
}

/** True when the browser gives us a microphone; it is let go at once. */
export async function microphone() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    return true;
  } catch {
    return false;
  }
}
