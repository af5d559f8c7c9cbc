"""What other parts would tell a call that is only walked through: agents, promises, numbers that may be called.

The number is judged and the times are found by the rules of live calls; nothing is stored. The `World` says how things
stand while the call is walked; by default nobody is at work and nobody has been promised anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ivr.core.callback_events import CallbackAsked
from ivr.core.callback_rules import OpenCallback, Promise
from ivr.core.case_events import CaseAsked, KnownCase
from ivr.core.case_talk import number_asked
from ivr.core.cases import UNDER_WAY, Case, CaseStatus, case_id, numbered
from ivr.core.events import (
    AgentJoined,
    Event,
    LinkAsked,
    Matched,
    MessageRecorded,
    OfferAccepted,
    RoomAsked,
    StepAsked,
    TurnAsked,
)
from ivr.core.ids import AgentId, LegId, NodeId, OfferId, TopicId
from ivr.core.instructions import Link, SendText
from ivr.core.lookups import Found, LookupAsked
from ivr.core.menus import Lookup, MenuTree, Node
from ivr.core.session import CallSession, State
from ivr.core.speech import plain_text
from ivr.core.verification import SendCode
from ivr.core.verification_events import VerifyAsked
from ivr.core.verification_talk import SMS
from ivr.telephony import policy
from ivr.workflows.promise_callback import TellOfCallbacks
from ivr.workflows.verify_caller import TellOfVerification

CODE = "4821"
"""Said to every caller: the walk draws no lots, so that the same keys give the same words."""
LINK = "https://hotline.example/e/abcdefghijklmnopqrstuvwxyz"
"""Texted to every caller of a walk: it leads nowhere."""
CASE = numbered(2506160)
"""The same for the number of a case: 2506 1607."""
PROOF = "482106"
"""The code of every caller who is to prove who they are, for the same reason."""
AGENT, OFFER, LEG = AgentId("1001"), OfferId("rehearsal"), LegId("CA" + "0" * 31 + "1")
PROMISE, WAITED = "rehearsed", timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class World:
    """How things stand around a call that is walked through."""

    agents: bool = False
    """True: whoever waits is answered at once."""
    promised: TopicId | None = None
    """The number has been promised a callback about this topic."""
    case: CaseStatus | None = None
    """How the number's case stands, whose number is `CASE`; None: it has none, and no case is known."""
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What other systems answer, by the name of the node that asks: answer and value. A system that is not here is away."""

    def found(self, node: Node | None) -> Found:
        """What the system of a `lookup` node answers here."""
        if not isinstance(node, Lookup) or node.id not in self.lookups:
            return Found(result="unavailable")
        return Found(values={name: value for name, value in self.lookups[node.id].items() if name in node.sets})

    @property
    def open_case(self) -> str:
        return CASE if self.case in UNDER_WAY else ""

    def agent_does(self, session: CallSession, at: datetime) -> Event | None:
        """What an agent does next for a call that waits, None: nothing, or there is none."""
        if not self.agents:
            return None
        if session.state is State.QUEUED:
            return Matched(at=at, offer=OFFER, agent=AGENT, phone="browser")
        if session.state is State.OFFERED and session.offer is not None:
            return OfferAccepted(at=at, offer=session.offer, agent=AGENT)
        if session.state is State.CONNECTING and session.offer is not None and not session.agent_in_room:
            return AgentJoined(at=at, offer=session.offer, leg=LEG)
        return None


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """One call, one menu, no promises."""

    session: CallSession
    tree: MenuTree

    def find(self, _key: object) -> Any:
        return self.session

    def by_version(self, _version: str) -> MenuTree:
        return self.tree


@dataclass(frozen=True, kw_only=True)
class Promised:
    """What the number has been promised in this world."""

    world: World
    at: datetime

    def open_of(self, number: str, hotline: str) -> Sequence[OpenCallback]:  # noqa: ARG002 - a door of the workflow
        topic = self.world.promised
        return (OpenCallback(id=PROMISE, topic=topic, queued_at=self.at - WAITED, priority=0),) if topic else ()

    def asked(self, number: str, hotline: str, at: datetime) -> tuple[int, int]:  # noqa: ARG002 - likewise
        return 0, 0

    def find(self, callback: str) -> Promise | None:  # noqa: ARG002 - likewise
        return None


def rehearsed_case(session: CallSession, at: datetime) -> Case:
    """The case that the call would open."""
    return Case(
        id=case_id(session.call),
        hotline=session.hotline,
        number=CASE,
        opened_at=at,
        language=session.language,
        topic=session.topic or "",
    )


def looked_up(session: CallSession, at: datetime, world: World) -> KnownCase:
    """What is said to the number that the caller named."""
    if world.case is None or number_asked(session) != CASE:
        return KnownCase()
    return KnownCase(
        case=replace(rehearsed_case(session, at), topic=str(next(iter(session.path), "")), status=world.case)
    )


class NoPast:
    """Nothing is known of earlier waits, so none is told."""

    def for_place(self, *_: object, **__: object) -> None:
        return None


class OneCode:
    """Every number gets the same code, and none is ever locked."""

    def keep(self, code: str, digits: str, at: datetime) -> bool:  # noqa: ARG002 - a door of the workflow
        return True

    def matches(self, code: str, digits: str, at: datetime) -> bool:  # noqa: ARG002 - likewise
        return digits == PROOF

    def locked(self, number: str, at: datetime) -> str:  # noqa: ARG002 - likewise
        return ""


def text_of(order: SendText | SendCode, session: CallSession, tree: MenuTree) -> str:
    """The text message that an order means."""
    if isinstance(order, SendText):
        return order.body
    return plain_text(tree.prompts[SMS], session.language, {"code": PROOF}, tree)


def informed(event: Event, session: CallSession, tree: MenuTree, world: World) -> Event:
    """The event with what its rule must know."""
    here: Any = Rehearsed(session=session, tree=tree)
    promises = Promised(world=world, at=event.at)
    if isinstance(event, RoomAsked) or (isinstance(event, MessageRecorded) and event.duration_s > 0):
        return replace(event, case=rehearsed_case(session, event.at))
    if isinstance(event, LinkAsked):
        return replace(event, url=LINK, key=LINK, case=rehearsed_case(session, event.at))
    if isinstance(event, CaseAsked):
        return replace(event, known=looked_up(session, event.at, world))
    tell = TellOfCallbacks(
        promises=promises,
        policy=policy,
        sessions=here,
        menus=here,
        estimates=NoPast(),
        draw=lambda: CODE,
        case=rehearsed_case,
    )
    if isinstance(event, VerifyAsked):
        tell_proof = TellOfVerification(codes=OneCode(), sessions=here)
        return tell_proof(Link(call=session.call, door="verify", step=str(session.step)), event)
    if isinstance(event, LookupAsked) and event.found is None:
        return replace(event, found=world.found(tree.nodes.get(session.node or NodeId(""))))
    if isinstance(event, CallbackAsked):
        return tell.asked(Link(call=session.call, door="callback", step=str(session.step)), event)
    if isinstance(event, StepAsked) and session.state is State.SURVEY:
        return replace(event, may_ask=True)
    if isinstance(event, TurnAsked):
        return tell.waits(Link(call=session.call, door="wait", step=str(session.step), tries=session.turns), event)
    return event
