// A worker: its timer keeps its beat in background tabs, where a page's own timers are slowed to one a minute, and it
// stops when the computer sleeps, as it should. `beats` says whether the page has the desk: only then it is to be heard.

let order = {};
let timer = 0;

async function beat() {
  if (!order.beats) return;
  try {
    const headers = { "X-CSRF-Token": order.csrf, "X-Console": order.console };
    const response = await fetch(order.path, { method: "POST", headers });
    postMessage({ status: response.status, view: response.ok ? await response.json() : null });
  } catch {
    postMessage({ status: 0, view: null });
  }
}

onmessage = ({ data }) => {
  const begins = data.beats && !order.beats;
  order = { ...order, ...data };
  timer ||= setInterval(beat, order.everyMs);
  if (begins) beat();
};
