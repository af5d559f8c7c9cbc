"""What a request at one of the caller's doors reports: the carrier's form as an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ivr.core.callback_events import CallbackAsked, CalleeAsked
from ivr.core.case_events import CaseAsked
from ivr.core.events import (
    Event,
    LegAsked,
    LinkAsked,
    MessageRecorded,
    OutsideDialled,
    ReviewAsked,
    RoomAsked,
    RoomLeft,
    StepAsked,
    TurnAsked,
)
from ivr.core.ids import LegId
from ivr.core.instructions import Link
from ivr.core.lookups import LookupAsked
from ivr.core.returning import at_place
from ivr.core.verification_events import VerifyAsked
from ivr.web.webhooks import Said

WITHOUT_WORDS: Mapping[str, type[Event]] = {"link": LinkAsked, "lookup": LookupAsked}
"""Doors at which the leg only asks: what their rules must know is looked up on the way."""


def event_of(said: Said, link: Link, at: datetime) -> Event:
    """What a request at one of the caller's doors reports."""
    match link.door:
        case "step" | "bye":
            return StepAsked(at=at, keys=said.keys, finished=said.finished)
        case "callback":
            return CallbackAsked(at=at, keys=said.keys, finished=said.finished)
        case "verify":
            return VerifyAsked(at=at, keys=said.keys, finished=said.finished)
        case "link" | "lookup" | "enter" | "back":
            return WITHOUT_WORDS.get(link.door, LegAsked)(at=at)
        case "case" | "review":
            return (CaseAsked if link.door == "case" else ReviewAsked)(at=at, keys=said.keys)
        case "out":
            return CalleeAsked(at=at, leg=LegId(said.call), keys=said.keys)
        case "wait":
            return TurnAsked(at=at, keys=said.keys)
        case "room":
            return RoomAsked(at=at, offer=at_place(link.step)[0])
        case "left":
            offer, returns = at_place(link.step)
            return RoomLeft(at=at, offer=offer, returns=returns)
        case "message":
            return MessageRecorded(at=at, duration_s=said.recorded_s, recording=said.recording, hung_up=said.hung_up)
        case "dialled":
            return OutsideDialled(at=at, answered=said.dial_status in ("completed", "answered"))
        case _:
            return LegAsked(at=at)
