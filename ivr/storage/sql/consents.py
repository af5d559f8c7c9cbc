"""What callers said to being recorded. Rows are added and never changed: a later choice is a later row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.core.consents import Consent, ConsentNoted
from ivr.core.ids import CallId
from ivr.storage.sql.after_tables import consents as t
from ivr.storage.sql.engine import insert_new, reading
from ivr.storage.sql.seals import Seals


@dataclass(frozen=True)
class Consents:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def write(self, connection: Connection, commitment: Commitment) -> None:
        """The same choice again changes nothing."""
        assert isinstance(commitment, ConsentNoted)
        row = {
            "id": commitment.id,
            "hotline": commitment.hotline,
            "call": commitment.call,
            "number_index": self.seals.index(commitment.number or ""),
            "at": commitment.at,
            "choice": commitment.choice,
            "how": commitment.how,
            "prompt": commitment.prompt or "",
            "menu_version": commitment.menu_version,
            "language": commitment.language,
            "agent": commitment.agent,
        }
        insert_new(connection, t, [row])

    def of_call(self, call: CallId) -> Sequence[Consent]:
        """Oldest first."""
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(t).where(t.c.call == call).order_by(t.c.at)).all()
        return [
            Consent(
                at=row.at,
                choice=row.choice,
                how=row.how,
                prompt=row.prompt,
                menu_version=row.menu_version,
                language=row.language,
                agent=row.agent or "",
            )
            for row in rows
        ]
