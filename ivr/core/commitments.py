"""What must stand in SQL before the caller hears of it (`DESIGN.md` 3.5): a promise, a case, a consent.

A rule adds a commitment to its step; the workflow stores it before the step is saved and the leg is answered. When it
cannot be stored, the step is thrown away and the rule for `NotKept` speaks instead: no caller is told of something
that might be forgotten. The id of a commitment is made from the call and the step that caused it, so that a step
decided twice (a conflict, a repeated webhook) stores it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """One thing to store. Each kind has a subclass and a writer in `storage/sql`."""

    id: str
    """Same call and step, same id."""
    at: datetime
    hotline: str
