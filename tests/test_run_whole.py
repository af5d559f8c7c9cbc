"""`ivr run` as a visitor meets it: the real processes, a fresh data directory."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READY_S = 180.0
STOPPED_S = 20.0


class Service:
    """One `ivr run`, its output in a file."""

    def __init__(self, folder: Path, port: int, **options: str) -> None:
        self.port = port
        self.output = folder / f"out-{time.monotonic_ns()}"
        env = {**os.environ, "IVR_DATA_DIR": str(folder / "var"), "IVR_PORT": str(port), **options}
        env.pop("MAKELEVEL", None)
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ivr", "run"], env=env, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
            )

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def opens(self) -> str:
        """What it prints once a call can be made."""
        deadline = time.monotonic() + READY_S
        while "The hotline is open" not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.1)
        return self.text

    def answers(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def stops(self, word: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(word)
        return self.process.wait(STOPPED_S)


Open = Callable[..., Service]


@pytest.fixture
def service(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Open]:
    started: list[Service] = []

    def start(**options: str) -> Service:
        started.append(Service(tmp_path, free_port(), **options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def processes_below(folder: Path) -> list[str]:
    """Whoever has this data directory in its environment or on its command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            words = (entry / "environ").read_bytes() + command
        except OSError:
            continue
        if str(folder).encode() in words and int(entry.name) != os.getpid():
            found.append(command.decode(errors="replace")[-200:])
    return found


@pytest.mark.slow
def test_the_second_start_finds_the_hotline_again_and_nothing_outlives_a_kill(service: Open, tmp_path: Path):
    first = service()
    said = first.opens()

    assert first.answers("/readyz") == 200
    assert first.answers("/login") == 200
    assert first.answers("/phone") in {200, 302, 303}
    assert re.search(r"Sign in with \(shown this once\):\n( +\S+ +\S{19}\n)+", said)
    assert first.stops() == 0
    assert processes_below(tmp_path / "var") == []

    second = service()
    again = second.opens()

    assert "shown this once" not in again
    assert "Sign-ins were printed at the first start" in again

    second.process.kill()
    second.process.wait()

    deadline = time.monotonic() + STOPPED_S
    while left := processes_below(tmp_path / "var"):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_broken_menu_is_told_with_file_and_line_and_nothing_starts(service: Open, tmp_path: Path):
    menus = tmp_path / "menus"
    shutil.copytree(ROOT / "menus", menus)
    broken = next(path for path in sorted(menus.glob("*.yaml")) if not path.name.endswith(".test.yaml"))
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace("goto: account,", "goto: acount,", 1), encoding="utf-8")
    assert broken.read_text(encoding="utf-8") != text

    refused = service(IVR_MENUS_DIR=str(menus))

    assert refused.process.wait(READY_S) == 1
    lines = refused.text.splitlines()
    assert len(lines) == 1, refused.text
    assert re.match(rf".*{re.escape(broken.name)}:\d+ > ", lines[0])
    assert processes_below(tmp_path / "var") == []
