"""What a supervisor asks of a call: of one that waits, or of a talk. Each names who asks; a late one changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.events import Event
from ivr.core.ids import LegId, OfferId, TopicId
from ivr.core.visitors import Mode


@dataclass(frozen=True, kw_only=True)
class CallRaised(Event):
    """A waiting caller goes up the line; `critical`: into the lane ahead of all others."""

    critical: bool = False


@dataclass(frozen=True, kw_only=True)
class CallMoved(Event):
    """A waiting caller goes to the queue of another topic and keeps the place."""

    topic: TopicId
    seen: str = ""
    """The queue in which the supervisor saw the caller: in another one by now, nothing is moved. Empty: whichever."""


@dataclass(frozen=True, kw_only=True)
class CallbackOffered(Event):
    """A waiting caller is asked whether to be called back; the place is held meanwhile."""


@dataclass(frozen=True, kw_only=True)
class PutDown(Event):
    """The call is to end, with words to the caller."""

    of_talk: bool | None = None
    """As the supervisor saw it: a talk, or a caller who waits. One that has become the other is left alone. None: whichever."""


@dataclass(frozen=True, kw_only=True)
class VisitAsked(Event):
    """A supervisor wants to sit in on the talk."""

    line: OfferId
    who: str
    name: str
    mode: Mode


@dataclass(frozen=True, kw_only=True)
class VisitorJoined(Event):
    """The supervisor's line asks for the room."""

    line: OfferId
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class VisitChanged(Event):
    """Listen, whisper or join from now on."""

    line: OfferId
    mode: Mode


@dataclass(frozen=True, kw_only=True)
class VisitorLeft(Event):
    """The supervisor's line is over, or is to be. `leg` None: whatever line it is."""

    line: OfferId
    leg: LegId | None = None
