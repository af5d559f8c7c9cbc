"""The offer of a call to an agent: ring, accept, decline, no answer, and the line of either lost before the talk.

Whatever happens to an offer, the caller keeps the place in line and the segment; another agent is sought at once. After
Accept the agent has 10 s to be in the room, and only then is the caller fetched; until then the caller hears music.
Every event names its offer, and one that names another changes nothing (`fence`).
"""

from __future__ import annotations

from datetime import timedelta

from ivr.core import call_out, facts
from ivr.core.agents import Accepted, NoAnswer, TalkEnded, is_telephone
from ivr.core.callback_dial import ring_callee
from ivr.core.callback_owner import for_anybody
from ivr.core.callback_rules import Dial
from ivr.core.draft import Draft
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    Event,
    LegCreated,
    Matched,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    TimeUp,
)
from ivr.core.fence import of_offer
from ivr.core.ids import LegId
from ivr.core.instructions import (
    Alarm,
    EndLeg,
    LookUpLeg,
    MoveCaller,
    RingBrowser,
    RingPhone,
)
from ivr.core.menus import Topic
from ivr.core.offer_end import offer_over, stop_ringing
from ivr.core.queueing import PULSE, topic_of
from ivr.core.queues import Lane
from ivr.core.returning import room_link
from ivr.core.session import CallSession, State

JOIN_TIME = timedelta(seconds=10)
"""From Accept to being in the room (`DESIGN.md` 3.5)."""
RING_GRACE = timedelta(seconds=2)
"""The network's own ring time-out comes first; ours catches what it forgets."""
DECLINED = "declined"
"""Reason of that pause; it is no wrap-up of a talk and asks for no result."""
DECLINE_PAUSE = timedelta(seconds=10)
"""After a decline the agent is left alone for so long, so that the same call does not ring at once again."""


def offer(draft: Draft, event: Event) -> None:
    """The claim gave this call to an agent: ring them."""
    assert isinstance(event, Matched)
    session = draft.session
    assert session.topic is not None
    topic = topic_of(draft)
    draft.set(
        state=State.OFFERED,
        offer=event.offer,
        agent=event.agent,
        agent_phone=event.phone,
        agent_leg=None,
        agent_in_room=False,
        offered_at=event.at,
        offers=session.offers + 1,
    )
    draft.fact(
        facts.OfferMade(
            at=event.at,
            call=session.call,
            segment=session.segment,
            offer=event.offer,
            agent=event.agent,
            topic=session.topic,
            reason=event.reason,
        )
    )
    if ring_callee(draft):
        return
    ring(draft, event, topic, urgent=session.demand is not None and session.demand.lane is Lane.CRITICAL)


def ring(draft: Draft, event: Matched, topic: Topic, *, urgent: bool = False) -> None:
    """The agent who was claimed is rung, at the page or on the telephone, for the topic's ring time."""
    call = draft.session.call
    if not is_telephone(event.phone):
        draft.order(RingBrowser(agent=event.agent, offer=event.offer, call=call))
        draft.wake(Alarm.OFFER, topic.ring_time, event.offer)
        return
    ring_s = round(topic.ring_time.total_seconds())
    draft.order(
        RingPhone(agent=event.agent, offer=event.offer, call=call, address=event.phone, ring_s=ring_s, urgent=urgent)
    )
    draft.wake(Alarm.OFFER, topic.ring_time + RING_GRACE, event.offer)


@of_offer(OfferAccepted)
def accept(draft: Draft, event: OfferAccepted) -> None:
    session = draft.session
    if event.agent != session.agent or _held(session):
        return
    draft.set(state=State.CONNECTING, accepted_at=event.at)
    draft.agent(event.agent, Accepted(at=event.at, offer=event.offer))
    offer_over(draft, "accepted")
    draft.wake(Alarm.OFFER, None)
    draft.wake(Alarm.JOIN, JOIN_TIME, event.offer)


def _held(session: CallSession) -> bool:
    """The agent is held for a customer who is being called: there is nothing to accept yet."""
    tie = session.callback
    return tie is not None and not tie.confirmed and tie.dial is Dial.RESERVE


@of_offer(OfferDeclined)
def decline(draft: Draft, event: OfferDeclined) -> None:
    if event.agent == draft.session.agent and not _held(draft.session):
        _hand_back(draft)


@of_offer(AgentEnded)
def end_before(draft: Draft, _event: AgentEnded) -> None:
    """End pressed after Accept and before the talk: meant, so it is a decline and not a miss."""
    _hand_back(draft, "ended before the talk")


