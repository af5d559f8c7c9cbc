"""The cases: who opens one, who joins one, and how one is found again.

`open_for` is for whoever needs a case now (an agent answers, an upload link is sent): it gives the case of the call, and
opens or joins one first when the call has none; asked again it gives the same. `prepare` says what `open_for` would give
and stores nothing: for a rule that commits `CaseOpened` together with something else, all or nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.cases import ANSWER, HIGHEST, LOWEST, UNDER_WAY, Case, CaseOpened, CaseStatus, case_id, numbered
from ivr.core.commitments import Commitment
from ivr.core.errors import Unavailable
from ivr.core.ids import CallId
from ivr.core.session import CallSession
from ivr.storage.sql.case_rows import case_of, row_of
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import case_calls, cases

t, linked = cases, case_calls


def draw_number() -> int:
    """Seven digits that nobody can foresee."""
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST + 1)


@dataclass(frozen=True)
class Cases:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals
    draw: Callable[[], int] = draw_number

    # ---- opening ---------------------------------------------------------------------------------------------------

    def open_for(self, session: CallSession, at: datetime) -> Case:
        """The case of this call, stored. A topic that the call has found meanwhile is kept with it."""
        with writing(self.engine, locks=[f"case of {session.call}"]) as connection:
            case = self._prepared(connection, session, at)
            self._write(connection, session.call, case, at)
            return case

    def prepare(self, session: CallSession, at: datetime) -> Case:
        """The case that this call has, joins or would open; nothing is stored. Commit it as `CaseOpened`."""
        with reading(self.engine) as connection:
            return self._prepared(connection, session, at)

    def write_opened(self, connection: Connection, commitment: Commitment) -> None:
        assert isinstance(commitment, CaseOpened)
        self._write(connection, commitment.call, commitment.case, commitment.at)

    def _prepared(self, connection: Connection, session: CallSession, at: datetime) -> Case:
        found = self._of_call(connection, session.call)
        if found is not None:
            return _with_topic(found, session)
        given = self._given(connection, session)
        if given is not None:
            return given
        return Case(
            id=case_id(session.call),
            hotline=session.hotline,
            number=self._free_number(connection, session.hotline),
            opened_at=at,
            language=session.language,
            caller=session.caller.number or "",
            topic=session.topic or "",
            path=session.path,
            answers=dict(session.answers),
        )

    def _given(self, connection: Connection, session: CallSession) -> Case | None:
        """The case that the caller named: keyed, or heard of as their open one."""
        number = session.answers.get(ANSWER)
        found = self._by_number(connection, session.hotline, number) if number else None
        return found if found is not None and found.status is not CaseStatus.CLOSED else None

    def _free_number(self, connection: Connection, hotline: str) -> str:
        while True:
            number = numbered(self.draw())
            if self._by_number(connection, hotline, number) is None:
                return number

    def _write(self, connection: Connection, call: CallId, case: Case, at: datetime) -> None:
        insert_new(connection, t, [row_of(case, self.seals)])
        kept = connection.execute(sa.select(t.c.topic).where(t.c.id == case.id)).first()
        if kept is None:
            raise Unavailable("the case number was given to another case a moment ago")
        if case.topic and not kept.topic:
            values = {"topic": case.topic, "path": list(case.path), "answers": dict(case.answers)}
            connection.execute(t.update().where(t.c.id == case.id, t.c.topic == "").values(**values))
        insert_new(connection, linked, [{"call": call, "case": case.id, "at": at}])

    # ---- finding -----------------------------------------------------------------------------------------------------

    def of_call(self, call: CallId) -> Case | None:
        with reading(self.engine) as connection:
            return self._of_call(connection, call)

    def by_number(self, hotline: str, number: str) -> Case | None:
        """By the case's own number."""
        with reading(self.engine) as connection:
            return self._by_number(connection, hotline, number)

    def open_of(self, caller: str, hotline: str) -> Sequence[Case]:
        """Cases under way of this caller's number, newest first. A withheld number has none."""
        if not caller:
            return []
        query = (
            sa.select(t)
            .where(t.c.caller_index.in_(self.seals.indexes(caller)), t.c.hotline == hotline, t.c.status.in_(UNDER_WAY))
            .order_by(t.c.opened_at.desc())
        )
        with reading(self.engine) as connection:
            return [case_of(row, self.seals) for row in connection.execute(query)]

    def _of_call(self, connection: Connection, call: CallId) -> Case | None:
        query = sa.select(t).join_from(t, linked, linked.c.case == t.c.id).where(linked.c.call == call)
        row = connection.execute(query).first()
        return case_of(row, self.seals) if row else None

    def _by_number(self, connection: Connection, hotline: str, number: str) -> Case | None:
        row = connection.execute(sa.select(t).where(t.c.hotline == hotline, t.c.number == number)).first()
        return case_of(row, self.seals) if row else None


def _with_topic(case: Case, session: CallSession) -> Case:
    if case.topic or session.topic is None:
        return case
    return replace(case, topic=session.topic, path=session.path, answers={**case.answers, **session.answers})
