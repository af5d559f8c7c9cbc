// The desk in the frame of a system of the house (`docs/embedding.md`): it tells that page what happens, in no more words than
// the card of the caller shows, and does three things that are asked for. Only origins that the operator named are told
// anything or listened to.

import { plain } from "./opened.js";

const VERSION = 1;
const UNKNOWN = { number: "", topic: "", topic_name: "", language: "", case: "" };
const byId = (id) => document.getElementById(id);

export class Bridge {
  #to = [];
  #asked;
  #told = "";
  #card = null; // { offer, told, said } of the call that was told last

  /** `asked`: `{ open({ number, case }), ready(), break(reason) }`. */
  constructor(asked) {
    this.#asked = asked;
    if (window.parent === window) return;
    document.documentElement.dataset.framed = "";
    const allowed = byId("desk").dataset.embedOrigins.split(" ").filter(Boolean);
    const around = window.location.ancestorOrigins?.[0];
    this.#to = around ? allowed.filter((origin) => origin === around) : allowed;
    addEventListener("message", (event) => this.#heard(event));
    this.#tell("ready");
  }

  #tell(type, fields = {}) {
    for (const origin of this.#to) window.parent.postMessage({ ivr: VERSION, type, ...fields }, origin);
  }

  #heard({ source, origin, data }) {
    if (source !== window.parent || !this.#to.includes(origin) || data?.ivr !== VERSION) return;
    if (data.type === "open") this.#asked.open({ number: plain(data.number), case: plain(data.case) });
    if (data.type === "ready") this.#asked.ready();
    if (data.type === "break") this.#asked.break(plain(data.reason));
  }

  /** Every view that the page shows. */
  heed(view, leads) {
    if (!this.#to.length) return;
    const presence = { presence: leads ? view.presence : "elsewhere", reason: leads ? view.reason : "", wanted: leads ? view.wanted : "" };
    if (this.#told !== JSON.stringify(presence)) {
      this.#told = JSON.stringify(presence);
      this.#tell("presence", presence);
    }
    this.#follow(leads ? stageOf(view) : null, view);
  }

  /** Each stage of a call is told once, and again when its case becomes known. */
  #follow(now, view) {
    if (this.#card && this.#card.offer !== now?.offer) {
      this.#tell("ended", this.#card.told);
      this.#card = null;
    }
    if (!now) return;
    const known = this.#card?.told ?? UNKNOWN;
    const told = { ...known, ...now.fields, case: view.matter?.case?.number ?? known.case };
    const said = JSON.stringify([now.stage, told]);
    if (this.#card?.said === said) return;
    this.#card = { offer: now.offer, told, said };
    this.#tell(now.stage, told);
  }
}

/** Where the call of this page is: `offer`, `talk`, `wrap_up`; null: there is none. */
function stageOf({ presence, offer, call, wrap_up: wrapUp }) {
  const card = call?.card ?? (presence === "reserved" ? offer?.card : null);
  if (card) return { stage: call?.connected_at ? "talk" : "offer", offer: card.offer, fields: fieldsOf(card) };
  if (!wrapUp || wrapUp.declined) return null;
  return { stage: "wrap_up", offer: wrapUp.offer, fields: { topic: wrapUp.topic, topic_name: wrapUp.topic_name } };
}

/** No more than stands on the card: the number is masked by the service. */
const fieldsOf = (card) => ({ number: card.caller, topic: card.topic, topic_name: card.topic_name, language: card.language });
