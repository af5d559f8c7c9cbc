"""Make the kept cells, and mark what has changed.

The recorder marks the quarters of an hour that a stay touches, before and after, in the transaction that writes the stay
(`changes`). A job (`Rollups.refresh`) makes new days and makes marked quarters again, one builder at a time (`lease`). It counts in a read
transaction, writes only what came of it, and takes away exactly the marks that it saw before it read: a stay that was written
meanwhile keeps its mark, so a cell that misses it is never taken. Hours and days are put together from their quarters, and so are *groups*:
hours of the site's clock, over all topics with the same limits, for reports over the hours of many days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.rollups import Cell, Limits
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.grouping import GROUP, GROUPS, Grouping, label_of
from ivr.storage.sql.lease import LOCK, Lease, take_away
from ivr.storage.sql.rollup_tables import WAITS, rollup_cells, rollup_days, rollup_dirty, rollup_pieces
from ivr.storage.sql.rollups import add_row, read_rows
from ivr.storage.sql.seconds import ONE_DAY, day_of, span_of, time_of
from ivr.storage.sql.sum_build import SumBuild
from ivr.storage.sql.tables import segments
from ivr.workflows.reports import Placing

QUARTER_S, HOUR_S = 900, 3600
DAYS_AT_ONCE = 40
MARKS_AT_ONCE = 20_000

Made = Mapping[tuple[str, int, str, str], Cell]
"""By placing, start in seconds, hotline and topic."""


@dataclass(frozen=True)
class Rollups:
    engine: Engine
    zone: ZoneInfo
    """Days are cut on this clock."""
    limits: Callable[[], Mapping[str, Limits]] = dict
    """Of topics, as configured; the others have the usual ones."""
    sums: SumBuild | None = None
    """What is made after the cells; None where no other report is read."""

    def refresh(self, now: datetime, *, most: int = DAYS_AT_ONCE) -> tuple[int, int]:
        """Make again what is marked, then days that were never made, newest first. How many quarters, and days."""
        again = days = 0
        lease = Lease(self.engine, "cells", now)
        with lease.held() as mine:
            if mine:
                builder = _Builder(self.engine, self.zone, Grouping(self.limits()), lease)
                again = builder.again()
                for day in builder.missing(now)[:most]:
                    builder.make(day)
                    days += 1
                builder.group()
        if self.sums is not None:
            self.sums.refresh(now, most=most)
        return again, days

    def rebuild(self, now: datetime) -> int:
        """Make all of it anew. How many days."""
        with writing(self.engine, locks=[LOCK]) as connection:
            take_away(connection, "cells")
            for table in (rollup_days, rollup_cells):
                connection.execute(table.delete())
            connection.execute(rollup_dirty.delete().where(rollup_dirty.c.family == WAITS))
        if self.sums is not None:
            self.sums.clear()
        return self.refresh(now, most=1_000_000)[1]


@dataclass
class _Builder:
    engine: Engine
    zone: ZoneInfo
    grouping: Grouping
    lease: Lease

    def missing(self, now: datetime) -> Sequence[date]:
        with reading(self.engine) as connection:
            oldest = connection.scalar(sa.select(sa.func.min(segments.c.entered_at)))
            spans = {(row.start_s, row.end_s) for row in connection.execute(sa.select(rollup_days))}
        if oldest is None:
            return []
        wrong = [start for start, end in spans if (start, end) != span_of(day_of(start, self.zone), self.zone)]
        if wrong:  # the site's zone has changed: its days are other ones
            with self.lease.write() as connection:
                connection.execute(rollup_days.delete().where(rollup_days.c.start_s.in_(wrong)))
        day, found = now.astimezone(self.zone).date(), []
        first = oldest.astimezone(self.zone).date()
        while day >= first:
            if span_of(day, self.zone) not in spans:
                found.append(day)
            day -= ONE_DAY
        return found

    def make(self, day: date) -> None:
        start, end = span_of(day, self.zone)
        with reading(self.engine) as connection:
            # Stays of a transaction that is not seen here bring their own marks, after this.
            seen = _marks(connection, start, end)
            made = _count(connection, start, end)
        with self.lease.write() as connection:
            _replace(connection, "quarter", start, end, made)
            self._above(connection, start, end, made)
            connection.execute(rollup_days.delete().where(rollup_days.c.start_s == start))
            connection.execute(rollup_days.insert().values(start_s=start, end_s=end))
            _unmark(connection, seen)

    def again(self) -> int:
        """Quarters with a mark; those outside all made days only lose it."""
        t = rollup_dirty
        with reading(self.engine) as connection:
            query = sa.select(t.c.id, t.c.at_s).where(t.c.family == WAITS).order_by(t.c.at_s).limit(MARKS_AT_ONCE)
            seen = connection.execute(query).all()
            days = {(row.start_s, row.end_s) for row in connection.execute(sa.select(rollup_days))}
        by_day: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        for row in seen:
            by_day[span_of(day_of(row.at_s, self.zone), self.zone)][row.id] = row.at_s
        quarters = 0
        for (start, end), marks in by_day.items():
            if (start, end) not in days:
                with self.lease.write() as connection:
                    _unmark(connection, list(marks))
                continue
            slots = sorted(set(marks.values()))
            quarters += len(slots)
            with reading(self.engine) as connection:
                fresh = {slot: _count(connection, slot, slot + QUARTER_S) for slot in slots}
                kept = {key: cell for key, cell in _kept(connection, start, end).items() if key[1] not in fresh}
            for made in fresh.values():
                kept.update(made)
            with self.lease.write() as connection:
                for slot, made in fresh.items():
                    _replace(connection, "quarter", slot, slot + QUARTER_S, made)
                self._above(connection, start, end, kept)
                _unmark(connection, list(marks))
        return quarters

    def group(self) -> None:
        """Days whose groups were made under other limits."""
        t = rollup_pieces
        with reading(self.engine) as connection:
            days = {(row.start_s, row.end_s) for row in connection.execute(sa.select(rollup_days))}
            grouped = {
                (row.start_s, row.end_s)
                for row in connection.execute(sa.select(t).where(t.c.kind == self.grouping.name))
            }
        for start, end in sorted(days - grouped, reverse=True):
            with reading(self.engine) as connection:
                kept = _kept(connection, start, end)
            with self.lease.write() as connection:
                self._groups(connection, start, end, kept)

    def _above(self, connection: Connection, start: int, end: int, made: Made) -> None:
        """What is put together from the quarters of a day."""
        _replace(connection, "hour", start, end, _hours(made, start, end))
        _replace(connection, "day", start, end, _merged(made, lambda _: start))
        self._groups(connection, start, end, made)

    def _groups(self, connection: Connection, start: int, end: int, made: Made) -> None:
        found: dict[tuple[str, int, str, str], Cell] = defaultdict(Cell)
        for (placing, slot, hotline, topic), cell in made.items():
            if placing == Placing.ARRIVAL:
                hour = slot - (slot - start) % HOUR_S
                found[placing, hour, hotline, label_of(self.grouping.of(topic))].merge(cell)
        _replace(connection, GROUP, start, end, found)
        t = rollup_pieces
        connection.execute(t.delete().where(t.c.kind.like(f"{GROUPS}%"), t.c.start_s == start))
        connection.execute(t.insert().values(kind=self.grouping.name, level="day", start_s=start, end_s=end))


def _marks(connection: Connection, start: int, end: int) -> Sequence[int]:
    t = rollup_dirty
    return list(connection.scalars(sa.select(t.c.id).where(t.c.family == WAITS, t.c.at_s >= start, t.c.at_s < end)))


def _unmark(connection: Connection, seen: Sequence[int]) -> None:
    for at in range(0, len(seen), 500):
        connection.execute(rollup_dirty.delete().where(rollup_dirty.c.id.in_(seen[at : at + 500])))


def _count(connection: Connection, start: int, end: int) -> dict[tuple[str, int, str, str], Cell]:
    found: dict[tuple[str, int, str, str], Cell] = defaultdict(Cell)
    for placing in Placing:
        rows = read_rows(connection, placing, time_of(start), time_of(end))
        for row in rows:
            add_row(found[placing.value, row.at_s - row.at_s % QUARTER_S, row.hotline, row.topic], row)
    return found


def _merged(made: Made, start_of: Any) -> Made:
    found: dict[tuple[str, int, str, str], Cell] = defaultdict(Cell)
    for (placing, slot, hotline, topic), cell in made.items():
        found[placing, start_of(slot), hotline, topic].merge(cell)
    return found


def _hours(made: Made, start: int, end: int) -> Made:
    """Hours of UTC that lie in this day whole."""

    def hour(slot: int) -> int:
        return slot - slot % HOUR_S

    return {key: cell for key, cell in _merged(made, hour).items() if start <= key[1] and key[1] + HOUR_S <= end}


def _kept(connection: Connection, start: int, end: int) -> Made:
    t = rollup_cells
    found: dict[tuple[str, int, str, str], Cell] = {}
    rows = connection.execute(sa.select(t).where(t.c.level == "quarter", t.c.start_s >= start, t.c.start_s < end))
    for row in rows:
        cell = Cell()
        cell.merge_body(row.body)
        found[row.placing, row.start_s, row.hotline, row.topic] = cell
    return found


def _replace(connection: Connection, level: str, start: int, end: int, made: Made) -> None:
    t = rollup_cells
    connection.execute(
        t.delete().where(t.c.level == level, t.c.placing.in_(list(Placing)), t.c.start_s >= start, t.c.start_s < end)
    )
    rows = [
        {"level": level, "placing": placing, "start_s": at, "hotline": hotline, "topic": topic, "body": cell.body()}
        for (placing, at, hotline, topic), cell in made.items()
    ]
    if rows:
        connection.execute(t.insert(), rows)
