"""The colleague's side of a consultation: claimed, rung, accepted or not, in the room, gone.

Every event names the colleague's own offer (`is_about`), so what is late finds nothing to change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ivr.core import consult, consult_outside, facts
from ivr.core.agents import Accepted, AgentEvent, NoAnswer, Released, TalkEnded
from ivr.core.consults import Consult
from ivr.core.draft import Draft
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    Event,
    LegCreated,
    LineRenewed,
    Matched,
    OfferAccepted,
    OfferDeclined,
    OfferEvent,
    OfferFailed,
)
from ivr.core.ids import LegId
from ivr.core.instructions import Alarm
from ivr.core.offering import DECLINE_PAUSE, DECLINED, JOIN_TIME, ring
from ivr.core.queueing import topic_of
from ivr.core.session import CallSession


def matched(draft: Draft, event: Event) -> None:
    """A colleague is claimed: ring. One who comes when nobody is looked for any more is free again."""
    assert isinstance(event, Matched)
    session, one = draft.session, draft.session.consult
    if one is None or one.offer is not None:
        if event.offer not in session.offers_held:
            draft.agent(event.agent, Released(at=event.at, offer=event.offer))
        return
    draft.set(
        consult=replace(one, offer=event.offer, agent=event.agent, phone=event.phone, leg=None, offered_at=event.at)
    )
    draft.wake(Alarm.RELAX, None)
    draft.fact(
        facts.OfferMade(
            at=event.at,
            call=session.call,
            segment=session.segment,
            offer=event.offer,
            agent=event.agent,
            topic=one.topic,
            reason=event.reason,
            by=session.agent,
        )
    )
    topic = draft.tree.topics.get(one.topic) or topic_of(draft)
    ring(draft, event, topic)


def accept(draft: Draft, event: OfferAccepted) -> None:
    one = consult.present(draft)
    if event.agent == one.agent and one.accepted_at is None:
        draft.set(consult=replace(one, accepted_at=event.at))
        draft.agent(event.agent, Accepted(at=event.at, offer=event.offer))
        consult.offer_over(draft, "accepted")
        draft.wake(Alarm.OFFER, None)
        draft.wake(Alarm.JOIN, JOIN_TIME, event.offer)


def decline(draft: Draft, event: OfferDeclined) -> None:
    one = consult.present(draft)
    if event.agent == one.agent and one.accepted_at is None:
        pause = TalkEnded(at=draft.at, offer=event.offer, wrap_up_until=draft.at + DECLINE_PAUSE, reason=DECLINED)
        _not_reached(draft, "declined", says=pause, offer="declined")


def fail(draft: Draft, event: OfferFailed) -> None:
    """Nobody answered. After Accept only the end of the very leg counts; a report about ringing is late."""
    one = consult.present(draft)
    theirs = event.leg is not None and event.leg == one.leg
    if (one.rings and (event.leg is None or one.leg is None or theirs)) or (theirs and not one.in_room):
        _no_answer(draft, missed=event.missed, reason=event.reason)


def lapse(draft: Draft, event: Event) -> None:
    """Ring time is over."""
    one = draft.session.consult
    if one is None or not one.rings or getattr(event, "ref", None) != one.offer:
        return
    if one.outside:
        consult_outside.lapse(draft)
    else:
        _no_answer(draft, missed=True, reason="ring time over")


def not_joined(draft: Draft, event: Event) -> None:
    """10 s after Accept the colleague is not in the room."""
    one = draft.session.consult
    if one is not None and not one.in_room and getattr(event, "ref", None) == one.offer:
        _no_answer(draft, missed=False, reason="accepted but did not join")


def _no_answer(draft: Draft, *, missed: bool, reason: str) -> None:
    one = consult.present(draft)
    assert one.offer is not None
    says = NoAnswer(at=draft.at, offer=one.offer)
    rang = one.accepted_at is None
    _not_reached(
        draft,
        "no_answer" if missed else "failed",
        says=says,
        offer=("lapsed" if missed else "failed") if rang else "",
        reason=reason,
    )


def _not_reached(draft: Draft, result: str, *, says: AgentEvent, offer: str, reason: str = "") -> None:
    """This colleague does not come. The next one of the queue is looked for; of a person, the agent is told."""
    one = consult.present(draft)
    assert one.agent is not None
    draft.agent(one.agent, says)
    if offer:
        consult.offer_over(draft, offer, reason)
    consult.told(draft, result)
    consult.stop_ringing(draft)
    consult.quiet(draft)
    if one.wanted is not None:
        draft.set(consult=None, consult_result=result)
        return
    fresh = Consult(topic=one.topic, asked_at=one.asked_at, demand=one.demand)
    draft.set(consult=fresh)
    consult.seek(draft)


def join(draft: Draft, event: AgentJoined) -> None:
    one = consult.present(draft)
    if one.accepted_at is None or one.leg not in (None, event.leg):
        return
    if one.joined_at is None:
        draft.set(consult=replace(one, leg=event.leg, joined_at=event.at))
        consult.told(draft, "joined")
    draft.wake(Alarm.JOIN, None)


def leg_created(draft: Draft, event: LegCreated) -> None:
    one = consult.present(draft)
    if one.leg is None:
        draft.set(consult=replace(one, leg=event.leg))


def left(draft: Draft, event: OfferEvent) -> None:
    """The colleague ended, or the line was lost: the agent goes on, the caller stays as they are."""
    one = consult.present(draft)
    if isinstance(event, AgentLost) and one.leg not in (None, event.leg):
        return
    if one.accepted_at is not None:
        consult.let_go(draft, "left" if one.in_room else "failed")


def line_dead(draft: Draft, leg: LegId) -> bool:
    """The carrier says that this leg is over. True: it was the colleague's, or the house's."""
    one = draft.session.consult
    if one is None or leg != one.leg:
        return False
    if one.outside:
        consult_outside.line_dead(draft, leg)
    elif one.rings:
        _no_answer(draft, missed=False, reason="line found dead")
    else:
        consult.let_go(draft, "left" if one.in_room else "failed")
    return True


RULES: Mapping[type[Event], Callable[[Draft, Any], None]] = MappingProxyType(
    {
        OfferAccepted: accept,
        OfferDeclined: decline,
        OfferFailed: fail,
        LegCreated: leg_created,
        AgentJoined: join,
        AgentEnded: left,
        AgentLost: left,
        LineRenewed: left,
    }
)
"""What events that name the colleague's offer do; any other changes nothing."""


def is_about(session: CallSession, event: Event) -> bool:
    """True for an event of the colleague's own offer, or of the house's line."""
    one = session.consult
    return isinstance(event, OfferEvent) and one is not None and one.offer is not None and event.offer == one.offer


def carry(draft: Draft, event: Event) -> None:
    rule = (consult_outside.RULES if consult.present(draft).outside else RULES).get(type(event))
    if rule is not None:
        rule(draft, event)
