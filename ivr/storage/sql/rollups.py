"""What reports read: kept cells where they are clean, the calls themselves everywhere else. Always exact, never stale.

Everything is read in one look at the database. A kept cell is taken only if its day was made and no stay of its time has
changed since (`rollup_dirty`, written by the recorder in the transaction that writes the stay). The rest of the time asked
for (parts of quarters, quarters with a mark, days that were not made) is counted from its rows, as are the callers who
still wait, whose wait is never kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.callback_rules import PREFIX
from ivr.core.facts import Outcome
from ivr.core.intervals import Interval
from ivr.core.rollups import Cell, Limits, stays_in
from ivr.storage.sql.engine import reading
from ivr.storage.sql.grouping import GROUP, Grouping, limits_of
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.rollup_tables import WAITS, rollup_cells, rollup_days, rollup_pieces
from ivr.storage.sql.seconds import EPOCH
from ivr.storage.sql.spans import whole_seconds
from ivr.storage.sql.sums import marks_of
from ivr.storage.sql.tables import segments
from ivr.workflows.reports import Cells, Placing, ReportQuery

MICRO = timedelta(microseconds=1)
SECOND = 1_000_000
"""Microseconds; all times here are whole microseconds since 1970."""
QUARTER, HOUR = 900 * SECOND, 3600 * SECOND
NEAR = 6 * HOUR
"""Stretches of one level with a smaller gap are read as one."""
PORTION = 5000


@dataclass(frozen=True)
class WaitCells:
    """Implements `workflows.reports.WaitCells`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the calls (what the check compares with)."""

    @contextmanager
    def look(self, query: ReportQuery) -> Iterator[Look]:
        with reading(self.engine) as connection:
            if not self.kept:
                yield Look(connection, query, _Made())
                return
            days = connection.execute(sa.select(rollup_days).order_by(rollup_days.c.start_s)).all()
            marks = marks_of(connection, WAITS)
            yield Look(
                connection,
                query,
                _Made([day.start_s * SECOND for day in days], [day.end_s * SECOND for day in days], marks),
            )


@dataclass(frozen=True)
class _Made:
    """Which days were made, and in which quarters something changed since."""

    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    marked: Sequence[int] = ()
    """Seconds, in order."""

    def clean(self, start: int, end: int) -> bool:
        at = bisect_right(self.marked, start // SECOND - 1)
        return at == len(self.marked) or self.marked[at] * SECOND >= end

    def day(self, at: int) -> tuple[int, int] | None:
        """Start and end of the made day in which this is."""
        index = bisect_right(self.starts, at) - 1
        return (self.starts[index], self.ends[index]) if index >= 0 and at < self.ends[index] else None

    def cover(self, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        """[start, end) in pieces: `day`, `hour` and `quarter` from cells, `rows` from the calls."""
        while start < end:
            index = bisect_right(self.starts, start) - 1
            if index < 0 or start >= self.ends[index]:
                following = self.starts[index + 1] if index + 1 < len(self.starts) else end
                yield "rows", start, min(end, following)
                start = min(end, following)
                continue
            level, until = self._within(index, start, end)
            yield level, start, until
            start = until

    def _within(self, index: int, start: int, end: int) -> tuple[str, int]:
        first, last = self.starts[index], self.ends[index]
        if start == first and last <= end and self.clean(first, last):
            return "day", last
        end = min(end, last)
        if start % HOUR == 0 and start + HOUR <= end and self.clean(start, start + HOUR):
            return "hour", start + HOUR
        if start % QUARTER == 0 and start + QUARTER <= end and self.clean(start, start + QUARTER):
            return "quarter", start + QUARTER
        return "rows", min(end, start - start % QUARTER + QUARTER)


@dataclass
class Look:
    """One look at the database, for one query."""

    connection: Connection
    query: ReportQuery
    made: _Made
    _open: list[Any] | None = field(default=None)

    def cells(
        self, pieces: Sequence[Interval], now: datetime, *, into: Sequence[int] | None = None
    ) -> Mapping[tuple[int, str], Cells]:
        """By place and topic; `into` is the place of each piece, its own index when not given."""
        places = into if into is not None else range(len(pieces))
        found: dict[tuple[int, str], Cells] = defaultdict(Cells)
        need = self._need(pieces)
        for placing in {Placing.ARRIVAL, self.query.by}:
            for level, wanted in need.levels().items():
                for row in self._kept(level, placing, wanted):
                    _take(found[places[wanted[row.start_s * SECOND]], row.topic], placing, self.query.by, row.body)
            for start, end, index in need.rows:
                for row in self._rows(placing, start, end):
                    _add(found[places[index], row.topic], placing, self.query.by, row)
        for row in self._waiting():
            place = _find(pieces, row.entered_at)
            if place is not None:
                one = found[places[place], row.topic]
                if self.query.by is Placing.ARRIVAL:
                    _wait(one, row, now)
                else:
                    one.joined += 1
        return found

    def by_limits(
        self, pieces: Sequence[Interval], now: datetime, limits: Mapping[str, Limits], *, into: Sequence[int]
    ) -> Mapping[tuple[int, Limits], Cells]:
        """By place, and by the limits of topics; by arrival. Hours of the site's clock are read for all topics together."""
        grouping = Grouping(limits)
        found: dict[tuple[int, Limits], Cells] = defaultdict(Cells)
        wanted = {} if self.query.topics else self._grouped(pieces, grouping)
        for row in self._kept(GROUP, Placing.ARRIVAL, wanted):
            found[into[wanted[row.start_s * SECOND]], limits_of(row.topic)].cell.merge_body(row.body)
        taken = set(wanted.values())
        others = [at for at in range(len(pieces)) if at not in taken]
        rest = self.cells([pieces[at] for at in others], now, into=[into[at] for at in others])
        for (place, topic), cells in rest.items():
            one = found[place, grouping.of(topic)]
            one.cell.merge(cells.cell)
            one.joined += cells.joined
        for row in self._waiting():
            at = _find(pieces, row.entered_at)
            if at is not None and _micro(pieces[at].start) in wanted:
                _wait(found[into[at], grouping.of(row.topic)], row, now)
        return found

    def _grouped(self, pieces: Sequence[Interval], grouping: Grouping) -> dict[int, int]:
        """Pieces that are hours of the site's clock and of which the group is kept: start to index."""
        t = rollup_pieces
        days = (
            set(self.connection.scalars(sa.select(t.c.start_s).where(t.c.kind == grouping.name)))
            if self.made.starts
            else set()
        )
        found = {}
        for index, piece in enumerate(pieces):
            start, end = _micro(piece.start), _micro(piece.end)
            day = self.made.day(start)
            if end - start != HOUR or day is None or day[0] // SECOND not in days:
                continue
            if (start - day[0]) % HOUR == 0 and end <= day[1] and self.made.clean(start, end):
                found[start] = index
        return found

    def filled(self, pieces: Sequence[Interval]) -> Sequence[int]:
        """Which of the pieces hold a caller."""
        need = self._need(pieces)
        found: set[int] = set()
        t = rollup_cells
        for placing in {Placing.ARRIVAL, self.query.by}:
            for level, wanted in need.levels().items():
                for first, last in _runs(wanted):
                    statement = sa.select(t.c.start_s).where(*self._cells_of(level, placing, first, last)).distinct()
                    found.update(
                        wanted[at * SECOND] for at in self.connection.scalars(statement) if at * SECOND in wanted
                    )
            for start, end, index in need.rows:
                if any(True for _ in self._rows(placing, start, end)):
                    found.add(index)
        places = {_find(pieces, row.entered_at) for row in self._waiting()}
        return sorted(found | {place for place in places if place is not None})

    def _need(self, pieces: Sequence[Interval]) -> _Need:
        need = _Need()
        for index, piece in enumerate(pieces):
            for level, start, end in self.made.cover(_micro(piece.start), _micro(piece.end)):
                if level == "rows":
                    need.row(start, end, index)
                else:
                    need.kept[level, start] = index
        return need

    def _kept(self, level: str, placing: Placing, wanted: Mapping[int, int]) -> Iterator[Any]:
        t = rollup_cells
        for first, last in _runs(wanted):
            statement = sa.select(t.c.start_s, t.c.topic, t.c.body).where(*self._cells_of(level, placing, first, last))
            for row in self.connection.execute(statement).yield_per(PORTION):
                if row.start_s * SECOND in wanted:
                    yield row

    def _cells_of(self, level: str, placing: Placing, first: int, last: int) -> Iterator[sa.ColumnElement[bool]]:
        t = rollup_cells
        yield t.c.level == level
        yield t.c.placing == placing.value
        yield t.c.start_s.between(first // SECOND, last // SECOND)
        yield from filters(t, self.query)

    def _rows(self, placing: Placing, start: int, end: int) -> Iterator[Any]:
        yield from read_rows(self.connection, placing, _instant(start), _instant(end), *filters(segments, self.query))

    def _waiting(self) -> Sequence[Any]:
        """Callers who joined in the time of the query and have not left."""
        if self._open is None:
            t = segments
            statement = sa.select(t.c.topic, t.c.entered_at, t.c.cause).where(
                t.c.left_at.is_(None),
                t.c.entered_at >= self.query.start,
                t.c.entered_at < self.query.end,
                t.c.call.not_like(f"{PREFIX}%"),
                real(t.c.call),
                *filters(t, self.query),
            )
            self._open = list(self.connection.execute(statement))
        return self._open


@dataclass
class _Need:
    """Which cells, and which rows, make up each piece."""

    kept: dict[tuple[str, int], int] = field(default_factory=dict)
    rows: list[tuple[int, int, int]] = field(default_factory=list)

    def row(self, start: int, end: int, index: int) -> None:
        if self.rows and self.rows[-1][1:] == (start, index):
            start = self.rows.pop()[0]
        self.rows.append((start, end, index))

    def levels(self) -> Mapping[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for (level, start), index in self.kept.items():
            found[level][start] = index
        return found


def _take(cells: Cells, placing: Placing, by: Placing, body: bytes) -> None:
    if placing is by:
        cells.cell.merge_body(body)
    if placing is Placing.ARRIVAL and by is Placing.EVENT:
        cells.joined += stays_in(body)


def _add(cells: Cells, placing: Placing, by: Placing, row: Any) -> None:
    if placing is by:
        add_row(cells.cell, row)
    if placing is Placing.ARRIVAL:
        cells.joined += by is Placing.EVENT


def _wait(cells: Cells, row: Any, now: datetime) -> None:
    """A caller who still waits."""
    cells.joined += 1
    cells.cell.add(None, max(0, round((now - row.entered_at).total_seconds() * 1000)), cause=row.cause)


def add_row(cell: Cell, row: Any) -> None:
    """A stay that is over, as stored."""
    done = row.wrap_s is not None
    cell.add(
        Outcome(row.outcome) if row.outcome else None,
        _ms(row.wait_s),
        work_ms=(_ms(row.talk_s), _ms(row.hold_s), _ms(row.wrap_s)) if done else None,
        cause=row.cause,
        ended_by=row.ended_by,
    )


def read_rows(
    connection: Connection, placing: Placing, start: datetime, end: datetime, *where: sa.ColumnElement[bool]
) -> Iterable[Any]:
    """Stays that are over, which entered (or left) in this time: `at_s`. A kept promise joined the line before, with the call
    that asked for it, and is no stay of its own.
    """
    t = segments
    at = t.c.entered_at if placing is Placing.ARRIVAL else t.c.left_at
    statement = sa.select(
        *(t.c.hotline, t.c.topic, whole_seconds(at).label("at_s"), t.c.outcome, t.c.cause, t.c.ended_by),
        *(t.c.wait_s, t.c.talk_s, t.c.hold_s, t.c.wrap_s),
    ).where(at >= start, at < end, t.c.left_at.is_not(None), t.c.call.not_like(f"{PREFIX}%"), real(t.c.call), *where)
    return connection.execute(statement).yield_per(PORTION)


def filters(table: sa.Table, query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    if query.hotline is not None:
        yield table.c.hotline == query.hotline
    if query.topics:
        yield table.c.topic.in_(query.topics)


def _runs(wanted: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run without large gaps."""
    first: int | None = None
    last = 0
    for at in sorted(wanted):
        if first is None:
            first = at
        elif at - last > NEAR + 24 * HOUR:
            yield first, last
            first = at
        last = at
    if first is not None:
        yield first, last


def _find(pieces: Sequence[Interval], at: datetime) -> int | None:
    index = bisect_right(pieces, at, key=lambda piece: piece.start) - 1
    return index if index >= 0 and at < pieces[index].end else None


def _micro(at: datetime) -> int:
    return (at - EPOCH) // MICRO


def _instant(micro: int) -> datetime:
    return EPOCH + micro * MICRO


def _ms(seconds: float | None) -> int:
    return round((seconds or 0.0) * 1000)
