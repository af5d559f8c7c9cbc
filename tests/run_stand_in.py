"""`ivr run` with three small processes in place of the real ones. Started by test_run as a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ivr import run
from ivr.settings import Settings, load_settings

WEB = """
import http.server, os, pathlib, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
print("web serves", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["IVR_PORT"])), Page).serve_forever()
"""
# Deaf to the polite request, with a child of its own: the hardest thing to end.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "grandchild", os.environ["IVR_DATA_DIR"]])
print("stubborn is up", flush=True)
time.sleep(600)
"""
WORKER = """
import os, redis, time
client = redis.Redis.from_url(os.environ["IVR_REDIS_URL"])
print("worker start", client.incr("starts"), flush=True)
time.sleep(600)
"""
BROKEN = "raise SystemExit('the queue is broken')"


def main() -> None:
    programs = {"web": WEB, "stubborn": STUBBORN, "worker": WORKER}
    if "broken" in sys.argv:
        programs["broken"] = BROKEN

    def children(settings: Settings) -> list[run.Child]:
        folder = str(settings.data_dir)
        return [run.Child(name=name, command=[sys.executable, "-c", text, folder]) for name, text in programs.items()]

    run.children_of = children
    run.GRACE_S = 1.0
    settings = load_settings(env_file=None)
    Path(settings.data_dir / "settings.json").write_text(json.dumps({"simulator": settings.simulator_port}))
    sys.exit(run.run(settings, lambda _: ["  sign in as agent with the password prepared"]))


if __name__ == "__main__":
    main()
