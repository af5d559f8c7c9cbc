"""How often menus were entered and their keys pressed, counted from the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.ids import NodeId
from ivr.core.menu_usage import PERIOD, Usage
from ivr.storage.sql.engine import reading
from ivr.storage.sql.real_calls import real
from ivr.storage.sql.tables import facts

CHOICE = "choice"


@dataclass(frozen=True)
class KeyCounts:
    engine: Engine

    def usage(self, hotline: str, at: datetime) -> Usage:
        """Of the 30 days up to `at`. Raises `Unavailable`."""
        t, since = facts, at - PERIOD
        node, key, result = (t.c.body[name].as_string() for name in ("node", "key", "result"))
        recent = sa.and_(t.c.hotline == hotline, t.c.at >= since, t.c.at < at, real(t.c.call))
        entered = sa.select(node, sa.func.count()).where(recent, t.c.kind == "node_entered").group_by(node)
        pressed = (
            sa.select(node, key, sa.func.count())
            .where(recent, t.c.kind == "key_pressed", result == CHOICE)
            .group_by(node, key)
        )
        older = sa.select(t.c.id).where(t.c.hotline == hotline, t.c.at < since).limit(1)
        with reading(self.engine) as connection:
            if not sa.inspect(connection).has_table(t.name):  # a database that was never used
                return Usage(covered=False)
            return Usage(
                covered=connection.execute(older).first() is not None,
                visits={NodeId(name): count for name, count in connection.execute(entered)},
                chosen={(NodeId(name), pressed_key): count for name, pressed_key, count in connection.execute(pressed)},
            )
