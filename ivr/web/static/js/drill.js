// From a figure of the board to what is behind it: the calls of its window, the rows it counts, or today's intervals of a queue and
// from there its calls. The filter stands in the address, so that each step can be kept and shared.

const REPORTS = "/supervisor/reports";

/** Today by the hotline's clock. */
const today = (view, now) => new Date(now).toLocaleDateString("sv-SE", { timeZone: view.zone });

function address(path, view, now, more = {}) {
  const day = today(view, now);
  return `${path}?${new URLSearchParams({ from: day, to: day, ...more })}`;
}

/** Quarters of an hour of today: of one queue, or of all. */
export const intervalsOf = (view, now, topic = "") =>
  address(`${REPORTS}/intervals`, view, now, topic ? { topic, interval: "15m" } : { interval: "15m" });

/** The calls of a queue that a figure of today counts. */
export const callsOf = (view, now, topic, figure, side = "part") => address("/supervisor/calls", view, now, { topic, figure, side });

const MINUTE_MS = 60_000;
const OF_ENDED = { by: "event", figure: "service_level_v4", side: "whole" };
/** Figures of the last minutes: of how many, and the calls that they count. */
const WITHIN = {
  level_15: [15, OF_ENDED],
  level_60: [60, OF_ENDED],
  abandoned_15: [15, { by: "event", figure: "abandon_rate", side: "part" }],
  arrived_60: [60, { figure: "offered", side: "part" }],
};

/** The calls that a figure of the last minutes counts, in the very window in which they were counted; of all queues, or of some. */
export function callsWithin(recent, figure, topics = []) {
  const [minutes, what] = WITHIN[figure];
  const from = new Date(Date.parse(recent.as_of) - minutes * MINUTE_MS).toISOString();
  return `/supervisor/calls?${new URLSearchParams([["from", from], ["to", recent.as_of], ...Object.entries(what), ...topics.map((topic) => ["topic", topic])])}`;
}

export const reportOf = (view, now, report) => address(`${REPORTS}/${report}`, view, now);

/** The board, narrowed to what a figure counts, whatever team the reader keeps it narrowed to. */
export function boardOf(part, topics = [], more = {}) {
  const filter = new URLSearchParams([["team", ""], ...topics.map((topic) => ["topic", topic]), ...Object.entries(more)]);
  return `/supervisor?${filter}#${part}`;
}

/** The board that is open, narrowed further. */
export function fromHere(part, more) {
  const filter = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(more)) filter.set(name, value);
  return `${filter.size ? `?${filter}` : ""}#${part}`;
}

/** Let the heading of a figure lead there; an address that has not changed is left alone. */
export function leads(node, href) {
  const link = node.querySelector("h2 a");
  if (link && link.getAttribute("href") !== href) link.setAttribute("href", href);
}
