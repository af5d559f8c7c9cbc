// The chart of the interval report: callers as bars and steps, agents as a line on a scale of their own. The table below holds the
// same figures; here they can be walked through with the arrow keys, and each place is read out as it is reached.

const { figures, words } = JSON.parse(document.getElementById("chart-data").textContent);
const plot = document.getElementById("plot");
const read = document.getElementById("chart-read");
const series = [
  { name: "offered", color: "--blue", width: 2, dash: [] },
  { name: "answered", color: "--accent", width: 2, dash: [6, 4] },
  { name: "staffed", color: "--amber", width: 2, dash: [2, 3], scale: "agents" },
];
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: figures.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en-CA", { timeZone: figures.zone, year: "numeric", month: "2-digit", day: "2-digit" });
const HOUR_S = 3600;
let chart = null;
let at = 0;

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function time(seconds, at, all) {
  const instant = new Date(seconds * 1000);
  const date = day.format(instant);
  const shown = clock.format(instant);
  if (shown === "00:00") return date.slice(5);
  const before = all[at - 1] === undefined ? "" : day.format(new Date(all[at - 1] * 1000));
  return date === before ? shown : `${shown}\n${date}`;
}

function steps(one) {
  return {
    label: words[one.name],
    scale: one.scale ?? "callers",
    stroke: color(one.color),
    width: one.width,
    dash: one.dash,
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: figures.times.length === 1 },
    spanGaps: false,
  };
}

function draw() {
  chart?.destroy();
  const axis = { stroke: color("--muted"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") } };
  chart = new uPlot(
    {
      width: plot.clientWidth,
      height: 260,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), figures.zone),
      legend: { live: false },
      cursor: { drag: { x: false, y: false } },
      // One point alone would be drawn on an axis of years.
      scales: { x: { range: (_, first, last) => (first === last ? [first - HOUR_S, last + HOUR_S] : [first, last]) }, callers: { range: (_, __, most) => [0, Math.max(1, most)] }, agents: { range: (_, __, most) => [0, Math.max(2, most)] } },
      series: [{ label: words.time }, ...series.map(steps)],
      axes: [
        { ...axis, values: (_, splits) => splits.map(time) },
        { ...axis, scale: "callers", label: words.offered, labelSize: 20 },
        { ...axis, scale: "agents", side: 1, label: words.staffed, labelSize: 20, grid: { show: false } },
      ],
      hooks: { setCursor: [(u) => u.cursor.idx != null && say(u.cursor.idx)] },
    },
    [figures.times, ...series.map((one) => figures[one.name])],
    plot,
  );
}

function say(index) {
  at = index;
  const shown = (name, unit = "") => `${words[name]} ${figures[name][index] ?? "–"}${figures[name][index] == null ? "" : unit}`;
  const text = [figures.labels[index], shown("offered"), shown("answered"), shown("level", " %"), shown("staffed")].join(" · ");
  read.textContent = text;
  plot.setAttribute("aria-valuenow", String(index + 1));
  plot.setAttribute("aria-valuetext", text);
}

function move(index) {
  const last = figures.times.length - 1;
  const next = Math.min(last, Math.max(0, index));
  chart.setCursor({ left: chart.valToPos(figures.times[next], "x"), top: 40 });
  say(next);
}

const KEYS = { ArrowRight: () => at + 1, ArrowLeft: () => at - 1, Home: () => 0, End: () => figures.times.length - 1 };
plot.addEventListener("keydown", (event) => {
  const to = KEYS[event.key];
  if (!to) return;
  event.preventDefault();
  move(to());
});
new ResizeObserver(() => plot.clientWidth && plot.clientWidth !== chart?.width && draw()).observe(plot);
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
draw();
say(0);
