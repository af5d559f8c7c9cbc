"""A leg: one line between the network and one phone, with what was heard on it. Twilio calls it a Call."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ivr.simulator.account import E164, new_sid
from ivr.simulator.tasks import Task

if TYPE_CHECKING:
    from ivr.simulator.phones import Phone
    from ivr.simulator.rooms import Seat


class Status(StrEnum):
    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


OVER = frozenset({Status.COMPLETED, Status.BUSY, Status.FAILED, Status.NO_ANSWER, Status.CANCELED})


class Direction(StrEnum):
    INBOUND = "inbound"
    API = "outbound-api"
    DIAL = "outbound-dial"


# --- signals: what can happen to a leg while its document runs ------------------------------------------------


@dataclass(frozen=True)
class Key:
    key: str


@dataclass(frozen=True)
class Spoken:
    text: str


@dataclass(frozen=True)
class Voiced:
    """The party began to speak, or will fall silent at another time."""


@dataclass(frozen=True)
class ChildAnswered:
    leg: Leg


@dataclass(frozen=True)
class ChildGone:
    """Ended, or taken away by REST."""

    leg: Leg
    alive: bool = False


@dataclass(frozen=True)
class Whispered:
    leg: Leg


@dataclass(frozen=True)
class SeatGone:
    """The room ended, or the carrier took this leg out of it."""

    why: str


@dataclass(kw_only=True)
class Heard:
    """One thing the party on a leg noticed. `kind`: say, play, gather, keys, ring, beep, event."""

    n: int
    at_s: float
    kind: str
    text: str = ""
    language: str = ""
    voice: str = ""
    url: str = ""
    seconds: float = 0.0
    interrupted: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Where a leg's documents come from, and from where when that fails."""

    url: str = ""
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    twiml: str | None = None


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(kw_only=True, eq=False)
class Leg:
    from_: str
    to: str
    direction: Direction
    created_s: float
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: Status = Status.QUEUED
    parent: Leg | None = None
    phone: Phone | None = None
    """Who is on it; None while it rings."""
    ringing_at: list[Phone] = field(default_factory=list)
    voice: Voice = field(default_factory=Voice)
    callbacks: Callbacks = field(default_factory=Callbacks)
    own: dict[str, str] = field(default_factory=dict)
    """Parameters a browser or a SIP caller brought."""
    number_sid: str = ""
    timeout_s: float = 60.0
    time_limit_s: float = 14_400.0
    send_digits: str = ""
    seat_wanted: dict[str, str] | None = None
    """A participant made by REST: the room attributes, instead of a document."""
    started_s: float | None = None
    answered_s: float | None = None
    ended_s: float | None = None
    updated_s: float = 0.0
    sequence: int = 0
    task: Task | None = None
    seat: Seat | None = None
    bridged: Leg | None = None
    transcript: list[Heard] = field(default_factory=list)
    voice_until_s: float | None = None
    """Until when the party speaks (for Record); None: all the time."""
    token: str = field(default_factory=lambda: new_sid("tok"))

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def live(self) -> bool:
        return self.status is Status.IN_PROGRESS

    @property
    def duration_s(self) -> int:
        if self.answered_s is None:
            return 0
        return max(0, round((self.ended_s or self.answered_s) - self.answered_s))

    @property
    def hears(self) -> list[Leg]:
        """The legs whose parties this one can talk with now."""
        if self.bridged is not None:
            return [self.bridged]
        return self.seat.company() if self.seat is not None else []

    @property
    def linked(self) -> list[Leg]:
        """The legs at the other ends of its room or bridge, whoever hears whom at the moment."""
        if self.bridged is not None:
            return [self.bridged]
        return self.seat.neighbours() if self.seat is not None else []

    @property
    def voices(self) -> list[Leg]:
        """The legs whose microphones this one hears now."""
        if self.bridged is not None:
            return [self.bridged]
        return self.seat.voices() if self.seat is not None else []

    def signal(self, signal: object) -> bool:
        return self.task is not None and self.task.signal(signal)


COUNTRIES = {
    "86": "CN",
    "852": "HK",
    "853": "MO",
    "886": "TW",
    "1": "US",
    "44": "GB",
    "49": "DE",
    "33": "FR",
    "81": "JP",
    "82": "KR",
    "65": "SG",
    "60": "MY",
    "61": "AU",
    "34": "ES",
    "39": "IT",
    "91": "IN",
    "84": "VN",
    "62": "ID",
}


def country(number: str) -> str:
    """A guess from the dialling code, as the carrier's is; "" for what is no number."""
    if not E164.match(number):
        return ""
    return next((COUNTRIES[number[1 : 1 + size]] for size in (3, 2, 1) if number[1 : 1 + size] in COUNTRIES), "")


def parameters(leg: Leg, account_sid: str) -> dict[str, str]:
    """What every request about a leg carries. Own parameters come first, so they cannot pose as the carrier's."""
    form = dict(leg.own)
    form |= {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": leg.sid,
        "CallStatus": leg.status.value,
        "Direction": leg.direction.value,
        "From": leg.from_,
        "To": leg.to,
        "Caller": leg.from_,
        "Called": leg.to,
    }
    for name, number in (("From", leg.from_), ("To", leg.to), ("Caller", leg.from_), ("Called", leg.to)):
        if number.startswith("+"):
            form |= {f"{name}City": "", f"{name}State": "", f"{name}Zip": "", f"{name}Country": country(number)}
    if leg.parent is not None:
        form["ParentCallSid"] = leg.parent.sid
    if leg.direction is Direction.INBOUND and leg.from_.startswith("+"):
        form["CallToken"] = leg.token
    return form


def describe(leg: Leg) -> dict[str, Any]:
    """A leg for pages and scripts."""
    return {
        "sid": leg.sid,
        "from": leg.from_,
        "to": leg.to,
        "direction": leg.direction.value,
        "status": leg.status.value,
        "room": leg.seat.room.name if leg.seat is not None else None,
        "with": [other.from_ if other.direction is Direction.INBOUND else other.to for other in leg.hears],
        "answered_s": leg.answered_s,
        "started": leg.answered_s,
        "ended_s": leg.ended_s,
        "muted": leg.seat.muted if leg.seat is not None else False,
        "hold": leg.seat.hold if leg.seat is not None else False,
        "parameters": leg.own,
    }
