"""Facts of agents' presence as rows: one for each presence, which ends when the next one begins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core import facts
from ivr.core.records import natural
from ivr.storage.sql import tables
from ivr.storage.sql.engine import insert_new
from ivr.storage.sql.sum_presence import mark_presences
from ivr.workflows.ports import FactRow


def write_presences(connection: Connection, new: Iterable[FactRow]) -> None:
    """One row per presence; it ends when the agent's next one begins, whenever that becomes known."""
    rows: list[dict[str, Any]] = []
    since: dict[str, datetime] = {}
    for row in new:
        fact = row.fact
        if not isinstance(fact, facts.PresenceChanged):
            continue
        rows.append(
            {
                "id": row.id,
                "hotline": row.hotline,
                "agent": fact.agent,
                "presence": fact.presence,
                "reason": fact.reason,
                "started_at": fact.at,
                "ended_at": None,
                "call": fact.call,
                "offer": fact.offer,
            }
        )
        since[fact.agent] = min(since.get(fact.agent, fact.at), fact.at)
    insert_new(connection, tables.agent_states, rows)
    for agent, at in since.items():
        _chain(connection, agent, at)


def _chain(connection: Connection, agent: str, since: datetime) -> None:
    """Set the ends of this agent's presences from the one before `since` on."""
    t = tables.agent_states
    before = sa.select(sa.func.max(t.c.started_at)).where(t.c.agent == agent, t.c.started_at < since).scalar_subquery()
    query = sa.select(t.c.id, t.c.presence, t.c.started_at, t.c.ended_at).where(
        t.c.agent == agent,
        t.c.started_at >= sa.func.coalesce(before, sa.bindparam("since", since, t.c.started_at.type)),
    )
    states = sorted(connection.execute(query), key=lambda row: (row.started_at, natural(row.id)))
    changed: list[tuple[str, datetime, datetime | None]] = []
    for state, following in zip(states, [*states[1:], None], strict=True):
        ends = following.started_at if following else None
        if ends != state.ended_at:
            connection.execute(t.update().where(t.c.id == state.id).values(ended_at=ends))
            changed += [(state.presence, state.started_at, at) for at in (state.ended_at, ends)]
    mark_presences(connection, changed)
