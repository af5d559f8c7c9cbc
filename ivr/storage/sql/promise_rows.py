"""Promises of every kind, for the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.callback_metrics import CallbackResult
from ivr.core.promises import Kind, PromiseRow
from ivr.storage.sql.after_tables import follow_ups, message_box
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import callbacks
from ivr.workflows.reports import ReportQuery

KEPT = (CallbackResult.COMPLETED, CallbackResult.REACHED_BY_PHONE)
BROKEN = (CallbackResult.FAILED, CallbackResult.EXPIRED)


@dataclass(frozen=True)
class PromiseRows:
    """Implements `workflows.report_promises.PromiseRows`."""

    engine: Engine

    def promises(self, query: ReportQuery) -> Iterator[PromiseRow]:
        with reading(self.engine) as connection:
            c, m, f = callbacks.c, message_box.c, follow_ups.c
            for row in connection.execute(_of(callbacks, c.requested_at, query, c.merged_into.is_(None))):
                yield _callback(row)
            for row in connection.execute(_of(message_box, m.at, query)):
                yield _promise(Kind.MESSAGE, row, row.answered_at)
            for row in connection.execute(_of(follow_ups, f.at, query, f.wished.is_(sa.true()))):
                yield _promise(Kind.FOLLOW_UP, row, row.handled_at)


def _of(table: sa.Table, at: Any, query: ReportQuery, *also: sa.ColumnElement[bool]) -> sa.Select[Any]:
    found = sa.select(table).where(at >= query.start, at < query.end, *also)
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
