"""Who sits in on a talk: data only. The rules are in `visits`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.core.ids import CallId, LegId, OfferId


class Mode(StrEnum):
    LISTEN = "listen"
    """Hears both, is heard by nobody."""
    WHISPER = "whisper"
    """Hears both, is heard by the agent alone."""
    JOIN = "join"
    """A party like the others."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A supervisor in a talk. Never taken for its agent or caller: the line has a fence and a label of its own."""

    line: OfferId
    """Fence of the one line that is admitted."""
    who: str
    """Sign-in name: stands in the audit."""
    name: str
    """As the agent sees it."""
    mode: Mode
    asked_at: datetime
    leg: LegId | None = None
    joined_at: datetime | None = None
    minutes: int = 0
    """Full minutes that stand in the audit."""


@dataclass(frozen=True, kw_only=True)
class SeatVisitor:
    """Make the visitor's seat in the room do what the call says: who hears them."""

    call: CallId
    line: OfferId


@dataclass(frozen=True, kw_only=True)
class NoteVisit:
    """One more minute of a visit, for the audit."""

    call: CallId
    line: OfferId
    who: str
    mode: Mode
    minute: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NoteVisitOver:
    """The visit has ended, for the audit: whoever ended it, and whether or not the page still said so."""

    call: CallId
    who: str
    mode: Mode
    heard: bool
    """Whether the line was ever in the talk."""
    minutes: int
    """Full minutes that were spent in the talk."""
    at: datetime


VisitOrder = SeatVisitor | NoteVisit | NoteVisitOver
