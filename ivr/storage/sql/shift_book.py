"""Shifts of agents in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.ids import AgentId
from ivr.core.shifts import Shift
from ivr.storage.sql.admin_tables import shifts
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import perhaps, writing

t = shifts


@dataclass(frozen=True)
class ShiftBook:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    audit: Audit

    def all(self) -> Sequence[Shift]:
        with perhaps(self.engine) as connection:
            return [_shift(row) for row in connection.execute(sa.select(t).order_by(t.c.agent, t.c.weekday, t.c.start))]

    def add(self, one: Shift, *, at: datetime) -> None:
        row = {
            "id": one.id,
            "agent": one.agent,
            "weekday": one.weekday,
            "start": f"{one.start:%H:%M}",
            "until": f"{one.until:%H:%M}",
            "set_by": one.set_by,
        }
        with writing(self.engine, locks=[LOCK]) as connection:
            connection.execute(t.insert(), row)
            detail = {"before": None, "after": _said(row)}
            self.audit.add_within(connection, at=at, who=one.set_by, what="shift set", object=one.agent, detail=detail)

    def remove(self, id: str, *, who: str, at: datetime) -> None:  # noqa: A002 - its id
        """One that is not there is gone already."""
        with writing(self.engine, locks=[LOCK]) as connection:
            row = connection.execute(sa.select(t).where(t.c.id == id)).first()
            if row is None:
                return
            connection.execute(t.delete().where(t.c.id == id))
            detail = {"before": _said(row._asdict()), "after": None}
            self.audit.add_within(connection, at=at, who=who, what="shift removed", object=row.agent, detail=detail)


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("weekday", "start", "until")}


def _shift(row: Any) -> Shift:
    return Shift(
        id=row.id,
        agent=AgentId(row.agent),
        weekday=row.weekday,
        start=time.fromisoformat(row.start),
        until=time.fromisoformat(row.until),
        set_by=row.set_by,
    )
