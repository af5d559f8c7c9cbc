"""Intervals and queues: the day in pieces with the staff that was there, and the queues beside one another.

Both are drawn from the report of waits. Agents at work are their time available, rung, on a call or in wrap-up over the time
that passed, whatever the topic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ivr.core.cell_figures import Work
from ivr.core.intervals import Interval
from ivr.workflows.ports import Clock
from ivr.workflows.report_hours import WorkTimes, spent
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of, told_at
from ivr.workflows.reports import ReportQuery, ReportWaits, WaitsReport, WaitsRow

COLUMNS = (
    ("offered", "offered"),
    ("answered", "answered"),
    ("abandoned", "abandoned"),
    ("short_abandoned", "of them short"),
    ("service_level_v4", "service level v4"),
    ("service_level_v8", "service level v8"),
    ("legal_answer", "answered within 180 s"),
    ("abandon_rate", "abandon rate (b)"),
    ("asa_s", "ASA s"),
    ("p90_s", "P90 s"),
    ("handle_time_s", "AHT s"),
)


@dataclass(frozen=True, kw_only=True)
class IntervalsReport:
    waits: WaitsReport
    rows: Sequence[tuple[WaitsRow, float | None]]
    """All topics together, and the agents at work."""
    total: tuple[WaitsRow, float | None]


@dataclass(frozen=True)
class ReportIntervals:
    waits: ReportWaits
    work: WorkTimes
    clock: Clock

    def __call__(self, query: ReportQuery, *, portion: range | None = None, empties: bool = True) -> IntervalsReport:
        report = self.waits(query, portion=portion, empties=empties)
        several = len(report.totals) > 1
        rows = [row for row in report.rows if row.interval and (row.topic is None or not several)]
        pieces = [row.interval for row in rows if row.interval]
        whole = Interval(start=query.start, end=query.end, label="total")
        spans = list(self.work.at_work(query.start, min(query.end, report.as_of)))
        passed, worked = spent(pieces, range(len(pieces)), spans, report.as_of, of=len(pieces))
        all_passed, all_worked = spent([whole], [0], spans, report.as_of, of=1)
        return IntervalsReport(
            waits=report,
            rows=[(row, _over(worked[at], passed[at])) for at, row in enumerate(rows)],
            total=(report.totals[-1], _over(all_worked[0], all_passed[0])),
        )


def _over(worked: timedelta, passed: timedelta) -> float | None:
    return round(worked / passed, 1) if passed else None


def _cells(row: WaitsRow) -> tuple[Value, ...]:
    counts = row.counts
    return (
        counts.offered,
        counts.answered,
        counts.abandoned,
        counts.short_abandoned,
        row.service_level,
        row.service_level_strict,
        counts.of("legal_answer"),
        row.abandon_rate,
        row.asa,
        row.percentiles[90],
        row.handle_time,
    )


def _columns(*columns: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(key=key, heading=heading) for key, heading in columns)


def intervals_sheet(report: IntervalsReport) -> Sheet:
    query = report.waits.query

    def line(row: WaitsRow, staffed: float | None) -> tuple[Value, ...]:
        return (row.interval.label if row.interval else "total", staffed, *_cells(row))

    return Sheet(
        title="Intervals",
        notes=(
            f"{span_of(query)}, {query.step}",
            asked_of(query),
            told_at(query, report.waits.as_of),
            f"callers by {query.by}",
        ),
        columns=_columns(("interval", f"interval ({query.zone.key})"), ("staffed", "agents at work"), *COLUMNS),
        rows=tuple(line(row, staffed) for row, staffed in report.rows),
        totals=(line(*report.total),),
    )


QUEUE_COLUMNS = (
    *COLUMNS[:2],
    ("handled", "handled"),
    *COLUMNS[2:4],
    ("flow_out", "flow-out"),
    ("dropped", "dropped by us"),
    ("waiting", "still waiting"),
    ("transferred_in", "transferred in"),
    ("transferred_out", "transferred out"),
    *COLUMNS[4:9],
    ("to_abandon_s", "time to abandon s"),
    ("to_abandon_long_s", "time to abandon without short s"),
    ("p50_s", "P50 s"),
    ("p90_s", "P90 s"),
    ("p90_any_s", "P90 of all who left s"),
    ("longest_s", "longest answered s"),
    ("longest_abandoned_s", "longest abandoned s"),
    ("longest_any_s", "longest of all s"),
    ("talk_s", "talk s"),
    ("hold_s", "hold over handled s"),
    ("hold_of_held_s", "hold over held s"),
    ("wrap_s", "wrap-up s"),
    ("handle_time_s", "AHT s"),
)


def queue_figures(row: WaitsRow) -> Mapping[str, Value]:
    """Every figure of a queue, by its column."""
    counts, work = row.counts, row.work
    return {
        **{name: getattr(counts, name) for name in ("offered", "answered", "handled", "abandoned", "short_abandoned")},
        **{name: getattr(counts, name) for name in ("flow_out", "dropped", "waiting")},
        **{name: counts.of(name) for name in ("transferred_in", "transferred_out", "legal_answer", "abandon_rate")},
        "service_level_v4": row.service_level,
        "service_level_v8": row.service_level_strict,
        "asa_s": row.asa,
        "to_abandon_s": row.time_to_abandon(),
        "to_abandon_long_s": row.time_to_abandon(with_short=False),
        "p50_s": row.percentiles[50],
        "p90_s": row.percentiles[90],
        "p90_any_s": row.percentiles_any[90],
        "longest_s": row.longest,
        "longest_abandoned_s": row.longest_abandoned,
        "longest_any_s": row.longest_any,
        **_work(work),
    }


def _work(work: Work) -> Mapping[str, Value]:
    return {
        "talk_s": work.talk,
        "hold_s": work.hold,
        "hold_of_held_s": work.hold_of_held,
        "wrap_s": work.wrap,
        "handle_time_s": work.handle,
    }


def queues_sheet(report: WaitsReport, *, names: Names = str) -> Sheet:
    """A row per queue, over the whole time."""
    query = report.query

    def line(row: WaitsRow) -> tuple[Value, ...]:
        figures = queue_figures(row)
        first = "all" if row.topic is None else names(row.topic)
        return (first, row.within, *(figures[key] for key, _ in QUEUE_COLUMNS))

    several = [row for row in report.totals if row.topic is not None]
    return Sheet(
        title="Queues",
        notes=(span_of(query), asked_of(query), told_at(query, report.as_of), f"callers by {query.by}"),
        columns=_columns(("topic", "queue"), ("within_s", "T in s"), *QUEUE_COLUMNS),
        rows=tuple(line(row) for row in several),
        totals=tuple(line(row) for row in report.totals if row.topic is None),
    )


DAY_COLUMNS = frozenset(
    {"topic", "offered", "answered", "abandoned", "short_abandoned", "service_level_v4", "service_level_v8"}
    | {"abandon_rate", "asa_s", "p90_s", "longest_any_s", "handle_time_s"}
)
"""Of a queue, on the one page of a day."""


def day_sheet(report: WaitsReport, *, names: Names = str) -> Sheet:
    """The queues side by side, with what one page of a day holds."""
    sheet = queues_sheet(report, names=names)
    kept = [at for at, column in enumerate(sheet.columns) if column.key in DAY_COLUMNS]

    def cut(rows: tuple[tuple[Value, ...], ...]) -> tuple[tuple[Value, ...], ...]:
        return tuple(tuple(row[at] for at in kept) for row in rows)

    columns = tuple(sheet.columns[at] for at in kept)
    return replace(sheet, title="The day", columns=columns, rows=cut(sheet.rows), totals=cut(sheet.totals))
