"""Incident banners in SQL, where they survive a lost Redis. At most one is on per hotline: a new one takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.banners import Banner, Effect
from ivr.core.facts import CallEnd
from ivr.core.ids import Language, TopicId
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.opening_tables import incident_calls, incidents
from ivr.storage.sql.tables import calls

LEFT = (CallEnd.LEFT_MENU.value, CallEnd.SELF_SERVED.value)
"""Ends of calls that went without asking for anybody."""


@dataclass(frozen=True)
class Incidents:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    audit: Audit | None = None
    """Where switching is noted; None where nobody switches."""

    def current(self, hotline: str, at: datetime) -> Banner | None:
        """What is on at this time."""
        t = incidents
        query = sa.select(t).where(t.c.hotline == hotline, t.c.ended_at.is_(None)).order_by(t.c.since.desc()).limit(1)
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        banner = _banner(row) if row else None
        return banner if banner and banner.on(at) else None

    def switch_on(self, banner: Banner) -> None:
        """From now on this one; whatever was on ends."""
        with writing(self.engine, locks=[LOCK, f"incident:{banner.hotline}"]) as connection:
            _end(connection, banner.hotline, banner.since, banner.who)
            connection.execute(incidents.insert(), _row(banner))
            if self.audit:
                self.audit.add_within(
                    connection,
                    at=banner.since,
                    who=banner.who,
                    what="incident banner on",
                    object=banner.id,
                    detail={
                        "hotline": banner.hotline,
                        "topics": list(banner.topics),
                        "until": banner.until.isoformat() if banner.until else None,
                        "words": dict(banner.words),
                        "slots": dict(banner.slots),
                    },
                )

    def switch_off(self, hotline: str, *, at: datetime, who: str) -> bool:
        """False: nothing was on."""
        with writing(self.engine, locks=[LOCK, f"incident:{hotline}"]) as connection:
            ended = _end(connection, hotline, at, who)
            if ended and self.audit:
                self.audit.add_within(connection, at=at, who=who, what="incident banner off", object=", ".join(ended))
        return bool(ended)

    def effect(self, incident: str) -> Effect:
        """Who heard it, and who of them then left in the menu."""
        heard = sa.select(sa.func.count()).where(incident_calls.c.incident == incident)
        left = (
            sa.select(sa.func.count())
            .select_from(incident_calls.join(calls, calls.c.call == incident_calls.c.call))
            .where(incident_calls.c.incident == incident, calls.c.end.in_(LEFT), calls.c.segments == 0)
        )
        with reading(self.engine) as connection:
            return Effect(heard=connection.execute(heard).scalar_one(), left=connection.execute(left).scalar_one())

    def past(self, hotline: str, *, limit: int = 10) -> Sequence[tuple[Banner, datetime | None]]:
        """The last ones, newest first, and when each was switched off."""
        query = sa.select(incidents).where(incidents.c.hotline == hotline).order_by(incidents.c.since.desc())
        with reading(self.engine) as connection:
            return [(_banner(row), row.ended_at) for row in connection.execute(query.limit(limit))]


def _end(connection: Connection, hotline: str, at: datetime, who: str) -> Sequence[str]:
    mine = (incidents.c.hotline == hotline, incidents.c.ended_at.is_(None))
    found = list(connection.scalars(sa.select(incidents.c.id).where(*mine)))
    connection.execute(incidents.update().where(*mine).values(ended_at=at, ended_by=who))
    return found


def _row(banner: Banner) -> dict[str, Any]:
    return {
        "id": banner.id,
        "hotline": banner.hotline,
        "since": banner.since,
        "until": banner.until,
        "ended_at": None,
        "topics": list(banner.topics),
        "words": dict(banner.words),
        "slots": dict(banner.slots),
        "who": banner.who,
        "ended_by": "",
    }


def _banner(row: Any) -> Banner:
    return Banner(
        id=row.id,
        hotline=row.hotline,
        since=row.since,
        until=row.until,
        topics=tuple(TopicId(topic) for topic in row.topics),
        words={Language(language): text for language, text in row.words.items()},
        slots=dict(row.slots),
        who=row.who,
    )
