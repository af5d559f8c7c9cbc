"""The report of waits, and what all reports are asked with.

A report is computed when it is asked for, from cells that add up (`core.rollups`): kept ones where nothing has changed since
they were made, counted from the call records otherwise; so a late fact or a changed limit shows at once. Each figure is
computed from the cells of everything it covers: ratios and percentiles are never averaged. Callers belong to the interval in
which they joined the queue ("arrival"): a row is complete and adds up, and changes until its last caller has left. By
"event" they are offered when they joined and counted in the interval in which they were answered or gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.cell_figures import Work, longest, mean_time_to_abandon, mean_wait, percentiles, work
from ivr.core.errors import RequestError
from ivr.core.ids import CallId
from ivr.core.intervals import Interval, Step, intervals
from ivr.core.kinds import Kind
from ivr.core.metrics import ServiceLevel, Share, Tally
from ivr.core.rollups import ABANDONED, ANSWERED, LEFT, Cell, Limits
from ivr.workflows.ports import Clock

PERCENTILES = (50, 80, 90, 95)
MOST_INTERVALS = 10_000


class Placing(StrEnum):
    ARRIVAL = "arrival"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class ReportQuery:
    """What is asked. `start` and `end` are aware; half-open."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    step: Step = Step.HALF
    hotline: str | None = None
    topics: tuple[str, ...] = ()
    """None named: all that occur."""
    by: Placing = Placing.ARRIVAL


@dataclass(kw_only=True)
class Cells:
    """The stays of one place and topic, added up."""

    cell: Cell = field(default_factory=Cell)
    joined: int = 0
    """By event: how many joined there, wherever they left."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One answered stay in a queue."""

    call: CallId
    at: datetime
    """When it was answered."""
    topic: str
    agent_topic: str
    """Empty: the agent did not say."""
    agent: str
    notes: str = ""
    result: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ResultCount:
    """Answered stays of one topic with the same result and reason; `result` empty: still in wrap-up."""

    topic: str
    result: str
    reason: str = ""
    """Empty: the result has none, or none was said."""
    by_time_out: bool
    calls: int


@dataclass(frozen=True, kw_only=True)
class AtWork:
    """Time at work: available, rung, on a call or in wrap-up. `ended_at` None: still."""

    started_at: datetime
    ended_at: datetime | None
    agents: float = 1
    """How many, on average: quarters of an hour that are over are told for all agents together."""


class WaitLook(Protocol):
    """One look at the stored stays. Raises Unavailable."""

    def cells(
        self, pieces: Sequence[Interval], now: datetime, *, into: Sequence[int] | None = None
    ) -> Mapping[tuple[int, str], Cells]:
        """By place and topic; `into` is the place of each piece, its own index when not given. `now` ends the waits of
        those who still wait.
        """

    def by_limits(
        self, pieces: Sequence[Interval], now: datetime, limits: Mapping[str, Limits], *, into: Sequence[int]
    ) -> Mapping[tuple[int, Limits], Cells]:
        """By place, and by the limits of topics (the usual ones where none are named); by arrival."""

    def filled(self, pieces: Sequence[Interval]) -> Sequence[int]:
        """Which of the pieces hold a caller, in order."""


class WaitCells(Protocol):
    """What reports of waits read."""

    def look(self, query: ReportQuery) -> AbstractContextManager[WaitLook]: ...


Part = tuple[Cells, Limits]


