"""Alerts as they are kept: who saw them, and what they were worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.alert_rules import Figure, Level


@dataclass(frozen=True, kw_only=True)
class Alert:
    id: str
    rule: str
    figure: Figure
    level: Level
    subject: str
    threshold: float
    value: float
    """When it was raised."""
    raised_at: datetime
    cleared_at: datetime | None = None
    told_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    note: str = ""
    useful: bool | None = None
    """As somebody judged it afterwards; None: nobody has."""
    judged_by: str = ""

    @property
    def stands(self) -> bool:
        return self.cleared_at is None


@dataclass(frozen=True, kw_only=True)
class Worth:
    """How a rule did: how often it was raised, and what people said of it."""

    raised: int = 0
    useful: int = 0
    judged: int = 0
