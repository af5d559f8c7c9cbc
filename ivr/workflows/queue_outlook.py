"""What is usual for each queue at this hour, and how good its announced waits were lately.

Both change slowly: they are read from SQL once a minute in a process, whoever looks.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.errors import Unavailable
from ivr.core.metrics import Share
from ivr.workflows.ports import Clock

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
WEEKS = 4
LATELY = timedelta(days=14)
KEPT = timedelta(seconds=60)


class OutlookRows(Protocol):
    """Raises `Unavailable`."""

    def joined(self, hotline: str, hours: Sequence[tuple[datetime, datetime]]) -> Sequence[Mapping[str, int]]:
        """In each of these times: callers who joined each queue."""

    def told_well(self, hotline: str, since: datetime) -> Mapping[str, Share]:
        """By topic: announced waits that came true within the tolerance, of those that came true at all."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    usual: float | None
    """Callers who joined in the last hour, on the same weekday of the last four weeks; None: no record is that old."""
    told: Share


NOTHING = Share(part=0, whole=0)


@dataclass
class QueueOutlook:
    rows: OutlookRows
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: dict[str, tuple[datetime, Mapping[str, Outlook]]] = field(default_factory=dict)

    def of(self, hotline: str, topics: Sequence[str]) -> Mapping[str, Outlook]:
        """By topic; empty while the records cannot be read."""
        now = self.clock.now()
        with self._lock:
            at, found = self._kept.get(hotline, (None, {}))
            if at is None or not timedelta() <= now - at < KEPT:
                found = self._read(hotline, topics, now)
                self._kept[hotline] = (now, found)
            return found

    def _read(self, hotline: str, topics: Sequence[str], now: datetime) -> Mapping[str, Outlook]:
        ends = [now - back * WEEK for back in range(1, WEEKS + 1)]
        try:
            weeks = [week for week in self.rows.joined(hotline, [(end - HOUR, end) for end in ends]) if week]
            told = self.rows.told_well(hotline, now - LATELY)
        except Unavailable:
            return {}
        return {
            topic: Outlook(
                usual=round(sum(week.get(topic, 0) for week in weeks) / len(weeks), 1) if weeks else None,
                told=told.get(topic, NOTHING),
            )
            for topic in topics
        }
