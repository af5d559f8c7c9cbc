"""Every promise made to a caller, what became of it, and the call in which it was made (`DOMAIN.md` C33)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.promises import Kind, PromiseFigures, PromiseRow, Verdict, promise_figures, verdict
from ivr.workflows.ports import Clock
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
