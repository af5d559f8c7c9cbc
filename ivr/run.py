"""`ivr run`: everything on this machine, in the right order, until it is told to stop.

Checks first, so that what is wrong is one clear line and not a trace of some process. Then Redis (the bundled one
unless `IVR_REDIS_URL` is set), then one process of each kind. What dies comes back, with growing pauses. When `/readyz`
says that a call can be made, the addresses are printed once. At the end the processes go first and Redis last, and
nothing that was started here is left, however this process ends (`guard.py`).
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from ivr.core.errors import OperatorError
from ivr.embedded import EmbeddedRedis, RedisError, check_redis
from ivr.guard import Guarded
from ivr.servers import web_command
from ivr.settings import LogFormat, Settings, environment_of, started_by_make

GRACE_S = 6.0
"""A process has so long to finish what it is doing before it is ended."""
SETTLED_S = 20.0
"""A process that lived so long was started well: its next pause is short again."""
LONGEST_PAUSE_S = 30.0
GIVE_UP = 4
"""Ends of one process before the first ready: then the start has failed and says so."""
READY_ASKED_S = 0.5
READY_PATIENCE_S = 45.0
TICK_S = 0.1

Prepare = Callable[[Settings], Sequence[str]]
"""What must happen between Redis and the processes: migrations, menus checked, roster, demo accounts. Answers the
lines to print with the addresses. Raises OperatorError when the files of the operator are wrong."""


class StartError(Exception):
    """Why it does not start, one line per problem."""


@dataclass(kw_only=True)
class Child:
    """One process of the service, started again when it ends."""

    name: str
    command: Sequence[str]
    process: Guarded | None = None
    started: float = 0.0
    next_start: float = 0.0
    ends: int = 0
    """In a row, without having settled."""
    last_line: str = ""
    printer: threading.Thread | None = field(default=None, repr=False)


def run(settings: Settings, prepare: Prepare) -> int:
    """Start everything and stay until SIGINT, SIGTERM or SIGHUP. The exit code: 0 after a stop, 1 after a failure."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    bundled: EmbeddedRedis | None = None
    try:
        settings = check_machine(settings)
        if settings.redis_url is None:
            bundled = EmbeddedRedis(settings.redis_dir).start(join=False)
            settings = settings.model_copy(update={"redis_url": bundled.url})
        else:
            check_redis(settings.redis_url)
        lines = prepare(settings)
        Supervisor(settings, children_of(settings), bundled).watch(stop, lines)
    except OperatorError as err:
        _complain([str(problem) for problem in err.problems] or [str(err)])
    except (StartError, RedisError) as err:
        _complain(str(err).splitlines())
    else:
        return 0
    finally:
        if bundled is not None:
            bundled.stop()
    return 1


def check_machine(settings: Settings) -> Settings:
    """The settings, with another port for the simulator if its own is taken. Raises StartError, one line each."""
    lines = settings.problems()
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = settings.data_dir / ".write-test"
        probe.touch()
        probe.unlink()
    except OSError as err:
        lines.append(f"IVR_DATA_DIR: {settings.data_dir} cannot be written: {err.strerror}")
    reason = _cannot_listen(settings.host, settings.port)
    if reason:
        lines.append(reason)
    if lines:
        raise StartError("\n".join(lines))
    if settings.starts_simulator and _cannot_listen("127.0.0.1", settings.simulator_port):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            settings = settings.model_copy(update={"simulator_port": other.getsockname()[1]})
        settings = settings.model_copy(update={"twilio_api_base": settings.simulator_url})
    return settings


def children_of(settings: Settings) -> list[Child]:
    """One of each kind, as DESIGN has them; the web server of the box serves the live streams too."""
    names = [*(["simulator"] if settings.starts_simulator else []), "dispatch", "record", "worker"]
    children = [Child(name=name, command=[sys.executable, "-m", "ivr", name]) for name in names]
    return [*children, Child(name="web", command=web_command(settings))]


