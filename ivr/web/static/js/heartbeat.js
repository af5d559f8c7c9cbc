// A worker: its timer keeps its beat in background tabs, where a page's own timers are slowed to one a minute, and it
// stops when the computer sleeps, as it should.

onmessage = ({ data: { path, csrf, everyMs } }) => {
  const beat = async () => {
    try {
      const response = await fetch(path, { method: "POST", headers: { "X-CSRF-Token": csrf } });
      postMessage({ status: response.status, view: response.ok ? await response.json() : null });
    } catch {
      postMessage({ status: 0, view: null });
    }
  };
  beat();
  setInterval(beat, everyMs);
};
