// From a figure of the board to what is behind it: today's intervals of a queue, and from there to its calls. The filter stands
// in the address, so that each step can be kept and shared.

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
export const callsOf = (view, now, topic, figure) => address("/supervisor/calls", view, now, { topic, figure, side: "part" });

export const reportOf = (view, now, report) => address(`${REPORTS}/${report}`, view, now);

/** The board, narrowed to what a figure counts, whatever team the reader keeps it narrowed to. */
export function boardOf(part, topics = [], more = {}) {
  const filter = new URLSearchParams([["team", ""], ...topics.map((topic) => ["topic", topic]), ...Object.entries(more)]);
  return `/supervisor?${filter}#${part}`;
}

/** Let the heading of a figure lead there; an address that has not changed is left alone. */
export function leads(node, href) {
  const link = node.querySelector("h2 a");
  if (link && link.getAttribute("href") !== href) link.setAttribute("href", href);
}
