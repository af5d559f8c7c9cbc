"""What is counted of promised callbacks, by when they were requested, and of the attempts at them.

Whether an end that was promised is over changes by itself, so that is no kept sum: kept is how many promises with such an end had no
attempt and were not met; those of them whose end is still to come are found when somebody asks (`not_over`), and are few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from math import gcd
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.core.callback_metrics import CONNECTED, CallbackResult
from ivr.storage.sql.engine import UTCDateTime
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.seconds import SECOND, seconds_of
from ivr.storage.sql.spans import counted, instant, seconds_between, whole_seconds
from ivr.storage.sql.sums import Piece, Row, Source, mark, milliseconds, of_one, within
from ivr.storage.sql.tables import callback_attempts, callbacks

PROMISES = "promises"
"""The family: marked at the request of each callback that changes."""
FIRST = 1
"""Attempts are counted from one."""
RECENT = timedelta(days=32)
"""A month is asked for by hours, too."""
PENDING = "pending"
UNKEPT = (CallbackResult.FAILED, CallbackResult.EXPIRED)


def mark_promise(connection: Connection, callback: str) -> None:
    """Something of it has changed, or of an attempt at it."""
    t = callbacks.c
    mark(connection, PROMISES, connection.scalars(sa.select(t.requested_at).where(t.id == callback)))


def _promised(connection: Connection, pieces: Sequence[Piece]) -> Iterator[tuple[int, Row]]:
    for placed, number, place in _placed(connection, pieces):
        one = _each(placed, number).cte().prefix_with("MATERIALIZED").c
        attempted = sa.and_(one.merged_into.is_(None), one.tried_at.is_not(None))
        with_end = sa.and_(attempted, one.promised_to.is_not(None))
        begun = sa.func.coalesce(one.promised_from, one.requested_at, type_=UTCDateTime)
        what = sa.case(
            (one.merged_into.is_not(None), CallbackResult.MERGED.value),
            (one.result.is_(None), PENDING),
            (one.result == CallbackResult.MERGED, ""),
            else_=one.result,
        ).label("what")
        connected = sa.and_(one.merged_into.is_(None), one.connected_at.is_not(None))
        numbers = (
            sa.func.count(),
            counted(attempted),
            counted(sa.and_(attempted, one.tried == CONNECTED)),
            _spent(attempted, one.requested_at, one.tried_at),
            counted(connected),
            _spent(connected, one.requested_at, one.connected_at),
            counted(with_end),
            _spent(sa.and_(with_end, one.tried_at > one.promised_to), one.promised_to, one.tried_at),
            counted(sa.and_(with_end, begun <= one.tried_at, one.tried_at <= one.promised_to)),
            counted(sa.and_(_untried(one), one.promised_to.is_not(None))),
        )
        kind = (one.number, one.hotline, one.topic, what)
        for row in connection.execute(sa.select(*kind, *numbers).group_by(*kind)):
            yield place(row[0]), (row[1], tuple(row[2:4]), tuple(int(number or 0) for number in row[4:]))


def _tried(connection: Connection, pieces: Sequence[Piece]) -> Iterator[tuple[int, Row]]:
    t, a = callbacks.c, callback_attempts.c
    for placed, number, place in _placed(connection, pieces):
        each = placed.add_columns(number.label("number"), t.hotline, t.topic, a.result, a.agent_idle_s)
        one = each.join(callback_attempts, a.callback == t.id).subquery().c
        kind = (one.number, one.hotline, one.topic, one.result)
        idle = sa.func.sum(milliseconds(sa.func.coalesce(one.agent_idle_s, 0.0)))
        for row in connection.execute(sa.select(*kind, sa.func.count(), idle).group_by(*kind)):
            yield place(row[0]), (row[1], (row[2], row[3] or ""), (row[4], int(row[5] or 0)))


def not_over(
    connection: Connection, start: datetime, end: datetime, at: datetime, *where: sa.ColumnElement[bool]
) -> Sequence[tuple[datetime, str]]:
    """Request and topic of those without an attempt and not met, whose promised end is still to come."""
    t, times = callbacks.c, callback_times.c
    later = sa.union(
        sa.select(t.id).where(t.promised_to >= instant(at)),
        sa.select(times.callback).where(times.promised_to >= instant(at)),
    )
    asked = (t.id.in_(later), t.requested_at >= start, t.requested_at < end, real(t.call))
    one = _each(sa.select().where(*asked, *where), sa.literal(0)).subquery().c
    found = sa.select(one.requested_at, one.topic).where(_untried(one), one.promised_to >= instant(at))
    return [(row.requested_at, row.topic) for row in connection.execute(found)]


def _untried(one: Any) -> sa.ColumnElement[bool]:
    unkept = sa.or_(one.result.is_(None), one.result.in_(UNKEPT))
    return sa.and_(one.merged_into.is_(None), one.tried_at.is_(None), unkept)


def _placed(
    connection: Connection, pieces: Sequence[Piece]
) -> Iterator[tuple[sa.Select[Any], sa.ColumnElement[int], Callable[[int], int]]]:
    """Callbacks that were requested in these pieces, a number that says in which, and the place of each number."""
    t = callbacks.c
    for run in _runs(pieces):
        starts = [start for _, start, _ in run]
        chosen = sa.select().select_from(callbacks).where(real(t.call))
        whole = chosen.where(within(connection, t.requested_at, starts[0], run[-1][2]))
        length = gcd(*((end - start) // SECOND for _, start, end in run))

        def place(
            number: int, run: Sequence[Piece] = run, starts: Sequence[datetime] = starts, length: int = length
        ) -> int:
            return run[bisect_right(starts, starts[0] + number * length * SECOND) - 1][0]

        if len(run) == 1:
            yield whole, sa.cast(0, sa.Integer), place
        else:
            yield whole, (whole_seconds(t.requested_at) - seconds_of(starts[0])) // length, place


def _runs(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Pieces that follow each other and are cut at whole seconds, and each other one alone."""
    run: list[Piece] = []
    for piece in pieces:
        _, start, end = piece
        if run and not (run[-1][2] == start and all(at.microsecond == 0 for at in (run[0][1], start, end))):
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _each(placed: sa.Select[Any], number: sa.ColumnElement[int]) -> sa.Select[Any]:
    """With its first attempt, and the time that was promised first: putting somebody off does not keep it."""
    t, a, times = callbacks.c, callback_attempts.c, callback_times.c

    def named(column: sa.Column[Any]) -> sa.ScalarSelect[Any]:
        return sa.select(column).where(times.callback == t.id).order_by(times.at).limit(1).scalar_subquery()

    put_off = sa.exists().where(times.callback == t.id)
    return placed.add_columns(
        number.label("number"),
        *(t.hotline, t.topic, t.result, t.merged_into, t.requested_at, t.connected_at),
        sa.case((put_off, named(times.promised_from)), else_=t.promised_from).label("promised_from"),
        sa.case((put_off, named(times.promised_to)), else_=t.promised_to).label("promised_to"),
        *(a.at.label("tried_at"), a.result.label("tried")),
    ).outerjoin(callback_attempts, sa.and_(a.callback == t.id, a.attempt == FIRST))


def _spent(which: sa.ColumnElement[bool], start: Any, end: Any) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((which, milliseconds(seconds_between(start, end))), else_=0))


PROMISED = Source(
    name="promised",
    family=PROMISES,
    keys=("topic", "what"),
    numbers=(
        *("callbacks", "attempted", "at_once", "to_first_ms", "connected", "to_connected_ms"),
        *("promised_attempted", "late_ms", "kept", "untried"),
    ),
    rows=of_one(_promised),
    in_pieces=_promised,
    recent=RECENT,
)
"""`what`: their result, `pending`, `merged`."""

TRIED = Source(
    name="tried",
    family=PROMISES,
    keys=("topic", "result"),
    numbers=("attempts", "idle_ms"),
    rows=of_one(_tried),
    in_pieces=_tried,
    recent=RECENT,
)

OF_PROMISES = (PROMISED, TRIED)
