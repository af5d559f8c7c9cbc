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
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.storage.sql.engine import reading
from ivr.storage.sql.rollup_tables import rollup_dirty, rollup_pieces, rollup_sums
from ivr.storage.sql.seconds import EPOCH, seconds_of
from ivr.workflows.reports import ReportQuery

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
Piece = tuple[int, datetime, datetime]
"""Of the time asked for: its place, start and end."""


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
    in_pieces: Callable[[Connection, Sequence[Piece]], Iterable[tuple[int, Row]]] | None = None
    """The same of many pieces at once, by their place; None: one after the other."""
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is kept, by its name: sums by some of the keys. None named: one by all of them."""
    recent: timedelta = timedelta(days=2)
    """Days this young change often: their hours are kept too."""
    whole_days: bool = False
    """Not additive: of a day alone, and nothing is counted of less."""

    def counted(self, connection: Connection, pieces: Sequence[Piece]) -> Iterator[tuple[int, Row]]:
        """From the rows, piece by piece; by place."""
        if self.in_pieces is not None:
            yield from self.in_pieces(connection, pieces)
            return
        for place, start, end in pieces:
            for row in self.rows(connection, start, end):
                yield place, row

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


def of_one(
    in_pieces: Callable[[Connection, Sequence[Piece]], Iterable[tuple[int, Row]]],
) -> Callable[[Connection, datetime, datetime], Iterator[Row]]:
    """The rows of one time, of what counts many pieces."""

    def rows(connection: Connection, start: datetime, end: datetime) -> Iterator[Row]:
        for _, row in in_pieces(connection, [(0, start, end)]):
            yield row

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


def marks_of(connection: Connection, family: str) -> Sequence[int]:
    """Quarters of an hour in which something changed since its sums were made, in seconds since 1970, in order."""
    t = rollup_dirty
    return sorted(connection.scalars(sa.select(t.c.at_s).where(t.c.family == family).distinct()))


def _slot(at: datetime) -> int:
    seconds = seconds_of(at)
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
        found: Sums = {}
        _add(found, (one[1:] for one in self._each(source, [(start, end)], by, hotline, topics)))
        return found

    def each(
        self, source: Source, spans: Sequence[tuple[datetime, datetime]], query: ReportQuery, *by: str
    ) -> Iterator[tuple[int, Keys, Numbers]]:
        """Of each of these times, by its place, over the query's hotline and topics; groups may come in parts."""
        return self._each(source, spans, by, query.hotline, query.topics)

    def _each(
        self,
        source: Source,
        spans: Sequence[tuple[datetime, datetime]],
        by: Sequence[str],
        hotline: str | None,
        topics: Sequence[str],
    ) -> Iterator[tuple[int, Keys, Numbers]]:
        view, keys = source.view((*by, "topic") if topics else by)
        kept: dict[str, dict[int, int]] = {DAY: {}, HOUR: {}}
        rest: list[Piece] = []
        for place, (start, end) in enumerate(spans):
            for kind, first, last in self._cover(source, view, start, end):
                if kind == "rows":
                    rest.append((place, _instant(first), _instant(last)))
                else:
                    kept[kind][first // SECOND] = place
        t = rollup_sums
        columns = [t.c[f"k{keys.index(name)}"] for name in by]
        for level, places in kept.items():
            chosen = [t.c.kind == view, t.c.level == level, t.c.start_s.in_(list(places))]
            if hotline is not None:
                chosen.append(t.c.hotline == hotline)
            if topics:
                chosen.append(t.c[f"k{keys.index('topic')}"].in_(topics))
            if places:
                yield from self._read(columns, len(source.numbers), chosen, places if len(spans) > 1 else None)
        if not source.whole_days:
            at = [source.keys.index(name) for name in by]
            topic = source.keys.index("topic") if topics else 0
            for place, (of, names, numbers) in source.counted(self.connection, rest):
                if (hotline is None or of == hotline) and (not topics or names[topic] in topics):
                    yield place, tuple(names[one] for one in at), numbers

    def _read(
        self,
        columns: Sequence[sa.Column[Any]],
        numbers: int,
        chosen: Sequence[sa.ColumnElement[bool]],
        places: Mapping[int, int] | None,
    ) -> Iterator[tuple[int, Keys, Numbers]]:
        """`places` by start; None: all in one."""
        t = rollup_sums
        start = t.c.start_s if places is not None else sa.func.min(t.c.start_s)
        sums = [sa.func.sum(t.c[f"n{at}"]) for at in range(numbers)]
        groups = columns if places is None else [start, *columns]
        for row in self.connection.execute(sa.select(start, *columns, *sums).where(*chosen).group_by(*groups)):
            if row[-1] is not None:
                place = 0 if places is None else places[row[0]]
                yield place, tuple(row[1 : len(columns) + 1]), tuple(int(value) for value in row[len(columns) + 1 :])

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
            self._marks[family] = [at * SECOND for at in marks_of(self.connection, family)]
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
