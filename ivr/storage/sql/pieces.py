"""Lists of the API, newest first, a piece at a time: each piece begins after the last row of the one before."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.errors import RequestError

MOST = 201
"""One more than a piece may have tells that there is another."""


def piece(
    connection: Connection, query: sa.Select[Any], at: sa.Column[Any], *, after: str, limit: int
) -> sa.Select[Any]:
    """`query` of the table of `at`, which has an `id`: at most so many rows, those that follow the row `after`; empty: from the first.
    Raises RequestError (422) when that row is there no longer: an empty piece would look like the end of the list.
    """
    name = at.table.c.id
    query = query.order_by(at.desc(), name.desc()).limit(max(1, min(limit, MOST)))
    if not after:
        return query
    last = connection.execute(sa.select(at.label("at"), name).where(name == after)).first()
    if last is None:
        why = "the row named in after is not there any more: begin anew"
        raise RequestError(why, status=422, error_id="bad_after")
    return query.where(sa.or_(at < last.at, sa.and_(at == last.at, name < last.id)))
