"""Links to single calls. A token stands here only as its keyed hash; an opening is a row of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.call_links import CallLink
from ivr.core.ids import CallId
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.story_tables import call_link_openings, call_links

MOST = 50
"""Links of one call that are listed, the newest."""


@dataclass(frozen=True)
class CallLinks:
    """Implements `workflows.share_call.Links`. Raises `Unavailable`."""

    engine: Engine
    seals: Seals

    def keep(self, link: CallLink, *, token: str) -> None:
        row = {
            "id": link.id,
            "key": self.seals.token_keys(token)[0],
            "call": link.call,
            "made_at": link.made_at,
            "made_by": link.made_by,
            "expires_at": link.expires_at,
            "notes": link.notes,
            "revoked_at": None,
            "revoked_by": "",
        }
        with writing(self.engine) as connection:
            connection.execute(call_links.insert(), row)

    def find(self, token: str) -> CallLink | None:
        return self._one(call_links.c.key.in_(self.seals.token_keys(token)))

    def of_call(self, call: CallId) -> Sequence[CallLink]:
        """The newest first."""
        query = sa.select(call_links).where(call_links.c.call == call).order_by(call_links.c.made_at.desc()).limit(MOST)
        with reading(self.engine) as connection:
            return list(_links(connection, connection.execute(query).all()))

    def revoke(self, link: str, call: CallId, *, who: str, at: datetime) -> bool:
        """False: the call has no such link, or it was taken back before."""
        t = call_links
        with writing(self.engine) as connection:
            done = connection.execute(
                t.update()
                .where(t.c.id == link, t.c.call == call, t.c.revoked_at.is_(None))
                .values(revoked_at=at, revoked_by=who)
            )
            return bool(done.rowcount)

    def opened(self, link: str, *, at: datetime) -> None:
        with writing(self.engine) as connection:
            connection.execute(call_link_openings.insert(), {"link": link, "at": at})

    def _one(self, where: sa.ColumnElement[bool]) -> CallLink | None:
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(call_links).where(where)).all()
            return next(iter(_links(connection, rows)), None)


def _links(connection: Connection, rows: Sequence[Any]) -> Iterable[CallLink]:
    t, opened = call_link_openings, {row.id: list[datetime]() for row in rows}
    query = sa.select(t.c.link, t.c.at).where(t.c.link.in_(list(opened))).order_by(t.c.at)
    for row in connection.execute(query):
        opened[row.link].append(row.at)
    for row in rows:
        yield CallLink(
            id=row.id,
            call=CallId(row.call),
            made_at=row.made_at,
            made_by=row.made_by,
            expires_at=row.expires_at,
            notes=bool(row.notes),
            revoked_at=row.revoked_at,
            revoked_by=row.revoked_by,
            opened=tuple(opened[row.id]),
        )
