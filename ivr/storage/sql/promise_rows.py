"""Promises of every kind, for the report.

A callback that was put off stands there once for each time that was named to the customer, each judged by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.callback_metrics import CallbackResult
from ivr.core.promises import Kind, PromiseRow
from ivr.storage.sql.after_tables import follow_ups, message_box
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.tables import callbacks
from ivr.workflows.reports import ReportQuery

KEPT = (CallbackResult.COMPLETED, CallbackResult.REACHED_BY_PHONE)
PORTION = 500
BROKEN = (CallbackResult.FAILED, CallbackResult.EXPIRED)


@dataclass(frozen=True)
class PromiseRows:
    """Implements `workflows.report_promises.PromiseRows`."""

    engine: Engine

    def promises(self, query: ReportQuery) -> Iterator[PromiseRow]:
        with reading(self.engine) as connection:
            c, m, f = callbacks.c, message_box.c, follow_ups.c
            named = sa.select(callback_times.c.callback).where(_within(callback_times.c.at, query))
            asked = sa.or_(_within(c.requested_at, query), c.id.in_(named))
            rows = connection.execute(_filtered(callbacks, query).where(asked, c.merged_into.is_(None))).all()
            before = _before(connection, [row.id for row in rows])
            for row in rows:
                yield from (one for one in _times(row, before[row.id]) if query.start <= one.at < query.end)
            for row in connection.execute(_of(message_box, m.at, query)):
                yield _promise(Kind.MESSAGE, row, row.answered_at)
            for row in connection.execute(_of(follow_ups, f.at, query, f.wished.is_(sa.true()))):
                yield _promise(Kind.FOLLOW_UP, row, row.handled_at)


def _within(at: Any, query: ReportQuery) -> sa.ColumnElement[bool]:
    return sa.and_(at >= query.start, at < query.end)


def _of(table: sa.Table, at: Any, query: ReportQuery, *also: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return _filtered(table, query).where(_within(at, query), *also)


def _before(connection: Connection, ids: Sequence[str]) -> dict[str, list[Any]]:
    """What was named before the present time, oldest first."""
    t = callback_times
    found: dict[str, list[Any]] = defaultdict(list)
    for start in range(0, len(ids), PORTION):
        some = sa.select(t).where(t.c.callback.in_(ids[start : start + PORTION])).order_by(t.c.at)
        for row in connection.execute(some):
            found[row.callback].append(row)
    return found


def _times(row: Any, before: Sequence[Any]) -> Iterator[PromiseRow]:
    last = _callback(row)
    at = last.at
    for number, earlier in enumerate(before):
        yield replace(last, id=f"{last.id}.{number}", at=at, due_at=earlier.promised_to)
        at = earlier.at
    yield replace(last, at=at)


def _filtered(table: sa.Table, query: ReportQuery) -> sa.Select[Any]:
    found = sa.select(table).where(real(table.c.call))
    if query.hotline is not None:
        found = found.where(table.c.hotline == query.hotline)
    if query.topics:
        found = found.where(table.c.topic.in_(query.topics))
    return found


def _callback(row: Any) -> PromiseRow:
    """Due at the end of its window; one that keeps the place in line, when it expires."""
    done = (row.connected_at or row.closed_at) if row.result in KEPT else None
    return PromiseRow(
        kind=Kind.CALLBACK,
        id=row.id,
        call=row.call or "",
        topic=row.topic,
        at=row.requested_at,
        due_at=row.promised_to or row.expires_at or row.requested_at,
        done_at=done,
        broken=row.result in BROKEN,
        cancelled=row.result == CallbackResult.CANCELLED,
    )


def _promise(kind: Kind, row: Any, done_at: Any) -> PromiseRow:
    return PromiseRow(
        kind=kind,
        id=row.id,
        call=row.call,
        topic=row.topic,
        at=row.at,
        due_at=row.due_at or row.at,
        done_at=done_at,
    )
