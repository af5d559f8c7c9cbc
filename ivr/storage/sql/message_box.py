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
from ivr.storage.sql.seals import Seals

MOST = 500
ANSWERED = "answered"
TRIES, AT_ONCE = 5, 20
"""To write a message down, and how many in one round."""


@dataclass(frozen=True)
class MessageBox:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def write_promise(self, connection: Connection, commitment: Commitment) -> None:
        """The message with the time that is named to the caller. The same one again has a newer recording."""
        assert isinstance(commitment, MessagePromised)
        newer = {"recording": commitment.recording, "duration_s": commitment.duration_s, "due_at": commitment.due_at}
        known = connection.execute(t.update().where(t.c.id == commitment.id, t.c.status != ANSWERED).values(newer))
        if not known.rowcount:
            insert_new(connection, t, [_row(commitment)])

    def keep(self, message: MessagePromised) -> None:
        with writing(self.engine) as connection:
            self.write_promise(connection, message)

    def find(self, message: str) -> Message | None:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(t).where(t.c.id == message)).one_or_none()
            return self._found(row) if row is not None else None

    def newest(self) -> Sequence[Message]:
        """Open ones first, the soonest due at the top; then those answered, newest first."""
        done = sa.case((t.c.status == ANSWERED, t.c.at))
        query = sa.select(t).order_by(t.c.status == ANSWERED, done.desc(), t.c.due_at).limit(MOST)
        with reading(self.engine) as connection:
            return [self._found(row) for row in connection.execute(query)]

    def take(self, message: str, *, who: str, at: datetime) -> bool:
        """Somebody answers it. False: somebody else took it, or it is answered."""
        with writing(self.engine) as connection:
            done = connection.execute(
                t.update().where(t.c.id == message, t.c.owner == "").values(owner=who, taken_at=at)
            )
            return bool(done.rowcount)

    def assign(self, message: str, *, who: str, at: datetime, seen: str | None = None) -> bool:
        """It is theirs from now on, whoever had it. False: it is answered, not there, or not theirs who `seen` says any more."""
        which = [t.c.id == message, t.c.status != ANSWERED, *([] if seen is None else [t.c.owner == seen])]
        with writing(self.engine) as connection:
            return bool(connection.execute(t.update().where(*which).values(owner=who, taken_at=at)).rowcount)

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

    def heard(self, message: str, *, who: str, at: datetime) -> None:
        with writing(self.engine) as connection:
            connection.execute(t.update().where(t.c.id == message).values(heard_by=who, heard_at=at))

    # ---- what was said -----------------------------------------------------------------------------------------

    def without_text(self) -> Sequence[Message]:
        """The newest messages that nobody has written down yet, while tries are left."""
        query = (
            sa.select(t)
            .where(t.c.transcript == "", t.c.transcript_tries < TRIES, t.c.status != ANSWERED)
            .order_by(t.c.at.desc())
            .limit(AT_ONCE)
        )
        with reading(self.engine) as connection:
            return [self._found(row) for row in connection.execute(query)]

    def written_down(self, message: str, text: str) -> None:
        """The text, sealed; empty: another try has failed."""
        sealed = self.seals.seal(text, place=transcript_place(message))
        with writing(self.engine) as connection:
            connection.execute(
                t.update()
                .where(t.c.id == message, t.c.transcript == "")
                .values(transcript=sealed, transcript_tries=t.c.transcript_tries + 1)
            )

    def _found(self, row: Any) -> Message:
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
            heard_by=row.heard_by,
            heard_at=row.heard_at,
            transcript=self.seals.open(row.transcript, place=transcript_place(row.id)) or "",
        )


def transcript_place(message: str) -> str:
    return f"message_box.transcript:{message}"


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
        "transcript": "",
        "transcript_tries": 0,
    }
