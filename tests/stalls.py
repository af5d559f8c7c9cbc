"""How long this machine stood still: what a limit in seconds of real time may not be blamed for.

A thread sleeps for moments and notes by how much it oversleeps. A process that waits, or works, lets it wake in time;
one that gets no processor, because others have it or the whole machine is paused, does not.
"""

from __future__ import annotations

import threading
import time
from functools import cache

TICK_S = 0.02
STALL_S = 0.1
"""A shorter delay is what any thread meets."""


class Stalls:
    def __init__(self) -> None:
        self._lost_s = 0.0
        self._woke = time.monotonic()
        threading.Thread(target=self._watch, name="stalls", daemon=True).start()

    def lost_s(self) -> float:
        """Seconds of standing still since the first question, the present stall included."""
        return self._lost_s + self._stall(time.monotonic())

    def _watch(self) -> None:
        while True:
            time.sleep(TICK_S)
            now = time.monotonic()
            self._lost_s += self._stall(now)
            self._woke = now

    def _stall(self, now: float) -> float:
        late_s = now - self._woke - TICK_S
        return late_s if late_s > STALL_S else 0.0


@cache
def stalls() -> Stalls:
    """One for the test process."""
    return Stalls()
