"""Who asked for case numbers that do not exist: counted by the caller's number, or by the call when it is withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.events import Caller
from ivr.core.ids import CallId
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import case_guesses

FORGET = timedelta(days=1)
t = case_guesses


@dataclass(frozen=True)
class CaseGuesses:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def note(self, guess: str, who: Caller, call: CallId, at: datetime) -> None:
        """`guess` names the step; the same one again is not counted again."""
        with writing(self.engine) as connection:
            connection.execute(t.delete().where(t.c.at < at - FORGET))
            insert_new(connection, t, [{"id": guess, "who": self._names(who, call)[0], "at": at}])

    def made(self, who: Caller, call: CallId, *, since: datetime) -> int:
        query = sa.select(sa.func.count()).where(t.c.who.in_(self._names(who, call)), t.c.at > since)
        with reading(self.engine) as connection:
            return int(connection.scalar(query) or 0)

    def _names(self, who: Caller, call: CallId) -> Sequence[str]:
        return self.seals.indexes(who.number) if who.number else (call,)
