"""After the secret was changed: seal every number anew, so that the old secret can be forgotten."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.records import number_place
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import calls

PORTION = 500
"""Rows in one transaction: callers do not wait for longer than that."""


@dataclass(frozen=True, kw_only=True)
class Rekeyed:
    sealed: int = 0
    """Sealed with the secret of today."""
    unknown: int = 0
    """Left as they are: no secret we were given opens them."""


def rekey(engine: Engine, seals: Seals) -> Rekeyed:
    """Every call's number and index under the secret of today. Safe to stop and to run again, beside a live service."""
    sealed = unknown = 0
    after = ""
    while True:
        query = (
            sa.select(calls.c.call, calls.c.number)
            .where(calls.c.call > after, calls.c.number != "")
            .order_by(calls.c.call)
            .limit(PORTION)
        )
        with reading(engine) as connection:
            rows = connection.execute(query).all()
        if not rows:
            return Rekeyed(sealed=sealed, unknown=unknown)
        after = rows[-1].call
        stale = [row for row in rows if not seals.fresh(row.number)]
        opened = [(row, seals.open(row.number, place=number_place(row.call))) for row in stale]
        unknown += sum(number is None for _, number in opened)
        with writing(engine) as connection:
            for row, number in opened:
                if number is not None:
                    sealed += connection.execute(
                        calls.update()
                        .where(calls.c.call == row.call, calls.c.number == row.number)
                        .values(
                            number=seals.seal(number, place=number_place(row.call)), number_index=seals.index(number)
                        )
                    ).rowcount
