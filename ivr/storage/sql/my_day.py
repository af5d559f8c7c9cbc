"""One agent's day from the records, and what everybody's day came to, for the median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.ids import AgentId, CallId, TopicId
from ivr.core.own_day import MissedCall, OwnCall, StateSpan, Work
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import agent_states, calls, offers, segments

MOST = 500
"""Rows of one day of one agent."""


@dataclass(frozen=True)
class MyDayRows:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine

    def calls(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[OwnCall]:
        """Talks that began in this time, newest first."""
        t = segments
        query = (
            sa.select(t)
            .where(t.c.agent == agent, t.c.answered_at >= start, t.c.answered_at < end)
            .order_by(t.c.answered_at.desc())
            .limit(MOST)
        )
        with reading(self.engine) as connection:
            return [
                OwnCall(
                    at=row.answered_at,
                    topic=TopicId(row.topic),
                    path=tuple(row.path),
                    talk=_span(row.talk_s),
                    hold=_span(row.hold_s),
                    wrap=_span(row.wrap_s),
                    disposition=row.disposition,
                    disposition_reason=row.disposition_reason,
                    by_default=row.by_default,
                    ended_by=row.ended_by,
                    cause=row.cause,
                    call=CallId(row.call),
                )
                for row in connection.execute(query)
            ]

    def missed(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[MissedCall]:
        """Offers that rang and were not answered, newest first, and what became of the caller."""
        t = offers
        query = (
            sa.select(t.c.made_at, t.c.ended_at, t.c.topic, calls.c.end, calls.c.call, segments.c.outcome)
            .join(calls, calls.c.call == t.c.call)
            .outerjoin(segments, sa.and_(segments.c.call == t.c.call, segments.c.segment == t.c.segment))
            .where(t.c.agent == agent, t.c.result == "lapsed", t.c.made_at >= start, t.c.made_at < end)
            .order_by(t.c.made_at.desc())
            .limit(MOST)
        )
        with reading(self.engine) as connection:
            return [
                MissedCall(
                    at=row.made_at,
                    rang=row.ended_at - row.made_at if row.ended_at else None,
                    topic=TopicId(row.topic),
                    became=row.outcome or "",
                    call=CallId(row.call),
                )
                for row in connection.execute(query)
            ]

    def states(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[StateSpan]:
        """What the agent was doing, in order, cut to this time. The last one may be open."""
        t = agent_states
        query = (
            sa.select(t.c.presence, t.c.reason, t.c.started_at, t.c.ended_at)
            .where(t.c.agent == agent, t.c.started_at < end)
            .where(sa.or_(t.c.ended_at.is_(None), t.c.ended_at > start))
            .order_by(t.c.started_at)
            .limit(MOST)
        )
        with reading(self.engine) as connection:
            return [
                StateSpan(
                    presence=row.presence,
                    reason=row.reason,
                    start=max(row.started_at, start),
                    end=min(row.ended_at, end) if row.ended_at else None,
                )
                for row in connection.execute(query)
            ]

    def work(self, start: datetime, end: datetime) -> Sequence[Work]:
        """What every agent's talks of this time came to."""
        t = segments
        query: sa.Select[Any] = (
            sa.select(
                t.c.agent,
                sa.func.count().label("answered"),
                sa.func.sum(t.c.talk_s).label("talk"),
                sa.func.sum(t.c.hold_s).label("hold"),
                sa.func.sum(t.c.wrap_s).label("wrap"),
                sa.func.count(t.c.wrap_s).label("handled"),
                sa.func.sum(
                    sa.case(
                        (
                            t.c.wrap_s.is_not(None),
                            sa.func.coalesce(t.c.talk_s, 0) + sa.func.coalesce(t.c.hold_s, 0) + t.c.wrap_s,
                        )
                    )
                ).label("done"),
            )
            .where(t.c.agent.is_not(None), t.c.answered_at >= start, t.c.answered_at < end)
            .group_by(t.c.agent)
        )
        rung = (
            sa.select(
                offers.c.agent,
                sa.func.count().label("offers"),
                sa.func.sum(sa.case((offers.c.result == "lapsed", 1), else_=0)).label("missed"),
                sa.func.sum(sa.case((offers.c.result == "declined", 1), else_=0)).label("declined"),
            )
            .where(offers.c.made_at >= start, offers.c.made_at < end)
            .group_by(offers.c.agent)
        )
        with reading(self.engine) as connection:
            talked = {row.agent: row for row in connection.execute(query)}
            offered = {row.agent: row for row in connection.execute(rung)}
        return [_work(AgentId(one), talked.get(one), offered.get(one)) for one in sorted({*talked, *offered})]


def _work(agent: AgentId, talked: Any, offered: Any) -> Work:
    return Work(
        agent=agent,
        answered=talked.answered if talked else 0,
        handled=talked.handled if talked else 0,
        talk=_span(talked.talk if talked else None) or timedelta(0),
        hold=_span(talked.hold if talked else None) or timedelta(0),
        wrap=_span(talked.wrap if talked else None) or timedelta(0),
        done=_span(talked.done if talked else None) or timedelta(0),
        offers=offered.offers if offered else 0,
        missed=offered.missed if offered else 0,
        declined=offered.declined if offered else 0,
    )


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
