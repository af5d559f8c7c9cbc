"""What other tables know of one call: its number, its case, the callback that was promised in it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.call_story import Around, Promise
from ivr.core.ids import CallId
from ivr.storage.sql.engine import reading
from ivr.storage.sql.records import number_place
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import callbacks, calls, case_calls, cases


@dataclass(frozen=True)
class CallBooks:
    """Implements `workflows.call_story.Books`. Raises `Unavailable`."""

    engine: Engine
    seals: Seals

    def around(self, call: CallId) -> Around:
        case = sa.select(cases.c.number).join_from(case_calls, cases, cases.c.id == case_calls.c.case)
        with reading(self.engine) as connection:
            row = connection.execute(
                sa.select(calls.c.number, calls.c.number_index).where(calls.c.call == call)
            ).first()
            number = connection.scalar(case.where(case_calls.c.call == call))
            made = connection.execute(
                sa.select(callbacks)
                .where(callbacks.c.call == call, callbacks.c.merged_into.is_(None))
                .order_by(callbacks.c.requested_at)
            ).all()
        return Around(
            case=number or "",
            number=self.seals.open(row.number, place=number_place(call)) if row and row.number else "",
            caller=row.number_index if row else "",
            promises=tuple(
                Promise(
                    at=one.requested_at,
                    start=one.promised_from,
                    end=one.promised_to,
                    state=one.state,
                    result=one.result or "",
                )
                for one in made
            ),
        )
