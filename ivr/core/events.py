"""What happened to a call, in the past tense, with its time. `advance(session, event)` says what follows.

Times are aware UTC. Events come from webhooks, from agents' pages, from the matcher and from wake-ups; each may
come late, twice or never, so every one names the step or the offer that it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.core.banners import Banner
from ivr.core.callback_rules import OpenCallback
from ivr.core.cases import Case
from ivr.core.commitments import Commitment
from ivr.core.ids import E164, AgentId, CallId, Language, LegId, OfferId
from ivr.core.instructions import Alarm
from ivr.core.ticket import Ticket


class CallerKind(StrEnum):
    NUMBER = "number"
    WITHHELD = "withheld"
    SIP = "sip"
    CLIENT = "client"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who rings, as the carrier claims. Never an identity, only a hint."""

    kind: CallerKind
    number: E164 | None = None
    country: str = ""
    """ISO code from the number, empty when unknown."""
    mobile: bool = False
    """True when a text message can be expected to arrive."""

    @property
    def texts_to(self) -> E164 | None:
        """The number, if it takes text messages."""
        return self.number if self.mobile else None


@dataclass(frozen=True, kw_only=True)
class Event:
    at: datetime
    banner: Banner | None = None
    """Switched on by a supervisor; looked up where the request may lead to its place."""


@dataclass(frozen=True, kw_only=True)
class CallArrived(Event):
    """The first webhook of a call."""

    call: CallId
    caller: Caller
    dialled: str
    language: Language | None = None
    """Remembered from this number's last call."""
    slow: bool = False
    """Slow speech, remembered likewise."""
    ticket: Ticket | None = None
    """The app announced this call."""
    open_case: str = ""
    """Number of the newest case under way of the caller's number."""
    calls_before: int = 0
    """Earlier calls of this number within the time of the menu's `repeat`."""


@dataclass(frozen=True, kw_only=True)
class StepAsked(Event):
    """The leg came to a step of ours: keys pressed (possibly none), or just the next thing to do."""

    keys: str = ""
    finished: bool = False
    """The entry was ended with `#` (a lone `#` is `keys=""` with `finished=True`)."""
    may_ask: bool = False
    """After a talk: SQL knows that this number was not asked for a rating lately."""


@dataclass(frozen=True, kw_only=True)
class LegAsked(Event):
    """The caller's leg asks what to do, without saying anything: it was moved, or its request is an old one."""


@dataclass(frozen=True, kw_only=True)
class NotKept(Event):
    """What the last step wanted to commit could not be stored. The leg still waits for its answer."""

    refused: tuple[Commitment, ...] = ()
    """What could not be stored."""


@dataclass(frozen=True, kw_only=True)
class LinkAsked(Event):
    """The leg stands where a link is texted. `url` empty: what it needs could not be had."""

    url: str = ""
    """With a fresh token, which stands nowhere else."""
    key: str = ""
    """Under this the link is stored: a keyed hash of the token."""
    case: Case | None = None
    """The case that the call has, joins or opens: what comes back belongs to it."""


@dataclass(frozen=True, kw_only=True)
class TurnAsked(Event):
    """The wait loop came round, with the keys pressed in the last turn."""

    keys: str = ""
    estimate_s: float | None = None
    """Expected remaining wait, None when no honest figure exists."""
    estimator: str = ""
    estimates: Mapping[str, int] = field(default_factory=dict)
    """What each estimator said, in seconds, whether it was announced or not."""
    position: int | None = None
    """0 = next; None when unknown."""
    promised: OpenCallback | None = None
    """An open promise to call this number back about this topic; looked for at the first turn."""


@dataclass(frozen=True, kw_only=True)
class MessageRecorded(Event):
    duration_s: int
    recording: str = ""
    """The carrier's recording id."""
    hung_up: bool = False
    case: Case | None = None
    """The call's case, stored; None when it could not be, or nothing was recorded."""


@dataclass(frozen=True, kw_only=True)
class ReviewAsked(Event):
    """The caller has recorded a message and says what to do with it."""

    keys: str = ""
    sound: str = ""
    """Where the recording can be heard for a few minutes, as a path of ours; empty: it cannot be."""


@dataclass(frozen=True, kw_only=True)
class OutsideDialled(Event):
    """The outside number of a `transfer` answered and ended, or did not answer."""

    answered: bool


@dataclass(frozen=True, kw_only=True)
class CallerLeft(Event):
    """The caller's line is gone."""


@dataclass(frozen=True, kw_only=True)
class OfferEvent(Event):
    """About one offer, which it names: the fence (`DESIGN.md` 3.1, rule 4)."""

    offer: OfferId


@dataclass(frozen=True, kw_only=True)
class RoomAsked(OfferEvent):
    """The caller's leg asked for the room of this offer: it is in the talk now."""

    case: Case | None = None
    """The call's case, stored; None when it could not be."""


@dataclass(frozen=True, kw_only=True)
class RoomLeft(OfferEvent):
    """The caller's leg came out of the room alive (the talk ended, or it was moved)."""

    returns: int = 0
    """How often the agent's line had been lost when the caller went into that room."""


@dataclass(frozen=True, kw_only=True)
class Matched(OfferEvent):
    """The claim script gave this call to this agent."""

    agent: AgentId
    phone: str
    """How the agent is reached: `browser`, a number or a SIP address."""
    reason: Mapping[str, object] = field(default_factory=dict)
    """Why this agent: considered, distance, idle time, terms in force."""


@dataclass(frozen=True, kw_only=True)
class OfferAccepted(OfferEvent):
    """The agent pressed Accept (or key 1)."""

    agent: AgentId


@dataclass(frozen=True, kw_only=True)
class OfferDeclined(OfferEvent):
    agent: AgentId


@dataclass(frozen=True, kw_only=True)
class OfferFailed(OfferEvent):
    """The agent could not be reached: busy, line error, page gone. `missed`: rang and nobody answered."""

    missed: bool = False
    reason: str = ""
    leg: LegId | None = None
    """The leg that failed, when one is known: the carrier may have made a second one of the same offer."""


@dataclass(frozen=True, kw_only=True)
class LegCreated(OfferEvent):
    """The carrier is calling the agent's telephone on this leg."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class RoomEmptied(OfferEvent):
    """The agent's leg came out of the room alive though nobody ended the talk: the caller has probably gone."""

    leg: LegId | None = None


@dataclass(frozen=True, kw_only=True)
class RecordingAsked(OfferEvent):
    """The agent starts or stops the recording of the talk."""

    on: bool


@dataclass(frozen=True, kw_only=True)
class RecordingMade(Event):
    """The carrier has a recording of the talk."""

    recording: str
    duration_s: int


@dataclass(frozen=True, kw_only=True)
class AgentJoined(OfferEvent):
    """The agent's leg is in the room."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class LineRenewed(OfferEvent):
    """The agent goes on with the talk at a page that has no line in it: loaded anew, or one that took over."""


@dataclass(frozen=True, kw_only=True)
class AgentEnded(OfferEvent):
    """The agent ended the talk on purpose."""


@dataclass(frozen=True, kw_only=True)
class AgentLost(OfferEvent):
    """The agent's leg ended without a word. `by_phone`: a telephone's hang-up, which may have been meant."""

    leg: LegId
    by_phone: bool = False


@dataclass(frozen=True, kw_only=True)
class LegFound(Event):
    """The carrier's answer about a leg of this call."""

    leg: LegId
    alive: bool


@dataclass(frozen=True, kw_only=True)
class TimeUp(Event):
    alarm: Alarm
    ref: str = ""
