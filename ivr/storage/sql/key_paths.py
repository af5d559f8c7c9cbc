"""What callers pressed in a period, call by call, for walking it through another menu. No numbers, no secret digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.events import CallerKind
from ivr.core.facts import Fact
from ivr.core.ids import CallId
from ivr.storage.sql import tables
from ivr.storage.sql.engine import reading
from ivr.storage.sql.records import facts_by_call

PORTION = 300


@dataclass(frozen=True)
class KeyPaths:
    """The facts of the calls that people made to a hotline, in portions. Raises `Unavailable`."""

    engine: Engine

    def between(self, hotline: str, start: datetime, end: datetime) -> Iterator[tuple[CallId, Sequence[Fact]]]:
        t = tables.calls
        people = [kind.value for kind in CallerKind]
        which = sa.select(t.c.call).where(
            t.c.hotline == hotline, t.c.started_at >= start, t.c.started_at < end, t.c.kind.in_(people)
        )
        with reading(self.engine) as connection:
            calls = [CallId(call) for call in connection.scalars(which.order_by(t.c.started_at))]
        for first in range(0, len(calls), PORTION):
            with reading(self.engine) as connection:
                found = facts_by_call(connection, calls[first : first + PORTION])
            for call, noted in found.items():
                yield call, _in_order(noted)


def _in_order(noted: Any) -> Sequence[Fact]:
    """By time; what one step noted, in the order in which it noted it."""
    kinds = (facts.CallStarted, facts.NodeEntered, facts.KeyPressed, facts.TextSent, facts.CallEnded)
    return sorted((fact for _, fact in noted.values() if isinstance(fact, kinds)), key=lambda fact: fact.at)
