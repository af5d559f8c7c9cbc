"""What goes out to others, and where events are sent: rows that survive whatever falls over while they are on their way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.alert_rules import Way
from ivr.core.outgoing import OFF, Endpoint, Outgoing
from ivr.storage.sql.alert_tables import outgoing, webhook_endpoints
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.seals import Seals

t, e = outgoing, webhook_endpoints
CLAIMED = timedelta(minutes=2)
"""A row whose sender died comes back after this."""
MOST = 200


@dataclass(frozen=True)
class OutgoingBook:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine

    def add(self, rows: Sequence[Outgoing]) -> None:
        """One that is there already is left as it is."""
        if rows:
            with writing(self.engine) as connection:
                insert_new(connection, t, [_row(row) for row in rows])

    def take(self, at: datetime, *, without: Collection[str] = ()) -> Outgoing | None:
        """What is due, people's messages before those of programs; from now on this sender's for two minutes. The try is counted
        before it is made. `without`: these targets are passed over.
        """
        due = sa.select(t).where(t.c.next_at <= at, t.c.target.not_in(list(without)))
        first = due.order_by(t.c.way == Way.WEBHOOK.value, t.c.next_at).limit(1)
        with writing(self.engine, locks=["outgoing"]) as connection:
            row = connection.execute(first).first()
            if row is None:
                return None
            connection.execute(t.update().where(t.c.id == row.id).values(next_at=at + CLAIMED, tries=t.c.tries + 1))
        return _outgoing(row, tries=row.tries + 1)

    def sent(self, id: str, *, at: datetime, answer: str) -> None:  # noqa: A002 - its id
        self._set(id, sent_at=at, next_at=None, given_up_at=None, answer=answer[:300])

    def failed(self, id: str, *, at: datetime, answer: str, next_at: datetime | None) -> None:  # noqa: A002 - its id
        self._set(id, next_at=next_at, given_up_at=None if next_at else at, answer=answer[:300])

    def again(self, id: str, *, at: datetime) -> Outgoing | None:  # noqa: A002 - its id
        """Send it once more, now, as the same message. None: there is none."""
        self._set(id, next_at=at, tries=0, given_up_at=None, sent_at=None)
        return self.find(id)

    def find(self, id: str) -> Outgoing | None:  # noqa: A002 - its id
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(t).where(t.c.id == id)).first()
        return _outgoing(row) if row else None

    def newest(self, *, target: str = "", limit: int = 50) -> Sequence[Outgoing]:
        query = sa.select(t).order_by(t.c.created_at.desc(), t.c.id).limit(min(limit, MOST))
        with reading(self.engine) as connection:
            return [
                _outgoing(row) for row in connection.execute(query.where(t.c.target == target) if target else query)
            ]

    def forget(self, before: datetime) -> int:
        """What was sent or given up before then."""
        over = sa.and_(t.c.next_at.is_(None), t.c.created_at < before)
        with writing(self.engine) as connection:
            return connection.execute(t.delete().where(over)).rowcount

    def _set(self, id: str, **values: Any) -> None:  # noqa: A002 - its id
        with writing(self.engine) as connection:
            connection.execute(t.update().where(t.c.id == id).values(**values))


@dataclass(frozen=True)
class Endpoints:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    seals: Seals
    audit: Audit

    def all(self) -> Sequence[Endpoint]:
        with reading(self.engine) as connection:
            return [_endpoint(row) for row in connection.execute(sa.select(e).order_by(e.c.created_at, e.c.id))]

    def find(self, id: str) -> tuple[Endpoint, str] | None:  # noqa: A002 - its id
        """The endpoint and its secret, with that of before behind a blank; None when it is gone."""
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(e).where(e.c.id == id)).first()
        return (_endpoint(row), self.seals.open(row.secret, place=secret_place(id)) or "") if row else None

    def add(self, one: Endpoint, secret: str) -> None:
        row = {
            "id": one.id,
            "url": one.url,
            "secret": self.seals.seal(secret, place=secret_place(one.id)),
            "events": sorted(one.events),
            "enabled": one.on,
            "created_at": one.created_at,
            "created_by": one.created_by,
        }
        with writing(self.engine, locks=[LOCK]) as connection:
            connection.execute(e.insert(), row)
            self.audit.add_within(
                connection,
                at=one.created_at,
                who=one.created_by,
                what="webhook added",
                object=one.id,
                detail={"url": one.url, "events": row["events"]},
            )

    def renew(self, id: str, secret: str, *, until: datetime, who: str, at: datetime) -> Endpoint | None:  # noqa: A002 - its id
        """Sign with another secret from now on, and with the one of before until then. None: there is no such endpoint."""
        with writing(self.engine, locks=[LOCK]) as connection:
            row = connection.execute(sa.select(e).where(e.c.id == id)).first()
            if row is None:
                return None
            old = (self.seals.open(row.secret, place=secret_place(id)) or "").partition(" ")[0]
            sealed = self.seals.seal(f"{secret} {old}".strip(), place=secret_place(id))
            connection.execute(e.update().where(e.c.id == id).values(secret=sealed, old_until=until))
            detail = {"old_until": until.isoformat()}
            self.audit.add_within(connection, at=at, who=who, what="webhook secret changed", object=id, detail=detail)
        return _endpoint(row)

    def remove(self, id: str, *, who: str, at: datetime) -> bool:  # noqa: A002 - its id
        """What was still to be sent there is given up. False: there is none."""
        with writing(self.engine, locks=[LOCK]) as connection:
            row = connection.execute(sa.select(e).where(e.c.id == id)).first()
            if row is None:
                return False
            connection.execute(e.delete().where(e.c.id == id))
            _give_up(connection, id, at, "removed")
            detail = {"before": {"url": row.url, "events": row.events}, "after": None}
            self.audit.add_within(connection, at=at, who=who, what="webhook removed", object=id, detail=detail)
        return True

    def switch(self, id: str, *, on: bool, who: str, at: datetime) -> None:  # noqa: A002 - its id
        """Off: what was still to be sent there is given up."""
        with writing(self.engine, locks=[LOCK]) as connection:
            if connection.execute(e.update().where(e.c.id == id, e.c.enabled != on).values(enabled=on)).rowcount:
                if not on:
                    _give_up(connection, id, at, OFF)
                detail = {"before": not on, "after": on}
                self.audit.add_within(connection, at=at, who=who, what="webhook switched", object=id, detail=detail)


def _give_up(connection: Connection, target: str, at: datetime, why: str) -> None:
    waiting = t.update().where(t.c.target == target, t.c.next_at.is_not(None))
    connection.execute(waiting.values(next_at=None, given_up_at=at, answer=why))


def secret_place(endpoint: str) -> str:
    return f"webhook_endpoints.secret:{endpoint}"


def _endpoint(row: Any) -> Endpoint:
    return Endpoint(
        id=row.id,
        url=row.url,
        events=frozenset(row.events),
        created_at=row.created_at,
        created_by=row.created_by,
        on=row.enabled,
        old_until=row.old_until,
    )


def _row(one: Outgoing) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _COLUMNS} | {"way": one.way.value}


_COLUMNS = (
    "id", "way", "target", "message", "event", "body", "created_at", "next_at", "tries", "sent_at", "given_up_at", "answer",
)  # fmt: skip


def _outgoing(row: Any, *, tries: int | None = None) -> Outgoing:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return Outgoing(**(values | {"way": Way(row.way), "tries": row.tries if tries is None else tries}))