@dataclass(frozen=True, kw_only=True)
class WaitsRow:
    """The figures of one interval and topic; `interval` None: the whole time, `topic` None: all topics.

    Each is computed when it is asked for, from the cells of everything the row covers.
    """

    interval: Interval | None
    topic: str | None
    parts: tuple[Part, ...]
    """Per topic."""
    by: Placing = Placing.ARRIVAL

    @cached_property
    def counts(self) -> Tally:
        kinds: Counter[Kind] = Counter()
        for cells, limits in self.parts:
            kinds.update(cells.cell.kinds(limits))
        joined = sum(cells.joined for cells, _ in self.parts) if self.by is Placing.EVENT else None
        return Tally(kinds=kinds, joined=joined)

    @property
    def within(self) -> timedelta | None:
        """T of the service level; None where topics with different ones are put together."""
        return _one({limits.within for _, limits in self.parts})

    @property
    def short(self) -> timedelta | None:
        """Limit of short abandons, likewise."""
        return _one({limits.short for _, limits in self.parts})

    @property
    def service_level(self) -> Share:
        return self.counts.of(ServiceLevel.V4.figure)

    @property
    def service_level_strict(self) -> Share:
        return self.counts.of(ServiceLevel.V8.figure)

    @property
    def abandon_rate(self) -> Share:
        return self.counts.of("abandon_rate")

    @property
    def levels(self) -> Mapping[ServiceLevel, Share]:
        """All nine variants."""
        return {variant: self.counts.of(variant.figure) for variant in ServiceLevel}

    @property
    def asa(self) -> timedelta | None:
        return mean_wait(self._cells, ANSWERED)

    def time_to_abandon(self, *, with_short: bool = True) -> timedelta | None:
        return mean_time_to_abandon(((cells.cell, limits) for cells, limits in self.parts), with_short=with_short)

    @cached_property
    def percentiles(self) -> Mapping[int, timedelta | None]:
        """Of the answered, nearest rank, in whole seconds rounded up."""
        return percentiles(self._cells, PERCENTILES, ANSWERED)

    @cached_property
    def percentiles_any(self) -> Mapping[int, timedelta | None]:
        """Of all who left the queue, however."""
        return percentiles(self._cells, PERCENTILES, *LEFT)

    @property
    def longest(self) -> timedelta | None:
        """Of the answered."""
        return longest(self._cells, ANSWERED)

    @property
    def longest_abandoned(self) -> timedelta | None:
        return longest(self._cells, ABANDONED)

    @property
    def longest_any(self) -> timedelta | None:
        """Of all who left the queue, however."""
        return longest(self._cells, *LEFT)

    @cached_property
    def work(self) -> Work:
        return work(self._cells)

    @property
    def handle_time(self) -> timedelta | None:
        return self.work.handle

    @property
    def _cells(self) -> list[Cell]:
        return [cells.cell for cells, _ in self.parts]


def _one(spans: set[timedelta]) -> timedelta | None:
    return spans.pop() if len(spans) == 1 else None


@dataclass(frozen=True, kw_only=True)
class WaitsReport:
    query: ReportQuery
    as_of: datetime
    rows: tuple[WaitsRow, ...]
    """By interval, then topic; where several topics occur an all-topics row follows them."""
    totals: tuple[WaitsRow, ...]
    """The whole time: each topic, then all together."""
    headline: ServiceLevel = ServiceLevel.V4
    strict: ServiceLevel = ServiceLevel.V8
    pages: int = 1
    """How many portions of this size there are."""


Place = tuple[int, str]
"""Index of the interval, and topic."""


def pieces_of(query: ReportQuery) -> list[Interval]:
    shortest = timedelta(minutes=query.step.minutes or 24 * 60)
    if (query.end - query.start) / shortest > MOST_INTERVALS:
        raise RequestError(
            "This report has too many rows: take a longer interval.", status=422, error_id="too_many_rows"
        )
    return intervals(query.start, query.end, query.step, query.zone)


@dataclass(frozen=True)
class ReportWaits:
    """Per topic and interval: how many called, how many were answered, and how long they waited."""

    stored: WaitCells
    clock: Clock
    limits: Callable[[str], Limits] = lambda _topic: Limits()
    """Of a topic, as configured today: a changed limit changes past figures too, and the report prints it."""

    def __call__(self, query: ReportQuery, *, portion: range | None = None, empties: bool = True) -> WaitsReport:
        """`portion`: only these rows, cut at whole intervals; the totals cover everything. `empties`: with the intervals
        in which nobody called.
        """
        now = self.clock.now()
        pieces = pieces_of(query)
        whole = [Interval(start=query.start, end=query.end, label="total")]
        with self.stored.look(query) as look:
            total = look.cells(whole, now)
            topics = query.topics or tuple(sorted({topic for _, topic in total}))
            per_piece = len(topics) + (len(topics) != 1)
            filled: Sequence[int] = range(len(pieces))
            if portion is not None:
                filled = filled if empties else look.filled(pieces)
                at_once = max(1, len(portion) // per_piece)
                page = portion.start // len(portion)
                pieces = [pieces[at] for at in filled[page * at_once : (page + 1) * at_once]]
            found = look.cells(pieces, now)

        def rows(of: Mapping[tuple[int, str], Cells], index: int, interval: Interval | None) -> Iterable[WaitsRow]:
            for names in [*([topic] for topic in topics), *([list(topics)] if len(topics) != 1 else [])]:
                parts = tuple((of.get((index, name)) or Cells(), self.limits(name)) for name in names)
                topic = names[0] if len(names) == 1 else None
                yield WaitsRow(interval=interval, topic=topic, parts=parts, by=query.by)

        return WaitsReport(
            query=query,
            as_of=now,
            rows=tuple(one for index, piece in enumerate(pieces) for one in rows(found, index, piece)),
            totals=tuple(rows(total, 0, None)),
            pages=1 if portion is None else max(1, -(-len(filled) // at_once)),
        )
