"""What a supervisor is to look at: low ratings, comments, and the callers who wish to hear from somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.core.follow_ups import OPEN, FollowUp, LowRating, Which
from ivr.core.ids import AgentId, CallId, TopicId
from ivr.core.survey_orders import FollowUpPromised
from ivr.storage.sql.after_tables import follow_ups as t
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.spans import instant

MOST = 500


@dataclass(frozen=True)
class FollowUps:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine

    def write_promise(self, connection: Connection, commitment: Commitment) -> None:
        """The caller wishes to hear from a supervisor: promised. The same again changes nothing."""
        assert isinstance(commitment, FollowUpPromised)
        low = LowRating(
            id=commitment.id,
            call=commitment.call,
            hotline=commitment.hotline,
            topic=commitment.topic,
            agent=commitment.agent,
            at=commitment.at,
            score=commitment.score,
            solved=commitment.solved,
        )
        insert_new(connection, t, [_row(low)])
        connection.execute(
            t.update()
            .where(t.c.id == commitment.id, t.c.wished.is_(sa.false()))
            .values(wished=True, due_at=commitment.due_at)
        )

    def note(self, low: LowRating) -> None:
        """A low rating. One that is there already learns what became known since."""
        with writing(self.engine) as connection:
            insert_new(connection, t, [_row(low)])
            known = {"score": low.score, "solved": low.solved, "comment": low.comment}
            connection.execute(t.update().where(t.c.id == low.id).values(**{k: v for k, v in known.items() if v}))

    def newest(
        self, hotline: str | None = None, *, only: Which | None = None, at: datetime | None = None
    ) -> Sequence[FollowUp]:
        """Open ones first, those who wait for a contact before them all; then newest first. `at`: when overdue is judged."""
        query = sa.select(t).order_by(t.c.status != OPEN, ~t.c.wished, t.c.at.desc()).limit(MOST)
        if hotline is not None:
            query = query.where(t.c.hotline == hotline)
        if only is not None:
            query = query.where(*_asked(only, at or only.end))
        with reading(self.engine) as connection:
            return [_found(row) for row in connection.execute(query)]

    def counts(self) -> tuple[int, int]:
        """How many there are in all, and how many of them were handled."""
        handled = sa.func.coalesce(sa.func.sum(sa.case((t.c.status != OPEN, 1), else_=0)), 0)
        with reading(self.engine) as connection:
            every, done = connection.execute(sa.select(sa.func.count(), handled)).one()
        return int(every), int(done)

    def mark(self, follow_up: str, status: str, *, who: str, at: datetime) -> bool:
        """`looked_at`, `changed`, or `open` again. False: there is no such entry."""
        handled = {"handled_by": "", "handled_at": None} if status == OPEN else {"handled_by": who, "handled_at": at}
        with writing(self.engine) as connection:
            done = connection.execute(t.update().where(t.c.id == follow_up).values(status=status, **handled))
            return bool(done.rowcount)


def _asked(only: Which, at: datetime) -> Iterator[sa.ColumnElement[bool]]:
    yield t.c.at >= only.start
    yield t.c.at < only.end
    if only.topic:
        yield t.c.topic == only.topic
    match only.which:
        case "with_comment":
            yield t.c.comment != ""
        case "wished":
            yield t.c.wished.is_(sa.true())
        case "overdue":
            yield t.c.status == OPEN
            yield t.c.due_at < instant(at)
        case "open" | "looked_at" | "changed":
            yield t.c.status == only.which


def _row(low: LowRating) -> dict[str, Any]:
    return {
        "id": low.id,
        "call": low.call,
        "hotline": low.hotline,
        "topic": low.topic,
        "agent": low.agent,
        "at": low.at,
        "score": low.score,
        "solved": low.solved,
        "comment": low.comment,
        "wished": False,
        "status": OPEN,
        "handled_by": "",
    }


def _found(row: Any) -> FollowUp:
    return FollowUp(
        id=row.id,
        call=CallId(row.call),
        hotline=row.hotline,
        topic=TopicId(row.topic),
        agent=AgentId(row.agent) if row.agent else None,
        at=row.at,
        score=row.score,
        solved=row.solved,
        comment=row.comment,
        wished=row.wished,
        due_at=row.due_at,
        status=row.status,
        handled_by=row.handled_by,
        handled_at=row.handled_at,
    )
