"""What the supervisor's room knows beside calls and agents: open promises with their owners, and limits of the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.callback_rules import Promise
from ivr.core.facts import Outcome
from ivr.core.ids import AgentId, TopicId

LATE = timedelta(minutes=15)
"""A callback is late so long after the end of the time that was named, or after its time where none was."""


@dataclass(frozen=True, kw_only=True)
class OpenPromise:
    """A promise to call back that is not kept yet."""

    promise: Promise
    owner: str
    """Sign-in name or agent who looks after it; empty: nobody in particular."""
    last_result: str
    """Of the last try that is over; empty: there was none."""


@dataclass(frozen=True, kw_only=True)
class LateStay:
    """A stay in a queue that ended lately, or goes on."""

    topic: TopicId
    entered_at: datetime
    over_at: datetime | None
    """When the caller waited no more; None: still waiting, or nobody knows yet."""
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class AtDesk:
    """An agent's time in the last hour."""

    busy_s: float
    """Rung, on calls and in wrap-up."""
    ready_s: float
    """The same and available."""


@dataclass(frozen=True, kw_only=True)
class SupervisorNote:
    """What a supervisor tells an agent; it stays on the desk until the agent puts it away."""

    id: str
    text: str
    who: str
    at: datetime


LIMITS: Mapping[str, tuple[float, float]] = {
    "waiting": (3, 6),
    "longest_factor": (3, 6),
    "level_points": (5, 15),
    "abandon_percent": (5, 10),
    "late_min": (5, 15),
    "wrap_min": (2, 5),
    "talk_min": (15, 30),
}
"""Amber and red of a queue, where nobody has set others (`DOMAIN.md` 4.3): waiting callers; the longest wait, in times the
topic's service level time; points below the target; share of abandoned callers; a callback's minutes after its time; minutes
of an agent's wrap-up and call."""
TARGET_PERCENT = 80.0


@dataclass(frozen=True, kw_only=True)
class QueueLimits:
    """When a queue is to be looked at, and when somebody has to act."""

    waiting: tuple[float, float] = LIMITS["waiting"]
    longest_factor: tuple[float, float] = LIMITS["longest_factor"]
    level_points: tuple[float, float] = LIMITS["level_points"]
    abandon_percent: tuple[float, float] = LIMITS["abandon_percent"]
    late_min: tuple[float, float] = LIMITS["late_min"]
    wrap_min: tuple[float, float] = LIMITS["wrap_min"]
    talk_min: tuple[float, float] = LIMITS["talk_min"]
    target_percent: float = TARGET_PERCENT


@dataclass(frozen=True, kw_only=True)
class Due:
    """Open promises of a topic."""

    due: int = 0
    """Whose time has come."""
    late: int = 0
    """The window over, or due for a quarter of an hour."""
    late_since: datetime | None = None
    """When the first of them became late, or will; None: none waits."""


NO_TIME: Mapping[AgentId, AtDesk] = {}
