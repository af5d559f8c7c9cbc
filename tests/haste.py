"""Limits in seconds on a machine that may stall: what is slow by itself is slow every time."""

from __future__ import annotations

import time
from collections.abc import Callable

TRIES = 3


def soonest(deed: Callable[[], object], *, limit_s: float) -> float:
    """Seconds of the shortest of up to three runs; no further run once one kept the limit."""
    shortest = float("inf")
    for _ in range(TRIES):
        began = time.monotonic()
        deed()
        shortest = min(shortest, time.monotonic() - began)
        if shortest < limit_s:
            break
    return shortest
