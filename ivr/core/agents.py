"""What an agent is, and what may happen to one. The rules by which presence changes are in `presence`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.core.ids import AgentId, CallId, OfferId

BROWSER = "browser"
"""The telephone in the agent's page: it dials in by itself, and again when the page is loaded anew."""


def is_telephone(phone: str) -> bool:
    """Whether an agent's phone is one that rings, whose hang-up may be meant. Empty: unknown, since the session was lost."""
    return phone not in (BROWSER, "")


class Presence(StrEnum):
    SIGNED_OUT = "signed_out"
    AVAILABLE = "available"
    RESERVED = "reserved"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    MISSED = "missed"
    BREAK = "break"
    AWAY = "away"


@dataclass(frozen=True, kw_only=True)
class Agent:
    """One agent as the queue knows them."""

    id: AgentId
    presence: Presence = Presence.SIGNED_OUT
    since: datetime
    """When this presence began."""
    idle_since: datetime
    """End of the last call, or when first ready: the longest idle is offered first. A declined offer renews it."""
    reason: str = ""
    """Of a break: `lunch`, `training` …"""
    wanted: Presence = Presence.BREAK
    """Where the agent goes after the present call or wrap-up: AVAILABLE, BREAK, SIGNED_OUT, or AWAY (the page was lost
    meanwhile). Of an AWAY agent: where the agent goes when the page is back."""
    wanted_reason: str = ""
    offer: OfferId | None = None
    call: CallId | None = None
    wrap_up_until: datetime | None = None
    seen: datetime | None = None
    """Last heartbeat of the page; None for telephone agents."""
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    phone: str = BROWSER
    """`browser`, an E.164 number, or a `sip:` address."""
    topic: str = ""
    """Topic of the present call or wrap-up."""
    console: str = ""
    """The page that rings and talks (`consoles`); empty: none that names itself."""

    @property
    def free(self) -> bool:
        return self.presence is Presence.AVAILABLE

    @property
    def on_telephone(self) -> bool:
        return is_telephone(self.phone)


@dataclass(frozen=True, kw_only=True)
class AgentEvent:
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SignedIn(AgentEvent):
    skills: Mapping[str, int]
    languages: Mapping[str, int]
    phone: str = BROWSER
    console: str = ""
    take_over: bool = False
    """The agent was asked and wants to work at this console, whatever other one there is."""


@dataclass(frozen=True, kw_only=True)
class WentReady(AgentEvent):
    """Ready, or "I am back"."""


@dataclass(frozen=True, kw_only=True)
class WentOnBreak(AgentEvent):
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SignedOut(AgentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class HeardFrom(AgentEvent):
    """The page's heartbeat."""

    console: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsoleClosed(AgentEvent):
    """The page says that it goes: closed, or loaded anew."""

    console: str


@dataclass(frozen=True, kw_only=True)
class LostSight(AgentEvent):
    """No heartbeat for too long."""


@dataclass(frozen=True, kw_only=True)
class Offered(AgentEvent):
    offer: OfferId
    call: CallId
    topic: str


@dataclass(frozen=True, kw_only=True)
class CalledOut(AgentEvent):
    """The agent makes a call. On a telephone it rings first, as an offer does."""

    offer: OfferId
    call: CallId
    topic: str


@dataclass(frozen=True, kw_only=True)
class FoundTalking(AgentEvent):
    """The carrier holds a talk of this agent that Redis forgot."""

    offer: OfferId
    call: CallId
    topic: str


@dataclass(frozen=True, kw_only=True)
class Accepted(AgentEvent):
    offer: OfferId


@dataclass(frozen=True, kw_only=True)
class Released(AgentEvent):
    """The offer is over through no fault of the agent: caller gone, cancelled, declined with thanks."""

    offer: OfferId
    keeps_place: bool = True
    """True: idle time goes on; False (a decline): the agent goes to the back of the idle line."""


@dataclass(frozen=True, kw_only=True)
class NoAnswer(AgentEvent):
    offer: OfferId


@dataclass(frozen=True, kw_only=True)
class TalkEnded(AgentEvent):
    offer: OfferId
    wrap_up_until: datetime
    reason: str = ""
    """`declined`: there was no talk, only a pause before the next offer."""


@dataclass(frozen=True, kw_only=True)
class MoreTime(AgentEvent):
    """The agent asked for a longer wrap-up."""

    until: datetime


@dataclass(frozen=True, kw_only=True)
class WrappedUp(AgentEvent):
    """Finished by the agent, or time is up."""
