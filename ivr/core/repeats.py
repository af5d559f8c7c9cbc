"""Whoever rings again within a day about something that is not settled is served sooner (`DOMAIN.md` C27).

From the call on that the menu's `repeat` names, the priority of the queue is raised by some points, each worth ten seconds of
waiting. It never comes into the critical lane: that is for those who say so by key. A number that rings more often than
`most` is a switchboard or a machine, and gains nothing by it; a withheld number is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ivr.core.queues import CRITICAL_PRIORITY


@dataclass(frozen=True, kw_only=True)
class RepeatRule:
    """One hotline's rule for callers who ring again."""

    within: timedelta = timedelta(hours=24)
    calls: int = 3
    """From this call on, the first one counted."""
    priority: int = 20
    """Points more."""
    most: int = 10
    """Calls in that time beyond which nothing is raised any more."""

    def holds(self, calls: int) -> bool:
        """Whether a number's `calls`-th call is one of somebody who rings again."""
        return self.calls <= calls <= self.most


def points(rule: RepeatRule | None, *, calls: int, priority: int) -> int:
    """How many points a call gains that is the number's `calls`-th, where its queue has `priority`."""
    if rule is None or not rule.holds(calls) or priority >= CRITICAL_PRIORITY:
        return 0
    return min(rule.priority, CRITICAL_PRIORITY - 1 - priority)
