"""Whom an agent may call: the number behind a case or a call of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.call_out import OwnNumber
from ivr.core.cases import CaseStatus
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.storage.sql.case_rows import case_place
from ivr.storage.sql.engine import reading
from ivr.storage.sql.records import number_place
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import calls, case_calls, cases, offers, segments


@dataclass(frozen=True)
class OwnNumbers:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    seals: Seals

    def of_case(self, agent: AgentId, number: str) -> OwnNumber | None:
        """Of a case that the agent keeps, or in one of whose calls they were rung. None: there is no such case of theirs."""
        c = cases.c
        rung = (
            sa.select(offers.c.call)
            .join_from(offers, case_calls, case_calls.c.call == offers.c.call)
            .where(case_calls.c.case == c.id, offers.c.agent == agent)
        )
        query = sa.select(cases).where(
            c.number == number, c.status != CaseStatus.CLOSED, sa.or_(c.changed_by == agent, rung.exists())
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return OwnNumber(
            hotline=row.hotline,
            number=self.seals.open(row.caller, place=case_place(row.id)) or "",
            topic=TopicId(row.topic),
            language=Language(row.language),
            path=tuple(row.path),
            case=row.number,
        )

    def of_call(self, agent: AgentId, call: CallId) -> OwnNumber | None:
        """Of a call that rang at this agent, answered or not. None: there is none."""
        rung = sa.select(offers.c.call).where(offers.c.call == call, offers.c.agent == agent)
        with reading(self.engine) as connection:
            row: Any = connection.execute(sa.select(calls).where(calls.c.call == call, rung.exists())).first()
            if row is None:
                return None
            stay = connection.execute(
                sa.select(segments).where(segments.c.call == call).order_by(segments.c.segment.desc())
            ).first()
            case = connection.scalar(
                sa.select(cases.c.number)
                .join_from(cases, case_calls, case_calls.c.case == cases.c.id)
                .where(case_calls.c.call == call)
            )
        return OwnNumber(
            hotline=row.hotline,
            number=self.seals.open(row.number, place=number_place(row.call)) or "",
            topic=TopicId(stay.topic if stay else ""),
            language=Language(row.language),
            path=tuple(stay.path if stay else ()),
            case=case or "",
        )
