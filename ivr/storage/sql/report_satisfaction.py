"""Ratings, comments and agents' results, counted by the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.follow_ups import CHANGED, LOOKED_AT, OPEN
from ivr.core.satisfaction import BEST, GOOD, Comments, Ratings, SaidByAgents
from ivr.storage.sql.after_tables import follow_ups, surveys
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, instant
from ivr.storage.sql.tables import segments
from ivr.workflows.reports import ReportQuery

SOLVED = "solved"


@dataclass(frozen=True)
class SatisfactionRows:
    """Implements `workflows.report_satisfaction.SatisfactionRows`. Raises `Unavailable`."""

    engine: Engine

    def ratings(self, query: ReportQuery, *, by: str) -> Iterator[tuple[str, str, Ratings]]:
        """Asked in the query's time, by topic and `by` (`channel`, `agent`)."""
        t = surveys
        valid = sa.and_(t.c.score >= 1, t.c.score <= BEST)
        statement = (
            sa.select(
                t.c.topic,
                t.c[by].label("by"),
                sa.func.count().label("asked"),
                counted(valid).label("valid"),
                counted(sa.and_(valid, t.c.score >= GOOD)).label("good"),
                sa.func.coalesce(sa.func.sum(sa.case((valid, t.c.score), else_=0)), 0).label("total"),
                counted(t.c.solved == "yes").label("solved"),
                counted(t.c.solved == "no").label("not_solved"),
            )
            .where(t.c.asked_at >= query.start, t.c.asked_at < query.end, *_filters(t, query))
            .group_by(t.c.topic, t.c[by])
        )
        names = ("asked", "valid", "good", "total", "solved", "not_solved")
        with reading(self.engine) as connection:
            for row in connection.execute(statement).mappings():
                yield row["topic"], row["by"] or "", Ratings(**{name: int(row[name]) for name in names})

    def offered(self, query: ReportQuery) -> Mapping[str, tuple[int, int]]:
        """By topic: calls answered in the query's time, and those of them that were asked for a rating. Under no topic: all, each
        call once, though it was answered on two.
        """
        t, s = segments, surveys
        counts = (sa.func.count(sa.distinct(t.c.call)), sa.func.count(sa.distinct(s.c.call)))
        answered = (
            sa.select(*counts)
            .join_from(t, s, s.c.call == t.c.call, isouter=True)
            .where(t.c.answered_at >= query.start, t.c.answered_at < query.end, *_filters(t, query))
        )
        with reading(self.engine) as connection:
            calls, asked = connection.execute(answered).one()
            each = connection.execute(answered.add_columns(t.c.topic).group_by(t.c.topic))
            return {"": (calls, asked)} | {topic: (calls, asked) for calls, asked, topic in each}

    def comments(self, query: ReportQuery, at: datetime) -> Iterator[Comments]:
        t = follow_ups
        overdue = sa.and_(t.c.status == OPEN, t.c.due_at < instant(at))
        statement = (
            sa.select(
                t.c.topic,
                sa.func.count().label("entries"),
                counted(t.c.comment != "").label("with_comment"),
                counted(t.c.wished.is_(sa.true())).label("wished"),
                counted(t.c.status == OPEN).label("open"),
                counted(t.c.status == LOOKED_AT).label("looked_at"),
                counted(t.c.status == CHANGED).label("changed"),
                counted(overdue).label("overdue"),
            )
            .where(t.c.at >= query.start, t.c.at < query.end, *_filters(t, query))
            .group_by(t.c.topic)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement).mappings():
                yield Comments(**row)

    def said(self, query: ReportQuery) -> Iterator[SaidByAgents]:
        """Stays that were entered in the query's time and answered."""
        t = segments
        by_agent = sa.and_(t.c.disposition != "", t.c.by_default.is_(sa.false()))
        statement = (
            sa.select(
                t.c.topic,
                sa.func.count().label("answered"),
                counted(by_agent).label("by_agent"),
                counted(sa.and_(by_agent, t.c.disposition == SOLVED)).label("solved"),
            )
            .where(
                t.c.entered_at >= query.start,
                t.c.entered_at < query.end,
                t.c.answered_at.is_not(None),
                *_filters(t, query),
            )
            .group_by(t.c.topic)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement).mappings():
                yield SaidByAgents(**row)


def _filters(table: Any, query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    yield real(table.c.call)
    if query.hotline is not None:
        yield table.c.hotline == query.hotline
    if query.topics:
        yield table.c.topic.in_(query.topics)
