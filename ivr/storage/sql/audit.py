"""Who did what: rows are added, never changed. The database refuses changes, and the chain shows them.

Each row carries an HMAC over itself and the hash of the row before, under a key that does not lie in the
database: whoever edits, removes or reorders rows there cannot make the chain fit again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.people import AuditRow
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.people_tables import audit

LOCK = "audit"


@dataclass(frozen=True)
class Audit:
    engine: Engine
    key: bytes
    old: tuple[bytes, ...] = ()
    """Keys of before, which chained the older rows."""

    def add(
        self,
        *,
        at: datetime,
        who: str,
        what: str,
        object: str = "",  # noqa: A002 - the word of the audit
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one row. `detail` holds what changed, never a password, token or full telephone number."""
        with writing(self.engine, locks=[LOCK]) as connection:
            self.add_within(connection, at=at, who=who, what=what, object=object, detail=detail)

    def add_within(
        self,
        connection: Connection,
        *,
        at: datetime,
        who: str,
        what: str,
        object: str = "",  # noqa: A002 - the word of the audit
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """As `add`, as part of the change that it tells of. The transaction must hold the lock `LOCK`."""
        last = connection.execute(
            sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
        ).first()
        row: dict[str, Any] = {
            "number": last.number + 1 if last else 1,
            "at": at,
            "who": who,
            "what": what,
            "object": object,
            "detail": json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
        }
        row["hash"] = _hash(self.key, last.hash if last else "", row)
        connection.execute(audit.insert(), row)

    def verify(self) -> int | None:
        """Number of the first row that does not fit the chain; None when all do.

        Rows cut off at the very end are not seen: compare `count` with a figure kept elsewhere.
        """
        before, expected = "", 1
        with reading(self.engine) as connection:
            for row in connection.execute(sa.select(audit).order_by(audit.c.number)).yield_per(1000):
                body = row._asdict()
                fits = any(hmac.compare_digest(row.hash, _hash(key, before, body)) for key in (self.key, *self.old))
                if row.number != expected or not fits:
                    return expected
                before, expected = row.hash, expected + 1
        return None

    def count(self) -> int:
        with reading(self.engine) as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one()

    def newest(self, limit: int = 100) -> Sequence[AuditRow]:
        """The last rows, newest first; at most 200."""
        query = sa.select(audit).order_by(audit.c.number.desc()).limit(min(limit, 200))
        with reading(self.engine) as connection:
            return [
                AuditRow(number=row.number, at=row.at, who=row.who, what=row.what, object=row.object, detail=row.detail)
                for row in connection.execute(query)
            ]


def _hash(key: bytes, before: str, row: Mapping[Any, Any]) -> str:
    at: datetime = row["at"]
    body = [
        before,
        row["number"],
        at.astimezone(UTC).isoformat(),
        row["who"],
        row["what"],
        row["object"],
        row["detail"],
    ]
    return hmac.new(key, json.dumps(body, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()
