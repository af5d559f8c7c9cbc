"""What is counted of agents' presences: time of each, and how many were at work in each quarter of an hour.

Kept are presences that are over; who is still in one is added on reading. An agent is in one presence at a time: it ends where the next
one begins (`presence_rows`), so of those that began before a time only the last of each agent can reach into it. Rows that were
written otherwise, one over another, add up differently by hours and by days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.agents import Presence
from ivr.storage.sql.seconds import EPOCH, seconds_of
from ivr.storage.sql.sums import MICRO, Row, Source, mark, within
from ivr.storage.sql.tables import agent_states

PRESENCE = "presence"
"""The family."""
AT_WORK = (Presence.AVAILABLE, Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP)
QUARTER = timedelta(minutes=15)
SHORTEST = timedelta(minutes=30)
"""No piece that is kept is shorter: the last one of a day whose clock is moved by half an hour."""
PORTION = 5000


class Spell(NamedTuple):
    """One presence of an agent."""

    hotline: str
    agent: str
    presence: str
    start: datetime
    end: datetime


def _agents() -> sa.CTE:
    """Every agent with a presence, by one look at the index for each."""
    t = agent_states
    first = sa.select(sa.func.min(t.c.agent).label("agent")).cte("every", recursive=True)
    following = sa.select(sa.func.min(t.c.agent)).where(t.c.agent > first.c.agent).scalar_subquery()
    return first.union_all(sa.select(following).where(first.c.agent.is_not(None)))


def spells(connection: Connection, start: datetime, end: datetime, *only: Presence) -> Iterator[Spell]:
    """Presences that are over and reach into this time, but signed out (or only these); not cut to it."""
    t = agent_states
    columns = (t.c.hotline, t.c.agent, t.c.presence, t.c.started_at, t.c.ended_at)
    wanted = t.c.presence.in_(only) if only else t.c.presence != Presence.SIGNED_OUT
    over = sa.and_(t.c.ended_at.is_not(None), wanted)
    inside = sa.select(*columns).where(within(connection, t.c.started_at, start, end), over)
    for row in connection.execute(inside).yield_per(PORTION):
        yield Spell(*row)
    every, before = _agents(), agent_states.alias("before")
    last = sa.select(sa.func.max(before.c.started_at)).where(
        before.c.agent == every.c.agent, before.c.started_at < start
    )
    reach = (
        sa.select(*columns)
        .join_from(every, t, sa.and_(t.c.agent == every.c.agent, t.c.started_at == last.scalar_subquery()))
        .where(over, t.c.ended_at > start)
    )
    for row in connection.execute(reach):
        yield Spell(*row)


def still(connection: Connection) -> Sequence[Any]:
    """Presences that last, but signed out."""
    t = agent_states
    query = sa.select(t.c.hotline, t.c.agent, t.c.presence, t.c.started_at).where(
        t.c.ended_at.is_(None), t.c.presence != Presence.SIGNED_OUT
    )
    return connection.execute(query).all()


def _spells(connection: Connection, start: datetime, end: datetime) -> Iterator[Row]:
    for one in spells(connection, start, end):
        for quarter, time in quarters(max(one.start, start), min(one.end, end)):
            yield one.hotline, (one.agent, one.presence, str(quarter)), (time // MICRO,)


SPELLS = Source(
    name="spells",
    family=PRESENCE,
    keys=("agent", "presence", "quarter"),
    numbers=("us",),
    rows=_spells,
    views={"spent": ("agent", "presence"), "staffed": ("presence", "quarter")},
)


def quarters(start: datetime, end: datetime) -> Iterator[tuple[int, timedelta]]:
    """The quarters of an hour of [start, end), in seconds since 1970, and how much of each."""
    while start < end:
        begun = start - (start - EPOCH) % QUARTER
        until = min(end, begun + QUARTER)
        yield seconds_of(begun), until - start
        start = until


OF_PRESENCE = (SPELLS,)


def mark_presences(connection: Connection, changed: Iterable[tuple[str, datetime, datetime | None]]) -> None:
    """Presences that have begun, or whose end has become known or another one."""
    moments: set[datetime] = set()
    for presence, start, end in changed:
        if presence == Presence.SIGNED_OUT or end is None:
            continue
        at = start
        while at < end:
            moments.add(at)
            at += SHORTEST
        moments.add(end)
    mark(connection, PRESENCE, moments)
