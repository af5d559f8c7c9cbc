"""Cases as agents and supervisors see them: what was before, what is due, and how a case goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ivr.core.cases import UNDER_WAY, Case, CaseStatus, EarlierCall
from ivr.core.ids import E164, AgentId, CallId
from ivr.storage.sql.case_rows import case_of
from ivr.storage.sql.cases import Cases
from ivr.storage.sql.earlier_calls import EarlierCalls
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.spans import instant
from ivr.storage.sql.tables import calls, cases, segments

t = cases
MOST = 200


@dataclass(frozen=True)
class DeskCases(Cases):
    """The same cases, for who has time to read. Raises `Unavailable` when SQL is away."""

    def change(  # noqa: PLR0913 - what a change of a case says, each a column
        self,
        case: str,
        *,
        status: CaseStatus,
        due_at: datetime | None,
        note: str,
        who: str,
        at: datetime,
        due_by: str = "",
    ) -> bool:
        """`due_by` is the agent whose follow-up it is from now on; empty: it stays whose it was, or nobody's without a day.
        Notes to a case that is over leave it over since when it was. False: there is no such case.
        """
        since = sa.case((t.c.status.in_(UNDER_WAY), None), else_=t.c.closed_at)
        closed_at = None if status in UNDER_WAY else sa.func.coalesce(since, instant(at))
        values = {
            "status": status,
            "closed_at": closed_at,
            "due_at": due_at,
            "note": note,
            "changed_by": who,
            "changed_at": at,
        }
        if due_by or due_at is None:
            values["due_by"] = due_by
        with writing(self.engine) as connection:
            return bool(connection.execute(t.update().where(t.c.id == case).values(**values)).rowcount)

    def follow_ups(self, hotline: str, *, limit: int = MOST) -> Sequence[Case]:
        """Cases under way: what is due first, then what has no date, oldest first."""
        query = (
            sa.select(t)
            .where(t.c.hotline == hotline, t.c.status.in_(UNDER_WAY))
            .order_by(t.c.due_at.is_(None), t.c.due_at, t.c.opened_at)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            return [case_of(row, self.seals) for row in connection.execute(query)]

    def of_agent(self, agent: AgentId) -> Sequence[Case]:
        """Cases under way whose day this agent named, the earliest first; implements `own_follow_ups.OwnCases`."""
        query = (
            sa.select(t)
            .where(t.c.due_by == agent, t.c.status.in_(UNDER_WAY), t.c.due_at.is_not(None))
            .order_by(t.c.due_at, t.c.opened_at)
            .limit(MOST)
        )
        with reading(self.engine) as connection:
            return [case_of(row, self.seals) for row in connection.execute(query)]

    def earlier(self, caller: E164, call: CallId, limit: int) -> Sequence[EarlierCall]:
        """The last calls of this number before the present one, newest first."""
        mine = (
            sa.select(calls.c.call, calls.c.started_at, calls.c.end)
            .where(calls.c.number_index.in_(self.seals.indexes(caller)), calls.c.call != call)
            .order_by(calls.c.started_at.desc())
            .limit(limit)
        )
        with reading(self.engine) as connection:
            found = connection.execute(mine).all()
            query = sa.select(segments).where(segments.c.call.in_([row.call for row in found]))
            last = {row.call: row for row in connection.execute(query.order_by(segments.c.segment))}
        return [
            EarlierCall(
                at=row.started_at,
                topic=last[row.call].topic if row.call in last else "",
                result=(last[row.call].disposition if row.call in last else "") or row.end,
                agent=(last[row.call].agent if row.call in last else "") or "",
            )
            for row in found
        ]

    def calls_since(self, caller: E164, call: CallId, since: datetime) -> int:
        """Calls of this number since then, but for the present one and those in which we rang."""
        return EarlierCalls(self.engine, self.seals).since(caller, call, since)
