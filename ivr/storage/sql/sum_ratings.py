"""What is counted of ratings, by when callers were asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.satisfaction import BEST, GOOD
from ivr.storage.sql.after_tables import surveys
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.spans import counted
from ivr.storage.sql.sums import Source, counted_by, mark, within

RATINGS = "ratings"
"""The family: marked where somebody was asked."""


def mark_rating(connection: Connection, survey: str) -> None:
    t = surveys.c
    mark(connection, RATINGS, connection.scalars(sa.select(t.asked_at).where(t.id == survey)))


def _rated(connection: Connection, start: datetime, end: datetime) -> sa.Select[Any]:
    t = surveys.c
    valid = sa.and_(t.score >= 1, t.score <= BEST)
    kind = (t.hotline, t.topic, t.channel, t.agent)
    return (
        sa.select(
            *kind,
            sa.func.count(),
            counted(valid),
            counted(sa.and_(valid, t.score >= GOOD)),
            sa.func.sum(sa.case((valid, t.score), else_=0)),
            counted(t.solved == "yes"),
            counted(t.solved == "no"),
        )
        .where(within(connection, t.asked_at, start, end), real(t.call))
        .group_by(*kind)
    )


RATED = Source(
    name="rated",
    family=RATINGS,
    keys=("topic", "channel", "agent"),
    numbers=("asked", "valid", "good", "total", "solved", "not_solved"),
    rows=counted_by(3, _rated),
    views={"rated_channel": ("topic", "channel"), "rated_agent": ("topic", "agent")},
)
