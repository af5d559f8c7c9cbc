"""Waits by hour of the day: the clock's 24 hours, each over all days asked for, with the agents at work in it (`DOMAIN.md` C11).

An hour of the day is what the wall clock shows. On the day on which the clock is put back one hour comes twice and both go into its
row; on the day on which it is put forward one does not come, and its row has that much less time. Agents are counted by
their time: the agents at work are their seconds at work over the real seconds that passed in that hour, so the two days need no
rule of their own and a day that is not over counts as far as it has gone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.errors import RequestError
from ivr.core.intervals import Interval, Step, intervals
from ivr.core.metrics import Tally
from ivr.core.rollups import Limits
from ivr.workflows.ports import Clock
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of, told_at
from ivr.workflows.reports import AtWork, Placing, ReportQuery, WaitCells, WaitsRow

HOURS = 24
FEW = 2
"""Fewer agents than this at work, on average over the hour: a thin one."""
THIN = "thin"
THIN_MARK = "▼"
"""Its shape, beside the word."""
LONGEST = timedelta(days=1000)
TOO_LONG = "This report covers at most 1000 days: take a shorter time."


class WorkTimes(Protocol):
    """Raises Unavailable."""

    def at_work(self, start: datetime, end: datetime) -> Iterable[AtWork]:
        """Spans that reach into this time, which ends now at the latest: a quarter of an hour is told as far as it has gone."""


Limit = Callable[[], Mapping[str, Limits]]
"""Of topics, as configured today."""


@dataclass(frozen=True, kw_only=True)
class HourRow:
    """One hour of the day; `hour` None: all of them."""

    hour: int | None
    waits: WaitsRow
    passed: timedelta
    """How much real time of this hour lies in the report."""
    staffed: float | None
    """Agents at work, on average; None: none of this hour has passed."""

    @property
    def counts(self) -> Tally:
        return self.waits.counts

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
    stored: WaitCells
    work: WorkTimes
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
        with self.stored.look(query) as look:
            found = look.by_limits(pieces, now, self.limits(), into=hours)
        passed, worked = spent(pieces, hours, self.work.at_work(query.start, min(query.end, now)), now, of=HOURS)

        def row(hour: int | None, which: Iterable[int], time: timedelta, at_work: timedelta) -> HourRow:
            places = set(which)
            parts = tuple((cells, limits) for (place, limits), cells in found.items() if place in places)
            waits = WaitsRow(interval=None, topic=None, parts=parts)
            return HourRow(hour=hour, waits=waits, passed=time, staffed=at_work / time if time else None)

        return HoursReport(
            query=query,
            as_of=now,
            rows=tuple(row(hour, [hour], passed[hour], worked[hour]) for hour in range(HOURS)),
            total=row(None, range(HOURS), sum(passed, timedelta()), sum(worked, timedelta())),
        )


def spent(
    pieces: Sequence[Interval], into: Sequence[int], spans: Iterable[AtWork], now: datetime, *, of: int
) -> tuple[list[timedelta], list[timedelta]]:
    """Per place: real time passed, and agents' time at work in it. `into` is the place of each piece, below `of`."""
    passed, worked = [timedelta()] * of, [timedelta()] * of
    for piece, hour in zip(pieces, into, strict=True):
        passed[hour] += max(timedelta(), min(piece.end, now) - piece.start)
    for span in spans:
        ended = min(span.ended_at or now, now)
        place = bisect_right(pieces, span.started_at, key=lambda piece: piece.end)
        while place < len(pieces) and pieces[place].start < ended:
            piece = pieces[place]
            time = max(timedelta(), min(piece.end, ended) - max(piece.start, span.started_at))
            worked[into[place]] += time * span.agents
            place += 1
    return passed, worked


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
            row.waits.abandon_rate,
            row.waits.asa,
            row.waits.percentiles[90],
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
