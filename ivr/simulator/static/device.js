// The browser softphone of the telephone network in a box, with the face of `Twilio.Device` 2.x.
//
//   const device = new SimulatorDevice(token, { base: "http://127.0.0.1:8090" });
//   await device.register();
//   const call = await device.connect({ params: { offer: "…" } });
//   call.on("accept", …); call.on("disconnect", …); call.disconnect();
//
// A classic script, so that a page may load it from the network's own address. Sound goes from page to page (`hearing.js`).

(() => {
  const TOKEN_WARNING_MS = 60_000;
  const FIRST_RETRY_MS = 500;
  const LONGEST_RETRY_MS = 5_000;
  const LONGEST_TIMER_MS = 2 ** 31 - 1;
  const KINDS = ["hello", "ring", "state", "ended", "cancel", "heard", "interrupted", "hearing", "signal"];
  const LOST = 31005;
  const BAD_TOKEN = 20101;
  const REFUSED = 31000;
  const NO_SUCH_DEVICE = 31402;

  class SimulatorError extends Error {
    constructor(code, message, status = 0) {
      super(message);
      this.name = "SimulatorError";
      this.code = code;
      this.status = status;
    }
  }

  class Emitter {
    #listeners = new Map();

    on(name, listener) {
      if (!this.#listeners.has(name)) this.#listeners.set(name, []);
      this.#listeners.get(name).push({ listener, once: false });
      return this;
    }

    once(name, listener) {
      this.on(name, listener);
      this.#listeners.get(name).at(-1).once = true;
      return this;
    }

    off(name, listener) {
      const kept = (this.#listeners.get(name) ?? []).filter((entry) => entry.listener !== listener);
      this.#listeners.set(name, kept);
      return this;
    }

    addListener(name, listener) {
      return this.on(name, listener);
    }

    removeListener(name, listener) {
      return this.off(name, listener);
    }

    removeAllListeners(name) {
      if (name === undefined) this.#listeners.clear();
      else this.#listeners.delete(name);
      return this;
    }

    hears(name) {
      return (this.#listeners.get(name) ?? []).length > 0;
    }

    /** A listener that throws hinders no other one. */
    emit(name, ...values) {
      for (const entry of [...(this.#listeners.get(name) ?? [])]) {
        if (entry.once) this.off(name, entry.listener);
        try {
          entry.listener(...values);
        } catch (error) {
          console.error(error);
        }
      }
    }
  }

  /** `status()`: connecting, pending (rings here), ringing, open, closed. */
  class Call extends Emitter {
    #ask;
    #status;
    #muted = false;
    #sound;
    #hearing = null;
    #quality = null;

    constructor(ask, sound, { sid, direction, from, to, params = {} }) {
      super();
      this.#ask = ask;
      this.#sound = sound;
      this.#status = direction === "INCOMING" ? "pending" : "connecting";
      this.direction = direction;
      this.parameters = { CallSid: sid, From: from ?? "", To: to ?? "" };
      this.customParameters = new Map(Object.entries(params));
      this.bornMs = performance.now();
    }

    get sid() {
      return this.parameters.CallSid;
    }

    status() {
      return this.#status;
    }

    isMuted() {
      return this.#muted;
    }

    accept() {
      if (this.#status !== "pending") return;
      this.#status = "connecting";
      this.#do("answer");
    }

    reject() {
      if (this.#status !== "pending") return;
      this.#close("reject");
      this.#do("decline");
    }

    ignore() {
      if (this.#status === "pending") this.#close("cancel");
    }

    /** The page knows at once; the network hears of it as soon as it can be reached. */
    disconnect() {
      if (this.#status === "closed") return;
      this.#close("disconnect");
      this.#do("hangup");
    }

    mute(muted = true) {
      if (this.#status === "closed" || muted === this.#muted) return;
      this.#muted = muted;
      this.#hearing?.mute(muted);
      this.#do("mute", { muted });
      this.emit("mute", muted, this);
    }

    sendDigits(digits) {
      if (!/^[0-9*#wW]+$/.test(digits)) throw new SimulatorError(REFUSED, `not keys of a telephone: ${digits}`);
      this.#do("press", { keys: digits });
    }

    getLocalStream() {
      return this.#sound.microphone?.stream ?? undefined;
    }

    getRemoteStream() {
      return this.#hearing ? new MediaStream(this.#hearing.streams.flatMap((stream) => stream.getTracks())) : undefined;
    }

    /** The network's stream was lost meanwhile. */
    listenAgain() {
      this.#hearing?.again();
    }

    tune() {
      this.#hearing?.sink(this.#sound.speaker);
    }

    async #open() {
      const { Hearing, Quality, microphone } = await this.#sound.ready();
      if (this.#status === "closed") return;
      const say = (body) => this.#ask(`calls/${encodeURIComponent(this.sid)}/hearing`, body);
      this.#hearing = new Hearing({ say, microphone, onChange: () => this.#quality?.look() });
      this.#hearing.mute(this.#muted);
      this.#quality = new Quality(this, this.#hearing, microphone);
      this.tune();
      this.emit("audio", this);
    }

    /** What the network says about this leg. */
    take(event) {
      if (this.#status === "closed") return;
      if (event.type === "hearing" || event.type === "signal") return this.#hearing?.take(event);
      if (event.type === "ended") this.#close("disconnect");
      else if (event.type === "cancel") this.#close("cancel");
      else if (event.type === "state") this.#turn(event.status);
    }

    #turn(status) {
      if (status === "in-progress" && this.#status !== "open") {
        this.#status = "open";
        this.#open().catch((error) => console.warn(error));
        this.emit("accept", this);
      } else if (status === "ringing" && this.#status === "connecting" && this.direction === "OUTGOING") {
        this.#status = "ringing";
        this.emit("ringing", false);
      }
    }

    #close(how) {
      this.#status = "closed";
      this.#quality?.stop();
      this.#hearing?.close();
      if (how === "disconnect") this.emit("disconnect", this);
      else this.emit(how);
      this.emit("closed", this);
    }

    async #do(deed, body) {
      try {
        await this.#ask(`calls/${encodeURIComponent(this.sid)}/${deed}`, body);
      } catch (error) {
        if (this.#status !== "closed") this.emit("error", error, this);
      }
    }
  }

  /** One kind of output, as `device.audio` names them. A page's sound goes to one device at a time. */
  class Outputs {
    #chosen = "";
    #all;
    #changed;

    constructor(all, changed) {
      this.#all = all;
      this.#changed = changed;
    }

    get id() {
      return this.#chosen;
    }

    get() {
      return new Set([this.#all.get(this.#chosen || "default")].filter(Boolean));
    }

    async set(idOrIds) {
      const [id] = [idOrIds].flat();
      if (!this.#all.has(id)) throw new SimulatorError(NO_SUCH_DEVICE, `no such output: ${id}`);
      this.#chosen = id === "default" ? "" : id;
      this.#changed();
    }

    lost() {
      if (!this.#chosen || this.#all.has(this.#chosen)) return null;
      const gone = this.#chosen;
      this.#chosen = "";
      this.#changed();
      return gone;
    }
  }

  /** `device.audio`: which microphone and which speaker. `tune()` is called when the speaker changes. */
  class Sound extends Emitter {
    availableInputDevices = new Map();
    availableOutputDevices = new Map();
    isOutputSelectionSupported = "setSinkId" in HTMLMediaElement.prototype;
    isVolumeSupported = true;
    microphone = null;
    #input = "";
    #parts = null;
    #look = () => this.#enumerate();

    constructor(base, tune) {
      super();
      this.base = base;
      this.speakerDevices = new Outputs(this.availableOutputDevices, tune);
      this.ringtoneDevices = new Outputs(this.availableOutputDevices, () => {});
      navigator.mediaDevices?.addEventListener("devicechange", this.#look);
      this.#enumerate();
    }

    /** What makes sound is loaded with the first call. */
    ready() {
      this.#parts ??= Promise.all([import(`${this.base}/device/hearing.js`), import(`${this.base}/device/quality.js`)]).then(
        ([{ Hearing, Microphone }, { Quality }]) => {
          this.microphone = new Microphone();
          this.microphone.use(this.#constraints());
          this.microphone.watch(this.#look);
          return { Hearing, Quality, microphone: this.microphone };
        },
      );
      return this.#parts;
    }

    get speaker() {
      return this.speakerDevices.id;
    }

    get inputDevice() {
      return this.availableInputDevices.get(this.#input) ?? null;
    }

    get inputStream() {
      return this.microphone?.stream ?? null;
    }

    async setInputDevice(id) {
      if (!this.availableInputDevices.has(id)) throw new SimulatorError(NO_SUCH_DEVICE, `no such microphone: ${id}`);
      this.#input = id;
      await this.microphone?.use(this.#constraints());
    }

    async unsetInputDevice() {
      this.#input = "";
      await this.microphone?.use(true);
    }

    /** The wish of one call, as the carrier's library takes it. */
    async wish(constraints) {
      const { microphone } = await this.ready();
      if (constraints?.audio) await microphone.use(constraints.audio);
    }

    #constraints() {
      return this.#input ? { deviceId: { exact: this.#input } } : true;
    }

    async #enumerate() {
      const found = await (navigator.mediaDevices?.enumerateDevices() ?? []);
      for (const [all, kind] of [[this.availableInputDevices, "audioinput"], [this.availableOutputDevices, "audiooutput"]]) {
        all.clear();
        for (const each of found) if (each.kind === kind && each.deviceId) all.set(each.deviceId, each);
      }
      const lost = [this.speakerDevices.lost(), this.#input && !this.inputDevice ? this.#input : null].filter(Boolean);
      if (this.#input && !this.inputDevice) await this.unsetInputDevice();
      this.emit("deviceChange", lost);
    }

    destroy() {
      navigator.mediaDevices?.removeEventListener("devicechange", this.#look);
    }
  }

  class SimulatorDevice extends Emitter {
    #token;
    #base;
    #warningMs;
    #state = "unregistered";
    #wanted = false;
    #stream = null;
    #openedMs = 0;
    #retryMs = FIRST_RETRY_MS;
    #retryTimer = 0;
    #tokenTimer = 0;
    #calls = new Map();
    #early = new Map();
    #leave = () => this.#left();

    constructor(token, { base = location.origin, tokenRefreshMs = TOKEN_WARNING_MS } = {}) {
      super();
      this.#base = base.replace(/\/+$/, "");
      this.#warningMs = tokenRefreshMs;
      this.audio = new Sound(this.#base, () => this.calls.forEach((call) => call.tune()));
      addEventListener("pagehide", this.#leave);
      this.#take(token);
    }

    get state() {
      return this.#state;
    }

    get token() {
      return this.#token;
    }

    get identity() {
      return claims(this.#token)?.grants?.identity ?? "";
    }

    get calls() {
      return [...this.#calls.values()];
    }

    get isBusy() {
      return this.#calls.size > 0;
    }

    /** Resolves when calls can come in. Later losses heal by themselves: `unregistered`, then `registered`. */
    async register() {
      if (this.#state === "destroyed") throw new SimulatorError(REFUSED, "the device is destroyed");
      if (this.#state !== "unregistered") return;
      clearTimeout(this.#retryTimer);
      this.#wanted = true;
      this.#is("registering");
      try {
        await this.#askBound("register");
        await this.#listen();
      } catch (error) {
        this.#wanted = false;
        this.#is("unregistered");
        this.emit("error", error);
        throw error;
      }
      this.#is("registered");
    }

    async unregister() {
      if (!this.#wanted) return;
      this.#wanted = false;
      clearTimeout(this.#retryTimer);
      if (!this.isBusy) this.#deafen();
      this.#is("unregistered");
      await this.#askBound("unregister").catch(() => {});
    }

    async connect({ params = {}, rtcConstraints } = {}) {
      if (this.#state === "destroyed") throw new SimulatorError(REFUSED, "the device is destroyed");
      await this.audio.wish(rtcConstraints).catch((error) => console.warn(error));
      if (!this.#stream) await this.#listen();
      const { sid } = await this.#askBound("connect", { params });
      const from = `client:${this.identity}`;
      return this.#add(new Call(this.#askBound, this.audio, { sid, direction: "OUTGOING", from, to: params.To, params }));
    }

    updateToken(token) {
      if (this.#state === "destroyed") throw new SimulatorError(REFUSED, "the device is destroyed");
      this.#take(token);
    }

    disconnectAll() {
      for (const call of this.calls) call.disconnect();
    }

    destroy() {
      if (this.#state === "destroyed") return;
      this.disconnectAll();
      this.#wanted = false;
      this.#askBound("unregister").catch(() => {});
      clearTimeout(this.#tokenTimer);
      clearTimeout(this.#retryTimer);
      this.#deafen();
      this.audio.destroy();
      removeEventListener("pagehide", this.#leave);
      this.#is("destroyed");
      this.removeAllListeners();
    }

    /** The page goes, and its calls with it, as with the carrier. A beacon still gets through. */
    #left() {
      for (const { sid } of this.calls) {
        navigator.sendBeacon(`${this.#base}/device/calls/${encodeURIComponent(sid)}/hangup?token=${encodeURIComponent(this.#token)}`);
      }
    }

    #askBound = (path, body) => this.#ask(`/device/${path}`, body);

    async #ask(path, body = {}) {
      let response;
      try {
        // Without headers of its own a browser need not ask first: a page that is leaving still gets it out.
        response = await fetch(`${this.#base}${path}?token=${encodeURIComponent(this.#token)}`, {
          method: "POST",
          body: JSON.stringify(body),
          credentials: "omit",
          keepalive: true,
        });
      } catch {
        throw new SimulatorError(LOST, "the telephone network cannot be reached");
      }
      const answer = await response.json().catch(() => ({}));
      if (response.ok) return answer;
      const code = response.status === 401 ? BAD_TOKEN : REFUSED;
      throw new SimulatorError(code, answer.message ?? answer.error ?? `HTTP ${response.status}`, response.status);
    }

    #is(state) {
      if (this.#state === state) return;
      this.#state = state;
      this.emit(state, this);
    }

    #take(token) {
      this.#token = token;
      clearTimeout(this.#tokenTimer);
      const expiresS = claims(token)?.exp;
      if (!expiresS) return;
      const waitMs = Math.max(0, expiresS * 1000 - Date.now() - this.#warningMs);
      if (waitMs < LONGEST_TIMER_MS) this.#tokenTimer = setTimeout(() => this.emit("tokenWillExpire", this), waitMs);
    }

    /** Resolves when the stream is open, rejects when it cannot be opened. */
    async #listen() {
      this.#deafen();
      this.#openedMs = performance.now();
      const stream = new EventSource(`${this.#base}/device/events?token=${encodeURIComponent(this.#token)}`);
      this.#stream = stream;
      const read = (message) => {
        if (this.#stream === stream) this.#hear({ type: message.type, ...JSON.parse(message.data) });
      };
      for (const kind of [...KINDS, "message"]) stream.addEventListener(kind, read);
      return new Promise((done, failed) => {
        stream.onopen = () => {
          this.#retryMs = FIRST_RETRY_MS;
          done();
        };
        stream.onerror = () => {
          failed(new SimulatorError(LOST, "the telephone network cannot be reached"));
          if (this.#stream === stream) this.#lost();
        };
      });
    }

    #deafen() {
      this.#stream?.close();
      this.#stream = null;
    }

    /** The browser would open the stream again without registering: the device does it itself. */
    #lost() {
      this.#deafen();
      if (this.#state === "registered") this.#is("unregistered");
      if (!(this.#wanted || this.isBusy) || this.#state === "registering" || this.#state === "destroyed") return;
      clearTimeout(this.#retryTimer);
      this.#retryTimer = setTimeout(() => this.#again(), this.#retryMs);
      this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
    }

    async #again() {
      try {
        if (this.#wanted) await this.#askBound("register");
        await this.#listen();
        if (this.#wanted) this.#is("registered");
      } catch (error) {
        if (error.code === BAD_TOKEN) this.emit("error", error);
        if (!this.#stream) this.#lost();
      }
    }

    #hear(event) {
      if (event.type === "hello") return this.#compare(event);
      if (event.type === "ring") return this.#ring(event);
      const call = this.#calls.get(event.sid);
      if (call) return call.take(event);
      // The network may be faster than its answer to `connect`.
      const waiting = this.#early.get(event.sid) ?? [];
      this.#early.set(event.sid, [...waiting, event]);
      if (this.#early.size > 50) this.#early.delete(this.#early.keys().next().value);
    }

    /** After a lost stream: calls that the network no longer has are over; one that rings is offered anew. */
    #compare({ phone }) {
      const calls = [phone.call, phone.ringing].filter(Boolean);
      for (const call of this.calls) {
        if (call.bornMs > this.#openedMs) continue;
        const now = calls.find(({ sid }) => sid === call.sid);
        if (now) {
          call.take({ type: "state", status: now.status });
          call.listenAgain();
        } else call.take({ type: call.status() === "pending" ? "cancel" : "ended" });
      }
      if (phone.ringing) this.#ring({ sid: phone.ringing.sid, call: phone.ringing });
    }

    #ring({ sid, call: described = {} }) {
      if (this.#calls.has(sid) || !this.#wanted) return;
      const { from, to, parameters = {} } = described;
      this.emit("incoming", this.#add(new Call(this.#askBound, this.audio, { sid, direction: "INCOMING", from, to, params: parameters })));
    }

    #add(call) {
      this.#calls.set(call.sid, call);
      call.once("closed", () => this.#calls.delete(call.sid));
      const early = this.#early.get(call.sid) ?? [];
      this.#early.delete(call.sid);
      // Later, so that whoever awaited the call has put listeners on it.
      setTimeout(() => early.forEach((event) => call.take(event)));
      return call;
    }
  }

  function claims(token) {
    try {
      const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
      const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return null;
    }
  }

  window.SimulatorDevice = SimulatorDevice;
})();
