"""The supervisor itself: real processes, small ones in place of the service's. The whole service has its own stories."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.run import StartError, check_machine
from ivr.settings import Settings, completed

ROOT = Path(__file__).parent.parent
WITHIN_S = 20.0


class Run:
    """One `ivr run` under test, its output read as it comes."""

    def __init__(self, folder: Path, port: int, *words: str) -> None:
        self.folder = folder
        self.output = folder.parent / f"{folder.name}-{port}.out"
        env = {**os.environ, "IVR_DATA_DIR": str(folder), "IVR_PORT": str(port)}
        env.pop("MAKELEVEL", None)
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.run_stand_in", *words],
                env=env,
                cwd=ROOT,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def shows(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + WITHIN_S
        while not (found := re.search(pattern, self.text)):
            assert time.monotonic() < deadline, f"{pattern!r} never came:\n{self.text}"
            time.sleep(0.02)
        return found

    def ends(self) -> int:
        return self.process.wait(WITHIN_S)

    def left(self) -> list[str]:
        """Command lines of whatever still works on this folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.folder) in words:
                found.append(words[:200])
        return found

    def leaves_nothing(self) -> bool:
        deadline = time.monotonic() + WITHIN_S
        while self.left():
            assert time.monotonic() < deadline, self.left()
            time.sleep(0.05)
        return True


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Start]:
    started: list[Run] = []

    def begin(*words: str, port: int | None = None) -> Run:
        started.append(Run(tmp_path / "state", port or free_port(), *words))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
    for one in started:
        one.leaves_nothing()


def test_addresses_and_sign_ins_are_printed_once_when_it_is_ready(start: Start):
    service = start()

    service.shows("sign in as agent with the password prepared")
    service.process.terminate()

    assert service.ends() == 0
    assert service.text.count("The hotline is open") == 1
    assert re.search(r"Phone +http://127\.0\.0\.1:\d+/phone", service.text)


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_everything_even_what_is_deaf(start: Start, word: signal.Signals):
    service = start()
    service.shows("stubborn is up")

    service.process.send_signal(word)

    assert service.ends() == 0
    assert service.leaves_nothing()
    assert re.search(r"stubborn +\| did not end within 1 s and was killed", service.text)
    assert "worker    | did not end" not in service.text


def test_nothing_outlives_a_killed_supervisor(start: Start):
    service = start()
    service.shows("stubborn is up")
    service.shows("worker start")

    service.process.kill()
    service.ends()

    assert service.leaves_nothing()


def test_what_dies_comes_back_and_what_it_said_is_shown_with_its_name(start: Start):
    service = start()
    service.shows(r"worker +\| worker start 1")
    worker = next(
        int(entry.parent.name)
        for entry in Path("/proc").glob("[0-9]*/cmdline")
        if b"worker start" in _words(entry)
        and str(service.folder).encode() in _words(entry)
        and b"sh\0-c" not in _words(entry)
    )

    os.kill(worker, signal.SIGKILL)

    service.shows(r"worker +\| ended with exit code 137; starting it again")
    service.shows(r"worker +\| worker start 2")


def test_second_start_finds_the_state_of_the_first(start: Start):
    first = start()
    first.shows("worker start 1")
    first.process.terminate()
    first.ends()

    second = start()

    second.shows("worker start 2")


def test_second_start_finds_the_state_after_a_kill(start: Start):
    first = start()
    first.shows("worker start 1")
    first.shows("The hotline is open")
    first.process.kill()
    first.ends()

    second = start()

    second.shows("worker start [12]")
    second.shows("The hotline is open")


def test_process_that_never_starts_ends_the_run_with_its_reason(start: Start):
    service = start("broken")

    # The stand-in for the web is ready at once; a start that fails before that is given up.
    service.shows("the queue is broken")


def test_port_in_use_is_one_clear_line(start: Start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        service = start(port=port)

        assert service.ends() == 1
    assert (
        service.text
        == f"Port {port} on 127.0.0.1 cannot be used (Address already in use); stop what uses it or set IVR_PORT\n"
    )


def test_address_of_another_machine_is_one_clear_line(tmp_path: Path, free_port: Callable[[], int]):
    settings = Settings(_env_file=None, data_dir=tmp_path, host="203.0.113.77", port=free_port())

    with pytest.raises(StartError, match=r"^IVR_HOST: 203\.0\.113\.77 is no address of this machine$"):
        check_machine(settings)


def test_redis_that_does_not_answer_is_one_clear_line(
    start: Start, monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]
):
    monkeypatch.setenv("IVR_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")

    service = start()

    assert service.ends() == 1
    assert re.fullmatch(
        r"Redis at redis://127\.0\.0\.1:\d+/0 does not answer: .+; start .*IVR_REDIS_URL.*\n", service.text
    )


def test_two_runs_do_not_share_a_data_directory(start: Start):
    first = start()
    first.shows("The hotline is open")

    second = start()

    assert second.ends() == 1
    assert "is in use: is another `ivr run` working on it?" in second.text
    assert second.text.count("\n") == 1


def test_telephone_network_moves_when_its_port_is_taken(tmp_path: Path, free_port: Callable[[], int]):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        settings = completed(Settings(_env_file=None, data_dir=tmp_path, port=free_port(), simulator_port=busy))

        checked = check_machine(settings)

    assert checked.simulator_port != busy
    assert checked.twilio_api_base == f"http://127.0.0.1:{checked.simulator_port}"


def test_unwritable_data_directory_is_one_clear_line(tmp_path: Path, free_port: Callable[[], int]):
    (tmp_path / "file").touch()
    settings = Settings(_env_file=None, data_dir=tmp_path / "file" / "below", port=free_port())

    with pytest.raises(StartError, match=r"^IVR_DATA_DIR: .* cannot be written: Not a directory$"):
        check_machine(settings)


def _words(cmdline: Path) -> bytes:
    try:
        return cmdline.read_bytes()
    except OSError:
        return b""
