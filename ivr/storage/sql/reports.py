"""The rows that reports read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.agents import Presence
from ivr.core.callback_metrics import Attempt, CallbackResult, CallbackStay
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.tables import agent_states, callback_attempts, callbacks, segments
from ivr.workflows.reports import AtWork, Judged, ReportQuery, ResultCount

PORTION = 5000
AT_WORK = (Presence.AVAILABLE, Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP)


@dataclass(frozen=True)
class ReportRows:
    """Implements `workflows.reports.CallbackRows` and the rows of other reports. Give it an engine with a statement time-out fit for reports."""

    engine: Engine

    def judged(self, query: ReportQuery) -> Iterator[Judged]:
        """Answered stays, with what their agents said; implements `report_topics.JudgedRows`."""
        t = segments
        statement = (
            sa.select(
                *(t.c.call, t.c.answered_at, t.c.topic, t.c.agent_topic),
                *(t.c.agent, t.c.notes, t.c.disposition, t.c.disposition_reason),
            )
            .where(
                t.c.entered_at >= query.start,
                t.c.entered_at < query.end,
                t.c.answered_at.is_not(None),
                t.c.disposition != "",
                *_filters(t, query),
            )
            .order_by(t.c.answered_at)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement).yield_per(PORTION):
                yield Judged(
                    call=row.call,
                    at=row.answered_at,
                    topic=row.topic,
                    agent_topic=row.agent_topic,
                    agent=row.agent or "",
                    notes=row.notes,
                    result=row.disposition,
                    reason=row.disposition_reason,
                )

    def results(self, query: ReportQuery) -> Iterator[ResultCount]:
        """Counted in SQL; implements `report_results.ResultRows`."""
        t = segments
        kind = (t.c.topic, t.c.disposition, t.c.disposition_reason, t.c.by_default)
        statement = (
            sa.select(*kind, sa.func.count().label("calls"))
            .where(
                t.c.entered_at >= query.start,
                t.c.entered_at < query.end,
                t.c.answered_at.is_not(None),
                *_filters(t, query),
            )
            .group_by(*kind)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield ResultCount(
                    topic=row.topic,
                    result=row.disposition,
                    reason=row.disposition_reason,
                    by_time_out=bool(row.by_default),
                    calls=row.calls,
                )

    def at_work(self, start: datetime, end: datetime) -> Iterator[AtWork]:
        """Presences in which calls are taken, or just were; implements `report_hours.WorkTimes`."""
        t = agent_states
        statement = sa.select(t.c.started_at, t.c.ended_at).where(
            t.c.presence.in_(AT_WORK), t.c.started_at < end, sa.or_(t.c.ended_at.is_(None), t.c.ended_at > start)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement).yield_per(PORTION):
                yield AtWork(started_at=row.started_at, ended_at=row.ended_at)

    def callbacks(self, query: ReportQuery) -> Iterable[CallbackStay]:
        t = callbacks
        asked = sa.and_(t.c.requested_at >= query.start, t.c.requested_at < query.end, *_filters(t, query))
        tries = (
            sa.select(callback_attempts)
            .join_from(callback_attempts, t, callback_attempts.c.callback == t.c.id)
            .where(asked)
            .order_by(callback_attempts.c.callback, callback_attempts.c.attempt)
        )
        attempts: dict[str, list[Attempt]] = defaultdict(list)
        with reading(self.engine) as connection:
            for row in connection.execute(tries):
                attempts[row.callback].append(Attempt(at=row.at, result=row.result, agent_idle=_span(row.agent_idle_s)))
            found = connection.execute(sa.select(t).where(asked)).all()
            times = callback_times
            earlier = sa.select(times).join_from(times, t, times.c.callback == t.c.id).where(asked)
            first = {row.callback: row for row in connection.execute(earlier.order_by(times.c.at.desc()))}
        return [_callback(row, tuple(attempts[row.id]), first.get(row.id, row)) for row in found]


def _callback(row: Any, attempts: tuple[Attempt, ...], named: Any) -> CallbackStay:
    """`named` has the time that was promised first: putting somebody off does not keep what was promised."""
    result = CallbackResult.MERGED if row.merged_into else CallbackResult(row.result) if row.result else None
    return CallbackStay(
        topic=row.topic,
        requested_at=row.requested_at,
        result=result,
        promised_from=named.promised_from,
        promised_to=named.promised_to,
        connected_at=row.connected_at,
        attempts=attempts,
    )


def _filters(table: sa.Table, query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    yield real(table.c.call)
    if query.hotline is not None:
        yield table.c.hotline == query.hotline
    if query.topics:
        yield table.c.topic.in_(query.topics)


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
