"""What was committed to callers: stored at once, all or nothing, before the caller hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.storage.sql.engine import writing

Writer = Callable[[Connection, Any], None]


@dataclass(frozen=True)
class SqlLedger:
    engine: Engine
    writers: Mapping[type[Commitment], Writer]
    """How each kind is stored. A writer leaves a row with the same id as it is."""

    def commit(self, commitments: Sequence[Commitment]) -> None:
        """Store all or nothing. Raises `Unavailable`, and `KeyError` for a kind that nobody stores."""
        with writing(self.engine, locks=[one.id for one in commitments]) as connection:
            for one in commitments:
                self.writers[type(one)](connection, one)
