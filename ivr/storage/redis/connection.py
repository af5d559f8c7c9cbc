"""The one way to Redis: deadlines on everything, no hidden retries, errors in our words.

A voice request has a budget of 2.5 s, so a Redis that is away must cost a moment, not a time-out per command: after
two failures the breaker opens and every call fails at once with `Unavailable`; every 500 ms one call is let through to
see whether the server is back. A connection that was found closed is retried once at once: every script of ours is
fenced by a version or names its own writing, so a repeat has no second effect.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    TryAgainError,
)
from redis.retry import Retry

from ivr.core.errors import OperatorError, Unavailable
from ivr.storage.redis.keys import Keys
from ivr.storage.redis.scripts import Script, script

log = logging.getLogger(__name__)

T = TypeVar("T")

TIMEOUT_S = 0.25
FAILURES = 2
PROBE_S = 0.5
LONGEST_WAIT = timedelta(seconds=5)
"""Blocking reads wait at most this long, so that a half-open connection is noticed."""
OLDEST_VERSION = 7


def client(url: str, *, timeout_s: float = TIMEOUT_S, connections: int = 64) -> redis.Redis:
    """A client without redis-py's own retries; opens nothing until it is used."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=timeout_s,
        socket_connect_timeout=min(timeout_s, 1.0),
        max_connections=connections,
    )


class Breaker:
    """Opens after two failures in a row; lets one call through every 500 ms while open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._probe_at = 0.0

    @property
    def open(self) -> bool:
        return self._failures >= FAILURES

    def enter(self) -> None:
        if not self.open:
            return
        with self._lock:
            now = time.monotonic()
            if self.open and now < self._probe_at:
                raise Unavailable("Redis is away")
            self._probe_at = now + PROBE_S

    def succeeded(self) -> None:
        if self._failures:
            log.info("redis.back")
            self._failures = 0

    def failed(self, error: Exception) -> None:
        with self._lock:
            self._failures += 1
            self._probe_at = time.monotonic() + PROBE_S
            if self._failures == FAILURES:
                log.warning("redis.away error=%s", type(error).__name__)


class Link:
    """Commands and scripts on one installation's keys. Safe to share between threads.

    Answers are text, which redis-py's types cannot say; hence `Any` in the hands of `run`.
    """

    def __init__(self, url: str, *, keys: Keys | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self.keys = keys or Keys()
        self.redis = client(url, timeout_s=timeout_s)
        self.blocking = client(url, timeout_s=LONGEST_WAIT.total_seconds() + 2)
        self.breaker = Breaker()

    def run(self, work: Callable[[Any], T]) -> T:
        """Do `work`, which must be safe to repeat. Raises `Unavailable`."""
        self.breaker.enter()
        try:
            try:
                result = work(self.redis)
            except redis.TimeoutError:
                raise
            except redis.ConnectionError:
                result = work(self.redis)
        except (redis.ConnectionError, redis.TimeoutError) as err:
            self.breaker.failed(err)
            raise Unavailable(f"Redis cannot be reached: {err}") from err
        except redis.ResponseError as err:
            raise _refused(err) from err
        self.breaker.succeeded()
        return result

    def script(self, name: str, *args: str | int) -> Any:
        """Run a script of `lua/` on our keys; `KEYS[1]` is the prefix that names the slot. Raises `Unavailable`."""
        found = script(name)
        return self.run(lambda connection: evaluate(connection, found, self.keys.prefix, args))

    def script_then(self, name: str, args: Sequence[str | int], reads: Callable[[Any], object]) -> list[Any]:
        """As `script`, and what `reads` asks of a pipeline, in one round trip: the script's answer comes first."""
        found = script(name)

        def work(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=False)
            pipe.evalsha(found.sha, 1, self.keys.prefix, *args)
            reads(pipe)
            answers: list[Any] = pipe.execute(raise_on_error=False)
            if isinstance(answers[0], NoScriptError):
                pipe.eval(found.text, 1, self.keys.prefix, *args)
                reads(pipe)
                answers = pipe.execute(raise_on_error=False)
            if broken := next((one for one in answers if isinstance(one, Exception)), None):
                raise broken
            return answers

        return self.run(work)

    def wait(self, work: Callable[[Any], T]) -> T:
        """A blocking read, on connections of its own. Raises `Unavailable`."""
        try:
            return work(self.blocking)
        except (redis.ConnectionError, redis.TimeoutError) as err:
            raise Unavailable(f"Redis cannot be reached: {err}") from err
        except redis.ResponseError as err:
            raise _refused(err) from err

    def close(self) -> None:
        self.redis.close()
        self.blocking.close()


def evaluate(connection: redis.Redis, found: Script, prefix: str, args: Sequence[str | int]) -> Any:
    try:
        return connection.evalsha(found.sha, 1, prefix, *cast("tuple[str, ...]", args))
    except NoScriptError:
        return connection.eval(found.text, 1, prefix, *cast("tuple[str, ...]", args))


def _refused(err: redis.ResponseError) -> Exception:
    """Out of memory, read-only, loading, busy: the server cannot serve us now. Anything else is a fault of ours."""
    classes = (ReadOnlyError, OutOfMemoryError, MasterDownError, TryAgainError, ClusterDownError)
    words = ("OOM", "READONLY", "BUSY", "NOREPLICAS", "MISCONF")
    if isinstance(err, classes) or any(word in str(err) for word in words):
        return Unavailable(f"Redis refuses: {err}")
    return err


class RedisClock:
    """The Redis server's time, as an offset to our monotonic clock that is measured anew every second.

    Never raises: while Redis is away the last offset stands, and before the first answer our own clock.
    """

    FRESH_S = 1.0

    def __init__(self, link: Link) -> None:
        self._link = link
        self._offset = time.time() - time.monotonic()
        self._measured = float("-inf")

    def now(self) -> datetime:
        before = time.monotonic()
        if before - self._measured > self.FRESH_S:
            self._measure(before)
        return datetime.fromtimestamp(time.monotonic() + self._offset, UTC)

    def _measure(self, before: float) -> None:
        self._measured = before
        try:
            seconds, micros = self._link.run(lambda connection: connection.time())
        except Unavailable:
            return
        after = time.monotonic()
        self._offset = seconds + micros / 1e6 - (before + after) / 2


def problems(link: Link) -> tuple[str, ...]:
    """What keeps this server from being our store, one sentence each; empty when all is well. Raises `Unavailable`."""
    facts = link.run(lambda connection: connection.info())
    found = []
    version = str(facts.get("redis_version", "0"))
    if int(version.split(".", maxsplit=1)[0]) < OLDEST_VERSION:
        found.append(f"Redis {version} is too old: version {OLDEST_VERSION} or newer is needed.")
    if facts.get("role") != "master":
        found.append(f"Redis at {_shown(link.url)} is a {facts.get('role')}: name the master in IVR_REDIS_URL.")
    policy = facts.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        found.append(f"Redis evicts keys ({policy}): set maxmemory-policy to noeviction, or queues will vanish.")
    try:
        link.script("check")
    except redis.ResponseError as err:
        found.append(f"Redis does not run our scripts: {err}.")
    return tuple(found)


def require(link: Link) -> None:
    """Raise `OperatorError` when the server cannot be our store."""
    if found := problems(link):
        raise OperatorError(" ".join(found))


def _shown(url: str) -> str:
    """The address without the password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
