"""Callbacks one by one (`DOMAIN.md` 3.10, 5.2 rule 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class OpenNow:
    """Open callbacks of one topic."""

    topic: str
    scheduled: int
    """Not due yet."""
    in_line: int
    """Due: waits for an agent, or is being dialled."""
    late: int
    """Their promised window is over and nobody has tried."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """Tries of one topic that ended alike; `result` empty: it runs."""

    topic: str
    result: str
    first: int
    """Of them first tries."""
    tries: int
    agent_idle: timedelta


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One promise."""

    id: str
    call: str
    topic: str
    requested_at: datetime
    promised_from: datetime | None
    promised_to: datetime | None
    due_at: datetime | None
    attempts: int
    last_result: str
    state: str
    result: str
    connected_at: datetime | None
