"""Make the kept cells, and mark what has changed.

The recorder marks the quarters of an hour that a stay touches, before and after, in the transaction that writes the stay
(`mark`). A job (`Rollups.refresh`) makes new days and makes marked quarters again, one builder at a time, and takes away
exactly the marks that it saw before it read: a stay that was written meanwhile keeps its mark, so a cell that misses it is
never taken. Hours and days are put together from their quarters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.intervals import local_midnight
from ivr.core.rollups import Cell
from ivr.storage.sql.engine import writing
from ivr.storage.sql.rollup_tables import rollup_cells, rollup_days, rollup_marks
from ivr.storage.sql.rollups import EPOCH, add_row, read_rows
from ivr.storage.sql.tables import segments
from ivr.workflows.reports import Placing

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
QUARTER_S, HOUR_S = 900, 3600
LOCK = "rollups"
DAYS_AT_ONCE = 40
MARKS_AT_ONCE = 20_000

Made = Mapping[tuple[str, int, str, str], Cell]
"""By placing, start in seconds, hotline and topic."""


def slot_of(at: datetime) -> int:
    seconds = (at - EPOCH) // SECOND
    return seconds - seconds % QUARTER_S


def stays_of(connection: Connection, calls: Sequence[str]) -> set[int]:
    """The quarters in which the stays of these calls stand now."""
    t = segments
    rows = connection.execute(sa.select(t.c.entered_at, t.c.left_at).where(t.c.call.in_(calls)))
    return slots((row.entered_at, row.left_at) for row in rows)


def slots(stays: Iterable[tuple[datetime, datetime | None]]) -> set[int]:
    return {slot_of(at) for stay in stays for at in stay if at is not None}


def mark(connection: Connection, quarters: Iterable[int]) -> None:
    """These quarters hold a stay that has changed."""
    rows = [{"slot_s": slot} for slot in sorted(quarters)]
    if rows:
        connection.execute(rollup_marks.insert(), rows)


@dataclass(frozen=True)
class Rollups:
    engine: Engine
    zone: ZoneInfo
    """Days are cut on this clock."""

    def refresh(self, now: datetime, *, most: int = DAYS_AT_ONCE) -> tuple[int, int]:
        """Make again what is marked, then days that were never made, newest first. How many quarters, and days."""
        again = self._again()
        days = 0
        for day in self._missing(now)[:most]:
            self._make(day)
            days += 1
        return again, days

    def rebuild(self, now: datetime) -> int:
        """Make all of it anew. How many days."""
        with writing(self.engine, locks=[LOCK]) as connection:
            for table in (rollup_days, rollup_cells, rollup_marks):
                connection.execute(table.delete())
        return self.refresh(now, most=1_000_000)[1]

    def _missing(self, now: datetime) -> Sequence[date]:
        with writing(self.engine, locks=[LOCK]) as connection:
            oldest = connection.scalar(sa.select(sa.func.min(segments.c.entered_at)))
            if oldest is None:
                return []
            spans = {(row.start_s, row.end_s) for row in connection.execute(sa.select(rollup_days))}
            wrong = [start for start, end in spans if (start, end) != _span(_day_of(start, self.zone), self.zone)]
            if wrong:  # the site's zone has changed: its days are other ones
                connection.execute(rollup_days.delete().where(rollup_days.c.start_s.in_(wrong)))
        day, found = now.astimezone(self.zone).date(), []
        first = oldest.astimezone(self.zone).date()
        while day >= first:
            if _span(day, self.zone) not in spans:
                found.append(day)
            day -= DAY
        return found

    def _make(self, day: date) -> None:
        start, end = _span(day, self.zone)
        with writing(self.engine, locks=[LOCK]) as connection:
            # Stays of a transaction that is not seen here bring their own marks, after this.
            seen = _marks(connection, start, end)
            made = _count(connection, start, end)
            _replace(connection, "quarter", start, end, made)
            _replace(connection, "hour", start, end, _hours(made, start, end))
            _replace(connection, "day", start, end, _merged(made, lambda _: start))
            connection.execute(rollup_days.delete().where(rollup_days.c.start_s == start))
            connection.execute(rollup_days.insert().values(start_s=start, end_s=end))
            _unmark(connection, seen)

    def _again(self) -> int:
        """Quarters with a mark; those outside all made days only lose it."""
        with writing(self.engine, locks=[LOCK]) as connection:
            t = rollup_marks
            seen = connection.execute(sa.select(t.c.id, t.c.slot_s).order_by(t.c.slot_s).limit(MARKS_AT_ONCE)).all()
            by_day: dict[tuple[int, int], set[int]] = defaultdict(set)
            days = {(row.start_s, row.end_s) for row in connection.execute(sa.select(rollup_days))}
            for row in seen:
                span = next(
                    (span for span in (_span(_day_of(row.slot_s, self.zone), self.zone),) if span in days), None
                )
                if span is not None:
                    by_day[span].add(row.slot_s)
            for (start, end), quarters in by_day.items():
                for slot in quarters:
                    made = _count(connection, slot, slot + QUARTER_S)
                    _replace(connection, "quarter", slot, slot + QUARTER_S, made)
                kept = _kept(connection, start, end)
                _replace(connection, "hour", start, end, _hours(kept, start, end))
                _replace(connection, "day", start, end, _merged(kept, lambda _, start=start: start))
            _unmark(connection, [row.id for row in seen])
            return sum(len(quarters) for quarters in by_day.values())


def _span(day: date, zone: ZoneInfo) -> tuple[int, int]:
    start, end = local_midnight(day, zone), local_midnight(day + DAY, zone)
    return (start - EPOCH) // SECOND, (end - EPOCH) // SECOND


def _day_of(seconds: int, zone: ZoneInfo) -> date:
    return (EPOCH + seconds * SECOND).astimezone(zone).date()


def _marks(connection: Connection, start: int, end: int) -> Sequence[int]:
    t = rollup_marks
    return list(connection.scalars(sa.select(t.c.id).where(t.c.slot_s >= start, t.c.slot_s < end)))


def _unmark(connection: Connection, seen: Sequence[int]) -> None:
    for at in range(0, len(seen), 500):
        connection.execute(rollup_marks.delete().where(rollup_marks.c.id.in_(seen[at : at + 500])))


def _count(connection: Connection, start: int, end: int) -> dict[tuple[str, int, str, str], Cell]:
    found: dict[tuple[str, int, str, str], Cell] = defaultdict(Cell)
    for placing in Placing:
        rows = read_rows(connection, placing, EPOCH + start * SECOND, EPOCH + end * SECOND)
        for row in rows:
            at = row.entered_at if placing is Placing.ARRIVAL else row.left_at
            add_row(found[placing.value, slot_of(at), row.hotline, row.topic], row)
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
