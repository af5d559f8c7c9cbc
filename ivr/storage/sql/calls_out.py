"""Calls that agents make: the one permission to dial each, and what became of it.

Dialling is serial with that of promises (the lock is theirs): no telephone rings for two calls of ours at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.call_out import CallOut, Why
from ivr.core.callback_rules import Callee
from ivr.core.ids import E164, AgentId, Language, LegId, TopicId
from ivr.storage.sql.call_out_table import calls_out, ringing
from ivr.storage.sql.callbacks import DIALS, ON_THE_LINE
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import callbacks

t = calls_out


def call_out_place(call_out: str) -> str:
    """Where the number of a call out is sealed for."""
    return f"calls_out.number:{call_out}"


@dataclass(frozen=True)
class CallsOut:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def write(self, made: CallOut) -> None:
        with writing(self.engine) as connection:
            insert_new(connection, t, [self._row(made)])

    def find(self, callback: str) -> CallOut | None:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(t).where(t.c.id == callback)).first()
        return self._made(row) if row is not None else None

    def latest(self, agent: AgentId, since: datetime, limit: int) -> Sequence[CallOut]:
        """What this agent called since then, newest first."""
        query = sa.select(t).where(t.c.agent == agent, t.c.at >= since).order_by(t.c.at.desc()).limit(limit)
        with reading(self.engine) as connection:
            return [self._made(row) for row in connection.execute(query)]

    def count(self, number: E164, since: datetime) -> int:
        """How often this number was called out to since then, by whomever."""
        query = sa.select(sa.func.count()).where(
            t.c.number_index.in_(self.seals.indexes(number)), t.c.at >= since, t.c.dialled_at.is_not(None)
        )
        with reading(self.engine) as connection:
            return int(connection.scalar(query) or 0)

    # ---- the one call ------------------------------------------------------------------------------------------

    def begin_dial(self, callback: str, attempt: int, at: datetime) -> str:
        """The one permission to create a leg: `go`; `already` given; `over`; `elsewhere` (another call of ours is on it)."""
        del attempt  # there is one
        with writing(self.engine, locks=[DIALS]) as connection:
            row = connection.execute(sa.select(t).where(t.c.id == callback)).first()
            if row is None or row.ended_at is not None:
                return "over"
            if row.dialled_at is not None:
                return "already"
            if self._elsewhere(connection, row, at):
                return "elsewhere"
            connection.execute(t.update().where(t.c.id == callback).values(dialled_at=at))
            return "go"

    def _elsewhere(self, connection: Connection, row: Any, at: datetime) -> bool:
        promised = sa.select(callbacks.c.id).where(
            callbacks.c.number_index == row.number_index, callbacks.c.state.in_(ON_THE_LINE)
        )
        called = ringing(row.number_index, at)  # this one has not been dialled
        return any(connection.scalar(query.limit(1)) is not None for query in (promised, called))

    def undo_dial(self, callback: str, attempt: int) -> None:
        """The carrier refused before it did anything: the permission is given back."""
        del attempt
        with writing(self.engine) as connection:
            mine = t.update().where(t.c.id == callback, t.c.ended_at.is_(None))
            connection.execute(mine.values(dialled_at=None))

    def note_leg(self, callback: str, attempt: int, leg: LegId) -> None:
        del attempt
        with writing(self.engine) as connection:
            connection.execute(t.update().where(t.c.id == callback).values(leg=leg))

    def ended(self, callback: str, result: str, at: datetime) -> None:
        """The first word stands: what ends after an answer is the talk."""
        with writing(self.engine) as connection:
            mine = t.update().where(t.c.id == callback, t.c.ended_at.is_(None))
            connection.execute(mine.values(ended_at=at, result=result))

    # ---- rows --------------------------------------------------------------------------------------------------

    def _row(self, made: CallOut) -> dict[str, Any]:
        return {
            "id": made.id,
            "hotline": made.hotline,
            "agent": made.agent,
            "why": made.why,
            "ref": made.ref,
            "number": self.seals.seal(made.callee.number, place=call_out_place(made.id)),
            "number_index": self.seals.index(made.callee.number),
            "country": made.callee.country,
            "mobile": made.callee.mobile,
            "zones": list(made.callee.zones),
            "dialled": made.dialled,
            "topic": made.topic,
            "language": made.language,
            "path": list(made.path),
            "case": made.case,
            "at": made.at,
            "result": "",
        }

    def _made(self, row: Any) -> CallOut:
        return CallOut(
            id=row.id,
            hotline=row.hotline,
            agent=AgentId(row.agent),
            why=Why(row.why),
            ref=row.ref,
            callee=Callee(
                number=E164(self.seals.open(row.number, place=call_out_place(row.id)) or ""),
                country=row.country,
                zones=tuple(row.zones),
                mobile=row.mobile,
            ),
            dialled=row.dialled,
            topic=TopicId(row.topic),
            language=Language(row.language),
            path=tuple(row.path),
            case=row.case,
            at=row.at,
            leg=LegId(row.leg) if row.leg else None,
            dialled_at=row.dialled_at,
            ended_at=row.ended_at,
            result=row.result,
        )
