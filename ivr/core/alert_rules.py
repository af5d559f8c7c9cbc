"""The rules of alerts: what is looked at, from which value on somebody must be told, and how.

A rule counts for every subject that has its figure (each queue, each agent, the hotline itself), or for one queue alone. Where
a supervisor has set limits for a queue (`room.QueueLimits`), the program's own rules go by them, so that board and
alerts say the same; a rule that somebody added keeps its own threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LASTS = timedelta(seconds=60)
CLEARS = timedelta(seconds=30)
TARGET = 80.0
"""Service level that is aimed at where nobody has set another, per cent."""


class Figure(StrEnum):
    """What a rule looks at. Shares are per cent of today's calls, from ten calls on."""

    WAITING = "waiting"
    """Callers of the queue who wait now."""
    LONGEST = "longest"
    """Longest wait now, in times the queue's service level time."""
    UNSERVED = "unserved"
    """Callers who wait while nobody who can take the topic is free."""
    UNSTAFFED = "unstaffed"
    """1 while the desk is open and nobody signed in can take the topic."""
    SERVICE_LEVEL = "service_level"
    """Service level today (v4); the threshold is in points below the queue's target."""
    ABANDONED = "abandoned"
    """Abandons today, short ones left out."""
    CALLBACKS_LATE = "callbacks_late"
    """How late the latest promised callback is, seconds after the time that was named."""
    WRAP_UP = "wrap_up"
    """How long an agent has been in wrap-up, seconds."""
    TALK = "talk"
    """How long an agent has been on a call, seconds."""
    MISSED = "missed"
    """How long ago an agent missed a call and has not come back, seconds."""
    ABSENT = "absent"
    """How long ago an agent's shift began who is not signed in, seconds."""
    GUESSES = "guesses"
    """Callers who failed to prove who they are in the last ten minutes: somebody may be trying codes."""
    AUDIT_BROKEN = "audit_broken"
    """1 while the audit has a row that does not follow from the one before."""


SECURITY = frozenset({Figure.GUESSES, Figure.AUDIT_BROKEN})
"""Figures about safety: only these may be sent as a text message, and they know no quiet hours by default."""
FLAGS = frozenset({Figure.UNSTAFFED, Figure.AUDIT_BROKEN})
"""Figures that are so or are not: their number says nothing."""
BELOW = frozenset({Figure.SERVICE_LEVEL})
"""Figures that are bad when they are low."""
OF_AGENTS = frozenset({Figure.WRAP_UP, Figure.TALK, Figure.MISSED, Figure.ABSENT})
IN_SECONDS = OF_AGENTS | {Figure.CALLBACKS_LATE}
DURATIONS = IN_SECONDS
"""Their time is in the threshold, so they wait no minute more."""


class Level(StrEnum):
    AMBER = "amber"
    """Look."""
    RED = "red"
    """Act."""


class Way(StrEnum):
    """How an alert is told. It stands on the desk in any case."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    SMS = "sms"


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """Hours of the local day without messages; `until` before `start` goes past midnight."""

    start: time
    until: time

    def at(self, now: datetime, zone: ZoneInfo) -> bool:
        clock = now.astimezone(zone).time()
        if self.start <= self.until:
            return self.start <= clock < self.until
        return clock >= self.start or clock < self.until


@dataclass(frozen=True, kw_only=True)
class AlertRule:
    id: str
    figure: Figure
    level: Level
    threshold: float
    """Beyond it: this much or more, or (`below`) less than so many points under the target."""
    lasts: timedelta = LASTS
    clears: timedelta = CLEARS
    subject: str = ""
    """Only this queue (a topic's id), or agents while they have to do with it; empty: every subject that has the figure."""
    quiet: Quiet | None = None
    ways: frozenset[Way] = frozenset()
    on: bool = True

    @property
    def below(self) -> bool:
        return self.figure in BELOW

    @property
    def of_program(self) -> bool:
        return self.id == f"{self.figure}-{self.level}" and not self.subject

    def limit(self, own: tuple[float, float] | None = None, target: float = TARGET) -> float:
        """From which value on. `own`: amber and red that somebody has set for this queue, in the rule's unit."""
        threshold = own[self.level is Level.RED] if own is not None and self.of_program else self.threshold
        return target - threshold if self.below else threshold

    def beyond(self, value: float, limit: float) -> bool:
        return value < limit if self.below else value >= limit


def _pair(figure: Figure, amber: float, red: float, ways: frozenset[Way]) -> tuple[AlertRule, ...]:
    lasts = timedelta(0) if figure in DURATIONS else LASTS
    return (
        AlertRule(id=f"{figure}-amber", figure=figure, level=Level.AMBER, threshold=amber, lasts=lasts),
        AlertRule(id=f"{figure}-red", figure=figure, level=Level.RED, threshold=red, lasts=lasts, ways=ways),
    )


LOUD = frozenset({Way.MAIL, Way.WEBHOOK})
DEFAULT_RULES: Sequence[AlertRule] = (
    *_pair(Figure.WAITING, 3, 6, LOUD),
    *_pair(Figure.LONGEST, 3, 6, LOUD),
    AlertRule(id="unserved-amber", figure=Figure.UNSERVED, level=Level.AMBER, threshold=1),
    AlertRule(id="unstaffed-red", figure=Figure.UNSTAFFED, level=Level.RED, threshold=1, ways=LOUD),
    *_pair(Figure.SERVICE_LEVEL, 5, 15, LOUD),
    *_pair(Figure.ABANDONED, 5, 10, LOUD),
    *_pair(Figure.CALLBACKS_LATE, 300, 900, LOUD),
    *_pair(Figure.WRAP_UP, 120, 300, frozenset()),
    *_pair(Figure.TALK, 900, 1800, frozenset()),
    AlertRule(
        id="missed-red", figure=Figure.MISSED, level=Level.RED, threshold=60, lasts=timedelta(0), ways=frozenset()
    ),
    AlertRule(id="absent-amber", figure=Figure.ABSENT, level=Level.AMBER, threshold=600, lasts=timedelta(0)),
    AlertRule(
        id="guesses-red",
        figure=Figure.GUESSES,
        level=Level.RED,
        threshold=3,
        lasts=timedelta(0),
        ways=LOUD | {Way.SMS},
    ),
    AlertRule(
        id="audit_broken-red",
        figure=Figure.AUDIT_BROKEN,
        level=Level.RED,
        threshold=1,
        lasts=timedelta(0),
        ways=LOUD | {Way.SMS},
    ),
)
"""As `DOMAIN.md` 4.3 sets them."""
