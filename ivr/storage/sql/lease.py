"""One builder at a time, without a lock held while it counts: it has a lease, and every write of its own first looks whether it still has.

A thread makes the lease longer while the builder is at it, however long one count takes; so it is short, and who was killed is soon followed.
Who lost it all the same, because the machine stood still, writes nothing any more.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.errors import Unavailable
from ivr.storage.sql.engine import writing
from ivr.storage.sql.rollup_tables import rollup_pieces
from ivr.storage.sql.seconds import seconds_of

LEASE_S = 60
"""Who has not made it longer for so long is taken for dead."""
RENEWED_S = 15.0
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
    every_s: float = RENEWED_S
    """Seconds between two times at which it is made longer."""

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
                connection.execute(t.insert().values(self.row()))
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(over,), name=f"lease of {self.what}", daemon=True)
        if mine:
            renewing.start()
        try:
            yield mine
        except Lost:
            return
        finally:
            if mine:
                over.set()
                renewing.join()
                with writing(self.engine, locks=[LOCK]) as connection:
                    connection.execute(t.delete().where(self._of, t.c.start_s == self.token))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction; it makes the lease longer. Raises Lost."""
        with writing(self.engine, locks=[LOCK]) as connection:
            if not self._longer(connection):
                raise Lost
            yield connection

    def _renew(self, over: threading.Event) -> None:
        """Until it is over, or lost. While the database is away it is tried again."""
        while not over.wait(self.every_s):
            with suppress(Unavailable), writing(self.engine, locks=[LOCK]) as connection:
                if not self._longer(connection):
                    return

    def _longer(self, connection: Connection) -> bool:
        """Whether it was still there."""
        t = rollup_pieces
        mine = t.update().where(self._of, t.c.start_s == self.token).values(end_s=self._until())
        return bool(connection.execute(mine).rowcount)

    def row(self) -> dict[str, object]:
        return {"kind": "", "level": self.what, "start_s": self.token, "end_s": self._until()}

    def _until(self) -> int:
        return seconds_of(self.now) + round(time.monotonic() - self.begun) + LEASE_S


def take_away(connection: Connection, what: str) -> None:
    """Whoever has this lease writes nothing more."""
    t = rollup_pieces
    connection.execute(t.delete().where(t.c.kind == "", t.c.level == what))
