"""How deep a queue was: its peak, and its depth on average.

The average is the callers' time in line within the window, divided by the window: Little's law says that this is the rate of
arrivals times the mean wait, whatever the order of service (`DOMAIN.md` 3.13).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Depth:
    peak: int
    peak_at: datetime | None
    """When the peak was first reached; None: nobody waited."""
    average: float


def depth(stays: Iterable[tuple[datetime, datetime | None]], start: datetime, end: datetime) -> Depth:
    """Of stays in line (from, to; None: still waiting) between `start` and `end`. Who leaves makes room first."""
    inside = [(max(came, start), min(left or end, end)) for came, left in stays]
    spans = [(came, left) for came, left in inside if came < left]
    moves = sorted([(came, 1) for came, _ in spans] + [(left, -1) for _, left in spans])
    now, peak, peak_at = 0, 0, None
    for at, step in moves:
        now += step
        if now > peak:
            peak, peak_at = now, at
    waited = sum((left - came for came, left in spans), timedelta(0))
    return Depth(peak=peak, peak_at=peak_at, average=waited / (end - start) if end > start else 0.0)
