"""The last hour of each queue: service level, abandons and depth, from the stored stays.

A caller counts in a window in which the stay ended, by an answer or otherwise; who still waits is undecided and counts in
the depth alone. Read from SQL at most every few seconds in a process, whoever looks.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.depth import Depth, depth
from ivr.core.errors import Unavailable
from ivr.core.menus import MenuTree
from ivr.core.metrics import ServiceLevel, Share, Stay, service_level, tally
from ivr.core.rollups import Limits
from ivr.core.room import LateStay
from ivr.workflows.ports import Clock

QUARTER, HOUR = timedelta(minutes=15), timedelta(minutes=60)
KEPT = timedelta(seconds=1)


class LateRows(Protocol):
    def late_stays(self, hotline: str, since: datetime) -> Sequence[LateStay]:
        """Stays that were entered, or left, since then. Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class Recent:
    """One queue, lately. The list of calls of a window is as long as its figure says."""

    as_of: datetime
    """The windows end here, and begin 15 or 60 minutes before: in whole milliseconds, as an address has it."""
    level_15: Share
    level_60: Share
    abandoned_15: int
    """Without short abandons."""
    answered_15: int
    arrived_60: int
    depth: Depth
    """Of the last hour."""


@dataclass
class RecentWaits:
    rows: LateRows
    clock: Clock
    limits: Callable[[str], Limits]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: dict[str, tuple[datetime, Mapping[str, Recent]]] = field(default_factory=dict)

    def of(self, tree: MenuTree) -> Mapping[str, Recent]:
        """By topic; empty while the records cannot be read."""
        now = self.clock.now()
        with self._lock:
            at, rows = self._kept.get(tree.hotline, (None, {}))
            if at is None or not timedelta() <= now - at < KEPT:
                rows = self._read(tree, now)
                self._kept[tree.hotline] = (now, rows)
            return rows

    def _read(self, tree: MenuTree, now: datetime) -> Mapping[str, Recent]:
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        stays: dict[str, list[LateStay]] = defaultdict(list)
        try:
            for row in self.rows.late_stays(tree.hotline, now - HOUR):
                if row.entered_at < now:
                    stays[row.topic].append(row)
        except Unavailable:
            return {}
        return {topic: self._recent(topic, stays[topic], now) for topic in tree.topics}

    def _recent(self, topic: str, rows: Sequence[LateStay], now: datetime) -> Recent:
        limits = self.limits(topic)
        quarter = tally(_stay(row, limits) for row in rows if _ended(row, now - QUARTER, now))
        hour = tally(_stay(row, limits) for row in rows if _ended(row, now - HOUR, now))
        return Recent(
            as_of=now,
            level_15=service_level(quarter, ServiceLevel.V4),
            level_60=service_level(hour, ServiceLevel.V4),
            abandoned_15=quarter.lost - quarter.short_abandoned,
            answered_15=quarter.answered,
            arrived_60=sum(row.entered_at >= now - HOUR for row in rows),
            depth=depth(((row.entered_at, row.over_at) for row in rows), now - HOUR, now),
        )


def _ended(row: LateStay, since: datetime, until: datetime) -> bool:
    return row.over_at is not None and row.outcome is not None and since <= row.over_at < until


def _stay(row: LateStay, limits: Limits) -> Stay:
    wait = (row.over_at or row.entered_at) - row.entered_at
    return Stay(wait=wait, outcome=row.outcome, within=limits.within, short=limits.short)
