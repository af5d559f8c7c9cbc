"""What an agent asks for in the talk: hold, another desk, a colleague's help. Every event names the offer of who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.events import OfferEvent
from ivr.core.ids import AgentId, TopicId


@dataclass(frozen=True, kw_only=True)
class HoldAsked(OfferEvent):
    """The caller hears music from now on, or the agent again."""

    on: bool


@dataclass(frozen=True, kw_only=True)
class PauseAsked(OfferEvent):
    """The recording pauses, or goes on: something is said that must not be kept."""

    on: bool


@dataclass(frozen=True, kw_only=True)
class TransferAsked(OfferEvent):
    """The caller goes to the queue of a topic, and this agent is done; `note` goes along."""

    topic: TopicId
    agent: AgentId | None = None
    """A person who is to be offered the call first; the topic's queue follows when that comes to nothing."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PassedOn(OfferEvent):
    """The caller goes to a house outside, and this agent is done; `note` is kept for when they come back."""

    destination: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsultAsked(OfferEvent):
    """The agent wants a colleague in the room while the caller is on hold."""

    topic: TopicId
    agent: AgentId | None = None
    """A person; None: whoever the queue of the topic gives."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsultRefused(OfferEvent):
    """The person who was wanted could not be claimed: busy, or gone."""

    asked_at: datetime
    """When they were asked for: by then another may be wanted."""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsultOver(OfferEvent):
    """The agent goes on alone: the colleague is let go, the caller taken off hold."""


@dataclass(frozen=True, kw_only=True)
class HandedOver(OfferEvent):
    """The agent leaves the caller to the colleague in the room."""
