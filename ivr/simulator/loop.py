"""One thread that does what is due, a small pool that talks HTTP, one lock around everything.

State of the network changes only with the lock held: by a due action, by the continuation of finished HTTP work, or by
a request to the network itself. A call is a generator (`tasks.py`), so a thousand waiting callers cost a heap of a
thousand entries and no threads.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from ivr.simulator.clock import Clock

T = TypeVar("T")
SETTLE_S = 30.0
"""Real seconds after which a service that does not answer no longer holds back a clock moved by hand."""

log = logging.getLogger(__name__)


class Timer:
    __slots__ = ("action", "at_s")

    def __init__(self, at_s: float, action: Callable[[], None] | None) -> None:
        self.at_s = at_s
        self.action = action

    def cancel(self) -> None:
        self.action = None


class Loop:
    def __init__(self, clock: Clock, *, http_threads: int = 48) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._due: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._busy = 0
        self._stopped = False
        self.after_change: Callable[[], None] = lambda: None
        """Called with the lock held when anything may have changed; set by the exchange."""
        self._pool = ThreadPoolExecutor(http_threads, thread_name_prefix="simulator-http")
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self.change():
            self._stopped = True
        self._thread.join(timeout=5)
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def stopped(self) -> bool:
        return self._stopped

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock and tell everyone who waits for a condition afterwards."""
        with self.lock:
            yield
            self.after_change()
            self._changed.notify_all()

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        with self.lock:
            timer = Timer(self.clock.now() + max(0.0, seconds), action)
            heapq.heappush(self._due, (timer.at_s, next(self._order), timer))
            if self._due[0][2] is timer:
                self._changed.notify_all()
            return timer

    def soon(self, action: Callable[[], None]) -> Timer:
        return self.later(0, action)

    def work(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """`job` in a pool thread, without the lock; `then` with it."""
        with self.lock:
            if self._stopped:
                return
            self._busy += 1
        self._pool.submit(self._work, job, then)

    def _work(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        try:
            answer = job()
            with self.lock:
                if not self._stopped:
                    then(answer)
        except Exception:
            log.exception("work failed")
        finally:
            with self.change():
                self._busy -= 1

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                timer = self._pop()
                if timer is None:
                    self._changed.wait(self._until_next())
                    continue
                self._do(timer)
                self.after_change()
                self._changed.notify_all()

    def _do(self, timer: Timer) -> None:
        action, timer.action = timer.action, None
        if action is None:
            return
        try:
            action()
        except Exception:
            log.exception("action failed")

    def _next(self) -> Timer | None:
        while self._due and self._due[0][2].action is None:
            heapq.heappop(self._due)
        return self._due[0][2] if self._due else None

    def _pop(self) -> Timer | None:
        timer = self._next()
        if timer is None or timer.at_s > self.clock.now():
            return None
        heapq.heappop(self._due)
        return timer

    def _until_next(self) -> float | None:
        timer = self._next()
        return None if timer is None else self.clock.real_seconds_until(timer.at_s)

    def idle(self) -> bool:
        """Nothing due now, no HTTP under way."""
        with self.lock:
            timer = self._next()
            return self._busy == 0 and (timer is None or timer.at_s > self.clock.now())

    def wait_until(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Real seconds. `condition` is asked with the lock held."""
        deadline = time.monotonic() + within_s
        with self._changed:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def settle(self, within_s: float = SETTLE_S) -> bool:
        return self.wait_until(self.idle, within_s)

    def advance(self, seconds: float) -> None:
        """Move a clock that stands still. Each point in time is settled before the next one comes."""
        with self.lock:
            target = self.clock.now() + seconds
        while True:
            self.settle()
            with self.change():
                timer = self._next()
                if timer is None or timer.at_s > target:
                    self.clock.move_to(target)
                    break
                self.clock.move_to(timer.at_s)
        self.settle()

    def until_next(self) -> float | None:
        """Seconds of the network until something is due here; None: nothing ever."""
        with self.lock:
            timer = self._next()
            return None if timer is None else max(0.0, timer.at_s - self.clock.now())

    def set_factor(self, factor: float) -> None:
        with self.change():
            self.clock.set_factor(factor)
