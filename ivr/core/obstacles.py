"""Why is it not this agent? For one caller who waits and one agent, what stands in the way.

The same rule as `matching.best_match`, asked of one pair: an agent in whose way nothing stands would have been given the
caller. What an agent lacks for ever comes first, then what only time brings (wider terms), then what the agent is doing.
An agent without any of the topic's skills is not listed one by one: nobody expects it of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ivr.core.agents import Agent, Presence
from ivr.core.ids import AgentId
from ivr.core.matching import Fit, Signature, fit
from ivr.core.offering import DECLINED
from ivr.core.queues import Demand, QueuedCall


class Obstacle(StrEnum):
    SKILL = "skill"
    """Has the skill, and never at a level that will do."""
    LANGUAGE = "language"
    LATER = "later"
    """Will do once the terms widen."""
    RINGING = "ringing"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    DECLINED = "declined"
    """Left alone for a moment after a decline."""
    MISSED = "missed"
    BREAK = "break"
    AWAY = "away"
    SIGNED_OUT = "signed_out"


DOING: Mapping[Presence, Obstacle] = {
    Presence.RESERVED: Obstacle.RINGING,
    Presence.ON_CALL: Obstacle.ON_CALL,
    Presence.WRAP_UP: Obstacle.WRAP_UP,
    Presence.MISSED: Obstacle.MISSED,
    Presence.BREAK: Obstacle.BREAK,
    Presence.AWAY: Obstacle.AWAY,
    Presence.SIGNED_OUT: Obstacle.SIGNED_OUT,
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why this agent does not have this caller."""

    agent: AgentId
    obstacle: Obstacle
    since: datetime | None = None
    """Of what the agent is doing."""
    until: datetime | None = None
    """When the terms are wide enough for this agent; also named beside what the agent is doing meanwhile."""
    detail: str = ""
    """The missing language or skill, the reason of a break, the topic of the call in hand."""


class Fits:
    """How agents serve demands, worked out once per pair of kinds, for one look at a whole room."""

    def __init__(self) -> None:
        self._kinds: dict[AgentId, Signature] = {}
        self._known: dict[tuple[str, str], Fit | None] = {}

    def of(self, demand: Demand, agent: Agent) -> Fit | None:
        kind = self._kinds.get(agent.id)
        if kind is None:
            kind = self._kinds[agent.id] = Signature.of(agent.skills, agent.languages)
        key = (demand.key, kind.key)
        if key not in self._known:
            self._known[key] = fit(demand, kind)
        return self._known[key]


def reason(call: QueuedCall, agent: Agent, at_ms: int, fits: Fits | None = None) -> Reason | None:
    """None: nothing stands in the way, so the two would be brought together."""
    demand = call.demand
    found = (fits or Fits()).of(demand, agent)
    if found is None:
        return _lacking(call, agent)
    after_ms = demand.terms[found.distance].after_ms
    later = max(0, at_ms - call.queued_ms) < after_ms
    until = _instant(call.queued_ms + after_ms) if later else None
    if not agent.free:
        declined = agent.presence is Presence.WRAP_UP and agent.reason == DECLINED
        kind = Obstacle.DECLINED if declined else DOING[agent.presence]
        detail = agent.reason if agent.presence is Presence.BREAK else agent.topic
        return Reason(agent=agent.id, obstacle=kind, since=agent.since, until=until, detail=detail)
    return Reason(agent=agent.id, obstacle=Obstacle.LATER, until=until) if later else None


def _lacking(call: QueuedCall, agent: Agent) -> Reason:
    widest = call.demand.terms[-1]
    for skill, level in widest.skills.items():
        if agent.skills.get(skill, 0) < level:
            return Reason(agent=agent.id, obstacle=Obstacle.SKILL, detail=skill)
    return Reason(agent=agent.id, obstacle=Obstacle.LANGUAGE, detail=widest.language or "")


def expected(call: QueuedCall, agent: Agent) -> bool:
    """Whether anybody would ask why it is not this agent: some level of every skill that the topic wants."""
    return all(agent.skills.get(skill, 0) > 0 for skill in call.demand.terms[-1].skills)


def reasons(call: QueuedCall, agents: Iterable[Agent], *, at_ms: int, fits: Fits | None = None) -> tuple[Reason, ...]:
    """One for every agent with the skill; those who could do it soonest first."""
    known = fits or Fits()
    here = (agent for agent in agents if expected(call, agent))
    found = [one for agent in here if (one := reason(call, agent, at_ms, known)) is not None]
    return tuple(sorted(found, key=lambda one: (SOONEST.index(one.obstacle), one.since or EPOCH, one.agent)))


SOONEST = (
    *(Obstacle.LATER, Obstacle.DECLINED, Obstacle.WRAP_UP, Obstacle.RINGING, Obstacle.ON_CALL, Obstacle.MISSED),
    *(Obstacle.BREAK, Obstacle.AWAY, Obstacle.LANGUAGE, Obstacle.SKILL, Obstacle.SIGNED_OUT),
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _instant(at_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at_ms)
