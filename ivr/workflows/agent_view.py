"""What an agent's page shows, as one value. The page draws it and owns nothing.

Numbers are masked here, before anything leaves the service, and digits that the menu calls secret are left out.
Times are instants; the page counts seconds itself, against `server_now`, so a sleeping tab wakes up right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core import call_out
from ivr.core.agents import Presence
from ivr.core.callback_dial import HELD
from ivr.core.callback_rules import Dial
from ivr.core.consults import Consult
from ivr.core.events import CallerKind
from ivr.core.evidence import Evidence
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.menus import MenuTree, Recording, Topic
from ivr.core.people import RosterAgent
from ivr.core.returning import agent_is_out
from ivr.core.room import SupervisorNote
from ivr.core.session import CallSession, State
from ivr.core.taping import LONGEST_PAUSE, with_stranger
from ivr.workflows.consult_view import (
    ConsultView,
    HandoverView,
    Names,
    consult_view,
    handover_views,
    ring_time,
    topic_name,
)
from ivr.workflows.menu_labels import named, path_labels, shown_answers
from ivr.workflows.ports import Menus
from ivr.workflows.text_views import TextView, text_views
from ivr.workflows.told_wait import ToldWait, told_wait
from ivr.workflows.wrap_up_view import WrapUpView

URGENT = 60
"""Calls of this priority and above are shown as urgent (the wallet's "unknown sign-in", `DOMAIN.md` 2.2)."""

NO_RING_TIME = timedelta(seconds=15)
"""Ring time of a topic that its menu no longer knows."""

Mask = Callable[[str], str]
"""A number as screens may show it: `+86 138****21`."""


class AllMenus(Menus, Protocol):
    @property
    def trees(self) -> Sequence[MenuTree]:
        """The menus in use, first hotline first."""


class Roster(Protocol):
    def find(self, agent: AgentId) -> RosterAgent | None: ...

    def names(self) -> Mapping[AgentId, str]: ...


@dataclass(frozen=True, kw_only=True)
class NamedAgent:
    id: AgentId
    name: str


@dataclass(frozen=True, kw_only=True)
class CallbackCard:
    """The call keeps a promise to call back."""

    code: str
    """As the customer hears it."""
    attempt: int
    calling: bool
    """The customer is being called: there is nothing to accept yet, and the page joins by itself."""
    by_agent: bool = False
    """Nobody was promised it: the agent calls out."""


@dataclass(frozen=True, kw_only=True)
class CallerCard:
    """What the agent knows of the caller before the first word."""

    call: CallId
    offer: OfferId
    topic: TopicId
    topic_name: str
    path: tuple[str, ...]
    """Labels of the keys pressed, in the page's language."""
    answers: tuple[tuple[str, str], ...]
    """What the caller told the menu: name and value."""
    language: Language
    language_name: str
    caller: str
    """Masked number; empty when there is none, see `caller_kind`."""
    caller_kind: CallerKind
    verified: str
    """How they proved who they are: `code`, `app`; empty: not at all."""
    texts: tuple[TextView, ...]
    """What the agent may text the caller; nothing where no text message arrives."""
    urgent: bool
    queued_at: datetime | None
    callback: CallbackCard | None = None
    announced: str = ""
    """The app announced this call: `verified`, or `unverified`; empty for everybody else."""
    told: ToldWait | None = None
    """What the caller was told of the wait."""
    started_at: datetime | None = None
    """When the call began: the caller's whole time on the line counts from here."""
    handovers: Sequence[HandoverView] = ()
    """What the desks before told, oldest first."""
    asked_by: str = ""
    """Name of the agent who asks for help with this caller; empty: the caller is for this agent."""


@dataclass(frozen=True, kw_only=True)
class OfferView:
    card: CallerCard
    offered_at: datetime
    ring_until: datetime


@dataclass(frozen=True, kw_only=True)
class VisitorCard:
    name: str
    mode: str
    """`listen`, `whisper` or `join`."""


@dataclass(frozen=True, kw_only=True)
class TalkView:
    card: CallerCard
    phase: str
    """`connecting` (accepted, not both in the room yet), `connected`, or `returning` (this line was lost, and is awaited)."""
    accepted_at: datetime | None
    connected_at: datetime | None
    recording: str
    """`off` (not of this topic), `refused` (by the caller), `can` (by the agent's button), `on` or `paused`."""
    recording_until: datetime | None = None
    """When a paused recording goes on by itself."""
    held_at: datetime | None = None
    """Since when the caller is on hold."""
    consult: ConsultView | None = None
    visitor: VisitorCard | None = None
    """A supervisor who sits in, or is about to."""
    consult_result: str = ""
    """Why the colleague last asked for did not come, or that they left; empty: nothing to tell."""


@dataclass(frozen=True, kw_only=True)
class AgentView:
    agent: NamedAgent
    console: str
    """The page that has the desk; every other one shows that it has not, and nothing else."""
    presence: Presence
    since: datetime
    reason: str
    wanted: Presence
    wanted_reason: str
    offer: OfferView | None
    call: TalkView | None
    wrap_up: WrapUpView | None
    evidence: Sequence[Evidence]
    """What the caller sent through the link, oldest first."""
    matter: object
    """The case and what was before (`case_desk.Matter`); None without a call, or while SQL is away."""
    topics: tuple[str, ...]
    """Names of the topics this agent serves."""
    note: SupervisorNote | None
    """What a supervisor told this agent last, until it is put away."""
    line: str
    """Kind of softphone: `simulator` or `twilio`; `phone` for agents on a telephone or SIP."""
    server_now: datetime


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A live call as one page shows it."""

    session: CallSession
    tree: MenuTree
    language: Language
    mask: Mask
    names: Names


def offer_view(shown: Shown, offer: OfferId) -> OfferView | None:
    session, one = shown.session, shown.session.consult
    if not session.rings(offer):
        return None
    if one is not None and offer == one.offer and one.offered_at is not None:
        ring = ring_time(shown.tree, one)
        return OfferView(card=helper_card(shown, one), offered_at=one.offered_at, ring_until=one.offered_at + ring)
    if session.offered_at is None:
        return None
    topic = topic_of(shown.tree, session.topic)
    ring = topic.ring_time if topic else NO_RING_TIME
    if session.unheard and (session.callback is None or session.callback.dial is not Dial.AGENT_FIRST):
        ring = HELD
    return OfferView(card=caller_card(shown), offered_at=session.offered_at, ring_until=session.offered_at + ring)


def talk_view(shown: Shown, offer: OfferId) -> TalkView | None:
    session, one = shown.session, shown.session.consult
    if not session.talks(offer):
        return None
    if one is not None and offer == one.offer:
        return TalkView(
            card=helper_card(shown, one),
            phase="connected" if one.in_room else "connecting",
            accepted_at=one.accepted_at,
            connected_at=one.joined_at,
            recording="off",
            held_at=session.held_at,
        )
    return TalkView(
        card=caller_card(shown),
        phase=_phase(session),
        accepted_at=session.accepted_at,
        connected_at=session.connected_at,
        recording=recording_of(session, topic_of(shown.tree, session.topic)),
        recording_until=session.tape_paused_at + LONGEST_PAUSE if session.tape_paused_at else None,
        held_at=session.held_at,
        consult=consult_view(session, shown.tree, shown.language, shown.names),
        visitor=VisitorCard(name=session.visitor.name, mode=session.visitor.mode) if session.visitor else None,
        consult_result=session.consult_result,
    )


def _phase(session: CallSession) -> str:
    if session.state is not State.CONNECTED:
        return "calling" if call_out.calling(session) else "connecting"
    return "returning" if agent_is_out(session) else "connected"


def recording_of(session: CallSession, topic: Topic | None) -> str:
    if topic is None or topic.recording is Recording.OFF or with_stranger(session):
        return "off"
    if session.recording_choice == "no":
        return "refused"
    if session.tape_paused_at is not None:
        return "paused"
    return "on" if session.taped else "can"


def helper_card(shown: Shown, one: Consult) -> CallerCard:
    """The same caller, for the colleague whose help is wanted."""
    agent = shown.session.agent
    return replace(
        caller_card(shown),
        offer=one.offer or OfferId(""),
        topic=one.topic,
        topic_name=topic_name(shown.tree, one.topic, shown.language),
        asked_by=shown.names(agent) if agent else "",
        texts=(),
    )


def caller_card(shown: Shown) -> CallerCard:
    session, tree, language, mask = shown.session, shown.tree, shown.language, shown.mask
    topic = topic_of(tree, session.topic)
    voice = tree.voices.get(session.language) if tree else None
    number = session.caller.number
    return CallerCard(
        call=session.call,
        offer=session.offer or OfferId(""),
        topic=session.topic or TopicId(""),
        topic_name=named(topic.names, language) if topic else (session.topic or ""),
        path=path_labels(tree, session.path, language),
        answers=shown_answers(tree, session.answers, language),
        language=session.language,
        language_name=voice.name if voice else session.language,
        caller=mask(number) if number else "",
        caller_kind=session.caller.kind,
        verified=session.verified,
        texts=text_views(session, tree, language),
        urgent=is_urgent(session) or session.raised > 0,
        queued_at=session.queued_at,
        callback=callback_card(session),
        announced=("verified" if session.ticket.verified else "unverified") if session.ticket else "",
        told=told_wait(session, tree, language),
        started_at=session.started_at,
        handovers=handover_views(session, tree, language, shown.names),
    )


def is_urgent(session: CallSession) -> bool:
    """By what the caller chose in the menu; points for ringing again are another reason."""
    return bool(session.demand and session.demand.priority - session.raised >= URGENT)


def callback_card(session: CallSession) -> CallbackCard | None:
    tie = session.callback
    if tie is None:
        return None
    waits_for_agent = tie.dial is Dial.AGENT_FIRST and not tie.dialled
    calling = not tie.confirmed and not waits_for_agent
    return CallbackCard(code=tie.code, attempt=tie.attempt, calling=calling, by_agent=bool(tie.why))


def topic_of(tree: MenuTree | None, topic: TopicId | None) -> Topic | None:
    return tree.topics.get(topic) if tree and topic else None


def topics_served(trees: Sequence[MenuTree], skills: Mapping[str, int], language: Language) -> tuple[str, ...]:
    """Topics for which the agent has every skill at some level, in the menus' order."""
    return tuple(
        named(topic.names, language)
        for tree in trees
        for topic in tree.topics.values()
        if all(skills.get(skill, 0) > 0 for skill in topic.skills)
    )
