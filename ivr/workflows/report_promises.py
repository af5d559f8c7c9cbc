"""Every promise made to a caller, what became of it, and the call in which it was made (`DOMAIN.md` C33)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.promises import Kind, PromiseFigures, PromiseRow, Verdict, figures_of
from ivr.workflows.ports import Clock
from ivr.workflows.reports import ReportQuery

LISTED = 1000
"""Promises one by one; the counts are of all."""


class PromiseRows(Protocol):
    """Of promises made within the query's time. Raise Unavailable."""

    def counts(self, query: ReportQuery, now: datetime) -> Mapping[tuple[Kind, Verdict], int]: ...

    def promises(
        self, query: ReportQuery, now: datetime, *, kind: str, state: str, most: int
    ) -> Sequence[tuple[PromiseRow, Verdict]]:
        """Of this kind and state, when they are named: by verdict, as in `FIRST`, then by time; at most so many."""


@dataclass(frozen=True, kw_only=True)
class PromisesReport:
    query: ReportQuery
    as_of: datetime
    rows: tuple[tuple[PromiseRow, Verdict], ...]
    """Of the kind and state asked for, broken and late ones first, then by time; at most `LISTED`."""
    found: int
    """How many there are of these."""
    figures: tuple[tuple[Kind | None, PromiseFigures], ...]
    """Each kind that occurs, then all together (None)."""


@dataclass(frozen=True)
class ReportPromises:
    stored: PromiseRows
    clock: Clock

    def __call__(self, query: ReportQuery, *, kind: str = "", state: str = "") -> PromisesReport:
        now = self.clock.now()
        counts = self.stored.counts(query, now)
        of: dict[Kind, Counter[Verdict]] = {
            kind: Counter({verdict: number for (one, verdict), number in counts.items() if one is kind})
            for kind in Kind
            if any(one is kind for one, _ in counts)
        }
        figures: list[tuple[Kind | None, PromiseFigures]] = [(one, figures_of(found)) for one, found in of.items()]
        wanted = [number for (one, verdict), number in counts.items() if kind in ("", one) and state in ("", verdict)]
        return PromisesReport(
            query=query,
            as_of=now,
            rows=tuple(self.stored.promises(query, now, kind=kind, state=state, most=LISTED)),
            found=sum(wanted),
            figures=(*figures, (None, figures_of(sum(of.values(), Counter())))),
        )
