"""Promised callbacks and their attempts, per piece of time and topic: from kept sums, and from the rows where those are not as of now."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Engine

from ivr.core.callback_metrics import CallbackResult, CallbackSums
from ivr.core.intervals import Interval
from ivr.storage.sql.rollups import filters
from ivr.storage.sql.sum_promises import PENDING, PROMISED, TRIED, not_over
from ivr.storage.sql.sums import Numbers, sums_of
from ivr.storage.sql.tables import callbacks
from ivr.workflows.reports import ReportQuery

Place = tuple[int, str]
RESULTS = (*(result.value for result in CallbackResult), PENDING)
SUMMED = (
    "attempted",
    "at_once",
    "to_first_ms",
    "connected",
    "to_connected_ms",
    "promised_attempted",
    "late_ms",
    "kept",
)


@dataclass(frozen=True)
class CallbackRows:
    """Implements `workflows.reports.CallbackRows`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows."""

    def sums(self, query: ReportQuery, pieces: Sequence[Interval], at: datetime) -> Mapping[Place, CallbackSums]:
        found: dict[Place, _Found] = defaultdict(_Found)
        spans = [(piece.start, piece.end) for piece in pieces]
        with sums_of(self.engine, kept=self.kept) as look:
            for place, (topic, what), numbers in look.each(PROMISED, spans, query, "topic", "what"):
                found[place, topic].promised(what, numbers)
            for place, (topic, result), (tries, idle_ms) in look.each(TRIED, spans, query, "topic", "result"):
                found[place, topic].attempts[result or "running"] += tries
                found[place, topic].numbers["idle_ms"] += idle_ms
            whole = (pieces[0].start, pieces[-1].end) if pieces else (at, at)
            for requested_at, topic in not_over(look.connection, *whole, at, *filters(callbacks, query)):
                place = bisect_right(spans, requested_at, key=lambda one: one[0]) - 1
                if requested_at < spans[place][1]:
                    found[place, topic].numbers["due"] -= 1
        return {place: CallbackSums(**one.numbers, attempts=one.attempts) for place, one in found.items()}


@dataclass
class _Found:
    numbers: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)

    def promised(self, what: str, numbers: Numbers) -> None:
        of = dict(zip(PROMISED.numbers, numbers, strict=True))
        if what in RESULTS:
            self.numbers[what] += of["callbacks"]
        if what == CallbackResult.COMPLETED:
            self.numbers["completed_attempted"] += of["attempted"]
        for name in SUMMED:
            self.numbers[name] += of[name]
        self.numbers["due"] += of["promised_attempted"] + of["untried"]
