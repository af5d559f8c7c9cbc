"""Who was asked for a rating, and what they answered. That a number was asked is what keeps it from being asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.core.errors import Unavailable
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.core.survey_orders import Asked, SurveyAsking
from ivr.storage.sql.after_tables import surveys as t
from ivr.storage.sql.engine import hold, insert_new, reading, writing
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_calls import CALLS
from ivr.storage.sql.sum_ratings import mark_rating
from ivr.storage.sql.sums import mark
from ivr.storage.sql.tables import segments


def survey_place(survey: str) -> str:
    """Where the number of a survey is sealed for."""
    return f"surveys.number:{survey}"


@dataclass(frozen=True)
class Surveys:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def write_asking(self, connection: Connection, commitment: Commitment) -> None:
        """The number is asked now; the same asking again changes nothing. One asked lately is not, and raises."""
        assert isinstance(commitment, SurveyAsking)
        if not self._noted(connection, commitment):
            raise Unavailable("this number was asked for a rating lately")

    def note(self, asking: SurveyAsking) -> bool:
        """True: the number is asked now, and nobody else asks it. False: it was asked, in this call or lately."""
        with writing(self.engine, locks=[asking.id]) as connection:
            if connection.scalar(sa.select(t.c.id).where(t.c.id == asking.id)) is not None:
                return False
            return self._noted(connection, asking)

    def _noted(self, connection: Connection, asking: SurveyAsking) -> bool:
        number = asking.number or ""
        if number:
            hold(connection, [f"survey of {self.seals.index(number)}"])
            lately = sa.select(t.c.id).where(
                self._of(number), t.c.hotline == asking.hotline, t.c.asked_at > asking.since, t.c.id != asking.id
            )
            if connection.scalar(lately.limit(1)) is not None:
                return False
        insert_new(connection, t, [self._row(asking, number)])
        _mark(connection, asking.call)
        mark_rating(connection, asking.id)
        return True

    def _row(self, asking: SurveyAsking, number: str) -> dict[str, object]:
        return {
            "id": asking.id,
            "call": asking.call,
            "hotline": asking.hotline,
            "topic": asking.topic,
            "agent": asking.agent,
            "number": self.seals.seal(number, place=survey_place(asking.id)),
            "number_index": self.seals.index(number),
            "language": asking.language,
            "channel": asking.channel,
            "asked_at": asking.at,
            "solved": "",
        }

    def take_back(self, survey: str) -> None:
        """The question was not sent after all."""
        with writing(self.engine) as connection:
            call = connection.scalar(sa.select(t.c.call).where(t.c.id == survey))
            mark_rating(connection, survey)
            connection.execute(t.delete().where(t.c.id == survey, t.c.answered_at.is_(None)))
            _mark(connection, call or "")

    def asked_since(self, number: str, hotline: str, since: datetime) -> bool:
        query = sa.select(t.c.id).where(self._of(number), t.c.hotline == hotline, t.c.asked_at > since)
        with reading(self.engine) as connection:
            return connection.scalar(query.limit(1)) is not None

    def rate(self, survey: str, *, score: int, solved: str, at: datetime) -> None:
        """Write down an answer; one that comes again or late takes nothing back."""
        with writing(self.engine) as connection:
            connection.execute(
                t.update()
                .where(t.c.id == survey, sa.or_(t.c.answered_at.is_(None), t.c.answered_at <= at))
                .values(score=score, solved=solved, answered_at=at)
            )
            mark_rating(connection, survey)

    def texted(self, number: str, hotline: str, since: datetime) -> Asked | None:
        """The last question sent to this number by text since then."""
        query = sa.select(t).where(
            self._of(number), t.c.hotline == hotline, t.c.asked_at > since, t.c.channel == "text"
        )
        with reading(self.engine) as connection:
            row = connection.execute(query.order_by(t.c.asked_at.desc()).limit(1)).first()
        if row is None:
            return None
        return Asked(
            id=row.id,
            call=CallId(row.call),
            hotline=row.hotline,
            topic=TopicId(row.topic),
            agent=AgentId(row.agent) if row.agent else None,
            language=Language(row.language),
            score=row.score,
        )

    def _of(self, number: str) -> sa.ColumnElement[bool]:
        return t.c.number_index.in_(self.seals.indexes(number))


def _mark(connection: Connection, call: str) -> None:
    """Whether this call was asked has changed: kept sums of the time at which it was answered say otherwise."""
    mark(connection, CALLS, connection.scalars(sa.select(segments.c.answered_at).where(segments.c.call == call)))
