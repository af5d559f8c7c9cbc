"""What an agent's day is made of, as the records give it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.call_out import CALLS_OUT
from ivr.core.ids import AgentId, CallId, TopicId


@dataclass(frozen=True, kw_only=True)
class OwnCall:
    at: datetime
    """Both in the room."""
    topic: TopicId
    path: tuple[str, ...]
    talk: timedelta | None
    hold: timedelta | None
    wrap: timedelta | None
    disposition: str
    disposition_reason: str
    by_default: bool
    ended_by: str
    cause: str
    call: CallId

    @property
    def called_out(self) -> bool:
        """The agent made this call."""
        return self.call.startswith(CALLS_OUT)


@dataclass(frozen=True, kw_only=True)
class MissedCall:
    at: datetime
    rang: timedelta | None
    topic: TopicId
    became: str
    """Outcome of the caller's stay in the queue: `answered` by somebody else, `abandoned`, …; empty: still waiting."""
    call: CallId


@dataclass(frozen=True, kw_only=True)
class StateSpan:
    presence: str
    reason: str
    start: datetime
    end: datetime | None
    """None: it lasts."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one agent's talks of a day came to."""

    agent: AgentId
    answered: int
    handled: int
    """Answered, and wrapped up."""
    talk: timedelta
    hold: timedelta
    wrap: timedelta
    done: timedelta
    """Talk, hold and wrap-up of the handled ones alone."""
    offers: int
    missed: int
    declined: int

    @property
    def handle_time(self) -> timedelta | None:
        """AHT: talk, hold and wrap-up over handled talks."""
        return self.done / self.handled if self.handled else None
