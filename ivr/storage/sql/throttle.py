"""Slow down whoever guesses passwords. Counted by login name, known or not, and by address.

The count goes up before the password is looked at and is forgiven after a right one: a thousand guesses at once
find the door closed after the fifth. Names are kept as hashes, so a password typed into the wrong field does not
end up here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.people import ADDRESS_FAILURES, WINDOW, Throttled, login_delay
from ivr.storage.sql.engine import upsert, writing
from ivr.storage.sql.people_tables import throttles

FORGET = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Throttle:
    engine: Engine

    def admit(self, login: str, address: str, *, at: datetime) -> Throttled | None:
        """Count one try; Throttled when it must not be looked at (such a try is not counted)."""
        name, place = _name("login", login), _name("address", address)
        with writing(self.engine, locks=[name, place]) as connection:
            connection.execute(throttles.delete().where(throttles.c.last_at < at - FORGET))
            rows = {
                row.name: row
                for row in connection.execute(sa.select(throttles).where(throttles.c.name.in_([name, place])))
            }
            for row in rows.values():
                if row.until is not None and row.until > at:
                    return Throttled(until=row.until)
            _count(connection, name, rows.get(name), at=at)
            if address:
                _count_address(connection, place, rows.get(place), at=at)
        return None

    def forgive(self, login: str, address: str) -> None:
        """The password was right: the login starts anew, and the try does not count against the address."""
        name, place = _name("login", login), _name("address", address)
        with writing(self.engine, locks=[name, place]) as connection:
            connection.execute(throttles.delete().where(throttles.c.name == name))
            connection.execute(
                throttles.update()
                .where(throttles.c.name == place, throttles.c.failures > 0)
                .values(failures=throttles.c.failures - 1)
            )


def _count(connection: Connection, name: str, row: Any, *, at: datetime) -> None:
    forgotten = row is None or max(row.last_at, row.until or row.last_at) < at - WINDOW
    failures = 1 if forgotten else row.failures + 1
    delay = login_delay(failures)
    _save(connection, name, failures, at=at, until=at + delay if delay else None)


def _count_address(connection: Connection, name: str, row: Any, *, at: datetime) -> None:
    """Up to 30 in a minute that begins with the first; then nothing for a minute."""
    anew = row is None or row.last_at <= at - MINUTE
    begun = at if anew else row.last_at
    failures = 1 if anew else row.failures + 1
    _save(connection, name, failures, at=begun, until=at + MINUTE if failures >= ADDRESS_FAILURES else None)


def _save(connection: Connection, name: str, failures: int, *, at: datetime, until: datetime | None) -> None:
    upsert(connection, throttles, [{"name": name, "failures": failures, "last_at": at, "until": until}])


def _name(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
