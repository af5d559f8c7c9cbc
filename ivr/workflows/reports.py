"""The two reports: how long callers waited, and what became of promised callbacks.

A report counts rows of the call records when it is asked for; nothing is counted on the side, so a late fact or a
changed limit shows at once. Each cell is computed from the raw rows of its interval and topic, and each total from
the raw rows of everything it covers: ratios and percentiles are never averaged. Callers belong to the interval in
which they joined the queue ("arrival"): a row is complete and adds up, and changes until its last caller has left. By
"event" they are offered when they joined and counted in the interval in which they were answered or gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.callback_metrics import CallbackFigures, CallbackStay, callback_figures
from ivr.core.errors import RequestError
from ivr.core.facts import Outcome
from ivr.core.ids import CallId
from ivr.core.intervals import Interval, Step, find, intervals
from ivr.core.metrics import (
    ANSWER_WITHIN,
    SHORT_ABANDON,
    ServiceLevel,
    Share,
    Stay,
    Tally,
    abandon_rate,
    average_handle_time,
    average_speed_of_answer,
    percentile,
    service_level,
    tally,
    waits_of,
)
from ivr.workflows.ports import Clock

PERCENTILES = (50, 80, 90, 95)
MOST_INTERVALS = 10_000


class Placing(StrEnum):
    ARRIVAL = "arrival"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What counts as in time and as short, per topic."""

    within: timedelta = ANSWER_WITHIN
    short: timedelta = SHORT_ABANDON


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


@dataclass(frozen=True, kw_only=True)
class SegmentRow:
    """One stay in a queue, as stored."""

    topic: str
    entered_at: datetime
    left_at: datetime | None
    outcome: Outcome | None
    wait: timedelta | None
    talk: timedelta | None = None
    hold: timedelta | None = None
    wrap: timedelta | None = None
    cause: str = ""
    ended_by: str = ""


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
    """One agent's time at work without a break: available, rung, on a call or in wrap-up. `ended_at` None: still."""

    started_at: datetime
    ended_at: datetime | None


class ReportRows(Protocol):
    """The stored rows a report reads. Raises Unavailable."""

    def segments(self, query: ReportQuery) -> Iterable[SegmentRow]:
        """Segments that were entered, or left, within the query's time."""

    def callbacks(self, query: ReportQuery) -> Iterable[CallbackStay]:
        """Callbacks requested within the query's time."""


@dataclass(frozen=True, kw_only=True)
class WaitsRow:
    """The figures of one interval and topic; `interval` None: the whole time, `topic` None: all topics."""

    interval: Interval | None
    topic: str | None
    counts: Tally
    within: timedelta | None
    """T of the service level; None where topics with different ones are put together."""
    short: timedelta | None
    """Limit of short abandons, likewise."""
    service_level: Share
    service_level_strict: Share
    abandon_rate: Share
    asa: timedelta | None
    percentiles: Mapping[int, timedelta | None]
    """Of the answered, nearest rank."""
    longest: timedelta | None
    """Of the answered."""
    longest_any: timedelta | None
    """Of all who left the queue, however."""
    handle_time: timedelta | None
    levels: Mapping[ServiceLevel, Share] = field(default_factory=dict)
    """All nine variants."""


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


@dataclass(frozen=True, kw_only=True)
class CallbacksRow:
    interval: Interval | None
    topic: str | None
    figures: CallbackFigures


@dataclass(frozen=True, kw_only=True)
class CallbacksReport:
    query: ReportQuery
    as_of: datetime
    rows: tuple[CallbacksRow, ...]
    totals: tuple[CallbacksRow, ...]


Cell = tuple[int, str]
"""Index of the interval, and topic."""


def _pieces(query: ReportQuery) -> list[Interval]:
    shortest = timedelta(minutes=query.step.minutes or 24 * 60)
    if (query.end - query.start) / shortest > MOST_INTERVALS:
        raise RequestError(
            "This report has too many rows: take a longer interval.", status=422, error_id="too_many_rows"
        )
    return intervals(query.start, query.end, query.step, query.zone)


