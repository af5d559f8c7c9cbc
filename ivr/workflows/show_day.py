"""Today in quarters of an hour: callers who joined a queue, how many are usual, and the staff on the line.

Usual is the mean of the same quarter on the same weekday of the last four weeks, as far as the records go back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.errors import Unavailable
from ivr.core.intervals import DAY, local_midnight
from ivr.core.menus import MenuTree
from ivr.workflows.ports import Clock

QUARTER = timedelta(minutes=15)
WEEKS = 4
KEPT = timedelta(seconds=15)
USUAL_KEPT = timedelta(minutes=15)


class DayRows(Protocol):
    """Raises `Unavailable`."""

    def arrivals(self, hotline: str, start: datetime, end: datetime) -> Sequence[datetime]:
        """When callers joined a queue."""

    def staff(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime | None]]:
        """Each agent's times at work, breaks left out."""


@dataclass(frozen=True, kw_only=True)
class DayLine:
    start: datetime
    quarters: int
    """Of this day: 92, 96 or 100."""
    arrived: tuple[int, ...]
    """Up to the present quarter."""
    usual: tuple[float, ...]
    """Empty: the records do not go back far enough."""
    staff: tuple[float, ...]
    """Mean number on the line, up to the present quarter."""


@dataclass
class ShowDay:
    rows: DayRows
    trees: Callable[[], Sequence[MenuTree]]
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: tuple[datetime, Mapping[str, DayLine]] | None = None
    _usual: dict[str, tuple[datetime, tuple[float, ...]]] = field(default_factory=dict)

    def __call__(self) -> Mapping[str, DayLine]:
        """By hotline; empty while the records cannot be read."""
        now = self.clock.now()
        with self._lock:
            if self._kept is None or not timedelta() <= now - self._kept[0] < KEPT:
                try:
                    self._kept = (now, {tree.hotline: self._line(tree, now) for tree in self.trees()})
                except Unavailable:
                    self._kept = (now, {})
            return self._kept[1]

    def _line(self, tree: MenuTree, now: datetime) -> DayLine:
        zone = ZoneInfo(tree.zone)
        day = now.astimezone(zone).date()
        start, end = local_midnight(day, zone), local_midnight(day + DAY, zone)
        quarters = (end - start) // QUARTER
        passed = (now - start) // QUARTER + 1
        return DayLine(
            start=start,
            quarters=quarters,
            arrived=tuple(counted(self.rows.arrivals(tree.hotline, start, now + QUARTER), start, passed)),
            usual=self._usually(tree, start, quarters, now),
            staff=tuple(present(self.rows.staff(start, now), start, now, passed)),
        )

    def _usually(self, tree: MenuTree, start: datetime, quarters: int, now: datetime) -> tuple[float, ...]:
        known = self._usual.get(tree.hotline)
        if known is not None and now - known[0] < USUAL_KEPT and known[0] >= start:
            return known[1]
        zone, day, sums, weeks = ZoneInfo(tree.zone), start.astimezone(ZoneInfo(tree.zone)).date(), [0] * quarters, 0
        for back in range(1, WEEKS + 1):
            first = local_midnight(day - timedelta(days=7 * back), zone)
            came = self.rows.arrivals(tree.hotline, first, first + quarters * QUARTER)
            weeks += bool(came)
            sums = [one + more for one, more in zip(sums, counted(came, first, quarters), strict=True)]
        usual = tuple(round(one / weeks, 2) for one in sums) if weeks else ()
        self._usual[tree.hotline] = (now, usual)
        return usual


def counted(moments: Sequence[datetime], start: datetime, quarters: int) -> list[int]:
    """How many fall into each quarter from `start` on."""
    found = [0] * quarters
    for moment in moments:
        place = (moment - start) // QUARTER
        if 0 <= place < quarters:
            found[place] += 1
    return found


def present(
    spans: Sequence[tuple[datetime, datetime | None]], start: datetime, now: datetime, quarters: int
) -> list[float]:
    """People on the line in each quarter, on average over the part of it that has passed."""
    found = [0.0] * quarters
    for came, left in spans:
        for place in range(max(0, (came - start) // QUARTER), quarters):
            begins = start + place * QUARTER
            ends = min(begins + QUARTER, now)
            spent = min(left or now, ends) - max(came, begins)
            if spent <= timedelta():
                break
            found[place] += spent / (ends - begins)
    return [round(one, 2) for one in found]
