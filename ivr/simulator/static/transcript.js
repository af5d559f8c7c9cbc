// What was heard on a call, line by line. Texts from the wire are only ever written as text.

import { spokenIn } from "./sound.js";
import { t } from "./words.js";

const GATHER = /^(\S+) keys/;

export class Transcript {
  #list;
  #items = [];

  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#items = [];
    this.#list.replaceChildren();
  }

  add(item) {
    const last = this.#items.at(-1);
    // Keys are taken all through the wait: between two rounds of the music that is no news.
    if (item.kind === "gather" && last && isMusic(last)) return;
    const again = item.kind === "play" && last?.kind === "play" && last.url === item.url;
    const keys = item.kind === "keys" && last?.kind === "keys";
    if (again || keys) {
      // A file that is repeated, or a number that is keyed in, is one line.
      last.times = (last.times ?? 1) + 1;
      if (keys) last.text += item.text;
      last.n = item.n;
      last.node.replaceWith((last.node = this.#node(last)));
    } else {
      const kept = { ...item };
      kept.node = this.#node(kept);
      this.#items.push(kept);
      this.#list.append(kept.node);
    }
    this.#list.parentElement.scrollTop = this.#list.parentElement.scrollHeight;
  }

  cut(n) {
    for (const item of this.#items) {
      if (item.n !== n) continue;
      item.interrupted = true;
      item.node.replaceWith((item.node = this.#node(item)));
    }
  }

  /** In the language of the page, after it was changed. */
  redraw() {
    for (const item of this.#items) item.node.replaceWith((item.node = this.#node(item)));
  }

  #node(item) {
    const node = document.createElement("li");
    node.className = "item";
    node.dataset.kind = item.kind;
    if (item.n !== undefined) node.dataset.n = item.n;
    if (item.interrupted && item.kind !== "gather") node.dataset.interrupted = "";
    if (item.kind === "event" && item.text.startsWith("error ")) node.dataset.fault = "";
    node.append(tag(item), line(item));
    return node;
  }
}

function tag(item) {
  const node = document.createElement("span");
  node.className = "tag";
  if (item.kind === "say") {
    const language = spokenIn(item.language).slice(0, 2).toLowerCase();
    node.classList.add(language);
    node.textContent = language === "zh" ? "中文" : language.toUpperCase();
    node.title = item.language;
  } else {
    node.textContent = { play: "♪", gather: "#", keys: "", ring: "☎", beep: "●", spoke: "●", end: "■" }[item.kind] ?? "i";
    node.setAttribute("aria-hidden", "true");
    node.hidden = !node.textContent;
  }
  return node;
}

function line(item) {
  const node = document.createElement("span");
  node.className = "text";
  node.dataset.cut = t("cut");
  node.textContent = written(item);
  if (item.kind === "say") node.lang = spokenIn(item.language);
  return node;
}

function written(item) {
  const { kind, text } = item;
  if (kind === "play") {
    const times = item.times > 1 ? ` ×${item.times}` : "";
    return (isMusic(item) ? t("music") : t("recording", { name: fileName(item.url) })) + times;
  }
  if (kind === "gather") {
    const count = GATHER.exec(text)?.[1];
    return Number(count) > 1 ? t("gather_n", { n: count }) : t("gather");
  }
  if (kind === "event") return happened(text);
  if (kind === "spoke") return t("you_spoke", { n: item.seconds });
  if (kind === "end") return t(`ended_${item.status}`);
  return kind === "ring" || kind === "beep" ? t(kind) : text;
}

function happened(text) {
  const [word, ...rest] = text.split(" ");
  if (word === "bridged") return t("bridged");
  if (word === "tones" || word === "sends") return t(word, { keys: rest.join(" ") });
  if (word === "error") return t("fault", { code: rest.join(" ") });
  if (word === "announcement") return t("announcement");
  return text;
}

const isMusic = (item) => item.kind === "play" && (item.text === "music" || /music|hold|wait/i.test(item.url));

function fileName(url) {
  try {
    return decodeURIComponent(new URL(url).pathname.split("/").at(-1));
  } catch {
    return url;
  }
}
