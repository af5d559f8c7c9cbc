"""What is now true. Facts are the only source of numbers: record, wallboard and report fold the same ones.

A fact is stored once, under an id made from the call, the version of its session and a counter; the recorder
writes each id at most once. `kind` is the class name in snake case. No fact carries keys that a node calls
secret, nor a full telephone number except `CallStarted.number`, which the recorder keeps apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.core.ids import AgentId, CallId, Language, NodeId, OfferId, PromptId, TopicId


class Outcome(StrEnum):
    """How a stay in a queue (a segment) ended. Exclusive (`DOMAIN.md` 3.0, 4)."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOW = "overflow"
    MESSAGE = "message"
    CALLBACK = "callback"
    CLOSED = "closed"
    DROPPED = "dropped"


class CallEnd(StrEnum):
    """How a call ended, as the record says it."""

    ANSWERED = "answered"
    """Talked to an agent."""
    ABANDONED = "abandoned"
    """Gone while waiting or ringing."""
    VOICEMAIL = "voicemail"
    TRANSFERRED = "transferred"
    SELF_SERVED = "self_served"
    """Heard the information asked for, in the menu."""
    LEFT_MENU = "left_menu"
    """Gone in the menu."""
    CALLBACK = "callback"
    """Promised a callback: neither answered nor abandoned."""
    FAILED = "failed"
    """Ended by a fault of ours or the carrier's."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CallStarted(Fact):
    call: CallId
    hotline: str
    dialled: str
    kind: str
    number: str
    """E.164 or empty. Kept in SQL only; masked everywhere else."""
    country: str
    menu_version: str
    language: Language
    test: bool = False
    """From, or to, a number that the menu names as a test number."""


@dataclass(frozen=True, kw_only=True)
class NodeEntered(Fact):
    call: CallId
    node: NodeId


@dataclass(frozen=True, kw_only=True)
class PromptHeard(Fact):
    call: CallId
    prompt: PromptId
    language: Language
    menu_version: str
    slots: Mapping[str, str] = field(default_factory=dict)
    """What stood in its slots, as far as records may know: never a code, a number, or digits that were keyed."""


@dataclass(frozen=True, kw_only=True)
class IncidentHeard(Fact):
    """The incident banner was spoken to this caller."""

    call: CallId
    incident: str


@dataclass(frozen=True, kw_only=True)
class KeyPressed(Fact):
    call: CallId
    node: NodeId
    key: str
    """One key, or the digits of an entry; `•` in place of each digit of a secret one."""
    result: str
    """`choice`, `repeat`, `back`, `person`, `slower`, `wrong`, `silence`, `entry`, `option`."""


@dataclass(frozen=True, kw_only=True)
class LanguageChosen(Fact):
    call: CallId
    language: Language


@dataclass(frozen=True, kw_only=True)
class RecordingChosen(Fact):
    """The caller said yes, or no, to being recorded."""

    call: CallId
    wanted: bool


@dataclass(frozen=True, kw_only=True)
class RecordingKept(Fact):
    """The carrier keeps a recording of this call's talk, under its id."""

    call: CallId
    recording: str
    duration_s: int


@dataclass(frozen=True, kw_only=True)
class TicketUsed(Fact):
    """The app had announced this call: the caller skipped the menu."""

    call: CallId
    ticket: str
    topic: TopicId | None
    verified: bool


@dataclass(frozen=True, kw_only=True)
class SpeedChosen(Fact):
    """The caller asked for slower speech, or for the usual one again."""

    call: CallId
    slow: bool


@dataclass(frozen=True, kw_only=True)
class Answer(Fact):
    """Something the caller told the menu (`when` = `today`)."""

    call: CallId
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class SegmentStarted(Fact):
    """Joined a queue. `segment` counts the stays of one call from 1."""

    call: CallId
    segment: int
    topic: TopicId
    path: tuple[str, ...]
    language: Language
    priority: int
    queued_at: datetime
    """First queue time, which may lie before this segment."""
    cause: str = ""
    """`transfer`: another agent sent the caller here; empty: from the menu, or back in line."""


@dataclass(frozen=True, kw_only=True)
class WaitAnnounced(Fact):
    call: CallId
    segment: int
    seconds: int | None
    estimator: str
    prompt: PromptId
    estimates: Mapping[str, int] = field(default_factory=dict)
    """Seconds by every estimator at that moment (`ql`, `les`, `hol`), announced or not: their scores need them."""


@dataclass(frozen=True, kw_only=True)
class OfferMade(Fact):
    call: CallId
    segment: int
    offer: OfferId
    agent: AgentId
    topic: TopicId
    reason: Mapping[str, object] = field(default_factory=dict)
    by: AgentId | None = None
    """The agent who asks for help in a talk; None: a caller waits."""


