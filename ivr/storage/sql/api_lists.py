"""Callbacks and cases as programs list them: newest first, a piece at a time, numbers masked before they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.api_rows import CallbackRow, CaseRow
from ivr.storage.sql.callback_rows import callback_place
from ivr.storage.sql.case_rows import case_place
from ivr.storage.sql.engine import reading
from ivr.storage.sql.pieces import piece
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import callbacks, cases


@dataclass(frozen=True)
class ApiLists:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    seals: Seals

    def callbacks(self, *, after: str = "", limit: int = 50, state: str = "") -> Sequence[CallbackRow]:
        t = callbacks
        where = [t.c.state == state] if state else []
        return [self._callback(row) for row in self._page(t, t.c.requested_at, where, after, limit)]

    def cases(self, *, after: str = "", limit: int = 50, status: str = "") -> Sequence[CaseRow]:
        t = cases
        where = [t.c.status == status] if status else []
        return [self._case(row) for row in self._page(t, t.c.opened_at, where, after, limit)]

    def closed_since(self, since: datetime) -> Sequence[CallbackRow]:
        t = callbacks
        query = sa.select(t).where(t.c.closed_at >= since).order_by(t.c.closed_at).limit(1000)
        with reading(self.engine) as connection:
            return [self._callback(row) for row in connection.execute(query)]

    def _page(
        self, table: sa.Table, at: sa.Column[Any], where: Sequence[sa.ColumnElement[bool]], after: str, limit: int
    ) -> Sequence[Any]:
        with reading(self.engine) as connection:
            query = piece(connection, sa.select(table).where(*where), at, after=after, limit=limit)
            return list(connection.execute(query))

    def _callback(self, row: Any) -> CallbackRow:
        return CallbackRow(
            id=row.id,
            hotline=row.hotline,
            topic=row.topic,
            call=row.call,
            number=self.seals.open(row.number, place=callback_place(row.id)) or "",
            state=row.state,
            result=row.result,
            requested_at=row.requested_at,
            due_at=row.due_at,
            expires_at=row.expires_at,
            promised_from=row.promised_from,
            promised_to=row.promised_to,
            attempts=row.attempts,
            closed_at=row.closed_at,
        )

    def _case(self, row: Any) -> CaseRow:
        return CaseRow(
            id=row.id,
            hotline=row.hotline,
            number=row.number,
            caller=self.seals.open(row.caller, place=case_place(row.id)) or "",
            topic=row.topic,
            status=row.status,
            language=row.language,
            opened_at=row.opened_at,
            due_at=row.due_at,
        )
