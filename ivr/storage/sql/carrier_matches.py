"""Our side of the match with the carrier's list, and what came of each day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.callback_rules import PREFIX
from ivr.core.carrier_match import CarrierMatch, Difference, Differs, Listed
from ivr.storage.sql.call_out_table import calls_out
from ivr.storage.sql.carrier_tables import carrier_matches as t
from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.tables import callback_attempts, callbacks, calls

MOST_KEPT = 500
"""Differences of one day that are kept by name: with more, something is wrong that no list explains."""


@dataclass(frozen=True)
class CarrierMatches:
    """Implements `workflows.match_carrier.OwnList` and `KeptMatches`. Raises `Unavailable`."""

    engine: Engine

    def calls_recorded(self, hotline: str, start: datetime, end: datetime) -> Sequence[Listed]:
        with reading(self.engine) as connection:
            return [
                Listed(id=row.id, began_at=row.at, ended_at=row.ended_at, ours=row.ours)
                for statement in _of_the_time(hotline, start, end)
                for row in connection.execute(statement)
            ]

    def keep(self, match: CarrierMatch) -> None:
        row = {
            "hotline": match.hotline,
            "day": match.day,
            "matched_at": match.matched_at,
            "here": match.here,
            "there": match.there,
            "agreed": match.agreed,
            "differences": [_noted(one) for one in match.differences[:MOST_KEPT]],
            "trouble": match.trouble,
        }
        with writing(self.engine, locks=["carrier_matches"]) as connection:
            upsert(connection, t, [row])

    def find(self, hotline: str, day: str) -> CarrierMatch | None:
        query = sa.select(t).where(t.c.hotline == hotline, t.c.day == day)
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        return _match(row) if row else None

    def between(self, first: str, last: str) -> Sequence[CarrierMatch]:
        """Of the days from `first` to `last`, newest first."""
        query = sa.select(t).where(t.c.day >= first, t.c.day <= last).order_by(t.c.day.desc(), t.c.hotline)
        with reading(self.engine) as connection:
            return [_match(row) for row in connection.execute(query)]


def _of_the_time(hotline: str, start: datetime, end: datetime) -> Iterator[sa.Select[Any]]:
    """Calls to us; tries to call somebody back; calls that agents made."""
    c, tries, out = calls.c, callback_attempts.c, calls_out.c
    yield sa.select(c.call.label("id"), c.started_at.label("at"), c.ended_at, sa.false().label("ours")).where(
        c.hotline == hotline, c.started_at >= start, c.started_at < end, c.call.not_like(f"{PREFIX}%")
    )
    yield (
        sa.select(tries.leg.label("id"), tries.at, tries.ended_at, sa.true().label("ours"))
        .join_from(callback_attempts, callbacks, tries.callback == callbacks.c.id)
        .where(callbacks.c.hotline == hotline, tries.leg.is_not(None), tries.at >= start, tries.at < end)
    )
    yield sa.select(out.leg.label("id"), out.dialled_at.label("at"), out.ended_at, sa.true().label("ours")).where(
        out.hotline == hotline, out.leg.is_not(None), out.dialled_at >= start, out.dialled_at < end
    )


def _noted(one: Difference) -> dict[str, str | None]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "at": one.at.isoformat(),
        "here": one.here.isoformat() if one.here else None,
        "there": one.there.isoformat() if one.there else None,
    }


def _match(row: Any) -> CarrierMatch:
    return CarrierMatch(
        hotline=row.hotline,
        day=row.day,
        matched_at=row.matched_at,
        here=row.here,
        there=row.there,
        agreed=row.agreed,
        differences=tuple(_difference(one) for one in row.differences),
        trouble=row.trouble,
    )


def _difference(noted: dict[str, str | None]) -> Difference:
    here, there = noted["here"], noted["there"]
    return Difference(
        id=str(noted["id"]),
        kind=Differs(str(noted["kind"])),
        at=datetime.fromisoformat(str(noted["at"])),
        here=datetime.fromisoformat(here) if here else None,
        there=datetime.fromisoformat(there) if there else None,
    )
