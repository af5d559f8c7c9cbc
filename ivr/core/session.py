"""What a live call is: data only, and the step that one event makes of it. The rules are in `calls`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.core.agents import AgentEvent, is_telephone
from ivr.core.callback_rules import Registration, Tie
from ivr.core.cases import CallCase
from ivr.core.commitments import Commitment
from ivr.core.consults import Consult, Handover, House
from ivr.core.events import Caller, CallerKind
from ivr.core.facts import Fact
from ivr.core.ids import AgentId, CallId, Language, LegId, NodeId, OfferId, TopicId
from ivr.core.instructions import Instruction, Order, WakeAt
from ivr.core.message_orders import Unsent
from ivr.core.queues import Demand
from ivr.core.ticket import Ticket
from ivr.core.verification import Proof, Verification
from ivr.core.visitors import Visitor


class State(StrEnum):
    MENU = "menu"
    QUEUED = "queued"
    OFFERED = "offered"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    VOICEMAIL = "voicemail"
    SURVEY = "survey"
    """After the talk: the rating and the closing words."""
    CALLBACK_PROMISED = "callback_promised"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class CallSession:
    """Everything that decides what a live call does next. Data only; saved whole."""

    call: CallId
    hotline: str
    menu_version: str
    state: State
    caller: Caller = field(default_factory=lambda: Caller(kind=CallerKind.UNKNOWN))
    dialled: str = ""
    language: Language
    started_at: datetime
    step: int = 0
    """Number of the last step answered; the next link carries step + 1."""
    node: NodeId | None = None
    path: tuple[str, ...] = ()
    """Topic path as chosen: `("transfers", "late")`."""
    answers: Mapping[str, str] = field(default_factory=dict)
    silences: int = 0
    wrongs: int = 0
    entry: str = ""
    """Digits waiting to be confirmed."""
    slow: bool = False
    recording_told: bool = False
    """The recording notice was heard in full."""
    recording_choice: str = ""
    """What the caller said to being recorded: `yes`, `no`, or nothing."""
    taped: bool = False
    """The talk is being recorded."""
    tape_paused_at: datetime | None = None
    """Since when the recording pauses; None: it does not."""
    tapes: tuple[str, ...] = ()
    """The carrier's ids of the talk's recordings."""
    ticket: Ticket | None = None
    """The app announced this call."""
    ways_texted: bool = False
    """The text with other ways to reach us was sent."""
    incidents: tuple[str, ...] = ()
    """Banners heard in this call."""
    served: bool = False
    """The caller heard the information asked for: leaving the menu is not giving up."""
    topic: TopicId | None = None
    demand: Demand | None = None
    queued_at: datetime | None = None
    """First queue time of the call."""
    entered_at: datetime | None = None
    """When the present segment began."""
    segment: int = 0
    turns: int = 0
    announced_s: int | None = None
    """The wait that the caller was last told, in this segment; None: none was named."""
    announced_at: datetime | None = None
    updates: int = 0
    """Spoken updates in this segment; every second one offers the keys."""
    spoken_at: datetime | None = None
    """Last spoken update in the queue."""
    prepared: bool = False
    offers: int = 0
    """Offers made in this segment."""
    offer: OfferId | None = None
    agent: AgentId | None = None
    agent_phone: str = ""
    agent_leg: LegId | None = None
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    connected_at: datetime | None = None
    talked: bool = False
    """True from the first talk on, also when the agent was lost and the call waits again."""
    agent_in_room: bool = False
    caller_in_room: bool = False
    seat: OfferId | None = None
    """The offer by which the caller came into the room: a colleague who took the talk over has another."""
    held_at: datetime | None = None
    """Since when the caller hears music instead of the agent; None: not on hold."""
    was_held: bool = False
    """The talk has been on hold: what the room does is compared with `held_at` now and then."""
    holds: int = 0
    """How often the caller was put on hold in this call."""
    transferred: int = 0
    """How often agents gave the caller away."""
    consult: Consult | None = None
    """A colleague whom the agent has asked for, or a house outside."""
    consult_result: str = ""
    """How the last consultation of this talk ended: `declined`, `no_answer`, `failed`, `busy`, `left`, or nothing. Of a
    house outside the same after `house_`, and `house_refused`."""
    handovers: tuple[Handover, ...] = ()
    """From desk to desk, with what each told the next."""
    cause: str = ""
    """Why the present segment began: `transfer`, or empty."""
    lost_at: datetime | None = None
    """When the agent's line was lost in the talk, until both are in the room again (`returning`)."""
    returns: int = 0
    """How often that happened in this call."""
    outside: str = ""
    """The house to which the caller was passed on, until it answered or did not."""
    house: House | None = None
    """The house with which the caller was left in the room; set only after the agent's talk, while the two go on."""
    closing: str = ""
    """After the talk: `ask` (whether the caller was cut off), `asked`, the open question of the survey, `outside` (was left
    with a house), or nothing."""
    score: int = 0
    """The caller's rating, 1 to 5; 0 while there is none."""
    solved: str = ""
    links: int = 0
    """Links to the form that were texted in this call."""
    recording: str = ""
    recorded_s: int = 0
    unsent: Unsent | None = None
    """A message that the caller has recorded and may still replace."""
    ended_at: datetime | None = None
    case: CallCase | None = None
    """The case of this call, once it has one."""
    texts_sent: tuple[str, ...] = ()
    """Names of the prepared texts that an agent sent."""
    verification: Verification | None = None
    """The caller's proof, while it goes on and after it."""
    open_case: str = ""
    """Number of the newest case under way of this caller's number, as known when the call began."""
    calls_before: int = 0
    """Earlier calls of this number within the time of the menu's `repeat`, as known when the call began."""
    raised: int = 0
    """Points of priority gained by them."""
    status_told: bool = False
    """At a `progress` node: the caller has heard how the case stands, and may press a key."""
    registration: Registration | None = None
    """The registration of a callback, while it goes on."""
    callback: Tie | None = None
    """The promise that this call keeps: the customer is called by us."""
    listening_told: bool = False
    """The notice that supervisors may listen in was heard in full."""
    visitor: Visitor | None = None
    """The supervisor who sits in on the talk, or is about to."""

    @property
    def line(self) -> LegId | None:
        """The caller's leg; None while nobody has been called yet."""
        return self.callback.leg if self.callback else LegId(self.call)

    @property
    def unheard(self) -> bool:
        """True while a callback has not reached its customer: such a try is no call yet, and no fact is told of it."""
        return self.callback is not None and not self.callback.confirmed

    @property
    def called_out(self) -> bool:
        """True for a call that an agent makes (`call_out`)."""
        return self.callback is not None and bool(self.callback.why)

    @property
    def verified(self) -> str:
        """How the caller proved who they are: `code` (keyed in this call), `app` (it announced this call); else empty."""
        proof = self.verification
        if proof is not None and proof.result is Proof.VERIFIED:
            return proof.how
        return "app" if self.ticket is not None and self.ticket.verified else ""

    @property
    def keys_secret(self) -> bool:
        """True while a code may be keyed: nothing of the line may be recorded now."""
        return self.state is State.MENU and self.verification is not None and self.verification.awaited

    @property
    def agent_on_telephone(self) -> bool:
        return is_telephone(self.agent_phone)

    @property
    def sought(self) -> Demand | None:
        """What is looked for in line: an agent for a caller who waits, or a colleague for a talk that goes on.

        While there is something, the queue index holds this call (an offered call has left it).
        """
        if self.state is State.QUEUED:
            return self.demand
        if self.state is State.CONNECTED and self.consult is not None and self.consult.offer is None:
            return self.consult.demand
        return None

    @property
    def offers_held(self) -> tuple[OfferId, ...]:
        """Every offer by which an agent belongs to this call now."""
        second = self.consult.offer if self.consult and not self.consult.outside else None
        return tuple(offer for offer in (self.offer, second) if offer is not None)

    def rings(self, offer: OfferId) -> bool:
        """True while an agent's phone rings for this offer."""
        if self.state is State.OFFERED and offer == self.offer:
            return True
        one = self.consult
        return one is not None and one.rings and not one.outside and offer == one.offer

    def talks(self, offer: OfferId) -> bool:
        """True from the acceptance of this offer to the end of its talk."""
        if offer == self.offer and self.state in (State.CONNECTING, State.CONNECTED):
            return True
        one = self.consult
        return one is not None and offer == one.offer and one.accepted_at is not None and not one.outside

    @property
    def together(self) -> bool:
        """The room of the talk is in use: with the agent, or after them with a house."""
        return self.state is State.CONNECTED or (self.state is State.SURVEY and self.house is not None)

    @property
    def accompanied(self) -> bool:
        """Somebody has the caller when the agent's line is lost: a colleague in the room, or a house with which the caller
        talks too. One that the agent talks to alone has not met them.
        """
        one = self.consult
        return one is not None and one.in_room and (not one.outside or self.held_at is None)

    def leg_of(self, offer: OfferId) -> LegId | None:
        """The leg of the agent who holds this offer."""
        if self.consult is not None and offer == self.consult.offer:
            return self.consult.leg
        return self.agent_leg if offer == self.offer else None


@dataclass(frozen=True, kw_only=True)
class Step:
    """What follows from one event. Saved whole, in one atomic write; then the instructions answer the leg."""

    session: CallSession
    instructions: tuple[Instruction, ...] = ()
    orders: tuple[Order, ...] = ()
    facts: tuple[Fact, ...] = ()
    wake_ups: tuple[WakeAt, ...] = ()
    agents: tuple[tuple[AgentId, AgentEvent], ...] = ()
    """What this means for agents; applied in the same write."""
    seek: bool = False
    """True: look for an agent for this call now."""
    commitments: tuple[Commitment, ...] = ()
    """Stored in SQL before anything else of this step; when that fails, `NotKept` is decided instead."""
