"""The report of callbacks: what was promised and what became of it, per topic and interval of the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.callback_metrics import CallbackFigures, CallbackSums, callback_figures, together
from ivr.core.intervals import Interval
from ivr.workflows.ports import Clock
from ivr.workflows.reports import ReportQuery, pieces_of


class CallbackRows(Protocol):
    def sums(
        self, query: ReportQuery, pieces: Sequence[Interval], at: datetime
    ) -> Mapping[tuple[int, str], CallbackSums]:
        """Callbacks requested in these pieces, as of `at`, by the piece's index and topic. Raises Unavailable."""


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


@dataclass(frozen=True)
class ReportCallbacks:
    """Per topic and interval of the request: what was promised and what became of it."""

    stored: CallbackRows
    clock: Clock

    def __call__(self, query: ReportQuery) -> CallbacksReport:
        now = self.clock.now()
        pieces = pieces_of(query)
        found = self.stored.sums(query, pieces, now)
        topics = query.topics or tuple(sorted({topic for _, topic in found}))

        def rows(which: Sequence[int], interval: Interval | None) -> Iterable[CallbacksRow]:
            for names in [*([topic] for topic in topics), *([list(topics)] if len(topics) != 1 else [])]:
                inside = [found[index, name] for index in which for name in names if (index, name) in found]
                topic = names[0] if len(names) == 1 else None
                yield CallbacksRow(interval=interval, topic=topic, figures=callback_figures(together(inside)))

        each = range(len(pieces))
        return CallbacksReport(
            query=query,
            as_of=now,
            rows=tuple(one for index in each for one in rows([index], pieces[index])),
            totals=tuple(rows(each, None)),
        )
