"""Who waits, in which order, for whom.

Rank = first queue time − 10 s × priority (`DESIGN.md` 3.3): one number, fixed at entry, so age and urgency are
weighed for ever without rescoring and nobody starves. Two lanes stand ahead of the ordinary one: callers whose
agent was lost, and before them the critical ones. A lane is an offset on the rank, large enough never to be
reached by waiting, small enough to stay exact as a double.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from functools import cached_property

from ivr.core.ids import CallId, Language, TopicId

MS_PER_PRIORITY = 10_000
LANE_MS = 2 * 10**15
CRITICAL_PRIORITY = 100


class Lane(IntEnum):
    CRITICAL = 2
    FIRST = 1
    """First in line again after the agent's line was lost."""
    ORDINARY = 0


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What an agent must have from `after` on: every skill at its level, and the language at its level."""

    after: timedelta
    skills: Mapping[str, int]
    language: Language | None
    language_level: int

    @cached_property
    def after_ms(self) -> int:
        return self.after // timedelta(milliseconds=1)

    def met_by(self, skills: Mapping[str, int], languages: Mapping[str, int]) -> bool:
        for skill, level in self.skills.items():
            if skills.get(skill, 0) < level:
                return False
        return self.language is None or languages.get(self.language, 0) >= self.language_level


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a call needs, and how that widens. Calls of equal demand differ only in rank.

    `terms[0]` is what is wanted (after 0 s); later ones accept more. Within one demand the order by rank is the
    order by wait, so the head has always waited longest: comparing heads is exact.
    """

    topic: TopicId
    lane: Lane
    priority: int
    terms: tuple[Terms, ...]

    @cached_property
    def key(self) -> str:
        """Short stable name, safe in a key."""
        body = json.dumps(
            [
                self.topic,
                int(self.lane),
                self.priority,
                [[t.after_ms, sorted(t.skills.items()), t.language, t.language_level] for t in self.terms],
            ],
            separators=(",", ":"),
        )
        return hashlib.sha256(body.encode()).hexdigest()[:12]

    @cached_property
    def offset_ms(self) -> int:
        """How far the rank of these calls lies before their queue time: queued_ms = rank + offset_ms."""
        return -rank(lane=self.lane, priority=self.priority, queued_ms=0)


@dataclass(frozen=True, kw_only=True)
class QueuedCall:
    """One waiting call as the index knows it."""

    call: CallId
    demand: Demand
    queued_ms: int
    """First queue time, epoch milliseconds; kept through transfer, no answer and lost Redis."""

    @property
    def rank(self) -> int:
        """Smaller is served earlier. Milliseconds, shifted by lane."""
        return rank(lane=self.demand.lane, priority=self.demand.priority, queued_ms=self.queued_ms)


def rank(*, lane: Lane, priority: int, queued_ms: int) -> int:
    return queued_ms - MS_PER_PRIORITY * min(priority, CRITICAL_PRIORITY - 1) - LANE_MS * int(lane)
