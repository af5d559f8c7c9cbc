"""After the secret was changed: seal every number anew, so that the old secret can be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.storage.sql.after_tables import consents, message_box, surveys
from ivr.storage.sql.alert_tables import alert_recipients, webhook_endpoints
from ivr.storage.sql.alerts import recipient_place
from ivr.storage.sql.call_out_table import calls_out
from ivr.storage.sql.callback_rows import callback_place
from ivr.storage.sql.calls_out import call_out_place
from ivr.storage.sql.case_rows import case_place
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.message_box import transcript_place
from ivr.storage.sql.outgoing import secret_place
from ivr.storage.sql.records import number_place
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_returns import RETURNS
from ivr.storage.sql.sum_served import SERVED
from ivr.storage.sql.sums import mark_all
from ivr.storage.sql.surveys import survey_place
from ivr.storage.sql.tables import callbacks, calls, cases

HOUR = timedelta(hours=1)
PORTION = 500
"""Rows in one transaction: callers do not wait for longer than that."""


@dataclass(frozen=True, kw_only=True)
class Rekeyed:
    sealed: int = 0
    """Sealed with the secret of today."""
    unknown: int = 0
    """Left as they are: no secret we were given opens them."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A table with something sealed."""

    table: sa.Table
    key: str
    place: Callable[[str], str]
    column: str = "number"
    """What is sealed. The blind index of a number stands in `<column>_index`."""
    indexed: bool = True


SEALED = (
    Sealed(table=calls, key="call", place=number_place),
    Sealed(table=callbacks, key="id", place=callback_place),
    Sealed(table=calls_out, key="id", place=call_out_place),
    Sealed(table=cases, key="id", place=case_place, column="caller"),
    Sealed(table=surveys, key="id", place=survey_place),
    Sealed(table=message_box, key="id", place=transcript_place, column="transcript", indexed=False),
    Sealed(table=alert_recipients, key="id", place=recipient_place, column="address", indexed=False),
    Sealed(table=webhook_endpoints, key="id", place=secret_place, column="secret", indexed=False),
)


def rekey(engine: Engine, seals: Seals) -> Rekeyed:
    """Every number and its index under the secret of today. Safe to stop and to run again, beside a live service."""
    done = [_rekey(engine, seals, one) for one in SEALED]
    _follow(engine)
    _count_again(engine)
    return Rekeyed(sealed=sum(one.sealed for one in done), unknown=sum(one.unknown for one in done))


def _follow(engine: Engine) -> None:
    """Consents hold no number: they follow the index of their call."""
    index = sa.select(calls.c.number_index).where(calls.c.call == consents.c.call, calls.c.number_index != "")
    mine = index.scalar_subquery()
    with writing(engine) as connection:
        connection.execute(
            consents.update().where(index.exists(), consents.c.number_index != mine).values(number_index=mine)
        )


def _count_again(engine: Engine) -> None:
    """Who called again is found by the index: sums that were made while some numbers had another one say too little."""
    begun = calls.c.started_at
    with writing(engine) as connection:
        first, last = connection.execute(sa.select(sa.func.min(begun), sa.func.max(begun))).one()
        hours = range((last - first) // HOUR + 2) if first else ()
        moments = [first + number * HOUR for number in hours]
        mark_all(connection, {RETURNS: moments, SERVED: moments})


def _rekey(engine: Engine, seals: Seals, of: Sealed) -> Rekeyed:
    sealed = unknown = 0
    after = ""
    key, number_of = of.table.c[of.key], of.table.c[of.column]
    while True:
        query = (
            sa.select(key.label("key"), number_of.label("number"))
            .where(key > after, number_of != "")
            .order_by(key)
            .limit(PORTION)
        )
        with reading(engine) as connection:
            rows = connection.execute(query).all()
        if not rows:
            return Rekeyed(sealed=sealed, unknown=unknown)
        after = rows[-1].key
        stale = [row for row in rows if not seals.fresh(row.number)]
        opened = [(row, seals.open(row.number, place=of.place(row.key))) for row in stale]
        unknown += sum(number is None for _, number in opened)
        with writing(engine) as connection:
            for row, number in opened:
                if number is not None:
                    sealed_now = seals.seal(number, place=of.place(row.key))
                    new = {of.column: sealed_now} | ({f"{of.column}_index": seals.index(number)} if of.indexed else {})
                    sealed += connection.execute(
                        of.table.update().where(key == row.key, number_of == row.number).values(**new)
                    ).rowcount
