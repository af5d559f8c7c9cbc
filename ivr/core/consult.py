"""A colleague in the talk: asked for, found in line or by name, rung, in the room, and gone again.

While an agent looks for help the caller is on hold and the call stands in line a second time, with what the colleague
must be able to do and at the caller's own first queue time, so that nobody who waits longer is passed over. The
colleague's offer is fenced like every other. The agent then goes on alone, takes the caller off hold with both in the
room, or hands the call over and leaves (`transfers`). A colleague who only helped has nothing to wrap up.
"""

from __future__ import annotations

from datetime import timedelta

from ivr.core import facts, hold, house_line
from ivr.core.agents import Released
from ivr.core.consults import Consult, Handover
from ivr.core.draft import Draft
from ivr.core.events import Event, TimeUp
from ivr.core.fence import of_offer
from ivr.core.ids import AgentId
from ivr.core.instructions import Alarm, EndLeg, StopRinging
from ivr.core.menus import Topic
from ivr.core.notes import LONGEST
from ivr.core.queueing import demand_of, topic_of
from ivr.core.queues import CRITICAL_PRIORITY, Demand, Lane, Terms
from ivr.core.transfer_events import ConsultAsked, ConsultOver, ConsultRefused
from ivr.core.transfer_facts import Consulted

ONLY = "@"
"""Before an agent's name: a skill that nobody has, so that only a claim by name finds who it is about."""
RELAX = "consult"
"""Of the wake-up that widens the circle of colleagues."""
HOUSE = "house_"
"""Before the result of a consultation of a house outside: the agent reads other words."""
CLAIM_TIME = timedelta(seconds=10)
"""A person is claimed by whoever asked, at once; a claim that was left half done is finished well within this."""


@of_offer(ConsultAsked)
def ask(draft: Draft, event: ConsultAsked) -> None:
    """The caller goes on hold, and a colleague is looked for."""
    session, topic = draft.session, draft.tree.topics.get(event.topic)
    if session.consult is not None or topic is None or not session.agent_in_room or session.lost_at is not None:
        return
    demand = person(draft, event.agent) if event.agent else desk(draft, topic)
    draft.set(consult=Consult(topic=topic.id, wanted=event.agent, asked_at=event.at, demand=demand), consult_result="")
    note(draft, event.note)
    hold.start(draft)
    if event.agent:
        draft.wake(Alarm.RELAX, CLAIM_TIME, RELAX)
    seek(draft)


def note(draft: Draft, text: str) -> None:
    """What the next agent is told; said again at the same desk, it takes the place of the last."""
    session = draft.session
    if not text or session.agent is None:
        return
    kept = tuple(one for one in session.handovers if one.agent != session.agent)
    told = Handover(agent=session.agent, topic=topic_of(draft).id, at=draft.at, note=text[:LONGEST])
    draft.set(handovers=(*kept, told))


def desk(draft: Draft, topic: Topic) -> Demand:
    """Whoever serves this topic. A caller who was ahead of the others stays ahead."""
    before = draft.session.demand
    priority = max(topic.priority, before.priority if before and before.priority < CRITICAL_PRIORITY else 0)
    lane = Lane.CRITICAL if before is not None and before.lane is Lane.CRITICAL else None
    return demand_of(topic, draft.session.language, priority=priority, lane=lane)


def person(draft: Draft, agent: AgentId) -> Demand:
    """One agent and nobody else."""
    terms = Terms(after=timedelta(0), skills={f"{ONLY}{agent}": 1}, language=None, language_level=0)
    return Demand(topic=topic_of(draft).id, lane=Lane.FIRST, priority=0, terms=(terms,))


def seek(draft: Draft) -> None:
    """Look now, and again whenever more will do. A person is claimed by name, at once."""
    session = draft.session
    one = session.consult
    if one is None or one.wanted is not None:
        return
    waited = draft.at - (session.queued_at or draft.at)
    ahead = [terms.after - waited for terms in one.demand.terms if terms.after > waited]
    draft.wake(Alarm.RELAX, min(ahead) if ahead else None, RELAX)
    draft.seek = True


def relax(draft: Draft, event: Event) -> None:
    assert isinstance(event, TimeUp)
    one = draft.session.consult
    if event.ref != RELAX or one is None or one.offer is not None:
        return
    if one.wanted is not None:
        _not_claimed(draft, "busy")
    else:
        seek(draft)


@of_offer(ConsultRefused)
def refused(draft: Draft, event: ConsultRefused) -> None:
    """The person cannot be claimed. A refusal of one who was asked before is late."""
    one = draft.session.consult
    if one is not None and one.offer is None and one.wanted is not None and one.asked_at == event.asked_at:
        _not_claimed(draft, event.reason or "busy")


def _not_claimed(draft: Draft, result: str) -> None:
    """Told to the agent, who has the caller on hold."""
    told(draft, result)
    quiet(draft)
    draft.set(consult=None, consult_result=result)


@of_offer(ConsultOver)
def over(draft: Draft, _event: ConsultOver) -> None:
    """The agent goes on alone with the caller."""
    dissolve(draft)
    hold.stop(draft)


def dissolve(draft: Draft) -> None:
    """Whatever the colleague is doing for this call is over: the talk ended, or help is not wanted any more."""
    if draft.session.consult is not None:
        let_go(draft, "left" if draft.session.consult.in_room else "cancelled")
        draft.set(consult_result="")


def let_go(draft: Draft, result: str) -> None:
    one = present(draft)
    if one.outside:
        house_line.put_down(draft, one)
    elif one.agent is not None and one.offer is not None:
        draft.agent(one.agent, Released(at=draft.at, offer=one.offer))
        if one.rings:
            offer_over(draft, "cancelled", "help not wanted any more")
        stop_ringing(draft)
    told(draft, result)
    quiet(draft)
    draft.set(consult=None, consult_result=f"{HOUSE}{result}" if one.outside else result)


def present(draft: Draft) -> Consult:
    one = draft.session.consult
    assert one is not None
    return one


def quiet(draft: Draft) -> None:
    for alarm in (Alarm.OFFER, Alarm.JOIN, Alarm.RELAX):
        draft.wake(alarm, None)


def stop_ringing(draft: Draft) -> None:
    one, call = present(draft), draft.session.call
    assert one.agent is not None
    assert one.offer is not None
    if one.in_room and one.leg is not None:
        draft.order(EndLeg(call=call, leg=one.leg))
    else:
        draft.order(StopRinging(agent=one.agent, offer=one.offer, call=call, leg=one.leg))


def offer_over(draft: Draft, result: str, reason: str = "") -> None:
    one = present(draft)
    assert one.agent is not None
    assert one.offer is not None
    draft.fact(
        facts.OfferEnded(
            at=draft.at, call=draft.session.call, offer=one.offer, agent=one.agent, result=result, reason=reason
        )
    )


def told(draft: Draft, result: str) -> None:
    session, one = draft.session, present(draft)
    if session.agent is not None:
        draft.fact(
            Consulted(
                at=draft.at,
                call=session.call,
                agent=session.agent,
                topic=one.topic,
                result=result,
                colleague=one.agent or one.wanted,
                outside=one.outside,
            )
        )
