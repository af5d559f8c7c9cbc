// The sound of a call between browsers: the microphone out, the voices of the others in.
//
// The network says who is at the other ends and which way sound may go (event `hearing`), and carries the first words of
// each connection (event `signal`). The sound itself goes from page to page over WebRTC, on this machine or its own
// network: no server in between, so host candidates suffice. Both the telephone page and the browser softphone use this.

const GATHER_MS = 1000;
const FIRST_PATIENCE_MS = 8000;
const LONGEST_PATIENCE_MS = 60_000;
const LATER = 1.6; // the one who does not speak first waits so much longer before starting over

/** Why a microphone is not there: `denied`, `missing`, `busy`. */
function why(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  return error.name === "NotReadableError" || error.name === "AbortError" ? "busy" : "missing";
}

/** The page's one microphone: opened for the first call that needs it, let go after the last. */
export class Microphone {
  #stream = null;
  #opening = null;
  #users = 0;
  #wanted = true;
  #heirs = new Set();
  /** `closed`, `open`, or why it is not there. */
  state = "closed";

  get track() {
    return this.#stream?.getAudioTracks()[0] ?? null;
  }

  get stream() {
    return this.#stream;
  }

  /** Be told of every change; the answer takes it back. */
  watch(heir) {
    this.#heirs.add(heir);
    return () => this.#heirs.delete(heir);
  }

  /** One user more. Resolves with the state. */
  async open() {
    this.#users += 1;
    if (!this.track) await this.#take();
    return this.state;
  }

  close() {
    this.#users = Math.max(0, this.#users - 1);
    if (this.#users) return;
    this.#drop();
    this.#is("closed");
  }

  /** Which one: constraints of a track, or true for whichever the browser prefers. An open one is changed at once. */
  async use(constraints) {
    this.#wanted = constraints ?? true;
    if (!this.#users) return;
    await this.#opening;
    await this.#take();
  }

  #take() {
    this.#opening ??= this.#ask().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #ask() {
    try {
      const stream = await this.#first([this.#wanted, true]);
      this.#drop();
      if (!this.#users) return stream.getTracks().forEach((track) => track.stop());
      this.#stream = stream;
      this.track.addEventListener("ended", () => this.#stream === stream && this.#take());
      this.#is("open");
    } catch (error) {
      this.#drop();
      this.#is(why(error));
    }
  }

  /** A chosen microphone that was unplugged is no reason to be dumb. */
  async #first(wishes) {
    if (!navigator.mediaDevices) throw new DOMException("no microphone in an insecure page", "NotFoundError");
    for (const audio of wishes) {
      try {
        return await navigator.mediaDevices.getUserMedia({ audio });
      } catch (error) {
        if (audio === true || why(error) !== "missing") throw error;
      }
    }
  }

  #drop() {
    const stream = this.#stream;
    this.#stream = null;
    stream?.getTracks().forEach((track) => track.stop());
  }

  #is(state) {
    this.state = state;
    for (const heir of this.#heirs) heir(this);
  }
}

/** The connection to the page at one other end. */
class Peer {
  #work = Promise.resolve();
  #sender = null;
  #closed = false;
  #patience = 0;
  audio = new Audio();
  stream = null;

  /** `page`: {tell(peer, words), track(), sink(), deaf(), patienceMs, startOver()} */
  constructor(other, page) {
    this.other = other;
    this.page = page;
    this.audio.autoplay = true;
    this.wire = new RTCPeerConnection({ iceServers: [] });
    this.wire.ontrack = ({ track }) => this.#arrived(track);
    this.wire.onconnectionstatechange = () => this.#look();
    this.#wait();
    if (other.first) this.#do(() => this.#offer());
  }

  /** Which way sound may go now. */
  allow(other) {
    this.other = other;
    this.feed();
    this.tune();
  }

  feed() {
    this.#do(() => this.#sender?.replaceTrack(this.other.heard ? this.page.track() : null));
  }

  tune() {
    this.audio.muted = !this.other.hears || this.page.deaf();
    if (this.audio.setSinkId && this.audio.sinkId !== this.page.sink()) this.audio.setSinkId(this.page.sink()).catch(() => {});
  }

