"""What a consultation is: data only. The rules are in `consult`, and of a house outside in `consult_outside`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.ids import AgentId, LegId, OfferId, TopicId
from ivr.core.queues import Demand


@dataclass(frozen=True, kw_only=True)
class Consult:
    """A colleague whom the agent of a talk asks for: looked for in line, rung, in the room. Or a house outside.

    It has an offer of its own, so that every button and line of the colleague is fenced like any other. That of a house
    belongs to no agent: it fences the one line that is dialled there.
    """

    topic: TopicId
    wanted: AgentId | None = None
    """A person; None: whoever the queue gives."""
    asked_at: datetime
    demand: Demand
    """What stands in line, at the caller's first queue time."""
    offer: OfferId | None = None
    """None: nobody is claimed yet."""
    agent: AgentId | None = None
    phone: str = ""
    leg: LegId | None = None
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    joined_at: datetime | None = None
    outside: str = ""
    """Name of the house that is asked; empty: a colleague."""
    dialled_at: datetime | None = None
    """When the one call there was given to the carrier; None: not yet."""

    @property
    def rings(self) -> bool:
        return self.offer is not None and self.accepted_at is None

    @property
    def in_room(self) -> bool:
        return self.joined_at is not None


@dataclass(frozen=True, kw_only=True)
class House:
    """A house outside with which the caller talks in the room, after the agent has left (`with_house`)."""

    name: str
    line: OfferId
    """Fence of its leg: what the consultation had."""
    leg: LegId
    met_at: datetime | None = None
    """When the agent left the caller there; None: the three had talked before, or nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What one agent tells the next, with the call."""

    agent: AgentId
    topic: TopicId
    at: datetime
    note: str = ""
