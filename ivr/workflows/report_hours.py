"""Waits by hour of the day: the clock's 24 hours, each over all days asked for, with the agents at work in it (`DOMAIN.md` C11).

An hour of the day is what the wall clock shows. On the day on which the clock is put back one hour comes twice and both go into its
row; on the day on which it is put forward one does not come, and its row has that much less time. Agents are counted by
their time: the agents at work are their seconds at work over the real seconds that passed in that hour, so the two days need no
rule of their own and a day that is not over counts as far as it has gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.errors import RequestError
from ivr.core.facts import Outcome
from ivr.core.intervals import Interval, Step, find, intervals
from ivr.core.metrics import Share, Stay, Tally, abandon_rate, average_speed_of_answer, percentile, tally, waits_of
from ivr.workflows.ports import Clock
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of, told_at
from ivr.workflows.reports import AtWork, Limits, Placing, ReportQuery, SegmentRow

HOURS = 24
FEW = 2
"""Fewer agents than this at work, on average over the hour: a thin one."""
THIN = "thin"
THIN_MARK = "▼"
"""Its shape, beside the word."""
LONGEST = timedelta(days=1000)
TOO_LONG = "This report covers at most 1000 days: take a shorter time."


class HourRows(Protocol):
    """Raises Unavailable."""

    def segments(self, query: ReportQuery) -> Iterable[SegmentRow]: ...

    def at_work(self, start: datetime, end: datetime) -> Iterable[AtWork]:
        """Spans that reach into this time."""


class Limit(Protocol):
    def __call__(self, topic: str, /) -> Limits: ...


@dataclass(frozen=True, kw_only=True)
class HourRow:
    """One hour of the day; `hour` None: all of them."""

    hour: int | None
    counts: Tally
    abandon_rate: Share
    asa: timedelta | None
    p90: timedelta | None
    passed: timedelta
    """How much real time of this hour lies in the report."""
    staffed: float | None
    """Agents at work, on average; None: none of this hour has passed."""

    @property
    def thin(self) -> bool:
        return self.staffed is not None and self.staffed < FEW


@dataclass(frozen=True, kw_only=True)
class HoursReport:
    query: ReportQuery
    as_of: datetime
    rows: tuple[HourRow, ...]
    """Always 24."""
    total: HourRow


@dataclass(frozen=True)
class ReportHours:
    stored: HourRows
    clock: Clock
    limits: Limit

    def __call__(self, query: ReportQuery) -> HoursReport:
        """By arrival; `query.step` and `query.by` do not matter."""
        if query.end - query.start > LONGEST:
            raise RequestError(TOO_LONG, status=422, error_id="too_long")
        query = replace(query, step=Step.HOUR, by=Placing.ARRIVAL)
        now = self.clock.now()
        pieces = intervals(query.start, query.end, Step.HOUR, query.zone)
        hours = [piece.start.astimezone(query.zone).hour for piece in pieces]
        stays: dict[int, list[Stay]] = defaultdict(list)
        for row in self.stored.segments(query):
            place = find(pieces, row.entered_at)
            if place is not None:
                stays[hours[place]].append(self._stay(row, now))
        passed, worked = _times(pieces, hours, self.stored.at_work(query.start, query.end), now)
        every = [stay for hour in range(HOURS) for stay in stays[hour]]
        return HoursReport(
            query=query,
            as_of=now,
            rows=tuple(_row(hour, stays[hour], passed[hour], worked[hour]) for hour in range(HOURS)),
            total=_row(None, every, sum(passed, timedelta()), sum(worked, timedelta())),
        )

    def _stay(self, row: SegmentRow, now: datetime) -> Stay:
        limits = self.limits(row.topic)
        wait = row.wait if row.wait is not None else max(timedelta(), now - row.entered_at)
        return Stay(wait=wait, outcome=row.outcome, within=limits.within, short=limits.short)


def _times(
    pieces: Sequence[Interval], hours: Sequence[int], spans: Iterable[AtWork], now: datetime
) -> tuple[list[timedelta], list[timedelta]]:
    """Per hour of the day: real time passed, and agents' time at work in it."""
    passed, worked = [timedelta()] * HOURS, [timedelta()] * HOURS
    for piece, hour in zip(pieces, hours, strict=True):
        passed[hour] += max(timedelta(), min(piece.end, now) - piece.start)
    for span in spans:
        ended = min(span.ended_at or now, now)
        place = find(pieces, max(span.started_at, pieces[0].start)) if pieces else None
        while place is not None and place < len(pieces) and pieces[place].start < ended:
            piece = pieces[place]
            worked[hours[place]] += max(timedelta(), min(piece.end, ended) - max(piece.start, span.started_at))
            place += 1
    return passed, worked


def _row(hour: int | None, stays: Sequence[Stay], passed: timedelta, worked: timedelta) -> HourRow:
    counts = tally(stays)
    return HourRow(
        hour=hour,
        counts=counts,
        abandon_rate=abandon_rate(counts),
        asa=average_speed_of_answer(stays),
        p90=percentile(waits_of(stays, Outcome.ANSWERED), 90),
        passed=passed,
        staffed=worked / passed if passed else None,
    )


def hours_sheet(report: HoursReport, *, words: Names = str) -> Sheet:
    """24 rows, then the total. `words` puts the mark of a thin hour into the reader's language."""
    query = report.query

    def cells(row: HourRow) -> tuple[Value, ...]:
        return (
            "total" if row.hour is None else f"{row.hour:02d}:00",
            f"{THIN_MARK} {words(THIN)}" if row.thin and row.hour is not None else "",
            None if row.staffed is None else round(row.staffed, 1),
            row.counts.offered,
            row.counts.answered,
            row.counts.abandoned,
            row.counts.short_abandoned,
            row.abandon_rate,
            row.asa,
            row.p90,
        )

    return Sheet(
        title="Hours",
        notes=(
            f"{span_of(query)}, by hour of the day",
            asked_of(query),
            told_at(query, report.as_of),
            f"agents at work: available, rung, on a call or in wrap-up, whatever the topic; {THIN_MARK} fewer than {FEW}",
            "callers by arrival; P90 by nearest rank, of the answered",
        ),
        columns=(
            Column(key="hour", heading=f"hour ({query.zone.key})"),
            Column(key="staffing", heading=f"fewer than {FEW} agents"),
            Column(key="staffed", heading="agents at work"),
            Column(key="offered", heading="offered"),
            Column(key="answered", heading="answered"),
            Column(key="abandoned", heading="abandoned"),
            Column(key="short_abandoned", heading="of them short"),
            Column(key="abandon_rate", heading="abandon rate (b)"),
            Column(key="asa_s", heading="ASA s"),
            Column(key="p90_s", heading="P90 s"),
        ),
        rows=tuple(cells(row) for row in report.rows),
        totals=(cells(report.total),),
    )
