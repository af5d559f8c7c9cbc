"""Messages that wait for an answer: whose they are, until when, and whether they were answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.core.ids import CallId, Language, TopicId
from ivr.core.message_orders import Message, MessagePromised
from ivr.storage.sql.after_tables import message_box as t
from ivr.storage.sql.engine import insert_new, reading, writing

MOST = 500
ANSWERED = "answered"


@dataclass(frozen=True)
class MessageBox:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine

    def write_promise(self, connection: Connection, commitment: Commitment) -> None:
        """The message with the time that is named to the caller; the same again changes nothing."""
        assert isinstance(commitment, MessagePromised)
        insert_new(connection, t, [_row(commitment)])

    def keep(self, message: MessagePromised) -> None:
        with writing(self.engine) as connection:
            insert_new(connection, t, [_row(message)])

    def newest(self) -> Sequence[Message]:
        """Open ones first, the soonest due at the top; then those answered, newest first."""
        done = sa.case((t.c.status == ANSWERED, t.c.at))
        query = sa.select(t).order_by(t.c.status == ANSWERED, done.desc(), t.c.due_at).limit(MOST)
        with reading(self.engine) as connection:
            return [_found(row) for row in connection.execute(query)]

    def take(self, message: str, *, who: str, at: datetime) -> bool:
        """Somebody answers it. False: somebody else took it, or it is answered."""
        with writing(self.engine) as connection:
            done = connection.execute(
                t.update().where(t.c.id == message, t.c.owner == "").values(owner=who, taken_at=at)
            )
            return bool(done.rowcount)

    def give_back(self, message: str, *, who: str) -> bool:
        with writing(self.engine) as connection:
            mine = (t.c.id == message, t.c.owner == who, t.c.status != ANSWERED)
            return bool(connection.execute(t.update().where(*mine).values(owner="", taken_at=None)).rowcount)

    def answered(self, message: str, *, who: str, at: datetime) -> bool:
        """It is answered, by its owner or by who had not taken it first. False: it was."""
        with writing(self.engine) as connection:
            done = connection.execute(
                t.update()
                .where(t.c.id == message, t.c.status != ANSWERED)
                .values(status=ANSWERED, owner=who, answered_at=at)
            )
            return bool(done.rowcount)


def _row(message: MessagePromised) -> dict[str, Any]:
    return {
        "id": message.id,
        "call": message.call,
        "hotline": message.hotline,
        "topic": message.topic,
        "language": message.language,
        "at": message.at,
        "duration_s": message.duration_s,
        "recording": message.recording,
        "due_at": message.due_at,
        "status": "open",
        "owner": "",
    }


def _found(row: Any) -> Message:
    return Message(
        id=row.id,
        call=CallId(row.call),
        hotline=row.hotline,
        topic=TopicId(row.topic),
        language=Language(row.language),
        at=row.at,
        duration_s=row.duration_s,
        recording=row.recording,
        due_at=row.due_at,
        status=row.status,
        owner=row.owner,
        taken_at=row.taken_at,
        answered_at=row.answered_at,
    )