@dataclass(frozen=True)
class ReportWaits:
    """Per topic and interval: how many called, how many were answered, and how long they waited."""

    stored: ReportRows
    clock: Clock
    limits: Callable[[str], Limits] = lambda _topic: Limits()
    """Of a topic, as configured today: a changed limit changes past figures too, and the report prints it."""

    def __call__(self, query: ReportQuery) -> WaitsReport:
        now = self.clock.now()
        pieces = _pieces(query)
        stays: dict[Cell, list[Stay]] = defaultdict(list)
        offered: dict[Cell, int] = defaultdict(int)
        for row in self.stored.segments(query):
            entered = find(pieces, row.entered_at)
            if entered is not None:
                offered[entered, row.topic] += 1
            place = entered
            if query.by is Placing.EVENT:
                place = find(pieces, row.left_at) if row.left_at else None
            if place is not None:
                stays[place, row.topic].append(self._stay(row, now))
        return self._report(query, now, pieces, stays, offered)

    def _report(
        self,
        query: ReportQuery,
        now: datetime,
        pieces: Sequence[Interval],
        stays: Mapping[Cell, list[Stay]],
        offered: Mapping[Cell, int],
    ) -> WaitsReport:
        topics = query.topics or tuple(sorted({topic for _, topic in (*stays, *offered)}))

        def row(which: Sequence[int], names: Sequence[str], interval: Interval | None, topic: str | None) -> WaitsRow:
            cells = [(index, name) for index in which for name in names]
            found = [stay for cell in cells for stay in stays.get(cell, ())]
            counts = tally(found)
            if query.by is Placing.EVENT:
                counts = replace(counts, joined=sum(offered.get(cell, 0) for cell in cells))
            return _waits_row(interval, topic, found, counts, [self.limits(name) for name in names])

        def rows(which: Sequence[int], interval: Interval | None) -> Iterable[WaitsRow]:
            for topic in topics:
                yield row(which, [topic], interval, topic)
            if len(topics) != 1:
                yield row(which, topics, interval, None)

        each = range(len(pieces))
        return WaitsReport(
            query=query,
            as_of=now,
            rows=tuple(one for index in each for one in rows([index], pieces[index])),
            totals=tuple(rows(each, None)),
        )

    def _stay(self, row: SegmentRow, now: datetime) -> Stay:
        limits = self.limits(row.topic)
        wait = row.wait if row.wait is not None else max(timedelta(), now - row.entered_at)
        return Stay(
            wait=wait,
            outcome=row.outcome,
            within=limits.within,
            short=limits.short,
            talk=row.talk,
            hold=row.hold,
            wrap=row.wrap,
            cause=row.cause,
            ended_by=row.ended_by,
        )


def _one(spans: set[timedelta]) -> timedelta | None:
    return spans.pop() if len(spans) == 1 else None


def _waits_row(
    interval: Interval | None, topic: str | None, stays: Sequence[Stay], counts: Tally, limits: Sequence[Limits]
) -> WaitsRow:
    answered = waits_of(stays, Outcome.ANSWERED)
    return WaitsRow(
        interval=interval,
        topic=topic,
        counts=counts,
        within=_one({one.within for one in limits}),
        short=_one({one.short for one in limits}),
        service_level=service_level(counts, ServiceLevel.V4),
        service_level_strict=service_level(counts, ServiceLevel.V8),
        abandon_rate=abandon_rate(counts),
        asa=average_speed_of_answer(stays),
        percentiles={percent: percentile(answered, percent) for percent in PERCENTILES},
        longest=max(answered, default=None),
        longest_any=max(waits_of(stays), default=None),
        handle_time=average_handle_time(stays),
        levels={variant: service_level(counts, variant) for variant in ServiceLevel},
    )


@dataclass(frozen=True)
class ReportCallbacks:
    """Per topic and interval of the request: what was promised and what became of it."""

    stored: ReportRows
    clock: Clock

    def __call__(self, query: ReportQuery) -> CallbacksReport:
        now = self.clock.now()
        pieces = _pieces(query)
        found: dict[Cell, list[CallbackStay]] = defaultdict(list)
        for one in self.stored.callbacks(query):
            place = find(pieces, one.requested_at)
            if place is not None:
                found[place, one.topic].append(one)
        topics = query.topics or tuple(sorted({topic for _, topic in found}))

        def rows(which: Sequence[int], interval: Interval | None) -> Iterable[CallbacksRow]:
            for names in [*([topic] for topic in topics), *([list(topics)] if len(topics) != 1 else [])]:
                inside = [one for index in which for name in names for one in found.get((index, name), ())]
                topic = names[0] if len(names) == 1 else None
                yield CallbacksRow(interval=interval, topic=topic, figures=callback_figures(inside, at=now))

        each = range(len(pieces))
        return CallbacksReport(
            query=query,
            as_of=now,
            rows=tuple(one for index in each for one in rows([index], pieces[index])),
            totals=tuple(rows(each, None)),
        )
