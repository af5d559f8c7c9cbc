"""Ratings, comments and agents' results, counted by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.follow_ups import CHANGED, LOOKED_AT, OPEN
from ivr.core.satisfaction import Comments, Ratings, SaidByAgents
from ivr.storage.sql.after_tables import follow_ups
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, instant
from ivr.storage.sql.sum_calls import ENDED, OFFERED
from ivr.storage.sql.sum_ratings import RATED
from ivr.storage.sql.sums import sums_of, within
from ivr.workflows.reports import ReportQuery

SOLVED = "solved"


@dataclass(frozen=True)
class SatisfactionRows:
    """Implements `workflows.report_satisfaction.SatisfactionRows`. Raises `Unavailable`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows."""

    def ratings(self, query: ReportQuery, *, by: str) -> Iterator[tuple[str, str, Ratings]]:
        """Asked in the query's time, by topic and `by` (`channel`, `agent`)."""
        with sums_of(self.engine, kept=self.kept) as look:
            for (topic, name), numbers in look.of(RATED, query, "topic", by).items():
                yield topic, name, Ratings(**dict(zip(RATED.numbers, numbers, strict=True)))

    def offered(self, query: ReportQuery) -> Mapping[str, tuple[int, int]]:
        """By topic: calls answered (first) in the query's time, and those of them that were asked for a rating. Under no topic: all,
        each call once, though it was answered on two; of several topics that were chosen, once for each.
        """
        with sums_of(self.engine, kept=self.kept) as look:
            found = look.of(OFFERED, query, "topic")
        each = {topic: (calls, asked) for (topic,), (calls, asked, _, _) in found.items()}
        once = [numbers[:2] if query.topics else numbers[2:] for numbers in found.values()]
        return {"": (sum(calls for calls, _ in once), sum(asked for _, asked in once))} | each

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
            .where(*_filters(t, query))
            .group_by(t.c.topic)
        )
        with reading(self.engine) as connection:
            made = within(connection, t.c.at, query.start, query.end)
            for row in connection.execute(statement.where(made)).mappings():
                yield Comments(**row)

    def said(self, query: ReportQuery) -> Iterator[SaidByAgents]:
        """Stays that were entered in the query's time and answered."""
        answered, by_agent, solved = Counter[str](), Counter[str](), Counter[str]()
        with sums_of(self.engine, kept=self.kept) as look:
            for (topic, result, by_default), (count, *_) in look.of(
                ENDED, query, "topic", "result", "by_default"
            ).items():
                answered[topic] += count
                if result and by_default == "0":
                    by_agent[topic] += count
                    solved[topic] += count if result == SOLVED else 0
        for topic, count in answered.items():
            yield SaidByAgents(topic=topic, answered=count, by_agent=by_agent[topic], solved=solved[topic])


def _filters(table: Any, query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    yield real(table.c.call)
    if query.hotline is not None:
        yield table.c.hotline == query.hotline
    if query.topics:
        yield table.c.topic.in_(query.topics)
