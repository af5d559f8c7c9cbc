"""The self-check: the worked day through the code that records and reports here, each figure against the one by hand.

Facts are recorded into an empty database of its own, folded, and reported twice: counted from the calls, and from kept
cells. So what is checked is the code that runs, not a copy of it; nothing of the installation's calls is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core import worked_day
from ivr.core.intervals import Step
from ivr.core.metrics import Share
from ivr.core.rollups import Limits
from ivr.workflows.ports import FactRow
from ivr.workflows.report_output import Column, Sheet, Value
from ivr.workflows.reports import Placing, ReportQuery, ReportWaits, WaitCells, WaitsReport, WaitsRow

HOUR = timedelta(hours=1)
DAY = timedelta(hours=25)


class Bench(Protocol):
    """An empty place to record and report, thrown away afterwards."""

    @property
    def cells(self) -> WaitCells: ...

    def write(self, rows: Sequence[FactRow], /) -> int: ...

    def keep(self, now: datetime, /) -> None:
        """Make the kept cells."""


@dataclass(frozen=True, kw_only=True)
class Check:
    figure: str
    counted: str
    """From the calls, or from kept cells."""
    expected: Value
    computed: Value

    @property
    def good(self) -> bool:
        return self.expected == self.computed


@dataclass(frozen=True, kw_only=True)
class SelfCheckReport:
    version: str
    checks: Sequence[Check]

    @property
    def good(self) -> bool:
        return bool(self.checks) and all(check.good for check in self.checks)


@dataclass(frozen=True)
class Worked:
    """The clock of the worked day."""

    def now(self) -> datetime:
        return worked_day.TEN


@dataclass(frozen=True)
class SelfCheck:
    bench: Callable[[], AbstractContextManager[Bench]]
    version: str

    def __call__(self) -> SelfCheckReport:
        with self.bench() as bench:
            bench.write(
                [
                    FactRow(id=f"{call}:{number}:0", hotline=worked_day.HOTLINE, fact=fact)
                    for call, facts in worked_day.told()
                    for number, fact in enumerate(facts)
                ]
            )
            report = ReportWaits(bench.cells, Worked(), limits=lambda _: Limits())
            checks = list(_checks(report, "from the calls"))
            bench.keep(worked_day.TEN)
            checks += _checks(report, "from kept cells")
        return SelfCheckReport(version=self.version, checks=checks)


def _checks(report: ReportWaits, counted: str) -> Iterator[Check]:
    def check(figure: str, expected: Value, computed: Value) -> Check:
        return Check(figure=figure, counted=counted, expected=expected, computed=computed)

    zone = ZoneInfo(worked_day.ZONE)
    hour = ReportQuery(start=worked_day.NINE, end=worked_day.TEN, zone=zone, step=Step.HOUR)
    found = report(hour)
    first = _row(found, worked_day.FIRST)
    for name, (part, whole) in worked_day.SHARES.items():
        yield check(name, Share(part=part, whole=whole), first.counts.of(name))
    for name, number in worked_day.COUNTS.items():
        yield check(name, number, getattr(first.counts, name))
    times = _times(first)
    for name, seconds in worked_day.SECONDS.items():
        yield check(name, timedelta(seconds=seconds), times[name])
    both = _row(found, None)
    for name, (part, whole) in worked_day.ALL.items():
        yield check(f"{name} (all topics)", Share(part=part, whole=whole), both.counts.of(name))
    yield check("asa_s (all topics)", timedelta(seconds=worked_day.ALL_ASA_S), both.asa)

    day = replace(hour, start=worked_day.MIDNIGHT, end=worked_day.MIDNIGHT + DAY, topics=(worked_day.NIGHT,))
    rows = report(day).rows
    yield check("hours of the day", 25, len(rows))
    for label, number in worked_day.NIGHTS.items():
        yield check(
            f"offered {label}",
            number,
            sum(row.counts.offered for row in rows if row.interval and row.interval.label == label),
        )
    yield check("offered on the day", worked_day.NIGHT_ARRIVED, report(day).totals[0].counts.offered)
    by_event = report(replace(day, by=Placing.EVENT)).totals[0].counts.answered
    yield check("answered on the day, by event", worked_day.NIGHT_ANSWERED, by_event)


def _row(report: WaitsReport, topic: str | None) -> WaitsRow:
    return next(row for row in report.rows if row.topic == topic)


def _times(row: WaitsRow) -> dict[str, timedelta | None]:
    return {
        "asa_s": row.asa,
        **{f"p{percent}_s": wait for percent, wait in row.percentiles.items()},
        **{f"p{percent}_any_s": wait for percent, wait in row.percentiles_any.items()},
        "to_abandon_s": row.time_to_abandon(),
        "to_abandon_long_s": row.time_to_abandon(with_short=False),
        "longest_s": row.longest,
        "longest_abandoned_s": row.longest_abandoned,
        "longest_any_s": row.longest_any,
        "handle_time_s": row.handle_time,
        "hold_s": row.work.hold,
        "hold_of_held_s": row.work.hold_of_held,
    }


GOOD, WRONG = "equal", "DIFFERS"


def self_check_sheet(report: SelfCheckReport, *, words: Callable[[str], str] = str) -> Sheet:
    wrong = sum(not check.good for check in report.checks)
    verdict = f"{len(report.checks)} figures, {wrong} differ; version {report.version}"
    return Sheet(
        title="Self-check",
        notes=(verdict,),
        columns=(
            Column(key="figure", heading="figure"),
            Column(key="counted", heading="counted"),
            Column(key="expected", heading="by hand"),
            Column(key="computed", heading="by this version"),
            Column(key="verdict", heading="verdict"),
        ),
        rows=tuple(
            (
                words(check.figure),
                words(check.counted),
                check.expected,
                check.computed,
                words(GOOD if check.good else WRONG),
            )
            for check in report.checks
        ),
        totals=(),
    )
