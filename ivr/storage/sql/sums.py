"""Sums that are kept, so that a report over millions of calls reads a few thousand rows; and read so that they are never stale.

A source counts something of a stretch of time, by keys, from the rows themselves; every number in it adds up over stretches that
follow each other. Its sums of hours and of days are kept (`sum_build`), and taken only where nothing has changed since (`rollup_dirty`,
written in the transaction of the change). The rest of the time asked for is counted by the same source, in the same look at
the database: so a report says the same with and without kept sums, and only its speed depends on them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.storage.sql.engine import reading
from ivr.storage.sql.rollup_tables import rollup_dirty, rollup_pieces, rollup_sums
from ivr.workflows.reports import ReportQuery

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
SECOND = 1_000_000
"""Microseconds."""
QUARTER_S = 900
HOUR, DAY = "hour", "day"

Keys = tuple[str, ...]
Numbers = tuple[int, ...]
Row = tuple[str, Keys, Numbers]
"""Hotline, keys, numbers."""
Sums = dict[Keys, Numbers]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something that is counted of the rows of a time."""

    name: str
    family: str
    """Which marks say that it changed."""
    keys: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: Callable[[Connection, datetime, datetime], Iterable[Row]]
    """Of [start, end); groups may come in parts."""
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is kept, by its name: sums by some of the keys. None named: one by all of them."""
    recent: timedelta = timedelta(days=2)
    """Days this young change often: their hours are kept too."""
    whole_days: bool = False
    """Not additive: of a day alone, and nothing is counted of less."""

    @property
    def kept(self) -> Mapping[str, tuple[str, ...]]:
        return self.views or {self.name: self.keys}

    def view(self, wanted: Iterable[str]) -> tuple[str, tuple[str, ...]]:
        """The one with the fewest keys that has these."""
        need = set(wanted)
        return min(((name, keys) for name, keys in self.kept.items() if need <= set(keys)), key=lambda one: len(one[1]))


def counted_by(
    keys: int, build: Callable[[Connection, datetime, datetime], sa.Select[Any] | sa.CompoundSelect[Any]]
) -> Callable[[Connection, datetime, datetime], Iterator[Row]]:
    """Rows of a statement whose columns are the hotline, so many keys, and the numbers."""

    def rows(connection: Connection, start: datetime, end: datetime) -> Iterator[Row]:
        for row in connection.execute(build(connection, start, end)):
            plain = tuple("" if value is None else str(value) for value in row[1 : keys + 1])
            yield row[0] or "", plain, tuple(int(value or 0) for value in row[keys + 1 :])

    return rows


def milliseconds(seconds: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Whole ones: their sums do not depend on the order in which they are added."""
    return sa.cast(sa.func.round(seconds * 1000.0), sa.BigInteger)


def hotlines(connection: Connection, table: sa.Table) -> list[str]:
    """All that occur, by the first column of an index: one look at it for each. With them an index of hotline and time serves."""
    found: list[str] = []
    last: str | None = None
    while True:
        following = sa.select(sa.func.min(table.c.hotline))
        last = connection.scalar(following.where(table.c.hotline > last) if last is not None else following)
        if last is None:
            return found
        found.append(last)


