"""What the records lack: how much there is, from kept sums; what is wrong, by indexes that hold only that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.oversight import OPEN_TOO_LONG, Check, Quality
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.report_indexes import BACKWARDS
from ivr.storage.sql.spans import instant
from ivr.storage.sql.sum_calls import RUNG, STAYS
from ivr.storage.sql.sum_menu import GONE
from ivr.storage.sql.sums import hotlines, sums_of
from ivr.storage.sql.tables import calls, facts, offers, segments
from ivr.workflows.reports import ReportQuery

LISTED = 50
AHEAD = timedelta(minutes=1)
"""A clock that is further ahead than this is wrong."""
OPEN = "ended_at IS NULL"


@dataclass(frozen=True)
class QualityRows:
    """Implements `workflows.report_quality.QualityRows`. Raises `Unavailable`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows."""

    def quality(self, query: ReportQuery, at: datetime) -> Quality:
        query = replace(query, topics=())  # a call that lacks something may lack its topic
        old = instant(at - OPEN_TOO_LONG)
        started, entered, made = calls.c.started_at, segments.c.entered_at, offers.c.made_at
        begun = sa.exists().where(calls.c.call == segments.c.call, calls.c.started_at.is_not(None))
        with sums_of(self.engine, kept=self.kept) as look:
            whole, *_ = look.of(GONE, query).get((), (0, 0))
            stays, answered, without_start = look.of(STAYS, query).get((), (0, 0, 0))
            offered, *_ = look.of(RUNG, query).get((), (0,))
            one = _Looking(look.connection, query)
            orphans = one.calls(entered, ~begun) if without_start else ()
            checks = (
                one.check("call_without_end", whole, started, OPEN, started < old),
                Check(name="call_without_start", found=without_start, of=stays, calls=orphans),
                one.check("stay_without_topic", stays, entered, "topic = ''"),
                one.check("stay_without_outcome", stays, entered, "outcome IS NULL", entered < old),
                one.check("talk_without_agent", answered, entered, "answered_at IS NOT NULL AND agent IS NULL"),
                one.check("offer_without_end", offered, made, OPEN, made < old),
                one.check("repaired_call", whole, started, "repairs > 0"),
                one.check("clock_skew", stays, entered, f"({BACKWARDS})"),
                one.check("call_ends_before_start", whole, started, "ended_at < started_at"),
                one.ahead(at + AHEAD, whole),
            )
            return Quality(checks=checks, repairs=_repairs(look.connection, query))


@dataclass(frozen=True)
class _Looking:
    connection: Connection
    query: ReportQuery

    def check(
        self, name: str, of: int, column: sa.Column[datetime], wrong: str, *also: sa.ColumnElement[bool]
    ) -> Check:
        """`wrong` in the words of its index."""
        condition = sa.and_(sa.text(wrong), *also)
        found = self.connection.scalar(sa.select(sa.func.count()).where(self._within(column), condition)) or 0
        return Check(name=name, found=found, of=of, calls=self.calls(column, condition) if found else ())

    def calls(self, column: sa.Column[datetime], wrong: sa.ColumnElement[bool]) -> tuple[str, ...]:
        """The newest of them."""
        call = column.table.c.call
        listed = sa.select(call).where(self._within(column), wrong).distinct().order_by(call.desc()).limit(LISTED)
        return tuple(self.connection.scalars(listed))

    def ahead(self, now: datetime, of: int) -> Check:
        """Facts whose clock is ahead of now, whatever time was asked for."""
        t = facts.c
        late = sa.and_(t.hotline.in_(hotlines(self.connection, facts)), t.at > now)
        found = self.connection.scalar(sa.select(sa.func.count()).where(late)) or 0
        listed = sa.select(t.call).where(late, t.call.is_not(None)).distinct().order_by(t.call.desc()).limit(LISTED)
        called = tuple(self.connection.scalars(listed)) if found else ()
        return Check(name="fact_from_the_future", found=found, of=of, calls=called)

    def _within(self, column: sa.Column[datetime]) -> sa.ColumnElement[bool]:
        asked = [column >= self.query.start, column < self.query.end, real(column.table.c.call)]
        if self.query.hotline is not None:
            asked.append(column.table.c.hotline == self.query.hotline)
        return sa.and_(*asked)


def _repairs(connection: Connection, query: ReportQuery) -> Mapping[str, int]:
    """What the sweep or a turn put right."""
    t = facts.c
    what = t.body["what"].as_string()
    found = sa.select(what.label("what"), sa.func.count().label("times")).where(
        sa.text("kind = 'repaired'"), t.at >= query.start, t.at < query.end, real(t.call)
    )
    if query.hotline is not None:
        found = found.where(t.hotline.in_([query.hotline, ""]))
    return {row.what or "": row.times for row in connection.execute(found.group_by(what))}
