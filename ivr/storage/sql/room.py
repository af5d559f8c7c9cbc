"""What the supervisor's room reads from the records, and the little it writes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.agents import Presence
from ivr.core.callback_owner import Owner
from ivr.core.callback_rules import PREFIX, CallbackState
from ivr.core.facts import Outcome
from ivr.core.ids import AgentId, TopicId
from ivr.core.metrics import Share
from ivr.core.room import AtDesk, LateStay, OpenPromise, QueueLimits
from ivr.core.wait_scores import CLOSE_S, CLOSE_SHARE
from ivr.storage.sql.after_tables import message_box
from ivr.storage.sql.callback_rows import promise_of
from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.room_tables import callback_owners, queue_limits
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.spans import counted
from ivr.storage.sql.tables import agent_states, announcements, callback_attempts, callbacks, segments

BUSY = frozenset({Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP})
DAY = timedelta(days=1)
MOST = 200
"""Promises on one page; the soonest due are shown."""


@dataclass(frozen=True)
class RoomRows:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    seals: Seals

    def promises(self) -> Sequence[OpenPromise]:
        """Open ones, the soonest due first."""
        t, tries, own = callbacks, callback_attempts, callback_owners
        last = (
            sa.select(tries.c.callback, sa.func.max(tries.c.attempt).label("attempt"))
            .where(tries.c.result.is_not(None))
            .group_by(tries.c.callback)
            .subquery()
        )
        ended = tries.alias()
        query = (
            sa.select(t, tries.c.at.label("tried_at"), tries.c.leg, own.c.owner, ended.c.result.label("last_result"))
            .outerjoin(tries, (tries.c.callback == t.c.id) & (tries.c.attempt == t.c.attempts))
            .outerjoin(own, own.c.callback == t.c.id)
            .outerjoin(last, last.c.callback == t.c.id)
            .outerjoin(ended, (ended.c.callback == t.c.id) & (ended.c.attempt == last.c.attempt))
            .where(t.c.state != CallbackState.CLOSED)
            .order_by(t.c.due_at, t.c.id)
            .limit(MOST)
        )
        with reading(self.engine) as connection:
            return [
                OpenPromise(
                    promise=promise_of(row, self.seals), owner=row.owner or "", last_result=row.last_result or ""
                )
                for row in connection.execute(query)
                if row.number
            ]

    def own(self, callback: str, owner: str, at: datetime, *, seen: str | None = None) -> bool:
        """Whoever looked after it before does so no more; empty: nobody does. False: it is not theirs who `seen` says any more."""
        t = callback_owners
        with writing(self.engine, locks=[f"own {callback}"]) as connection:
            before = connection.scalar(sa.select(t.c.owner).where(t.c.callback == callback)) or ""
            if seen is not None and seen != before:
                return False
            if owner:
                upsert(connection, t, [{"callback": callback, "owner": owner, "at": at}])
            else:
                connection.execute(t.delete().where(t.c.callback == callback))
            return True

    def owner_of(self, callback: str) -> Owner | None:
        t = callback_owners
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(t.c.owner, t.c.at).where(t.c.callback == callback)).first()
        return Owner(agent=AgentId(row.owner), since=row.at) if row else None

    def at_desk(self, start: datetime, end: datetime) -> Mapping[AgentId, AtDesk]:
        """How each agent's time went: at work, and free for it. Breaks count for nothing."""
        t = agent_states
        here = (Presence.AVAILABLE, *BUSY)
        query = sa.select(t.c.agent, t.c.presence, t.c.started_at, t.c.ended_at).where(
            t.c.presence.in_(here), t.c.started_at < end, sa.or_(t.c.ended_at.is_(None), t.c.ended_at > start)
        )
        spent: dict[AgentId, list[float]] = defaultdict(lambda: [0.0, 0.0])
        with reading(self.engine) as connection:
            for row in connection.execute(query):
                seconds = (min(row.ended_at or end, end) - max(row.started_at, start)).total_seconds()
                spent[AgentId(row.agent)][0] += seconds if row.presence in BUSY else 0.0
                spent[AgentId(row.agent)][1] += seconds
        return {agent: AtDesk(busy_s=busy, ready_s=ready) for agent, (busy, ready) in spent.items()}

    def late_stays(self, hotline: str, since: datetime) -> Sequence[LateStay]:
        """That were entered, or left, since then, or go on. A promise that is kept had its stay with the call that asked."""
        t = segments
        goes_on = sa.and_(t.c.left_at.is_(None), t.c.entered_at >= since - DAY)
        query = sa.select(t.c.topic, t.c.entered_at, t.c.left_at, t.c.outcome).where(
            t.c.hotline == hotline,
            sa.or_(t.c.entered_at >= since, t.c.left_at >= since, goes_on),
            t.c.call.not_like(f"{PREFIX}%"),
            real(t.c.call),
        )
        with reading(self.engine) as connection:
            return [_stay(row) for row in connection.execute(query)]

    def arrivals(self, hotline: str, start: datetime, end: datetime) -> Sequence[datetime]:
        t = segments
        first = (t.c.hotline == hotline, t.c.segment == 1, t.c.call.not_like(f"{PREFIX}%"), real(t.c.call))
        query = sa.select(t.c.entered_at).where(*first, t.c.entered_at >= start, t.c.entered_at < end)
        with reading(self.engine) as connection:
            return list(connection.scalars(query))

    def joined(self, hotline: str, hours: Sequence[tuple[datetime, datetime]]) -> Sequence[Mapping[str, int]]:
        """In each of these times: callers who joined each queue."""
        t = segments
        with reading(self.engine) as connection:
            return [
                {
                    row.topic: row.callers
                    for row in connection.execute(
                        sa.select(t.c.topic, sa.func.count().label("callers"))
                        .where(t.c.hotline == hotline, t.c.entered_at >= start, t.c.entered_at < end)
                        .where(t.c.call.not_like(f"{PREFIX}%"), real(t.c.call))
                        .group_by(t.c.topic)
                    )
                }
                for start, end in hours
            ]

    def told_well(self, hotline: str, since: datetime) -> Mapping[str, Share]:
        """By topic: announced waits that came true within a quarter or 30 s, of those that came true at all."""
        t = announcements
        limit = sa.case((t.c.actual_s * CLOSE_SHARE > CLOSE_S, t.c.actual_s * CLOSE_SHARE), else_=CLOSE_S)
        close = counted(sa.func.abs(t.c.seconds - t.c.actual_s) <= limit)
        query = (
            sa.select(t.c.topic, close.label("close"), sa.func.count().label("told"))
            .where(t.c.hotline == hotline, t.c.at >= since, t.c.seconds.is_not(None), t.c.actual_s.is_not(None))
            .where(real(t.c.call))
            .group_by(t.c.topic)
        )
        with reading(self.engine) as connection:
            return {row.topic: Share(part=row.close or 0, whole=row.told) for row in connection.execute(query)}

    def unheard(self, hotline: str) -> Mapping[str, int]:
        """By topic: messages that wait for an answer and that nobody has heard."""
        t = message_box
        query = (
            sa.select(t.c.topic, sa.func.count().label("messages"))
            .where(t.c.hotline == hotline, t.c.status == "open", t.c.heard_at.is_(None))
            .group_by(t.c.topic)
        )
        with reading(self.engine) as connection:
            return {row.topic: row.messages for row in connection.execute(query)}

    def staff(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime | None]]:
        t = agent_states
        query = sa.select(t.c.started_at, t.c.ended_at).where(
            t.c.presence.in_((Presence.AVAILABLE, *BUSY)),
            t.c.started_at < end,
            sa.or_(t.c.ended_at.is_(None), t.c.ended_at > start),
        )
        with reading(self.engine) as connection:
            return [(row.started_at, row.ended_at) for row in connection.execute(query)]

    def limits(self, hotline: str) -> Mapping[TopicId, QueueLimits]:
        """Of the topics whose limits somebody has set."""
        t = queue_limits
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(t.c.topic, t.c.limits).where(t.c.hotline == hotline)).all()
        return {TopicId(row.topic): _limits(json.loads(row.limits)) for row in rows}

    def set_limits(self, hotline: str, topic: TopicId, limits: QueueLimits, *, who: str, at: datetime) -> None:
        t = queue_limits
        row = {"hotline": hotline, "topic": topic, "limits": json.dumps(asdict(limits)), "who": who, "at": at}
        with writing(self.engine) as connection:
            upsert(connection, t, [row])


def _stay(row: Any) -> LateStay:
    return LateStay(
        topic=TopicId(row.topic),
        entered_at=row.entered_at,
        over_at=row.left_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )


def _limits(stored: Mapping[str, object]) -> QueueLimits:
    """A name that this version does not know is passed over."""
    known = {one.name for one in fields(QueueLimits)}
    given = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items() if name in known
    }
    return QueueLimits(**given)  # type: ignore[arg-type]
