"""Rows for "who was free": callers who gave up, times of availability, and what agents could do then.

What agents can do changes, and the roster holds only today's; `keep` notes each change. Before the first note the
oldest one stands for the time before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.agents import Presence
from ivr.core.callback_rules import PREFIX
from ivr.core.facts import Outcome
from ivr.core.ids import AgentId, CallId
from ivr.core.who_was_free import Available, GaveUp, Knew
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.people_tables import agents
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.story_tables import agent_history
from ivr.storage.sql.sum_presence import spells, still
from ivr.storage.sql.tables import segments
from ivr.workflows.reports import ReportQuery

LOCK = "agent history"


@dataclass(frozen=True)
class FreeRows:
    """Implements `workflows.report_abandons.Rows`. Raises `Unavailable`."""

    engine: Engine

    def gave_up(self, query: ReportQuery, *, most: int) -> Sequence[GaveUp]:
        """The newest `most` who joined the queue in this time."""
        t = segments.c
        statement = (
            sa.select(t.call, t.segment, t.topic, t.language, t.entered_at, t.left_at)
            .where(
                t.outcome == Outcome.ABANDONED.value,
                t.entered_at >= query.start,
                t.entered_at < query.end,
                t.left_at.is_not(None),
                t.call.not_like(f"{PREFIX}%"),
                real(t.call),
            )
            .order_by(t.entered_at.desc(), t.call.desc(), t.segment.desc())
            .limit(most)
        )
        if query.topics:
            statement = statement.where(t.topic.in_(query.topics))
        with reading(self.engine) as connection:
            return [
                GaveUp(
                    call=CallId(row.call),
                    segment=row.segment,
                    topic=row.topic,
                    language=row.language,
                    entered_at=row.entered_at,
                    left_at=row.left_at,
                )
                for row in connection.execute(statement)
            ]

    def available(self, start: datetime, end: datetime) -> Sequence[Available]:
        with reading(self.engine) as connection:
            over = spells(connection, start, end, Presence.AVAILABLE)
            lasting = [one for one in still(connection) if one.presence == Presence.AVAILABLE and one.started_at < end]
            return [
                *(Available(agent=AgentId(one.agent), start=one.start, end=one.end) for one in over),
                *(Available(agent=AgentId(one.agent), start=one.started_at, end=None) for one in lasting),
            ]

    def knew(self) -> Sequence[Knew]:
        """Every version that was noted; of an agent without one, what the roster says today."""
        with reading(self.engine) as connection:
            noted = connection.execute(sa.select(agent_history)).all()
            today = connection.execute(sa.select(agents.c.id, agents.c.skills, agents.c.languages)).all()
        known = {row.agent for row in noted}
        return [
            *(
                Knew(agent=AgentId(row.agent), since=row.since, skills=row.skills, languages=row.languages)
                for row in noted
            ),
            *(
                Knew(agent=AgentId(row.id), since=BEGINNING, skills=row.skills, languages=row.languages)
                for row in today
                if row.id not in known
            ),
        ]

    def keep(self, *, at: datetime) -> int:
        """Note what has changed since the last look; safe to run at any time, twice too. How many agents differ."""
        t = agent_history
        with writing(self.engine, locks=[LOCK]) as connection:
            last: dict[str, tuple[object, object]] = {}
            for row in connection.execute(sa.select(t).order_by(t.c.since)):
                last[row.agent] = (row.skills, row.languages)
            rows = [
                {"agent": row.id, "since": at, "skills": row.skills, "languages": row.languages}
                for row in connection.execute(sa.select(agents.c.id, agents.c.skills, agents.c.languages))
                if last.get(row.id) != (row.skills, row.languages)
            ]
            if rows:
                connection.execute(t.insert(), rows)
        return len(rows)


BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
