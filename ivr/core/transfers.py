"""From desk to desk: the caller keeps the first queue time, and what was said goes along.

A transfer begins a new segment of the call. `cold`: the caller goes to the queue of a topic and the agent is done.
`person`: the same, and one agent is offered the call first. `warm`: a colleague is in the room already (`consult`) and
the agent leaves (`leaving`). An agent who ends, or whose line is lost, while a colleague is in the room leaves the caller to them:
nobody is put back in line who has somebody to talk to.
"""

from __future__ import annotations

from ivr.core import consult, facts, hold, taping
from ivr.core.agents import is_telephone
from ivr.core.consults import Consult
from ivr.core.draft import Draft
from ivr.core.fence import of_offer
from ivr.core.ids import AgentId, PromptId
from ivr.core.instructions import EndLeg, MoveCaller
from ivr.core.menus import Topic
from ivr.core.queueing import announce_entry, enrol, topic_of
from ivr.core.queues import Lane
from ivr.core.talk_over import talk_over
from ivr.core.transfer_events import TransferAsked
from ivr.core.transfer_facts import Transferred

TRANSFER = "transfer"
"""Cause of the segment that a transfer begins."""
WORDS = PromptId("transferred")


@of_offer(TransferAsked)
def asked(draft: Draft, event: TransferAsked) -> None:
    """Cold: the caller goes to the queue, the agent to wrap-up."""
    topic = draft.tree.topics.get(event.topic)
    if topic is None:
        return
    session = draft.session
    consult.note(draft, event.note)
    note_transfer(draft, topic, how="person" if event.agent else "cold", to=event.agent)
    talk_over(draft, TRANSFER)
    if session.agent_leg is not None:
        draft.order(EndLeg(call=session.call, leg=session.agent_leg))
    before = consult.desk(draft, topic)
    lane = Lane.FIRST if event.agent and before.lane is not Lane.CRITICAL else before.lane
    enrol(draft, topic, priority=before.priority, lane=lane, cause=TRANSFER)
    if event.agent:
        draft.seek = False
    draft.order(MoveCaller(call=session.call, link=draft.link("back")))


def leave_to_colleague(draft: Draft, ended_by: str) -> None:
    """The talk of the first agent is over, that of the colleague begins at the same moment."""
    one = draft.session.consult
    assert one is not None
    assert one.offer is not None
    assert one.agent is not None
    topic = draft.tree.topics.get(one.topic) or topic_of(draft)
    note_transfer(draft, topic, how="warm", to=one.agent)
    consult.told(draft, "handed_over")
    taped = draft.session.taped
    hold.stop(draft)
    draft.set(consult=None)
    talk_over(draft, ended_by, tape_goes_on=taped)
    _go_on(draft, one, topic)


def _go_on(draft: Draft, one: Consult, topic: Topic) -> None:
    session, before = draft.session, draft.session.topic
    assert one.offer is not None
    assert one.agent is not None
    draft.set(
        topic=topic.id,
        demand=one.demand if one.wanted is None else session.demand,
        segment=session.segment + 1,
        cause=TRANSFER,
        entered_at=draft.at,
        offer=one.offer,
        agent=one.agent,
        agent_phone=one.phone,
        agent_leg=one.leg,
        agent_in_room=True,
        offered_at=one.offered_at,
        accepted_at=one.accepted_at,
        connected_at=draft.at,
        offers=1,
    )
    draft.tell_segment(draft.at)
    draft.fact(
        facts.Answered(
            at=draft.at,
            call=session.call,
            segment=session.segment + 1,
            offer=one.offer,
            agent=one.agent,
            topic=topic.id,
            by_phone=is_telephone(one.phone),
        )
    )
    draft.fact(
        facts.SegmentEnded(at=draft.at, call=session.call, segment=session.segment + 1, outcome=facts.Outcome.ANSWERED)
    )
    if before != topic.id:
        taping.at_another_desk(draft)


def welcome(draft: Draft) -> None:
    """The first words in the new line."""
    topic = topic_of(draft)
    draft.say_if_there(WORDS, topic=topic.names.get(draft.session.language, topic.id))
    announce_entry(draft, topic, None)


def note_transfer(draft: Draft, topic: Topic, *, how: str, to: AgentId | None = None, outside: str = "") -> None:
    session = draft.session
    assert session.agent is not None
    draft.set(transferred=session.transferred + 1)
    draft.fact(
        Transferred(
            at=draft.at,
            call=session.call,
            segment=session.segment,
            agent=session.agent,
            topic=topic.id,
            how=how,
            to=to,
            outside=outside,
        )
    )
