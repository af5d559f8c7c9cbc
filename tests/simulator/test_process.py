from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import requests


def test_the_network_runs_as_a_process_and_stops_when_told(tmp_path, service):
    port_file = tmp_path / "port"
    words = [
        "--port-file",
        str(port_file),
        "--number",
        "+861052728000",
        "--number",
        "+12025550100",
        "--voice-url",
        f"{service.origin}/hello",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "ivr.simulator", *words],
        env={**os.environ, "SIMULATOR_CLOCK": "manual"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 20
        while not port_file.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        base = f"http://127.0.0.1:{port_file.read_text().strip()}"
        config = requests.get(f"{base}/control/config", timeout=5).json()
        assert config["numbers"] == ["+861052728000", "+12025550100"]
        assert config["clock"]["factor"] == 0
        phone = requests.post(f"{base}/control/phones", json={"address": "+8613800138000"}, timeout=5).json()
        requests.post(f"{base}/control/phones/{phone['id']}/call", json={"to": "+12025550100"}, timeout=5)
        requests.post(f"{base}/control/settle", json={}, timeout=5)
        assert service.forms("/hello")[0]["To"] == "+12025550100"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == 0


def test_many_waiting_callers_cost_no_threads(network, service):
    before = threading.active_count()  # what tests of before have left
    service.answers["/voice/incoming"] = (
        "<Response><Gather timeout='10' numDigits='1'><Say>please wait</Say></Gather><Redirect>/voice/incoming</Redirect></Response>"
    )
    network.phone("+8613800138000").calls()
    network.settle()
    calls = [network.phone(f"+86139{n:08}").calls() for n in range(200)]
    network.clock.advance(35)
    assert all(call.state == "in-progress" for call in calls)
    assert len(service.forms("/voice/incoming")) >= 3 * len(calls)
    assert threading.active_count() - before < 80
    assert network.violations() == []
