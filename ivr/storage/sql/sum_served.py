"""Calls that the menu served by itself, and whether their callers called again: kept, as hundreds of thousands may have to be looked after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.callback_rules import PREFIX
from ivr.core.menu_flow import SETTLED
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.report_indexes import SERVED as OF_SERVED
from ivr.storage.sql.spans import counted, instant, seconds_between
from ivr.storage.sql.sums import Source, counted_by
from ivr.storage.sql.tables import calls

SERVED = "served"
"""The family: marked where a call stands, and where the served ones of its caller stand that came shortly before."""
SETTLED_S = SETTLED.total_seconds()
LONGEST = timedelta(days=2)
"""No call takes longer."""


def _served(start: datetime, end: datetime) -> sa.Subquery:
    """Served calls of known callers that began in the time, and when their caller called next."""
    c, later = calls.c, calls.alias("later")
    next_at = (
        sa.select(later.c.started_at)
        .where(
            later.c.number_index == c.number_index,
            later.c.call != c.call,
            later.c.call.not_like(f"{PREFIX}%"),
            real(later.c.call),
            later.c.started_at > c.ended_at,
        )
        .order_by(later.c.started_at)
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(c.hotline, c.ended_at, next_at.label("next_at"))
        .where(sa.text(OF_SERVED), c.started_at >= start, c.started_at < end, c.number_index != "", real(c.call))
        .subquery()
    )


def _again(one: sa.Subquery) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(seconds_between(one.c.ended_at, one.c.next_at) <= SETTLED_S, sa.false())


def _rows(_connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    one = _served(start, end)
    return sa.select(one.c.hotline, sa.func.count(), counted(_again(one))).group_by(one.c.hotline)


SERVED_AGAIN = Source(
    name="served_again", family=SERVED, keys=(), numbers=("known", "again"), rows=counted_by(0, _rows)
)
"""Of the calls that the menu served, with a number: how many, and how many called again within a day after the end."""


def unsettled(connection: Connection, start: datetime, end: datetime, hotline: str, at: datetime) -> int:
    """How many of the served calls of this time have not called again, and may do so still."""
    one = _served(max(start, at - SETTLED - LONGEST), end)
    query = sa.select(sa.func.count()).where(
        one.c.hotline == hotline, ~_again(one), one.c.ended_at > instant(at - SETTLED)
    )
    return connection.scalar(query) or 0


def earlier_served(connection: Connection, changed: Sequence[str], since: datetime) -> Sequence[datetime]:
    """When the served calls began that callers of these calls had not long before them, or after: whether they called again may have
    changed. `since`: when the first of the calls began.
    """
    own, before = calls.alias("own"), calls.alias("before")
    theirs = (
        sa.select(before.c.started_at)
        .join_from(own, before, before.c.number_index == own.c.number_index)
        .where(
            own.c.call.in_(changed),
            own.c.number_index != "",
            before.c.end == "self_served",
            before.c.started_at >= since - LONGEST - SETTLED,
        )
    )
    return connection.scalars(theirs).all()
