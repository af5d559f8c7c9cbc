"""Agents' time, offers and talks, counted by the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.agent_figures import Rung, Spent, Talked
from ivr.core.agents import Presence
from ivr.core.ids import AgentId
from ivr.core.planned_time import Planned
from ivr.storage.sql.engine import UTCDateTime, reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted, earlier, instant, later, seconds_between
from ivr.storage.sql.tables import agent_states, offers, segments
from ivr.workflows.reports import ReportQuery

REACH = timedelta(days=2)
PORTION = 500
"""Planned stretches in one statement."""
"""A presence that began longer before the window is not looked for: nobody works that long without a change."""


@dataclass(frozen=True)
class AgentRows:
    """Implements `workflows.report_agents.AgentRows`. Raises `Unavailable`."""

    engine: Engine

    def spent(self, start: datetime, end: datetime) -> Iterator[Spent]:
        """Time by presence but signed out, cut to this time; one that lasts ends with it."""
        t = agent_states
        time = sa.func.sum(seconds_between(later(t.c.started_at, start), earlier(t.c.ended_at, end)))
        query = (
            sa.select(t.c.agent, t.c.presence, time.label("time"))
            .where(
                t.c.started_at >= start - REACH,
                t.c.started_at < end,
                sa.or_(t.c.ended_at.is_(None), t.c.ended_at > start),
                t.c.presence != Presence.SIGNED_OUT,
            )
            .group_by(t.c.agent, t.c.presence)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(query):
                yield Spent(agent=AgentId(row.agent), presence=row.presence, time=_span(row.time))

    def overlaps(self, planned: Sequence[Planned]) -> Iterator[tuple[AgentId, bool, str, timedelta]]:
        """How long each presence lay within planned stretches: agent, whether a break was planned, presence, time."""
        for first in range(0, len(planned), PORTION):
            rows = [(one.agent, one.off, one.start, one.end) for one in planned[first : first + PORTION]]
            plan = (
                sa.values(
                    sa.column("agent", sa.String),
                    sa.column("off", sa.Boolean),
                    sa.column("start", UTCDateTime),
                    sa.column("over", UTCDateTime),
                    name="plan",
                )
                .data(rows)
                .cte()
            )
            t, now = agent_states, max(one.end for one in planned)
            ended = sa.func.coalesce(t.c.ended_at, instant(now))
            begun = sa.case((t.c.started_at < plan.c.start, plan.c.start), else_=t.c.started_at)
            over = sa.case((ended > plan.c.over, plan.c.over), else_=ended)
            statement = (
                sa.select(
                    plan.c.agent, plan.c.off, t.c.presence, sa.func.sum(seconds_between(begun, over)).label("time")
                )
                .join_from(plan, t, t.c.agent == plan.c.agent)
                .where(
                    t.c.started_at < plan.c.over,
                    ended > plan.c.start,
                    t.c.started_at >= min(row[2] for row in rows) - REACH,
                )
                .group_by(plan.c.agent, plan.c.off, t.c.presence)
            )
            with reading(self.engine) as connection:
                for row in connection.execute(statement):
                    yield AgentId(row.agent), bool(row.off), row.presence, _span(row.time)

    def rung(self, query: ReportQuery) -> Iterator[Rung]:
        """Offers made in the query's time."""
        t = offers
        gone = sa.case((sa.and_(t.c.result == "cancelled", t.c.end_reason == "caller left"), 1), else_=0).label("gone")
        statement = (
            sa.select(t.c.agent, t.c.result, gone, sa.func.count().label("times"))
            .where(t.c.made_at >= query.start, t.c.made_at < query.end, *_filters(t, query))
            .group_by(t.c.agent, t.c.result, gone)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield Rung(agent=AgentId(row.agent), result=row.result, caller_gone=bool(row.gone), count=row.times)

    def talked(self, query: ReportQuery) -> Iterator[Talked]:
        """Talks that began in the query's time."""
        t = segments
        passed_on = t.c.ended_by == "transfer"
        handled = t.c.wrap_s.is_not(None)

        def summed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
            return sa.func.sum(sa.case((handled, sa.func.coalesce(column, 0.0)), else_=0.0))

        statement = (
            sa.select(
                t.c.agent,
                sa.func.count().label("answered"),
                sa.func.count(sa.distinct(t.c.call)).label("calls"),
                counted(handled).label("handled"),
                summed(t.c.talk_s).label("talk"),
                summed(t.c.hold_s).label("hold"),
                summed(t.c.wrap_s).label("wrap"),
                counted(passed_on).label("transferred"),
                sa.func.count(sa.distinct(sa.case((passed_on, t.c.call)))).label("transferred_calls"),
            )
            .where(
                t.c.agent.is_not(None),
                t.c.answered_at >= query.start,
                t.c.answered_at < query.end,
                *_filters(t, query),
            )
            .group_by(t.c.agent)
        )
        with reading(self.engine) as connection:
            for row in connection.execute(statement):
                yield Talked(
                    agent=AgentId(row.agent),
                    answered=row.answered,
                    calls=row.calls,
                    handled=row.handled,
                    talk=_span(row.talk),
                    hold=_span(row.hold),
                    wrap=_span(row.wrap),
                    transferred=row.transferred,
                    transferred_calls=row.transferred_calls,
                )


def _filters(table: sa.Table, query: ReportQuery) -> Iterator[sa.ColumnElement[bool]]:
    yield real(table.c.call)
    if query.hotline is not None:
        yield table.c.hotline == query.hotline
    if query.topics:
        yield table.c.topic.in_(query.topics)


def _span(seconds: float | None) -> timedelta:
    return timedelta(seconds=round(seconds or 0.0, 3))
