"""Promised callbacks and their attempts, summed by the database per piece of time and topic."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.callback_metrics import CONNECTED, NO_CALLBACKS, CallbackResult, CallbackSums
from ivr.core.intervals import Interval
from ivr.storage.sql.engine import UTCDateTime, reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.rollups import filters
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.spans import counted, instant, seconds_between
from ivr.storage.sql.sums import hotlines, milliseconds
from ivr.storage.sql.tables import callback_attempts, callbacks
from ivr.workflows.reports import ReportQuery

FIRST = 1
"""Attempts are counted from one."""
AT_ONCE = 300
"""Pieces in one statement."""
Place = tuple[int, str]
UNKEPT = (CallbackResult.FAILED, CallbackResult.EXPIRED)


@dataclass(frozen=True)
class CallbackRows:
    """Implements `workflows.reports.CallbackRows`."""

    engine: Engine

    def sums(self, query: ReportQuery, pieces: Sequence[Interval], at: datetime) -> Mapping[Place, CallbackSums]:
        found: dict[Place, CallbackSums] = defaultdict(lambda: NO_CALLBACKS)
        with reading(self.engine) as connection:
            known = hotlines(connection, callbacks)
            for first in range(0, len(pieces), AT_ONCE):
                some = list(enumerate(pieces))[first : first + AT_ONCE]
                for place, sums in _promised(connection, query, some, at, known):
                    found[place] += sums
                for place, result, tries, idle in _tried(connection, query, some, known):
                    tried = replace(NO_CALLBACKS, attempts=Counter({result: tries}), idle_ms=idle)
                    found[place] += tried
        return dict(found)


def _pieces(pieces: Sequence[tuple[int, Interval]]) -> sa.CTE:
    columns = (sa.column("number", sa.Integer), sa.column("start", UTCDateTime), sa.column("over", UTCDateTime))
    rows = [(number, piece.start, piece.end) for number, piece in pieces]
    return sa.values(*columns, name="piece").data(rows).cte()


def _asked(
    query: ReportQuery, pieces: Sequence[tuple[int, Interval]], piece: sa.CTE, known: Sequence[str]
) -> sa.ColumnElement[bool]:
    c = callbacks.c
    whole = (c.requested_at >= pieces[0][1].start, c.requested_at < pieces[-1][1].end)
    placed = (c.hotline.in_(known), *whole, c.requested_at >= piece.c.start, c.requested_at < piece.c.over)
    return sa.and_(*placed, real(c.call), *filters(callbacks, query))


def _promised(
    connection: Connection,
    query: ReportQuery,
    pieces: Sequence[tuple[int, Interval]],
    at: datetime,
    known: Sequence[str],
) -> Iterator[tuple[Place, CallbackSums]]:
    piece, t = _pieces(pieces), callbacks.c

    a, times = callback_attempts.c, callback_times.c
    earliest = sa.select(times.callback, sa.func.min(times.at).label("at")).group_by(times.callback).subquery().c
    put_off = earliest.callback.is_not(
        None
    )  # measured by what was promised first: putting somebody off does not keep it
    one = (
        sa.select(
            piece.c.number,
            *(t.topic, t.result, t.merged_into, t.requested_at, t.connected_at),
            sa.case((put_off, times.promised_from), else_=t.promised_from).label("promised_from"),
            sa.case((put_off, times.promised_to), else_=t.promised_to).label("promised_to"),
            *(a.at.label("tried_at"), a.result.label("tried")),
        )
        .join_from(piece, callbacks, _asked(query, pieces, piece, known))
        .outerjoin(callback_attempts, sa.and_(a.callback == t.id, a.attempt == FIRST))
        .outerjoin(earliest.callback.table, earliest.callback == t.id)
        .outerjoin(callback_times, sa.and_(times.callback == t.id, times.at == earliest.at))
        .cte()
        .prefix_with("MATERIALIZED")
    ).c
    unique = one.merged_into.is_(None)
    attempted = sa.and_(unique, one.tried_at.is_not(None))
    promised = sa.and_(attempted, one.promised_to.is_not(None))
    over = sa.and_(one.promised_to < instant(at), sa.or_(one.result.is_(None), one.result.in_(UNKEPT)))
    begun = sa.func.coalesce(one.promised_from, one.requested_at, type_=UTCDateTime)

    def time(which: sa.ColumnElement[bool], start: Any, end: Any) -> sa.ColumnElement[Any]:
        return sa.func.sum(sa.case((which, milliseconds(seconds_between(start, end))), else_=0))

    ends = {
        result: sa.and_(unique, one.result == result) for result in CallbackResult if result != CallbackResult.MERGED
    }
    connected = sa.and_(unique, one.connected_at.is_not(None))
    sums = {
        **{result.value: counted(which) for result, which in ends.items()},
        "merged": counted(sa.not_(unique)),
        "pending": counted(sa.and_(unique, one.result.is_(None))),
        "attempted": counted(attempted),
        "completed_attempted": counted(sa.and_(attempted, one.result == CallbackResult.COMPLETED)),
        "at_once": counted(sa.and_(attempted, one.tried == CONNECTED)),
        "to_first_ms": time(attempted, one.requested_at, one.tried_at),
        "connected": counted(connected),
        "to_connected_ms": time(connected, one.requested_at, one.connected_at),
        "promised_attempted": counted(promised),
        "late_ms": time(sa.and_(promised, one.tried_at > one.promised_to), one.promised_to, one.tried_at),
        "kept": counted(sa.and_(promised, begun <= one.tried_at, one.tried_at <= one.promised_to)),
        "due": counted(sa.or_(promised, sa.and_(unique, one.tried_at.is_(None), over))),
    }  # fmt: skip
    statement = sa.select(one.number, one.topic, *(column.label(name) for name, column in sums.items()))
    for row in connection.execute(statement.group_by(one.number, one.topic)).mappings():
        numbers: dict[str, Any] = {name: int(row[name] or 0) for name in sums}
        yield (row["number"], row["topic"]), CallbackSums(**numbers)


def _tried(
    connection: Connection, query: ReportQuery, pieces: Sequence[tuple[int, Interval]], known: Sequence[str]
) -> Iterator[tuple[Place, str, int, int]]:
    piece, t, a = _pieces(pieces), callbacks.c, callback_attempts.c
    idle = sa.func.sum(milliseconds(sa.func.coalesce(a.agent_idle_s, 0.0)))
    statement = (
        sa.select(piece.c.number, t.topic, a.result, sa.func.count(), idle)
        .join_from(piece, callbacks, _asked(query, pieces, piece, known))
        .join(callback_attempts, a.callback == t.id)
        .group_by(piece.c.number, t.topic, a.result)
    )
    for number, topic, result, tries, idle_ms in connection.execute(statement):
        yield (number, topic), result or "running", tries, int(idle_ms or 0)
