"""Codes by which callers prove who they are: counted per number, kept as keyed hashes, forgotten in ten minutes.

The key is derived from the installation's secret, so that a copy of the database does not give a code away although there
are only a million of them; and the hash is bound to the id of the code, so that it fits no other call.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.core.verification import CODE_LIFE, CODES_A_DAY, FAILURES_AN_HOUR, CodeOrdered, CodeOver, Proof
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import codes as t

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Codes:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def write_order(self, connection: Connection, commitment: Commitment) -> None:
        """A code was promised to this number. The same one again changes nothing."""
        assert isinstance(commitment, CodeOrdered)
        _forget(connection, commitment.at)
        row = {
            "id": commitment.id,
            "hotline": commitment.hotline,
            "call": commitment.call,
            "number_index": self.seals.index(commitment.number),
            "at": commitment.at,
        }
        insert_new(connection, t, [row])

    def write_over(self, connection: Connection, commitment: Commitment) -> None:
        """How it ended; its hash is of no use any more."""
        assert isinstance(commitment, CodeOver)
        _forget(connection, commitment.at)
        connection.execute(
            t.update()
            .where(t.c.id == commitment.code, t.c.result.is_(None))
            .values(result=commitment.result, ended_at=commitment.at, code_hash="", expires_at=None)
        )

    def keep(self, code: str, digits: str, at: datetime) -> bool:
        """The digits that are about to be sent; an earlier draw of the same code is void. False: it is over."""
        with writing(self.engine) as connection:
            _forget(connection, at)
            kept = connection.execute(
                t.update()
                .where(t.c.id == code, t.c.result.is_(None))
                .values(code_hash=self._hash(code, digits), expires_at=at + CODE_LIFE)
            )
            return bool(kept.rowcount)

    def matches(self, code: str, digits: str, at: datetime) -> bool:
        """Whether these are the digits of a code that is still good. Takes as long for wrong ones as for right ones."""
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(t.c.code_hash, t.c.expires_at, t.c.result).where(t.c.id == code)).first()
        kept = row.code_hash if row is not None else ""
        same = hmac.compare_digest(kept.encode(), self._hash(code, digits).encode())
        return bool(same and row is not None and row.result is None and row.expires_at and row.expires_at > at)

    def locked(self, number: str, at: datetime) -> str:
        """Why no code may go to this number now: `codes`, `failures`; empty: it may."""
        mine = t.c.number_index.in_(self.seals.indexes(number))
        sent = sa.select(sa.func.count()).where(mine, t.c.at > at - DAY)
        failed = sa.select(sa.func.count()).where(mine, t.c.result == Proof.FAILED, t.c.ended_at > at - HOUR)
        with reading(self.engine) as connection:
            if int(connection.scalar(failed) or 0) >= FAILURES_AN_HOUR:
                return "failures"
            return "codes" if int(connection.scalar(sent) or 0) >= CODES_A_DAY else ""

    def _hash(self, code: str, digits: str) -> str:
        key = hmac.new(self.seals.secret, b"ivr verification codes", hashlib.sha256).digest()
        return hmac.new(key, f"{code}:{digits}".encode(), hashlib.sha256).hexdigest()


def _forget(connection: Connection, at: datetime) -> None:
    """Hashes of codes that nobody keyed in time (their callers hung up) go with the next write."""
    connection.execute(t.update().where(t.c.expires_at <= at).values(code_hash="", expires_at=None))
