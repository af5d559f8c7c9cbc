"""What was committed to callers: stored at once, all or nothing, before the caller hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.storage.sql.engine import writing

Writer = Callable[[Connection, Commitment], None]
WRITERS: Mapping[type[Commitment], Writer] = {}
"""How each kind is stored. A writer leaves a row with the same id as it is."""


@dataclass(frozen=True)
class SqlLedger:
    engine: Engine
    own: Mapping[type[Commitment], Writer] = field(default_factory=dict)
    """Writers that need more than a connection (the keys that seal numbers)."""

    def commit(self, commitments: Sequence[Commitment]) -> None:
        """Store all or nothing. Raises `Unavailable`, and `KeyError` for a kind that nobody stores."""
        with writing(self.engine, locks=[one.id for one in commitments]) as connection:
            for one in commitments:
                (self.own.get(type(one)) or WRITERS[type(one)])(connection, one)