class Supervisor:
    """Keeps the processes running and passes on what they print."""

    def __init__(self, settings: Settings, children: Sequence[Child], bundled: EmbeddedRedis | None) -> None:
        self._settings = settings
        self._children = children
        self._bundled = bundled
        self._print_lock = threading.Lock()
        self._ready = False
        for_reading = sys.stdout.isatty() and settings.log_format is LogFormat.AUTO
        log_format = LogFormat.CONSOLE if for_reading else settings.log_format
        self._env = environment_of(settings.model_copy(update={"log_format": log_format}))
        self._env["PYTHONUNBUFFERED"] = "1"

    def watch(self, stop: threading.Event, lines: Sequence[str]) -> None:
        """Until `stop`. Raises StartError when the service cannot be brought up at all."""
        parent = os.getppid()
        waiting = threading.Thread(target=self._announce, args=(stop, lines), daemon=True, name="ready")
        try:
            waiting.start()
            while not stop.wait(TICK_S):
                self._tend()
                # `make` was killed and could not pass it on.
                if started_by_make() and os.getppid() != parent:
                    break
        finally:
            stop.set()
            self._end_all()

    def _tend(self) -> None:
        if self._bundled is not None and not self._bundled.alive():
            self._say("redis", "ended; starting it again")
            self._bundled.stop()
            self._bundled.start(join=False)
        for child in self._children:
            code = child.process.ended() if child.process is not None else None
            if code is not None:
                self._bury(child, code)
            if child.process is None and time.monotonic() >= child.next_start:
                self._start(child)

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        child.process = Guarded(child.command, grace_s=GRACE_S, env=self._env, show_output=True)
        child.printer = threading.Thread(target=self._print, args=(child, child.process), daemon=True)
        child.printer.start()

    def _bury(self, child: Child, code: int) -> None:
        assert child.process is not None
        if child.printer is not None:
            child.printer.join(1)
        child.process.wait()
        child.process = None
        settled = time.monotonic() - child.started >= SETTLED_S
        child.ends = 1 if settled else child.ends + 1
        pause = min(LONGEST_PAUSE_S, 0.25 * 2**child.ends)
        child.next_start = time.monotonic() + pause
        if not self._ready and child.ends >= GIVE_UP:
            raise StartError(
                f"`ivr {child.name}` cannot be started (exit code {code}): {child.last_line or 'no message'}"
            )
        self._say(child.name, f"ended with exit code {code}; starting it again in {pause:g} s")

    def _end_all(self) -> None:
        running = [child for child in self._children if child.process is not None]
        for child in running:
            if child.process is not None:
                child.process.end()
        for child in running:
            if child.process is not None:
                if not child.process.wait():
                    self._say(child.name, f"did not end within {GRACE_S:g} s and was killed")
                child.process = None

    def _print(self, child: Child, process: Guarded) -> None:
        with process.lines as lines:
            for raw in lines:
                line = raw.decode(errors="replace").rstrip()
                if line:
                    child.last_line = line
                    self._say(child.name, line)

    def _say(self, name: str, line: str) -> None:
        self._tell(f"{name:<9} | {line}")

    def _tell(self, text: str) -> None:
        # Whoever read our lines may have gone; the processes must not stop for that.
        with self._print_lock, suppress(OSError):
            print(text, flush=True)

    def _announce(self, stop: threading.Event, lines: Sequence[str]) -> None:
        """Print where to go as soon as a call can be made; say what is missing if that takes long."""
        patience = time.monotonic() + READY_PATIENCE_S
        while not stop.wait(READY_ASKED_S):
            missing = ask_readyz(self._settings)
            if missing is None:
                self._ready = True
                self._tell("\n".join(["", *addresses(self._settings), *lines, ""]))
                return
            if time.monotonic() > patience:
                self._say("run", f"still not ready: {missing}")
                patience += READY_PATIENCE_S


def ask_readyz(settings: Settings) -> str | None:
    """None when a call can be made, else what is missing."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    connection = HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        text = answer.read(2000).decode(errors="replace")
    except (OSError, HTTPException) as err:
        return f"the web server does not answer ({err})"
    finally:
        connection.close()
    return None if answer.status == 200 else " ".join(text.split())


def addresses(settings: Settings) -> list[str]:
    """What to open in the browser."""
    pages = {"Agent": "/agent", "Supervisor": "/supervisor"}
    if settings.starts_simulator:
        pages = {"Phone": "/phone", **pages}
    return [
        "The hotline is open. Stop it with Ctrl-C.",
        "",
        *(f"  {name:<11} {settings.public_url}{path}" for name, path in pages.items()),
    ]


def _cannot_listen(host: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror:
        return f"IVR_HOST: {host} is no address of this machine"
    except PermissionError:
        return f"Port {port} may not be opened by this account; set IVR_PORT to 1024 or more"
    except OSError as err:
        if err.errno == errno.EADDRNOTAVAIL:
            return f"IVR_HOST: {host} is no address of this machine"
        return f"Port {port} on {host} cannot be used ({err.strerror}); stop what uses it or set IVR_PORT"
    return None


def _complain(lines: Sequence[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr, flush=True)
