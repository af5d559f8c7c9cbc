"""Hour of the day by day of the week, over all days asked for: where callers come, and where too few agents are.

What the wall clock shows decides. A cell holds all hours of its kind; opened, it names each of them with its calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.core.errors import RequestError
from ivr.core.intervals import Interval, Step, intervals
from ivr.workflows.ports import Clock
from ivr.workflows.report_hours import FEW, HOURS, LONGEST, THIN_MARK, TOO_LONG, Limit, WorkTimes, spent
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of
from ivr.workflows.reports import Placing, ReportQuery, WaitCells, WaitsRow

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHOWN = ("offered", "service_level_v4", "abandon_rate", "asa")
LEVELS = 5


def figure_of(asked: str) -> str:
    """The figure that is coloured: the one asked for, or the first."""
    return asked if asked in SHOWN else SHOWN[0]


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    day: int
    """0 is Monday."""
    hour: int
    waits: WaitsRow
    hours: Sequence[Interval]
    """Each hour that is in it."""
    staffed: float | None

    @property
    def thin(self) -> bool:
        """Fewer than two agents, on average, where callers came."""
        return self.staffed is not None and self.staffed < FEW

    @property
    def filled(self) -> bool:
        return bool(self.waits.counts.offered)

    def value(self, figure: str) -> Value:
        if figure == "offered":
            return self.waits.counts.offered or None
        return self.waits.asa if figure == "asa" else self.waits.counts.of(figure)


@dataclass(frozen=True, kw_only=True)
class HeatReport:
    query: ReportQuery
    as_of: datetime
    cells: Sequence[Sequence[HeatCell]]
    """24 hours, each of seven days."""

    def level(self, cell: HeatCell) -> int:
        """How many callers, from 0 (none) to 5 (as many as in the fullest cell)."""
        most = max((one.waits.counts.offered for row in self.cells for one in row), default=0)
        return -(-LEVELS * cell.waits.counts.offered // most) if most else 0


@dataclass(frozen=True)
class ReportHeat:
    stored: WaitCells
    work: WorkTimes
    clock: Clock
    limits: Limit

    def __call__(self, query: ReportQuery) -> HeatReport:
        """By arrival; `query.step` and `query.by` do not matter."""
        if query.end - query.start > LONGEST:
            raise RequestError(TOO_LONG, status=422, error_id="too_long")
        query = replace(query, step=Step.HOUR, by=Placing.ARRIVAL)
        now = self.clock.now()
        pieces = intervals(query.start, query.end, Step.HOUR, query.zone)
        local = [piece.start.astimezone(query.zone) for piece in pieces]
        into = [at.weekday() * HOURS + at.hour for at in local]
        with self.stored.look(query) as look:
            found = look.by_limits(pieces, now, self.limits(), into=into)
        size = len(DAYS) * HOURS
        passed, worked = spent(pieces, into, self.work.at_work(query.start, min(query.end, now)), now, of=size)
        hours: list[list[Interval]] = [[] for _ in range(size)]
        for piece, place in zip(pieces, into, strict=True):
            hours[place].append(piece)

        def cell(day: int, hour: int) -> HeatCell:
            place = day * HOURS + hour
            parts = tuple((cells, limits) for (at, limits), cells in found.items() if at == place)
            return HeatCell(
                day=day,
                hour=hour,
                waits=WaitsRow(interval=None, topic=None, parts=parts),
                hours=hours[place],
                staffed=worked[place] / passed[place] if passed[place] else None,
            )

        return HeatReport(
            query=query, as_of=now, cells=[[cell(day, hour) for day in range(len(DAYS))] for hour in range(HOURS)]
        )


def heat_sheet(report: HeatReport, *, figure: str = "offered", words: Names = str) -> Sheet:
    query = report.query

    def shown(cell: HeatCell) -> Value:
        return cell.value(figure) if cell.hours else None

    return Sheet(
        title="Heat map",
        notes=(
            f"{span_of(query)}, {words(figure)} by hour and day of the week",
            asked_of(query),
            f"{THIN_MARK} fewer than {FEW} agents",
        ),
        columns=(
            Column(key="hour", heading=f"hour ({query.zone.key})"),
            Column(key="staffing", heading=f"fewer than {FEW} agents"),
            *(Column(key=day, heading=words(day)) for day in DAYS),
        ),
        rows=tuple(
            (
                f"{hour:02d}:00",
                ", ".join(words(DAYS[cell.day]) for cell in row if cell.thin and cell.filled),
                *(shown(cell) for cell in row),
            )
            for hour, row in enumerate(report.cells)
        ),
        totals=(),
    )
