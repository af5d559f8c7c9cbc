"""Every promise made to a caller, what became of it, and the call in which it was made (`DOMAIN.md` C33)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.promises import Kind, PromiseFigures, PromiseRow, Verdict, promise_figures, verdict
from ivr.workflows.ports import Clock
from ivr.workflows.report_output import Column, Names, Sheet, Value, span_of, told_at
from ivr.workflows.reports import ReportQuery

FIRST = (Verdict.BROKEN, Verdict.LATE, Verdict.OPEN, Verdict.KEPT, Verdict.CANCELLED)
"""What somebody must look at stands at the top."""


class PromiseRows(Protocol):
    def promises(self, query: ReportQuery) -> Iterable[PromiseRow]:
        """Promises made within the query's time. Raises Unavailable."""


@dataclass(frozen=True, kw_only=True)
class PromisesReport:
    query: ReportQuery
    as_of: datetime
    rows: tuple[tuple[PromiseRow, Verdict], ...]
    """Broken and late ones first, then by time."""
    figures: tuple[tuple[Kind | None, PromiseFigures], ...]
    """Each kind that occurs, then all together (None)."""


@dataclass(frozen=True)
class ReportPromises:
    stored: PromiseRows
    clock: Clock

    def __call__(self, query: ReportQuery) -> PromisesReport:
        now = self.clock.now()
        made = sorted(self.stored.promises(query), key=lambda one: (one.at, one.id))
        judged = [(one, verdict(one, now=now)) for one in made]
        kinds = [kind for kind in Kind if any(one.kind is kind for one in made)]
        figures: list[tuple[Kind | None, PromiseFigures]] = [
            (kind, promise_figures([one for one in made if one.kind is kind], now=now)) for kind in kinds
        ]
        return PromisesReport(
            query=query,
            as_of=now,
            rows=tuple(sorted(judged, key=lambda pair: FIRST.index(pair[1]))),
            figures=(*figures, (None, promise_figures(made, now=now))),
        )


def promises_sheet(report: PromisesReport, *, names: Names = str, words: Names = str) -> Sheet:
    """One row for each promise; the totals count them. `words` puts kinds and states into the reader's language."""
    query = report.query

    def local(at: datetime | None) -> str | None:
        return f"{at.astimezone(query.zone):%Y-%m-%d %H:%M}" if at else None

    def total(kind: Kind | None, of: PromiseFigures) -> Sequence[Value]:
        counts = [(Verdict.KEPT, of.kept), (Verdict.LATE, of.late), (Verdict.BROKEN, of.broken)]
        counts += [(Verdict.CANCELLED, of.cancelled), (Verdict.OPEN, of.open)]
        said = ", ".join(f"{words(name)} {count}" for name, count in counts)
        return ("total" if kind is None else words(kind), "all", said, None, None, None, of.share_kept, None)

    return Sheet(
        title="Promises",
        notes=(
            f"promised {span_of(query)}",
            told_at(query, report.as_of),
            "kept: done by the time named; late: after it, or open after it; broken: given up",
            "share: kept / (kept + late + broken)",
        ),
        columns=(
            Column(key="promise", heading="promise"),
            Column(key="topic", heading="topic"),
            Column(key="verdict", heading="state"),
            Column(key="promised_at", heading="promised"),
            Column(key="due_at", heading="due"),
            Column(key="done_at", heading="done"),
            Column(key="share_kept", heading="share kept"),
            Column(key="call", heading="call"),
        ),
        rows=tuple(
            (
                words(one.kind),
                names(one.topic),
                words(state),
                local(one.at),
                local(one.due_at),
                local(one.done_at),
                None,
                one.call,
            )
            for one, state in report.rows
        ),
        totals=tuple(tuple(total(kind, figures)) for kind, figures in report.figures),
    )
