// The page's wire to the telephone network.

export class Refused extends Error {}
export class Gone extends Error {}

/** Throws Refused with the network's words, Gone when there is no network. */
export async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(`/control/${path}`, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new Gone();
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.message ?? answer.error ?? `HTTP ${response.status}`);
  return answer;
}

const KINDS = ["hello", "ring", "state", "ended", "cancel", "heard", "interrupted", "text", "hearing", "signal"];
const RETRY_MS = 1000;

/** The events of one phone, for as long as nobody closes it. A new stream starts with `hello`, which holds everything
 * so far. `onLost` may find that the network no longer knows the phone. */
export class Stream {
  #source = null;
  #timer = 0;

  constructor(path, { onEvent, onOpen, onLost }) {
    this.path = path;
    this.onEvent = onEvent;
    this.onOpen = onOpen;
    this.onLost = onLost;
    this.#open();
  }

  #open() {
    const source = new EventSource(`/control/${this.path}`);
    this.#source = source;
    const read = (message) => this.onEvent({ type: message.type, ...JSON.parse(message.data) });
    for (const kind of [...KINDS, "message"]) source.addEventListener(kind, read);
    source.onopen = () => this.onOpen();
    source.onerror = () => {
      if (this.#source !== source) return;
      source.close();
      this.#timer = setTimeout(() => this.#open(), RETRY_MS);
      this.onLost();
    };
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
