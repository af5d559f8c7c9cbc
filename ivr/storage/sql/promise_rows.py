"""Promises of every kind, judged and counted by the database, for the report.

A callback that was put off stands there once for each time that was named to the customer, each judged by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.callback_metrics import CallbackResult
from ivr.core.promises import FIRST, Kind, PromiseRow, Verdict
from ivr.storage.sql.after_tables import follow_ups, message_box
from ivr.storage.sql.engine import UTCDateTime, reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.spans import instant
from ivr.storage.sql.sums import within
from ivr.storage.sql.tables import callbacks
from ivr.workflows.reports import ReportQuery

TABLES = {Kind.CALLBACK: callbacks, Kind.MESSAGE: message_box, Kind.FOLLOW_UP: follow_ups}
KEPT = (CallbackResult.COMPLETED, CallbackResult.REACHED_BY_PHONE)
BROKEN = (CallbackResult.FAILED, CallbackResult.EXPIRED)


@dataclass(frozen=True)
class PromiseRows:
    """Implements `workflows.report_promises.PromiseRows`."""

    engine: Engine

    def counts(self, query: ReportQuery, now: datetime) -> Mapping[tuple[Kind, Verdict], int]:
        with reading(self.engine) as connection:
            one = _judged(connection, query, now)
            found = sa.select(one.c.kind, one.c.verdict, sa.func.count()).group_by(one.c.kind, one.c.verdict)
            return {(Kind(kind), Verdict(verdict)): number for kind, verdict, number in connection.execute(found)}

    def promises(
        self, query: ReportQuery, now: datetime, *, kind: str, state: str, most: int
    ) -> Sequence[tuple[PromiseRow, Verdict]]:
        with reading(self.engine) as connection:
            one = _judged(connection, query, now)
            place = sa.case(*((one.c.verdict == verdict, at) for at, verdict in enumerate(FIRST)))
            found = sa.select(one).order_by(place, one.c.at, one.c.id).limit(most)
            if kind:
                found = found.where(one.c.kind == kind)
            if state:
                found = found.where(one.c.verdict == state)
            return [(_promise(row), Verdict(row.verdict)) for row in connection.execute(found)]


def _judged(connection: Connection, query: ReportQuery, now: datetime) -> sa.Subquery:
    """All promises made in the query's time, each with its verdict (`core.promises.verdict`)."""
    m, f = message_box.c, follow_ups.c
    made = within(connection, m.at, query.start, query.end)
    wished = sa.and_(within(connection, f.at, query.start, query.end), f.wished.is_(sa.true()))
    every = sa.union_all(
        _callbacks(connection, query),
        _put_off(query),
        _of(Kind.MESSAGE, query, at=m.at, due=m.due_at, done=m.answered_at).where(made),
        _of(Kind.FOLLOW_UP, query, at=f.at, due=f.due_at, done=f.handled_at).where(wished),
    ).subquery()
    t, at = every.c, instant(now)
    verdict = sa.case(
        (t.result == CallbackResult.CANCELLED, Verdict.CANCELLED.value),
        (sa.and_(t.done_at.is_not(None), t.done_at <= t.due_at), Verdict.KEPT.value),
        (t.done_at.is_not(None), Verdict.LATE.value),
        (t.result.in_(BROKEN), Verdict.BROKEN.value),
        (t.due_at >= at, Verdict.OPEN.value),
        else_=Verdict.LATE.value,
    )
    return sa.select(every, verdict.label("verdict")).subquery()


def _callbacks(connection: Connection, query: ReportQuery) -> sa.Select[Any]:
    """The time that is promised now: due at the end of its window, or, for one that keeps the place in line, when it expires."""
    c, t = callbacks.c, callback_times.c
    last = sa.select(sa.func.max(t.at)).where(t.callback == c.id).scalar_subquery()
    at = sa.func.coalesce(last, c.requested_at, type_=UTCDateTime)
    due = sa.func.coalesce(c.promised_to, c.expires_at, c.requested_at, type_=UTCDateTime)
    renamed = c.id.in_(sa.select(t.callback).where(t.at >= query.start, t.at < query.end))
    asked = sa.or_(within(connection, c.requested_at, query.start, query.end), renamed)
    found = _of(Kind.CALLBACK, query, at=at, due=due, done=_done())
    return found.where(asked, at >= query.start, at < query.end, c.merged_into.is_(None))


def _put_off(query: ReportQuery) -> sa.Select[Any]:
    """Each time that was named before another one: promised when the one before it was given up, or with the request."""
    c, t, earlier = callbacks.c, callback_times.c, callback_times.alias("earlier").c
    before = sa.and_(earlier.callback == t.callback, earlier.at < t.at)
    since = sa.select(sa.func.max(earlier.at)).where(before).scalar_subquery()
    at = sa.func.coalesce(since, c.requested_at, type_=UTCDateTime)
    number = sa.cast(sa.select(sa.func.count()).where(before).scalar_subquery(), sa.String)
    found = _of(Kind.CALLBACK, query, at=at, due=t.promised_to, done=_done(), own=c.id + "." + number)
    joined = found.join_from(callback_times, callbacks, c.id == t.callback)
    return joined.where(at >= query.start, at < query.end, c.merged_into.is_(None))


def _done() -> sa.ColumnElement[Any]:
    c = callbacks.c
    return sa.case((c.result.in_(KEPT), sa.func.coalesce(c.connected_at, c.closed_at, type_=UTCDateTime)))


def _of(
    kind: Kind, query: ReportQuery, *, own: Any = None, at: Any, due: Any, done: Any
) -> sa.Select[Any]:  # fmt: skip
    table = TABLES[kind]
    found = sa.select(
        sa.literal_column(f"'{kind.value}'", sa.String).label("kind"),
        (table.c.id if own is None else own).label("id"),
        table.c.call,
        table.c.topic,
        at.label("at"),
        sa.func.coalesce(due, at, type_=UTCDateTime).label("due_at"),
        done.label("done_at"),
        (table.c.result if kind is Kind.CALLBACK else sa.literal_column("''", sa.String)).label("result"),
    ).where(real(table.c.call))
    if query.hotline is not None:
        found = found.where(table.c.hotline == query.hotline)
    if query.topics:
        found = found.where(table.c.topic.in_(query.topics))
    return found


def _promise(row: Any) -> PromiseRow:
    return PromiseRow(
        kind=Kind(row.kind),
        id=row.id,
        call=row.call or "",
        topic=row.topic,
        at=row.at,
        due_at=row.due_at,
        done_at=row.done_at,
        broken=row.result in BROKEN,
        cancelled=row.result == CallbackResult.CANCELLED,
    )
