"""Callbacks one by one: open ones by where they are, tries by result, and the list of promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.attempts import Listed, OpenNow, Tried
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, instant
from ivr.storage.sql.tables import callback_attempts, callbacks
from ivr.workflows.reports import Placing, ReportQuery

CLOSED, REQUESTED = "closed", "requested"
MERGED = "merged"


@dataclass(frozen=True)
class AttemptRows:
    """Implements `workflows.report_attempts.AttemptRows`. Raises `Unavailable`."""

    engine: Engine

    def open_now(self, query: ReportQuery, at: datetime) -> Iterator[OpenNow]:
        """Requested in the query's time and open: not due yet, or in line, by topic."""
        t = callbacks
        later = sa.and_(t.c.state == REQUESTED, t.c.due_at > instant(at))
        late = sa.and_(t.c.promised_to.is_not(None), t.c.promised_to < instant(at), t.c.attempts == 0)
        statement = (
            sa.select(
                t.c.topic,
                counted(later).label("scheduled"),
                counted(sa.not_(sa.func.coalesce(later, sa.false()))).label("in_line"),
                counted(late).label("late"),
            )
            .where(t.c.state != CLOSED, t.c.merged_into.is_(None), *_asked(query))
            .group_by(t.c.topic)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement).mappings():
                yield OpenNow(**row)

    def tried(self, query: ReportQuery) -> Iterator[Tried]:
        """Tries by topic and result: of the requests of the query's time, or, by event, made in it."""
        t, a = callbacks, callback_attempts
        placed: tuple[Any, ...] = tuple(_asked(query))
        if query.by is Placing.EVENT:
            placed = (a.c.at >= query.start, a.c.at < query.end, *_filters(query))
        statement = (
            sa.select(
                t.c.topic,
                a.c.result,
                counted(a.c.attempt == 1).label("first"),
                sa.func.count().label("tries"),
                sa.func.coalesce(sa.func.sum(a.c.agent_idle_s), 0.0).label("idle"),
            )
            .join_from(a, t, a.c.callback == t.c.id)
            .where(*placed)
            .group_by(t.c.topic, a.c.result)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield Tried(
                    topic=row.topic,
                    result=row.result or "",
                    first=row.first,
                    tries=row.tries,
                    agent_idle=timedelta(seconds=round(row.idle, 1)),
                )

    def listed(self, query: ReportQuery, *, state: str, most: int) -> Iterator[Listed]:
        """The newest promises; `state`: `open`, `unique` (all but merged ones), or a result."""
        t, a = callbacks, callback_attempts
        last = (
            sa.select(a.c.result).where(a.c.callback == t.c.id).order_by(a.c.attempt.desc()).limit(1).scalar_subquery()
        )
        wanted: list[Any] = [t.c.merged_into.is_not(None) if state == MERGED else t.c.merged_into.is_(None)]
        if state == "open":
            wanted += [sa.func.coalesce(t.c.result, "") == ""]
        elif state not in ("unique", MERGED):
            wanted = [*wanted, t.c.result == state] if state else []
        statement = (
            sa.select(t, last.label("last_result"))
            .where(*_asked(query), *wanted)
            .order_by(t.c.requested_at.desc())
            .limit(most)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield Listed(
                    id=row.id,
                    call=row.call or "",
                    topic=row.topic,
                    requested_at=row.requested_at,
                    promised_from=row.promised_from,
                    promised_to=row.promised_to,
                    due_at=row.due_at,
                    attempts=row.attempts,
                    last_result=row.last_result or "",
                    state=row.state,
                    result="merged" if row.merged_into else row.result or "",
                    connected_at=row.connected_at,
                )


def _asked(query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    t = callbacks
    yield t.c.requested_at >= query.start
    yield t.c.requested_at < query.end
    yield from _filters(query)


def _filters(query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    t = callbacks
    yield real(t.c.call)
    if query.hotline is not None:
        yield t.c.hotline == query.hotline
    if query.topics:
        yield t.c.topic.in_(query.topics)