@dataclass(frozen=True, kw_only=True)
class OfferEnded(Fact):
    """`result` is `accepted`, `declined`, `lapsed`, `cancelled` or `failed`."""

    call: CallId
    offer: OfferId
    agent: AgentId
    result: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class NobodyFits(Fact):
    """A match was sought and refused: how many agents were looked at and why none would do."""

    call: CallId
    segment: int
    reason: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answered(Fact):
    """Both parties are in the room."""

    call: CallId
    segment: int
    offer: OfferId
    agent: AgentId
    topic: TopicId
    by_phone: bool = False
    """The agent talks on a telephone that we dialled, not in the browser."""


@dataclass(frozen=True, kw_only=True)
class TalkOver(Fact):
    """`ended_by` is `agent`, `caller`, `agent_lost`, `transfer`, `fault`."""

    call: CallId
    segment: int
    offer: OfferId
    agent: AgentId
    ended_by: str


@dataclass(frozen=True, kw_only=True)
class SegmentEnded(Fact):
    call: CallId
    segment: int
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Reranked(Fact):
    call: CallId
    segment: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageLeft(Fact):
    call: CallId
    topic: TopicId
    duration_s: int
    recording: str


@dataclass(frozen=True, kw_only=True)
class CallbackRefused(Fact):
    """Somebody asked for a callback and was not promised one: too many requests of one number, or in all."""

    call: CallId
    topic: TopicId
    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseKept(Fact):
    """The call belongs to this case (its id). `opened`: the case was opened by this very call."""

    call: CallId
    case: str
    opened: bool = False


@dataclass(frozen=True, kw_only=True)
class SurveyAsked(Fact):
    """`channel` is `phone` (asked by key) or `text`."""

    call: CallId
    channel: str


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered(Fact):
    """Score 1 to 5, and whether the problem was solved: `yes`, `no`, or empty when that was not answered."""

    call: CallId
    channel: str
    score: int
    solved: str = ""


@dataclass(frozen=True, kw_only=True)
class Verified(Fact):
    """A caller's proof is over. `result` is one of `verification.Proof`; no digit of it is told."""

    call: CallId
    how: str
    result: str
    reason: str = ""
    """Why a number is locked: `codes` (too many sent), `failures`."""


@dataclass(frozen=True, kw_only=True)
class LookedUp(Fact):
    """Another system was asked. `result` is `ok`, or why there was no answer (`timeout`, `open`, `refused`, …)."""

    call: CallId
    node: NodeId
    result: str


@dataclass(frozen=True, kw_only=True)
class TextSent(Fact):
    call: CallId
    kind: str


@dataclass(frozen=True, kw_only=True)
class EvidenceGiven(Fact):
    """The caller sent the form of a link: which of its fields were filled, and how many files came with it."""

    call: CallId
    evidence: str
    fields: tuple[str, ...]
    files: int


@dataclass(frozen=True, kw_only=True)
class CallEnded(Fact):
    call: CallId
    end: CallEnd
    left: str
    """Where the call was: node, `queue`, `offer`, `talk`, `message`."""
    hung_up_by: str
    """`caller`, `service`, `agent`, `unknown`."""


@dataclass(frozen=True, kw_only=True)
class Repaired(Fact):
    """Something that should not be was put right by the sweep or by a re-enrolling turn."""

    call: CallId | None
    what: str


@dataclass(frozen=True, kw_only=True)
class CarrierAsked(Fact):
    """One request of ours to the carrier's REST interface, whatever it answered."""

    call: CallId | None
    """On whose behalf; None: nobody's, as when the sweep looks around."""
    what: str
    """`new_call`, `steer`, `room`, `record`, `text`, `look` …"""


@dataclass(frozen=True, kw_only=True)
class PresenceChanged(Fact):
    agent: AgentId
    presence: str
    reason: str = ""
    call: CallId | None = None
    offer: OfferId | None = None


@dataclass(frozen=True, kw_only=True)
class Disposed(Fact):
    """The agent's result of a call. `by_default`: wrap-up ran out, and what was left open took the topic's default."""

    call: CallId
    offer: OfferId
    agent: AgentId
    disposition: str
    by_default: bool = False
    notes: str = ""
    topic: str = ""
    """What it was really about, in the agent's judgement: a topic or a reason of the menu. Empty: nothing was said."""
    account_changed: bool = False
    """The agent changed something in the account; only for a verified caller."""
    disposition_reason: str = ""
    """Why, of the reasons that the menu has beneath this result; empty when it has none."""
