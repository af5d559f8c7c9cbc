"""One builder at a time, without a lock held while it counts: it has a lease, and every write of its own first looks whether it still has."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.storage.sql.engine import writing
from ivr.storage.sql.rollup_tables import rollup_pieces

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE_S = 600
"""Who has not written for so long is taken for dead."""
LOCK = "rollups"


class Lost(Exception):
    """Another builder has taken over."""


@dataclass
class Lease:
    engine: Engine
    what: str
    now: datetime
    token: int = field(default_factory=lambda: secrets.randbits(40))
    begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        t = rollup_pieces.c
        self._of = sa.and_(t.kind == "", t.level == self.what)

    @contextmanager
    def held(self) -> Iterator[bool]:
        """False: somebody else is at it. A builder who lost it meanwhile ends here."""
        t = rollup_pieces
        with writing(self.engine, locks=[LOCK]) as connection:
            until = connection.scalar(sa.select(t.c.end_s).where(self._of))
            mine = until is None or until <= self._until() - LEASE_S
            if mine:
                connection.execute(t.delete().where(self._of))
                row = {"kind": "", "level": self.what, "start_s": self.token, "end_s": self._until()}
                connection.execute(t.insert().values(row))
        try:
            yield mine
        except Lost:
            return
        finally:
            if mine:
                with writing(self.engine, locks=[LOCK]) as connection:
                    connection.execute(t.delete().where(self._of, t.c.start_s == self.token))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction; it makes the lease longer. Raises Lost."""
        t = rollup_pieces
        with writing(self.engine, locks=[LOCK]) as connection:
            mine = t.update().where(self._of, t.c.start_s == self.token).values(end_s=self._until())
            if not connection.execute(mine).rowcount:
                raise Lost
            yield connection

    def _until(self) -> int:
        return (self.now - EPOCH) // SECOND + round(time.monotonic() - self.begun) + LEASE_S


def take_away(connection: Connection, what: str) -> None:
    """Whoever has this lease writes nothing more."""
    t = rollup_pieces
    connection.execute(t.delete().where(t.c.kind == "", t.c.level == what))