def within(connection: Connection, column: sa.Column[Any], start: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """In [start, end), for a table with an index of hotline and this column."""
    table = column.table
    assert isinstance(table, sa.Table)
    return sa.and_(table.c.hotline.in_(hotlines(connection, table)), column >= start, column < end)


def mark(connection: Connection, family: str, moments: Iterable[datetime | None]) -> None:
    """At these moments something of this family changed."""
    mark_all(connection, {family: moments})


def mark_all(connection: Connection, changed: Mapping[str, Iterable[datetime | None]]) -> None:
    """The same of several families, in one statement."""
    slots = {(family, _slot(at)) for family, moments in changed.items() for at in moments if at is not None}
    if slots:
        rows = [{"family": family, "at_s": slot} for family, slot in sorted(slots)]
        connection.execute(rollup_dirty.insert(), rows)


def _slot(at: datetime) -> int:
    seconds = (at - EPOCH) // timedelta(seconds=1)
    return seconds - seconds % QUARTER_S


@contextmanager
def sums_of(engine: Engine, *, kept: bool = True) -> Iterator[SumLook]:
    """One look at the database. `kept` False: count everything from the rows (what a check compares with)."""
    with reading(engine) as connection:
        yield SumLook(connection, kept)


@dataclass
class SumLook:
    connection: Connection
    kept: bool = True
    _pieces: dict[str, _Pieces] = field(default_factory=dict)
    _marks: dict[str, list[int]] = field(default_factory=dict)

    def of(self, source: Source, query: ReportQuery, *by: str) -> Sums:
        """Sums over the query's time, hotline and topics."""
        return self.over(source, query.start, query.end, *by, hotline=query.hotline, topics=query.topics)

    def over(
        self,
        source: Source,
        start: datetime,
        end: datetime,
        *by: str,
        hotline: str | None = None,
        topics: Sequence[str] = (),
    ) -> Sums:
        need = (*by, "topic") if topics else by
        view, keys = source.view(need)
        stretches = list(self._cover(source, view, start, end))
        found: Sums = {}
        for level in (DAY, HOUR):
            starts = [first // SECOND for kind, first, _ in stretches if kind == level]
            t = rollup_sums
            chosen = [t.c.kind == view, t.c.level == level, t.c.start_s.in_(starts)]
            if hotline is not None:
                chosen.append(t.c.hotline == hotline)
            if topics:
                chosen.append(t.c[f"k{keys.index('topic')}"].in_(topics))
            if starts:
                columns = [t.c[f"k{keys.index(name)}"] for name in by]
                _add(found, self._read(columns, len(source.numbers), chosen))
        at = [source.keys.index(name) for name in by]
        topic = source.keys.index("topic") if topics else 0
        for kind, first, last in stretches:
            if kind != "rows" or source.whole_days:
                continue
            for of, names, numbers in source.rows(self.connection, _instant(first), _instant(last)):
                if (hotline is None or of == hotline) and (not topics or names[topic] in topics):
                    _add(found, [(tuple(names[place] for place in at), numbers)])
        return found

    def _read(
        self, columns: Sequence[sa.Column[Any]], numbers: int, chosen: Sequence[sa.ColumnElement[bool]]
    ) -> Iterator[tuple[Keys, Numbers]]:
        sums = [sa.func.sum(rollup_sums.c[f"n{at}"]) for at in range(numbers)]
        statement = sa.select(*columns, *sums).where(*chosen).group_by(*columns)
        for row in self.connection.execute(statement):
            if row[-1] is not None:
                yield tuple(row[: len(columns)]), tuple(int(value) for value in row[len(columns) :])

    def clean_day(self, source: Source, start: datetime, end: datetime) -> bool:
        """Whether the sums of exactly this day are kept, and nothing has changed since."""
        view, _ = source.view(())
        return [kind for kind, _, _ in self._cover(source, view, start, end)] == [DAY]

    def _cover(self, source: Source, view: str, start: datetime, end: datetime) -> Iterator[tuple[str, int, int]]:
        """[start, end) in pieces: `day` and `hour` from kept sums, `rows` from the rows."""
        at, last = (start - EPOCH) // MICRO, (end - EPOCH) // MICRO
        pieces = self._made(view) if self.kept else _Pieces()
        marks = self._dirty(source.family) if self.kept else []
        rows_from: int | None = None
        while at < last:
            level, until = pieces.at(at, last, marks)
            if level == "rows":
                rows_from = at if rows_from is None else rows_from
            else:
                if rows_from is not None:
                    yield "rows", rows_from, at
                    rows_from = None
                yield level, at, until
            at = until
        if rows_from is not None:
            yield "rows", rows_from, last

    def _made(self, view: str) -> _Pieces:
        if view not in self._pieces:
            t = rollup_pieces
            rows = self.connection.execute(sa.select(t.c.level, t.c.start_s, t.c.end_s).where(t.c.kind == view)).all()
            self._pieces[view] = _Pieces(
                days={row.start_s * SECOND: row.end_s * SECOND for row in rows if row.level == DAY},
                hours={row.start_s * SECOND: row.end_s * SECOND for row in rows if row.level == HOUR},
            )
        return self._pieces[view]

    def _dirty(self, family: str) -> list[int]:
        if family not in self._marks:
            t = rollup_dirty
            found = self.connection.scalars(sa.select(t.c.at_s).where(t.c.family == family).distinct())
            self._marks[family] = sorted(at * SECOND for at in found)
        return self._marks[family]


@dataclass
class _Pieces:
    """Microseconds since 1970, start to end."""

    days: Mapping[int, int] = field(default_factory=dict)
    hours: Mapping[int, int] = field(default_factory=dict)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = sorted({*self.days, *self.hours})

    def at(self, start: int, end: int, marks: Sequence[int]) -> tuple[str, int]:
        """The largest kept piece that begins here and ends by `end`; else `rows`, up to where a piece may begin."""
        for level, pieces in ((DAY, self.days), (HOUR, self.hours)):
            until = pieces.get(start)
            if until is not None and until <= end:
                place = bisect_left(marks, start - start % (QUARTER_S * SECOND))
                if place == len(marks) or marks[place] >= until:
                    return level, until
        following = bisect_right(self.starts, start)
        return "rows", min(end, self.starts[following]) if following < len(self.starts) else end


def _add(found: Sums, rows: Iterable[tuple[Keys, Numbers]]) -> None:
    for keys, numbers in rows:
        before = found.get(keys)
        found[keys] = numbers if before is None else tuple(map(sum, zip(before, numbers, strict=False)))


def _instant(micro: int) -> datetime:
    return EPOCH + micro * MICRO
