"""A break that was set for an agent beforehand. It takes nobody off a call: it is a time, and a word when it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.ids import AgentId


@dataclass(frozen=True, kw_only=True)
class PlannedBreak:
    id: str
    agent: AgentId
    start: datetime
    end: datetime
    reason: str
    """One of those that agents take breaks with; empty: none."""
    set_by: str
    """Sign-in name of who set it."""
