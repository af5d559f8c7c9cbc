"""Make the kept sums, and make again what has changed.

One builder works at a time: it holds a lease, and every write of its own first looks whether it still does. Counting is done in a
read transaction, which stops nobody; only the few rows that come of it are written, so that the recorder never waits for a count.
The marks that were there before the count are taken away after it: a change that came meanwhile keeps its mark, and the piece that
misses it is not taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.grouping import GROUPS
from ivr.storage.sql.lease import LOCK, Lease
from ivr.storage.sql.rollup_tables import WAITS, rollup_dirty, rollup_pieces, rollup_sums
from ivr.storage.sql.seconds import ONE_DAY, Span, day_of, seconds_of, span_of, time_of
from ivr.storage.sql.sums import DAY, HOUR, Keys, Numbers, Source, hotlines
from ivr.storage.sql.tables import calls

HOUR_S = 3600
MARKS_AT_ONCE = 20_000
AT_ONCE = 500
"""Rows, or numbers of rows, in one statement."""

Kept = Mapping[str, set[Span]]
"""By level."""
Made = Mapping[tuple[str, str, Keys], Numbers]
"""By view, hotline and keys."""


@dataclass(frozen=True)
class SumBuild:
    engine: Engine
    zone: ZoneInfo
    """Days are cut on this clock."""
    sources: Callable[[], Sequence[Source]]

    def refresh(self, now: datetime, *, most: int) -> int:
        """Make again what is marked, then pieces that were never made, the newest first, of at most so many days. How many pieces."""
        lease = Lease(self.engine, "sums", now)
        with lease.held() as mine:
            if mine:
                builder = _Builder(self.engine, self.zone, list(self.sources()), now, lease)
                builder.clear()
                return builder.again() + builder.missing(most)
        return 0

    def clear(self) -> None:
        """Nothing is kept any more: everything is to be made anew. Who counts now has lost its lease, and writes nothing of it."""
        with writing(self.engine, locks=[LOCK]) as connection:
            for table in (rollup_pieces, rollup_sums):
                connection.execute(table.delete())
            connection.execute(rollup_dirty.delete().where(rollup_dirty.c.family != WAITS))


@dataclass
class _Builder:
    engine: Engine
    zone: ZoneInfo
    sources: Sequence[Source]
    now: datetime
    lease: Lease

    def clear(self) -> None:
        """Take away what no source counts any more, days of another zone, and hours that have grown old."""
        t, s = rollup_pieces, rollup_sums
        known = {view for source in self.sources for view in source.kept}
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(t).where(t.c.kind != "", t.c.kind.not_like(f"{GROUPS}%"))).all()
        wrong = [(row.kind, row.level, row.start_s) for row in rows if row.kind not in known or not self._fits(row)]
        for kind, level, start in wrong:
            with self.lease.write() as connection:
                for table in (t, s):
                    connection.execute(
                        table.delete().where(
                            table.c.kind == kind, table.c.level == level, table.c.start_s == start
                        )
                    )  # fmt: skip

    def _fits(self, row: sa.Row[tuple[str, str, int, int]]) -> bool:
        day = day_of(row.start_s, self.zone)
        start, end = span_of(day, self.zone)
        if row.level == DAY:
            return (row.start_s, row.end_s) == (start, end)
        source = next(one for one in self.sources if row.kind in one.kept)
        return self._is_recent(source, day) and (row.start_s - start) % HOUR_S == 0

    def again(self) -> int:
        """What is marked; marks of times that were never made only go."""
        made = 0
        for family in sorted({source.family for source in self.sources}):
            t = rollup_dirty
            with reading(self.engine) as connection:
                query = sa.select(t.c.id, t.c.at_s).where(t.c.family == family).order_by(t.c.id).limit(MARKS_AT_ONCE)
                seen = connection.execute(query).all()
            days: dict[date, set[int]] = defaultdict(set)
            for row in seen:
                days[day_of(row.at_s, self.zone)].add(row.at_s)
            for day, marks in sorted(days.items(), reverse=True):
                for source in self.sources:
                    if source.family == family:
                        made += self._day_again(source, day, marks)
            ids = [row.id for row in seen]
            for at in range(0, len(ids), AT_ONCE):
                with self.lease.write() as connection:
                    connection.execute(t.delete().where(t.c.id.in_(ids[at : at + AT_ONCE])))
        return made

    def _day_again(self, source: Source, day: date, marks: Iterable[int]) -> int:
        start, end = span_of(day, self.zone)
        kept = self._kept(source, start, end, partly=True)
        hours = [span for span in kept.get(HOUR, ()) if any(span[0] <= mark < span[1] for mark in marks)]
        self._make(source, HOUR, hours)
        if (start, end) in kept.get(DAY, ()):
            self._make(source, DAY, [(start, end)])
            return len(hours) + 1
        return len(hours)

    def missing(self, most: int) -> int:
        oldest = self._oldest()
        if oldest is None:
            return 0
        made = days = 0
        day = self.now.astimezone(self.zone).date()
        first = oldest.astimezone(self.zone).date()
        whole = span_of(first, self.zone)[0], span_of(day, self.zone)[1]
        kept = [(source, self._kept(source, *whole)) for source in self.sources]
        while day >= first and days < most:
            new = sum(self._fill(source, day, those) for source, those in kept)
            made += new
            days += bool(new)
            day -= ONE_DAY
        return made

    def _fill(self, source: Source, day: date, kept: Kept) -> int:
        start, end = span_of(day, self.zone)
        now_s = seconds_of(self.now)
        hours: list[Span] = []
        if self._is_recent(source, day):
            every = [(at, min(at + HOUR_S, end)) for at in range(start, end, HOUR_S)]
            hours = [span for span in every if span[1] <= now_s and span not in kept.get(HOUR, ())]
            self._make(source, HOUR, hours)
        if end <= now_s and (start, end) not in kept.get(DAY, ()):
            self._make(source, DAY, [(start, end)])
            return len(hours) + 1
        return len(hours)

    def _make(self, source: Source, level: str, spans: Sequence[Span]) -> None:
        """Count, and then write what came of it."""
        if not spans:
            return
        rows: dict[str, list[dict[str, object]]] = {view: [] for view in source.kept}
        with reading(self.engine) as connection:
            for span in spans:
                made = self._of_hours(connection, source, span) if level == DAY else None
                for key, numbers in (count(connection, source, span) if made is None else made).items():
                    rows[key[0]].append(_row(level, span, key, numbers))
        s = rollup_sums
        starts = [start for start, _ in spans]
        with self.lease.write() as connection:
            for view, those in rows.items():
                connection.execute(s.delete().where(s.c.kind == view, s.c.level == level, s.c.start_s.in_(starts)))
                if those:
                    connection.execute(s.insert(), those)
            pieces = [
                {"kind": view, "level": level, "start_s": start, "end_s": end} for view in rows for start, end in spans
            ]
            upsert(connection, rollup_pieces, pieces)

    def _of_hours(self, connection: Connection, source: Source, span: Span) -> Made | None:
        """The day as the sum of its hours, when all of them are there and are as of now; else None."""
        if source.whole_days:
            return None
        start, end = span
        t, s = rollup_pieces, rollup_sums
        wanted = [(at, min(at + HOUR_S, end)) for at in range(start, end, HOUR_S)]
        for view in source.kept:
            query = sa.select(t.c.start_s, t.c.end_s).where(
                t.c.kind == view, t.c.level == HOUR, t.c.start_s >= start, t.c.start_s < end
            )
            if {tuple(row) for row in connection.execute(query)} != set(wanted):
                return None
        found: dict[tuple[str, str, Keys], Numbers] = {}
        for view, keys in source.kept.items():
            columns = [s.c.hotline, *(s.c[f"k{at}"] for at in range(len(keys)))]
            sums = [sa.func.sum(s.c[f"n{at}"]) for at in range(len(source.numbers))]
            query = (
                sa.select(*columns, *sums)
                .where(s.c.kind == view, s.c.level == HOUR, s.c.start_s >= start, s.c.start_s < end)
                .group_by(*columns)
            )
            for row in connection.execute(query):
                names, numbers = tuple(row[1 : len(columns)]), tuple(int(one) for one in row[len(columns) :])
                found[view, row[0], names] = numbers
        return found

    def _kept(self, source: Source, start: int, end: int, *, partly: bool = False) -> Kept:
        """Pieces of this time of which every view is there (`partly`: at least one, as after an upgrade that brought another)."""
        t = rollup_pieces
        counts: dict[tuple[str, int, int], int] = defaultdict(int)
        with reading(self.engine) as connection:
            for row in connection.execute(
                sa.select(t).where(t.c.kind.in_(list(source.kept)), t.c.start_s >= start, t.c.start_s < end)
            ):
                counts[row.level, row.start_s, row.end_s] += 1
        found: dict[str, set[Span]] = defaultdict(set)
        for (level, first, last), views in counts.items():
            if partly or views == len(source.kept):
                found[level].add((first, last))
        return found

    def _oldest(self) -> datetime | None:
        with reading(self.engine) as connection:
            first = sa.select(sa.func.min(calls.c.started_at))
            firsts = [connection.scalar(first.where(calls.c.hotline == one)) for one in hotlines(connection, calls)]
        return min((one for one in firsts if one is not None), default=None)

    def _is_recent(self, source: Source, day: date) -> bool:
        return not source.whole_days and day > self.now.astimezone(self.zone).date() - source.recent


def _row(level: str, span: Span, key: tuple[str, str, Keys], numbers: Numbers) -> dict[str, object]:
    view, hotline, keys = key
    return {
        "kind": view,
        "level": level,
        "start_s": span[0],
        "hotline": hotline,
        **{f"k{at}": name for at, name in enumerate(keys)},
        **{f"n{at}": number for at, number in enumerate(numbers)},
    }


def count(connection: Connection, source: Source, span: Span) -> Made:
    start, end = map(time_of, span)
    places = {view: [source.keys.index(key) for key in keys] for view, keys in source.kept.items()}
    found: dict[tuple[str, str, Keys], Numbers] = {}
    for hotline, names, numbers in source.rows(connection, start, end):
        for view, at in places.items():
            key = (view, hotline, tuple(names[place] for place in at))
            before = found.get(key)
            found[key] = numbers if before is None else tuple(map(sum, zip(before, numbers, strict=True)))
    return found
