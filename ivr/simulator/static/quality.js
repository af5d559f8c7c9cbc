// How well a call sounds, said as the carrier's library says it: once a second a `sample`, a `warning` when something is
// wrong for long enough to be heard, `warning-cleared` when it is over, and how loud both sides are.

const SAMPLE_MS = 1000;
const VOLUME_MS = 200;
const FULL = 32767;

/** What listeners think of it, from 1 to 4.5 (E-model, ITU-T G.107, as telephones commonly simplify it). */
function opinion(rttMs, jitterMs, lostPercent) {
  const late = rttMs / 2 + jitterMs * 2 + 10;
  const rating = 93.2 - (late < 160 ? late / 40 : (late - 120) / 10) - lostPercent * 2.5;
  if (rating <= 0) return 1;
  return Math.min(4.5, 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating));
}

export class Quality {
  #before = null;
  #wrong = new Set();
  #timers;

  /** `call`: an emitter that knows `hears(name)` and `isMuted()`. */
  constructor(call, hearing, microphone) {
    this.call = call;
    this.hearing = hearing;
    this.microphone = microphone;
    this.#timers = [setInterval(() => this.#sample(), SAMPLE_MS), setInterval(() => this.#volume(), VOLUME_MS)];
  }

  stop() {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** A call without a microphone goes on: the others are heard. The carrier's library would give it up. */
  look() {
    this.#warn("no-microphone", !["open", "closed"].includes(this.microphone.state), { reason: this.microphone.state });
  }

  async #volume() {
    if (!this.call.hears("volume")) return;
    const { levelIn, levelOut } = await this.hearing.count();
    this.call.emit("volume", this.call.isMuted() ? 0 : levelIn, levelOut);
  }

  async #sample() {
    const now = await this.hearing.count();
    const before = this.#before ?? now;
    this.#before = now;
    if (!this.hearing.connected) return;
    const since = (name) => Math.max(0, now[name] - before[name]); // connections come and go
    const [received, lost] = [since("received"), since("lost")];
    const lostPercent = received + lost ? (100 * lost) / (received + lost) : 0;
    const mos = opinion(now.rtt, now.jitter, lostPercent);
    this.call.emit("sample", {
      timestamp: Date.now(), codecName: "opus", mos, rtt: now.rtt, jitter: now.jitter,
      packetsReceived: received, packetsLost: lost, packetsLostFraction: lostPercent, packetsSent: since("sent"),
      bytesReceived: since("bytesIn"), bytesSent: since("bytesOut"),
      audioInputLevel: now.levelIn * FULL, audioOutputLevel: now.levelOut * FULL,
    });
    this.#warn("high-rtt", now.rtt > 400);
    this.#warn("high-jitter", now.jitter > 30);
    this.#warn("high-packet-loss", lostPercent > 1);
    this.#warn("low-mos", mos < 3);
  }

  #warn(name, wrong, values = {}) {
    if (wrong === this.#wrong.has(name)) return;
    if (wrong) this.#wrong.add(name);
    else this.#wrong.delete(name);
    this.call.emit(wrong ? "warning" : "warning-cleared", name, values);
  }
}
