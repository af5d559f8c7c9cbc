"""Which text message was answered how: no second effect for one that comes twice, no endless talk with a machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.storage.sql.after_tables import texts_in as t
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.seals import Seals


@dataclass(frozen=True)
class TextLog:
    """Neither number nor words are kept. Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def answer_of(self, message: str) -> str | None:
        """The prompt that this message was answered with, None: it is new."""
        with reading(self.engine) as connection:
            return connection.scalar(sa.select(t.c.answer).where(t.c.message == message))

    def answered_since(self, number: str, hotline: str, answer: str, since: datetime) -> bool:
        query = sa.select(t.c.message).where(
            t.c.number_index.in_(self.seals.indexes(number)),
            t.c.hotline == hotline,
            t.c.answer == answer,
            t.c.at > since,
        )
        with reading(self.engine) as connection:
            return connection.scalar(query.limit(1)) is not None

    def note(self, message: str, *, number: str, hotline: str, answer: str, at: datetime) -> None:
        row = {
            "message": message,
            "hotline": hotline,
            "number_index": self.seals.index(number),
            "at": at,
            "answer": answer,
        }
        with writing(self.engine) as connection:
            insert_new(connection, t, [row])
