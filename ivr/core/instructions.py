"""What a leg does next, and what the carrier does with other legs.

An *instruction* answers the leg that asks: it becomes TwiML, drawn last. An *order* is carried out elsewhere,
by the dispatcher, at least once and fenced. A *wake-up* comes back as the event `TimeUp`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.core.callback_orders import BringCallback, DialCallback, NoteCallback, PutOffCallback, ReachedByPhone
from ivr.core.house_orders import DialHouse, PutDownHouse
from ivr.core.ids import E164, AgentId, CallId, Language, LegId, OfferId
from ivr.core.message_orders import KeepMessage
from ivr.core.survey_orders import AskByText, NoteRating
from ivr.core.verification import SendCode
from ivr.core.visitors import VisitOrder


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One stretch of sound: a file of `recordings/` when there is one, else text in a language."""

    language: Language
    text: str = ""
    audio: str | None = None
    slow: bool = False
    path: str = ""
    """A sound that is no file of `recordings/`: its path at our own address."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where the leg goes next: everything that a step URL carries, and never personal data."""

    door: str
    """A route of `web/voice`: `step`, `wait`, `enter`, `back`, `room`, `left`, `bye`, `message`, `dialled`,
    `moment` (the agent's line is lost and expected back), `review` (of a message), `callback` (registering one), `link` (a text with a link to the form), `verify`, `lookup`, `out` (a leg that we
    called), and for agents
    `answer`, `agent-left`, for a house outside `house-left`; `held` for what a caller on hold hears."""
    call: CallId
    step: str
    """Number of the step, or the offer id: a step is carried out once."""
    version: str = ""
    node: str = ""
    language: str = ""
    tries: int = 0
    """Failures at the node (silences × 10 + unknown keys); in the wait loop the turns so far."""
    topic: str = ""
    priority: int = 0
    queued_ms: int = 0
    """First queue time in epoch milliseconds, so that a lost place can be given back."""
    segment: int = 0
    path: str = ""
    """Topic path, joined with dots."""
    agent: str = ""
    """Agent of the talk, on the links of a room."""


@dataclass(frozen=True, kw_only=True)
class Gather:
    """Say something and take keys. `digits=1` and `finish=""` in menus; digit entry ends with `#`."""

    sounds: tuple[Spoken, ...]
    link: Link
    timeout_s: int
    digits: int | None = 1
    finish: str = ""
    music: str | None = None
    """File of `recordings/` played after the words, inside the collector, so that keys are heard throughout."""


@dataclass(frozen=True, kw_only=True)
class Speak:
    """Say something that keys do not cut off."""

    sounds: tuple[Spoken, ...]


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Silence of whole seconds."""

    seconds: int


@dataclass(frozen=True, kw_only=True)
class GoOn:
    """Ask the service again, at `link`."""

    link: Link


@dataclass(frozen=True, kw_only=True)
class JoinRoom:
    """Enter the talk. `label` is unique in the room; `ends` closes the room when this leg leaves."""

    room: str
    label: str
    link: Link
    """Asked when the leg leaves the room while its line lives."""
    ends: bool = False
    muted: bool = False
    """Heard by nobody."""
    coach: LegId | None = None
    """Heard by the party on this leg alone."""
    starts: bool = True
    """False: this leg alone makes no talk of the room."""


@dataclass(frozen=True, kw_only=True)
class RecordMessage:
    link: Link
    max_s: int
    finish: str = "#"


@dataclass(frozen=True, kw_only=True)
class DialOut:
    """Connect this leg to an outside number of the operator's."""

    number: E164
    link: Link
    timeout_s: int


@dataclass(frozen=True, kw_only=True)
class HangUp:
    pass


Instruction = Gather | Speak | Wait | GoOn | JoinRoom | RecordMessage | DialOut | HangUp


@dataclass(frozen=True, kw_only=True)
class RingBrowser:
    """Tell the agent's page that an offer is there (the page rings, and asks for the rest)."""

    agent: AgentId
    offer: OfferId
    call: CallId


@dataclass(frozen=True, kw_only=True)
class RingPhone:
    """Call a telephone or SIP agent; the leg's document asks for key 1."""

    agent: AgentId
    offer: OfferId
    call: CallId
    address: str
    """E.164 or `sip:` address from the roster, never from a request."""
    ring_s: int
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class StopRinging:
    """End the agent leg of an offer that is over, even one that the carrier has not created yet."""

    agent: AgentId
    offer: OfferId
    call: CallId
    leg: LegId | None = None


@dataclass(frozen=True, kw_only=True)
class MoveCaller:
    """Take the caller's leg to another step of ours, out of whatever it is doing."""

    call: CallId
    link: Link
    offer: OfferId | None = None


@dataclass(frozen=True, kw_only=True)
class HoldCaller:
    """Make the room do what the call says: the caller on hold, at `link` for what to hear, or in the talk."""

    call: CallId
    offer: OfferId
    link: Link


@dataclass(frozen=True, kw_only=True)
class EndLeg:
    call: CallId
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class StartRecording:
    """Record the talk on the caller's line, from now on."""

    call: CallId
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class StopRecording:
    call: CallId
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class PauseRecording:
    """Make the recording do what the call says now: pause, or go on."""

    call: CallId
    leg: LegId


@dataclass(frozen=True, kw_only=True)
class SendText:
    """A text message to the caller. `number` is the only personal datum in an order; it is erased once sent."""

    call: CallId
    number: E164
    body: str
    kind: str
    """Prompt id of the text."""


@dataclass(frozen=True, kw_only=True)
class LookUpLeg:
    """Ask the carrier whether a leg still lives; the answer comes back as `LegFound`."""

    call: CallId
    leg: LegId


CallbackOrder = DialCallback | NoteCallback | BringCallback | PutOffCallback | ReachedByPhone
SurveyOrder = AskByText | NoteRating
HouseOrder = DialHouse | PutDownHouse
Order = (
    RingBrowser
    | RingPhone
    | StopRinging
    | MoveCaller
    | HoldCaller
    | EndLeg
    | SendText
    | LookUpLeg
    | StartRecording
    | StopRecording
    | PauseRecording
    | CallbackOrder
    | SurveyOrder
    | HouseOrder
    | KeepMessage
    | SendCode
    | VisitOrder
)


class Alarm(StrEnum):
    """What a wake-up is about. One of each kind per call; setting it again moves it."""

    OFFER = "offer"
    """Ring time is over."""
    JOIN = "join"
    """The agent accepted and should be in the room by now (10 s)."""
    RELAX = "relax"
    """A wider set of agents may serve this call from now on."""
    OVERFLOW = "overflow"
    RETURN = "return"
    """The agent's line was lost in the talk: both should be in the room again by now."""
    CEILING = "ceiling"
    CLOSING = "closing"
    """The desk closes while the call waits."""
    UNPAUSE = "unpause"
    """The recording has paused for long enough."""
    PULSE = "pulse"
    """Nothing has been heard of this call for longer than its state allows: ask the carrier."""
    VISIT = "visit"
    """A supervisor should be in the room by now, or sits in on the talk for another minute."""
    WRAP_UP = "wrap_up"
    """Per agent: wrap-up is over."""
    PRESENCE = "presence"
    """Per agent: the page's heartbeat should have come."""


@dataclass(frozen=True, kw_only=True)
class WakeAt:
    """Ask for `TimeUp(alarm, ref)` at `at`. `at=None` cancels."""

    alarm: Alarm
    at: datetime | None
    ref: str = ""
    """The offer or queue stay it is about; a wake-up whose ref is stale changes nothing."""
