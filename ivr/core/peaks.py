"""How much of what an account allows was in use at once: lines at the same moment, and new lines in a short while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLOSE = 0.8
"""Of a limit: from here on it is said that it will bind."""


STRETCH = timedelta(seconds=5)
"""Over which new lines are counted: who asks for more than the account makes in it has waited."""


class Room(StrEnum):
    """What is left of a limit."""

    ENOUGH = "enough"
    CLOSE = "close"
    BINDS = "binds"


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The most at once, and when that was for the first time; `limit` 0: none is known."""

    most: int = 0
    at: datetime | None = None
    limit: float = 0

    @property
    def room(self) -> Room:
        if not self.limit or self.most < CLOSE * self.limit:
            return Room.ENOUGH
        return Room.BINDS if self.most >= self.limit else Room.CLOSE


def at_once(spans: Iterable[tuple[datetime, datetime]], *, limit: float = 0) -> Peak:
    """Most lines open at the same moment. Half-open: a line that ends as another begins leaves its place to it."""
    steps = sorted(step for start, end in spans if start < end for step in ((start, 1), (end, -1)))
    peak, at, most = 0, None, 0
    for moment, step in steps:  # at one moment those that end come first: -1 sorts before 1
        peak += step
        if peak > most:
            most, at = peak, moment
    return Peak(most=most, at=at, limit=limit)


def in_a_row(made: Iterable[datetime], *, per_second: float = 0) -> Peak:
    """Most new lines within any `STRETCH`. The limit is what the account makes in that time: one alone binds nothing."""
    moments = sorted(made)
    most, at, first = 0, None, 0
    for number, moment in enumerate(moments):
        while moment - moments[first] >= STRETCH:
            first += 1
        if number - first + 1 > most:
            most, at = number - first + 1, moments[first]
    return Peak(most=most, at=at, limit=per_second * STRETCH.total_seconds())
