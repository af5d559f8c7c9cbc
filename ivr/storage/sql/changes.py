"""What kept cells and sums must know of a change: the times at which the rows of a call stand, before it and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.storage.sql import tables
from ivr.storage.sql.after_tables import surveys
from ivr.storage.sql.rollup_tables import WAITS
from ivr.storage.sql.sum_calls import CALLS
from ivr.storage.sql.sum_promises import PROMISES
from ivr.storage.sql.sum_ratings import RATINGS
from ivr.storage.sql.sum_returns import RETURNS, earlier_stays
from ivr.storage.sql.sum_served import SERVED, earlier_served
from ivr.storage.sql.sums import mark_all

STAY_TIMES = ("entered_at", "answered_at", "left_at", "ended_at")
TOLD = ("topic", "agent_topic", "agent", "outcome", "wait_s", "entered_at", "answered_at")
"""What decides whether somebody called again."""


@dataclass(frozen=True)
class Standing:
    """How calls stood before they were written."""

    stays: Mapping[tuple[str, int], Mapping[str, Any]]
    moments: frozenset[datetime]
    """Times of the calls themselves, of their offers and announcements."""
    starts: Mapping[str, datetime]
    """When each call began."""


def standing(connection: Connection, calls: Sequence[str]) -> Standing:
    s, c, o, a = tables.segments.c, tables.calls.c, tables.offers.c, tables.announcements.c
    stays = sa.select(s.call, s.segment, s.left_at, s.ended_at, *(s[name] for name in TOLD)).where(s.call.in_(calls))
    begun = sa.select(c.call, c.started_at).where(c.call.in_(calls))
    others = sa.union_all(
        sa.select(c.started_at).where(c.call.in_(calls)),
        sa.select(c.ended_at).where(c.call.in_(calls)),
        sa.select(o.made_at).where(o.call.in_(calls)),
        sa.select(a.at).where(a.call.in_(calls)),
    )
    return Standing(
        {(row["call"], row["segment"]): dict(row) for row in connection.execute(stays).mappings()},
        frozenset(at for at in connection.scalars(others) if at is not None),
        {call: at for call, at in connection.execute(begun) if at is not None},
    )


def note(
    connection: Connection,
    before: Standing,
    calls: Iterable[Mapping[str, Any]],
    below: Mapping[sa.Table, Sequence[Any]],
    *,
    begun: Mapping[str, tuple[str, str]],
) -> None:
    """Calls were written, with what stands below them. `begun`: those whose caller is known only now; sealed, and by the index."""
    stays, calls = below[tables.segments], list(calls)
    every = [*before.stays.values(), *stays]
    waited = {row[name] for row in every for name in ("entered_at", "left_at")}
    moments = {row[name] for row in every for name in STAY_TIMES} | before.moments
    moments |= {row[name] for row in calls for name in ("started_at", "ended_at")}
    moments |= {row["made_at"] for row in below[tables.offers]} | {row["at"] for row in below[tables.announcements]}
    changed = {row["call"] for row in stays if _differs(before.stays.get((row["call"], row["segment"])), row)}
    changed |= set(begun)
    returned = {row["entered_at"] for row in every if row["call"] in changed}
    known = sorted(call for call in changed if begun.get(call, ("", "?"))[1])
    starts = [row["started_at"] for row in calls if row["started_at"] is not None]
    if known and starts:
        returned |= set(earlier_stays(connection, known, min(starts)))
    tests = sorted(row["call"] for row in calls if row["test"])
    served = {*before.starts.values(), *starts}
    again = {row["call"] for row in calls if before.starts.get(row["call"]) != row["started_at"]}
    if starts and (again := again.union(begun, tests)):
        served |= set(earlier_served(connection, sorted(again), min(starts)))
    marks = {WAITS: waited, CALLS: moments, RETURNS: returned, SERVED: served}
    mark_all(connection, {**marks, **(_around(connection, tests) if tests else {})})


def _around(connection: Connection, tests: Sequence[str]) -> Mapping[str, Iterable[datetime]]:
    """Where stands what was promised and asked in these calls, which count nowhere: it may have been written before it was known."""
    c, s = tables.callbacks.c, surveys.c
    return {
        PROMISES: connection.scalars(sa.select(c.requested_at).where(c.call.in_(tests))),
        RATINGS: connection.scalars(sa.select(s.asked_at).where(s.call.in_(tests))),
    }


def _differs(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    return before is None or any(before[name] != after[name] for name in TOLD)
