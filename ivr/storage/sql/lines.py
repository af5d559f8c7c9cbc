"""Lines at the carrier, by when they were open and when they were made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.callback_rules import PREFIX
from ivr.core.usage import NEW_CALL
from ivr.storage.sql.carrier_tables import carrier_requests
from ivr.storage.sql.sums import within
from ivr.storage.sql.tables import calls, segments

LONGEST = timedelta(hours=24)
"""No line lasts longer at the carrier."""
PORTION = 5000


def lines_made(connection: Connection, start: datetime, end: datetime) -> Iterator[datetime]:
    """When the carrier was asked for a new line."""
    t = carrier_requests.c
    yield from connection.scalars(sa.select(t.at).where(t.what == NEW_CALL, t.at >= start, t.at < end))


def open_lines(
    connection: Connection, start: datetime, end: datetime, *, dialled: bool, lasting: bool = False
) -> Iterator[tuple[datetime, datetime]]:
    """Lines that were open in [start, end): all of callers, or those that we had dialled. `lasting`: those too that have no end yet."""
    c, s = calls.c, segments.c

    def until(ended: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
        return sa.or_(ended > start, ended.is_(None)) if lasting else ended > start

    own = c.call.like(f"{PREFIX}%")
    lines = [
        sa.select(c.started_at.label("a"), c.ended_at.label("b")).where(
            own if dialled else sa.not_(own), within(connection, c.started_at, start - LONGEST, end), until(c.ended_at)
        )
    ]
    if dialled:
        lines.append(
            sa.select(s.answered_at.label("a"), s.ended_at.label("b")).where(
                s.by_phone, s.entered_at < end, s.entered_at >= start - LONGEST, until(s.ended_at)
            )
        )
    for query in lines:
        for row in connection.execute(query).yield_per(PORTION):
            if row.a is not None:
                yield max(row.a, start), min(row.b or end, end)
