"""Versions of a menu, and the one that was chosen, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """A version that was in service, or was proposed."""

    hotline: str
    version: str
    file: str
    first_used: datetime | None
    last_used: datetime | None
    """None: never in service yet."""
    proposed_by: str = ""
    proposed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ChoiceRow:
    hotline: str
    version: str
    over: str
    """The file's version when it was chosen; empty: there was none that could be used."""
    chosen_at: datetime
    chosen_by: str