def _hand_back(draft: Draft, reason: str = "") -> None:
    session = draft.session
    if call_out.calling(session):
        call_out.over(draft, "cancelled")
        return
    assert session.agent is not None
    assert session.offer is not None
    pause = TalkEnded(at=draft.at, offer=session.offer, wrap_up_until=draft.at + DECLINE_PAUSE, reason=DECLINED)
    draft.agent(session.agent, pause)
    offer_over(draft, "declined", reason)
    stop_ringing(draft)
    requeue(draft)


@of_offer(OfferFailed)
def fail_offer(draft: Draft, event: OfferFailed) -> None:
    """Nobody answered, or the agent's line failed."""
    if event.leg is None or draft.session.agent_leg in (None, event.leg):
        give_up_offer(draft, "lapsed" if event.missed else "failed", event.reason)


@of_offer(OfferFailed)
def fail_accepted(draft: Draft, event: OfferFailed) -> None:
    """After Accept only the end of the very leg that the agent is on counts; a report about ringing is late."""
    if event.leg is not None and event.leg == draft.session.agent_leg:
        give_up_offer(draft, "failed", event.reason)


@of_offer(TimeUp)
def lapse(draft: Draft, _event: TimeUp) -> None:
    give_up_offer(draft, "lapsed", "ring time over")


def give_up_offer(draft: Draft, result: str, reason: str) -> None:
    session = draft.session
    if call_out.calling(session):
        call_out.over(draft, "not_dialled" if session.line is None else "cancelled")
        return
    assert session.agent is not None
    assert session.offer is not None
    draft.agent(session.agent, NoAnswer(at=draft.at, offer=session.offer))
    offer_over(draft, result, reason)
    stop_ringing(draft)
    requeue(draft)


def requeue(draft: Draft) -> None:
    """Back in line, same place, same segment; somebody else is sought at once."""
    for_anybody(draft)
    session = draft.session
    draft.set(
        state=State.QUEUED,
        offer=None,
        agent=None,
        agent_phone="",
        agent_leg=None,
        agent_in_room=False,
        caller_in_room=False,
        accepted_at=None,
    )
    draft.wake(Alarm.OFFER, None)
    draft.wake(Alarm.JOIN, None)
    draft.wake(Alarm.PULSE, PULSE)
    draft.seek = True
    if session.caller_in_room:
        draft.order(MoveCaller(call=session.call, link=draft.link("wait")))


@of_offer(AgentJoined)
def agent_joined(draft: Draft, event: AgentJoined) -> None:
    """The agent is in the room: fetch the caller. Another leg is told so and ended by the answer to its request."""
    session = draft.session
    if session.agent_leg not in (None, event.leg):
        return
    draft.set(agent_leg=event.leg, agent_in_room=True)
    draft.order(MoveCaller(call=session.call, link=room_link(draft), offer=event.offer))
    draft.wake(Alarm.JOIN, JOIN_TIME, event.offer)


@of_offer(TimeUp)
def not_joined(draft: Draft, _event: TimeUp) -> None:
    """10 s after Accept: the agent is not there (back to the queue), or the caller is not (ask the carrier, move again)."""
    session = draft.session
    assert session.offer is not None
    if session.agent_leg is None or not session.agent_in_room:
        give_up_offer(draft, "failed", "accepted but did not join")
        return
    if session.called_out and session.unheard:
        call_out.over(draft, "no_answer")
        return
    draft.order(LookUpLeg(call=session.call, leg=session.line or LegId(session.call)))
    draft.order(LookUpLeg(call=session.call, leg=session.agent_leg))
    draft.order(MoveCaller(call=session.call, link=room_link(draft), offer=session.offer))
    draft.wake(Alarm.JOIN, JOIN_TIME, session.offer)


def leg_created(draft: Draft, event: Event) -> None:
    """The agent's telephone rings on this leg; one whose offer is over is ended, however late it was created."""
    assert isinstance(event, LegCreated)
    session = draft.session
    if event.offer != session.offer:
        draft.order(EndLeg(call=session.call, leg=event.leg))
    elif session.agent_leg is None:
        draft.set(agent_leg=event.leg)


@of_offer(AgentLost)
def agent_lost_before(draft: Draft, event: AgentLost) -> None:
    """The agent's leg ended after Accept, before the caller was there."""
    if draft.session.agent_leg in (None, event.leg):
        give_up_offer(draft, "failed", "line lost before the talk")
