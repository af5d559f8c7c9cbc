// Whether this page could take a call: it must ring, be heard, and hear. What is missing is said in one sentence.

import { check, trouble } from "./checks.js";
import { t } from "./common.js";
import { checkSound } from "./ringing.js";

/** The microphone's check, from what is known of it. */
export function checkMicrophone(sound, line) {
  const { microphone } = sound;
  if (microphone === "good" || microphone === "unknown") return check("mic", microphone);
  if (line.kind === "simulator" && sound.listenOnly) return check("mic", "weak", "listen");
  return check("mic", "bad", microphone);
}

/** Needs a line, a sound that can be heard, and a microphone; in the box an agent may choose to listen only.
 *  Must be called from a click. `phone`: the agent has a telephone instead;
 *  `busy`: somebody is being talked to, so nothing rings. */
export async function fitToTalk({ ring, line, sound, panel, phone, busy }) {
  const heard = await ring.unlock();
  checkSound(ring);
  if (heard && !busy && !ring.silent) await ring.test();
  if (phone) return true;
  await sound.tryMicrophone();
  checkMicrophone(sound, line);
  if (!navigator.onLine) return refuse("need_network");
  if (line.state !== "good") return refuse("need_line");
  if (!heard) return refuse("need_sound");
  if (sound.microphone === "good") return true;
  if (line.kind === "simulator" && sound.listenOnly) return true;
  if (line.kind === "simulator") panel.offerListenOnly();
  return refuse(`need_mic_${sound.microphone}`);
}

function refuse(why) {
  trouble(t(why));
  return false;
}