  take({ description }) {
    this.#do(async () => {
      await this.wire.setRemoteDescription(description);
      if (description.type !== "offer") return;
      const [transceiver] = this.wire.getTransceivers();
      transceiver.direction = "sendrecv";
      await this.#speak(transceiver.sender);
    });
  }

  #offer() {
    return this.#speak(this.wire.addTransceiver("audio", { direction: "sendrecv" }).sender);
  }

  async #speak(sender) {
    this.#sender = sender;
    await sender.replaceTrack(this.other.heard ? this.page.track() : null);
    await this.wire.setLocalDescription();
    await this.#gathered();
    this.page.tell(this, { description: this.wire.localDescription.toJSON() });
  }

  /** All candidates in one go: they are those of this machine, and known in a moment. */
  #gathered() {
    return new Promise((done) => {
      const look = () => this.wire.iceGatheringState === "complete" && done();
      this.wire.addEventListener("icegatheringstatechange", look);
      setTimeout(done, GATHER_MS);
      look();
    });
  }

  #do(step) {
    this.#work = this.#work.then(() => (this.#closed ? undefined : step())).catch((error) => this.#closed || console.warn(error));
  }

  #arrived(track) {
    this.stream = new MediaStream([track]);
    this.audio.srcObject = this.stream;
    this.tune();
    this.play();
  }

  /** A browser that has not been clicked yet keeps silent until it is. */
  play() {
    this.audio.play().catch(() => {
      const again = () => {
        for (const kind of ["click", "keydown"]) removeEventListener(kind, again, true);
        if (!this.#closed) this.play();
      };
      for (const kind of ["click", "keydown"]) addEventListener(kind, again, true);
    });
  }

  get connected() {
    return this.wire.connectionState === "connected";
  }

  #wait() {
    clearTimeout(this.#patience);
    const patienceMs = this.page.patienceMs * (this.other.first ? 1 : LATER);
    this.#patience = setTimeout(() => this.connected || this.page.startOver(), patienceMs);
  }

  #look() {
    if (this.#closed) return;
    if (this.connected) clearTimeout(this.#patience);
    else if (this.wire.connectionState === "failed" && this.other.first) this.page.startOver();
    else if (this.wire.connectionState !== "connecting") this.#wait();
    this.page.changed();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#patience);
    this.audio.pause();
    this.audio.srcObject = null;
    this.wire.close();
  }
}

/** The sound of one leg. */
export class Hearing {
  #peers = new Map();
  #end = "";
  #sending = Promise.resolve();
  #muted = false;
  #deaf = false;
  #sink = "";
  #closed = false;
  #patienceMs = FIRST_PATIENCE_MS;
  #unwatch;

  /** `say(body)` asks the network about this leg; `onChange()` when a connection comes or goes. */
  constructor({ say, microphone, onChange = () => {} }) {
    this.say = say;
    this.microphone = microphone;
    this.onChange = onChange;
    this.#unwatch = microphone.watch(() => this.#feed());
    microphone.open();
    this.#carry();
  }

  /** A new word for this page: all connections are made anew. */
  #carry() {
    this.#closeAll();
    this.#end = crypto.getRandomValues(new Uint32Array(3)).join("-");
    this.again();
  }

  /** Hear the whole state again: events may have been missed. */
  again() {
    this.#send({});
  }

  /** What the network says about this leg. */
  take(event) {
    if (this.#closed || event.end !== this.#end) return;
    if (event.type === "hearing") this.#arrange(event.others);
    else if (event.type === "signal") this.#peers.get(key(event.by))?.take(event.words);
  }

  #arrange(others) {
    const there = new Map(others.map((other) => [key(other), other]));
    for (const [name, peer] of this.#peers) {
      if (there.has(name)) continue;
      peer.close();
      this.#peers.delete(name);
    }
    for (const [name, other] of there) {
      if (!this.#peers.has(name)) this.#peers.set(name, new Peer(other, this.#page));
      this.#peers.get(name).allow(other);
    }
    this.onChange();
  }

  #page = Object.defineProperty(
    {
      tell: (peer, words) => this.#send({ to: { sid: peer.other.sid, end: peer.other.end }, words }),
      track: () => (this.#muted ? null : this.microphone.track),
      sink: () => this.#sink,
      deaf: () => this.#deaf,
      changed: () => this.#changed(),
      startOver: () => this.#startOver(),
    },
    "patienceMs",
    { get: () => this.#patienceMs },
  );

  #changed() {
    if (this.connected) this.#patienceMs = FIRST_PATIENCE_MS;
    this.onChange();
  }

  #startOver() {
    if (this.#closed) return;
    this.#patienceMs = Math.min(LONGEST_PATIENCE_MS, this.#patienceMs * 2);
    this.#carry();
  }

  /** One after the other: an answer must not overtake its question. */
  #send(body) {
    const said = { end: this.#end, ...body };
    this.#sending = this.#sending.then(() => (this.#closed ? undefined : this.say(said))).catch(() => {});
  }

  get connected() {
    return this.#peers.size > 0 && [...this.#peers.values()].every((peer) => peer.connected);
  }

  get streams() {
    return [...this.#peers.values()].flatMap(({ stream }) => stream ?? []);
  }

  mute(muted) {
    this.#muted = muted;
    this.#feed();
  }

  /** Hear nobody on this page. */
  deafen(deaf) {
    this.#deaf = deaf;
    for (const peer of this.#peers.values()) peer.tune();
  }

  /** Where it is heard: the id of an output device, "" for the usual one. */
  sink(id) {
    this.#sink = id;
    for (const peer of this.#peers.values()) peer.tune();
  }

  #feed() {
    for (const peer of this.#peers.values()) peer.feed();
    this.onChange();
  }

  /** What the browser counted on all connections together; times in ms, levels from 0 to 1. */
  async count() {
    const counts = { received: 0, lost: 0, sent: 0, bytesIn: 0, bytesOut: 0, jitter: 0, rtt: 0, levelIn: 0, levelOut: 0 };
    for (const peer of this.#peers.values()) {
      for (const row of (await peer.wire.getStats()).values()) COUNTED[row.type]?.(counts, row);
    }
    return counts;
  }

  #closeAll() {
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatch();
    this.#closeAll();
    this.microphone.close();
  }
}

const COUNTED = {
  "inbound-rtp": (counts, row) => {
    counts.received += row.packetsReceived ?? 0;
    counts.lost += row.packetsLost ?? 0;
    counts.bytesIn += row.bytesReceived ?? 0;
    counts.jitter = Math.max(counts.jitter, (row.jitter ?? 0) * 1000);
    counts.levelOut = Math.max(counts.levelOut, row.audioLevel ?? 0);
  },
  "outbound-rtp": (counts, row) => {
    counts.sent += row.packetsSent ?? 0;
    counts.bytesOut += row.bytesSent ?? 0;
  },
  "media-source": (counts, row) => (counts.levelIn = Math.max(counts.levelIn, row.audioLevel ?? 0)),
  "candidate-pair": (counts, row) => {
    if (row.nominated) counts.rtt = Math.max(counts.rtt, (row.currentRoundTripTime ?? 0) * 1000);
  },
};

const key = ({ sid, end }) => `${sid} ${end}`;
