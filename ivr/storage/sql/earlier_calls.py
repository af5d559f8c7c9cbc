"""How often a number has rung, by its blind index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.callback_rules import PREFIX
from ivr.core.ids import E164, CallId
from ivr.storage.sql.engine import reading
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import calls


@dataclass(frozen=True)
class EarlierCalls:
    """Implements `workflows.notice_repeats.EarlierCalls`."""

    engine: Engine
    seals: Seals

    def since(self, caller: E164, call: CallId, since: datetime) -> int:
        """Calls of this number since then, but for the present one and those in which we rang."""
        query = sa.select(sa.func.count()).where(
            calls.c.number_index.in_(self.seals.indexes(caller)),
            calls.c.call != call,
            calls.c.call.not_like(f"{PREFIX}%"),
            calls.c.started_at >= since,
        )
        with reading(self.engine) as connection:
            return int(connection.scalar(query) or 0)
