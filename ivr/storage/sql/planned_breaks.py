"""Breaks that were set for agents beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.ids import AgentId
from ivr.core.planned_breaks import PlannedBreak
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.people_tables import planned_breaks

t = planned_breaks
MOST = 1000


@dataclass(frozen=True)
class PlannedBreaks:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine

    def between(self, start: datetime, end: datetime) -> Sequence[PlannedBreak]:
        return self._found(t.c.start_at >= start, t.c.start_at < end)

    def reaching(self, start: datetime, end: datetime) -> Sequence[PlannedBreak]:
        """All that lie in this time with any part, whenever they begin."""
        query = sa.select(t).where(t.c.start_at < end, t.c.end_at > start).order_by(t.c.start_at, t.c.agent)
        with reading(self.engine) as connection:
            return [_break(row) for row in connection.execute(query)]

    def of_agent(self, agent: AgentId, start: datetime, end: datetime) -> Sequence[PlannedBreak]:
        return self._found(t.c.agent == agent, t.c.start_at < end, t.c.end_at > start)

    def add(self, one: PlannedBreak) -> None:
        with writing(self.engine) as connection:
            connection.execute(t.insert(), _row(one))

    def remove(self, id: str) -> PlannedBreak | None:  # noqa: A002 - its id
        with writing(self.engine) as connection:
            row = connection.execute(sa.select(t).where(t.c.id == id)).first()
            gone = connection.execute(t.delete().where(t.c.id == id)).rowcount
        return _break(row) if row is not None and gone else None

    def _found(self, *where: sa.ColumnElement[bool]) -> Sequence[PlannedBreak]:
        query = sa.select(t).where(*where).order_by(t.c.start_at, t.c.agent).limit(MOST)
        with reading(self.engine) as connection:
            return [_break(row) for row in connection.execute(query)]


def _row(one: PlannedBreak) -> dict[str, Any]:
    return {
        "id": one.id,
        "agent": one.agent,
        "start_at": one.start,
        "end_at": one.end,
        "reason": one.reason,
        "set_by": one.set_by,
    }


def _break(row: Any) -> PlannedBreak:
    return PlannedBreak(
        id=row.id,
        agent=AgentId(row.agent),
        start=row.start_at,
        end=row.end_at,
        reason=row.reason,
        set_by=row.set_by,
    )
