"""Do kept sums say what the rows say? Every kept piece of a time is counted anew and compared, number by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.rollups import Difference
from ivr.storage.sql.engine import reading
from ivr.storage.sql.rollup_tables import rollup_pieces, rollup_sums
from ivr.storage.sql.seconds import Span, seconds_of, time_of
from ivr.storage.sql.sum_build import count
from ivr.storage.sql.sums import DAY, QUARTER_S, Keys, Numbers, Source, marks_of
from ivr.workflows.reports import ReportQuery

Group = tuple[str, Keys]
"""Hotline and keys."""


@dataclass(frozen=True)
class SumCheck:
    engine: Engine
    sources: Callable[[], Sequence[Source]]

    def __call__(self, query: ReportQuery) -> tuple[int, Sequence[Difference]]:
        """How many pieces that are kept of this time were compared, and where those that differ do so first."""
        compared, wrong = 0, []
        for source in self.sources():
            for span, level, views in self._pieces(source, query):
                found = self._differs(source, span, level, views, query)
                compared += len(views)
                wrong += [found] if found is not None else []
        return compared, wrong

    def _pieces(self, source: Source, query: ReportQuery) -> Iterator[tuple[Span, str, Sequence[str]]]:
        t = rollup_pieces
        with reading(self.engine) as connection:
            rows = connection.execute(
                sa.select(t)
                .where(
                    t.c.kind.in_(list(source.kept)),
                    t.c.start_s >= seconds_of(query.start),
                    t.c.end_s <= seconds_of(query.end),
                )
                .order_by(t.c.start_s, t.c.level, t.c.kind)
            ).all()
        kinds: dict[tuple[Span, str], list[str]] = defaultdict(list)
        for row in rows:
            kinds[(row.start_s, row.end_s), row.level].append(row.kind)
        for (span, level), views in kinds.items():
            yield span, level, views

    def _differs(
        self, source: Source, span: Span, level: str, views: Sequence[str], query: ReportQuery
    ) -> Difference | None:
        with reading(self.engine) as connection:
            if any(span[0] - span[0] % QUARTER_S <= mark < span[1] for mark in marks_of(connection, source.family)):
                return None  # changed since, and so not taken
            counted = count(connection, source, span)
            for view in views:
                kept = _kept(connection, source, view, level, span[0])
                found = _first(kept, {key[1:]: numbers for key, numbers in counted.items() if key[0] == view})
                if found is not None:
                    of, mine, theirs = found
                    names = _named((source.kept[view], of[1]))
                    start = time_of(span[0]).astimezone(query.zone)
                    when = f"{start:%Y-%m-%d}" if level == DAY else f"{start:%Y-%m-%d %H:%M}"
                    where = ", ".join([view.split(":")[0], f"the {level} {when}", of[0] or "every hotline", *names])
                    return Difference(where=where, kept=_told(source, mine), counted=_told(source, theirs))
        return None


def _kept(connection: Connection, source: Source, view: str, level: str, start: int) -> Mapping[Group, Numbers]:
    t = rollup_sums
    rows = connection.execute(sa.select(t).where(t.c.kind == view, t.c.level == level, t.c.start_s == start))
    found: dict[Group, Numbers] = {}
    for row in rows.mappings():
        keys = tuple(row[f"k{at}"] for at in range(len(source.kept[view])))
        found[row["hotline"], keys] = tuple(row[f"n{at}"] for at in range(len(source.numbers)))
    return found


def _first(kept: Mapping[Group, Numbers], counted: Mapping[Group, Numbers]) -> tuple[Group, Numbers, Numbers] | None:
    for group in sorted({*kept, *counted}):
        mine, theirs = kept.get(group, ()), counted.get(group, ())
        if mine != theirs and any((*mine, *theirs)):
            return group, mine, theirs
    return None


def _named(of: tuple[Sequence[str], Keys]) -> list[str]:
    return [f"{name} {value or 'none'}" for name, value in zip(*of, strict=True)]


def _told(source: Source, numbers: Numbers) -> str:
    return ", ".join(f"{name} {number}" for name, number in zip(source.numbers, numbers, strict=False)) or "nothing"
