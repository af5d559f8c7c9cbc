"""A colleague in the talk, one event at a time: what is late, lost or repeated."""

from __future__ import annotations

from dataclasses import replace

from ivr.core import facts
from ivr.core.agents import Released, TalkEnded
from ivr.core.calls import advance
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    CallerLeft,
    LegAsked,
    LegCreated,
    Matched,
    OfferAccepted,
    OfferFailed,
    RoomEmptied,
    RoomLeft,
    TimeUp,
)
from ivr.core.ids import AgentId, LegId, OfferId, TopicId
from ivr.core.instructions import Alarm, LookUpLeg, StopRecording
from ivr.core.menus import Recording
from ivr.core.session import CallSession, State
from ivr.core.transfer_events import ConsultAsked, ConsultRefused, HandedOver
from tests.builders import after, tree
from tests.core.test_calls import LEG, OFFER, at, connected

BO, SECOND, HELPER = AgentId("a2"), OfferId("0002"), LegId("CAhelper")
URGENT = TopicId("urgent")


def asked(**more: object) -> CallSession:
    """Asked a colleague of another desk for help."""
    return after(connected(), ConsultAsked(at=at(20), offer=OFFER, topic=URGENT, **more)).session


def accepted() -> CallSession:
    return after(
        asked(),
        Matched(at=at(21), offer=SECOND, agent=BO, phone="+861058065001"),
        OfferAccepted(at=at(25), offer=SECOND, agent=BO),
    ).session


def together() -> CallSession:
    return after(accepted(), AgentJoined(at=at(26), offer=SECOND, leg=HELPER)).session


def handed_over() -> CallSession:
    return after(together(), HandedOver(at=at(40), offer=OFFER)).session


def test_a_person_whom_nobody_claims_is_told_to_the_agent_and_not_waited_for():
    """The process that asked died before it could claim: nothing else would ever ring this person."""
    step = after(connected(), ConsultAsked(at=at(20), offer=OFFER, topic=URGENT, agent=BO))
    (wake,) = [one for one in step.wake_ups if one.alarm is Alarm.RELAX]
    assert wake.at is not None
    due = after(step.session, TimeUp(at=wake.at, alarm=Alarm.RELAX, ref=wake.ref)).session
    assert (due.consult, due.consult_result) == (None, "busy")


def test_the_alarm_of_a_person_who_was_claimed_changes_nothing():
    session = after(asked(agent=BO), Matched(at=at(21), offer=SECOND, agent=BO, phone="browser")).session
    assert after(session, TimeUp(at=at(60), alarm=Alarm.RELAX, ref="consult")).session == session


def test_a_refusal_of_one_who_was_asked_before_is_late():
    session = asked(agent=BO)
    assert session.consult is not None
    late = ConsultRefused(at=at(22), offer=OFFER, asked_at=at(10), reason="busy")
    assert after(session, late).session == session
    due = ConsultRefused(at=at(22), offer=OFFER, asked_at=session.consult.asked_at, reason="busy")
    assert after(session, due).session.consult is None


def test_a_colleague_who_accepted_is_not_lost_by_a_late_report_of_the_ringing():
    session = after(accepted(), LegCreated(at=at(25), offer=SECOND, leg=HELPER)).session
    late = OfferFailed(at=at(26), offer=SECOND, missed=True, reason="no key pressed")
    assert after(session, late).session == session
    gone = OfferFailed(at=at(26), offer=SECOND, missed=True, reason="completed", leg=HELPER)
    assert SECOND not in after(session, gone).session.offers_held


def test_a_caller_whose_room_closes_after_a_hand_over_is_first_in_line_and_not_alone_in_a_room():
    """The caller entered the room by the offer of the first agent, and the address it comes out to names that."""
    session = handed_over()
    assert session.offer == SECOND
    step = after(session, RoomLeft(at=at(60), offer=OFFER))
    assert step.session.state is State.QUEUED
    assert [one.ended_by for one in step.facts if isinstance(one, facts.TalkOver)] == ["agent_lost"]


def test_a_caller_who_comes_out_of_an_earlier_room_is_in_no_room_and_the_agents_line_is_asked_about():
    step = after(handed_over(), RoomLeft(at=at(60), offer=OfferId("0000")))
    assert step.session.state is State.CONNECTED
    back = after(step.session, LegAsked(at=at(61)))
    assert [order.leg for order in back.orders if isinstance(order, LookUpLeg)] == [HELPER]


def test_an_agent_whose_line_is_lost_after_the_hand_over_was_the_last_to_be_there():
    session = handed_over()
    step = after(session, AgentLost(at=at(60), offer=OFFER, leg=LEG))
    assert step.session == session
    assert after(session, AgentEnded(at=at(60), offer=SECOND)).session.state is State.SURVEY


def test_a_caller_who_ended_the_room_is_left_to_nobody_although_the_agents_line_is_reported_first():
    """Whose line ended is told in any order: the colleague never met the caller, so there is nothing to wrap up."""
    emptied = after(together(), RoomEmptied(at=at(40), offer=OFFER, leg=LEG)).session
    lost = after(emptied, AgentLost(at=at(40), offer=OFFER, leg=LEG, by_phone=False))
    assert lost.session.consult is not None
    assert any(isinstance(order, LookUpLeg) for order in lost.orders)
    gone = after(lost.session, CallerLeft(at=at(41)))
    assert gone.session.state is State.ENDED
    said = {agent: type(event) for agent, event in gone.agents}
    assert said == {AgentId("a1"): TalkEnded, BO: Released}


def test_a_recording_does_not_go_on_at_a_desk_that_records_only_who_said_yes():
    menu = tree()
    topics = {name: replace(topic, recording=Recording.OPT_OUT) for name, topic in menu.topics.items()}
    session = replace(together(), taped=True, recording_told=True)
    for rule, goes_on in ((Recording.OPT_OUT, True), (Recording.OPT_IN, False), (Recording.OFF, False)):
        ruled = replace(menu, topics={**topics, URGENT: replace(topics[URGENT], recording=rule)})
        step = advance(session, HandedOver(at=at(40), offer=OFFER), ruled)
        assert step.session.taped is goes_on, rule
        assert any(isinstance(order, StopRecording) for order in step.orders) is not goes_on


def test_a_recording_goes_on_at_such_a_desk_for_a_caller_who_said_yes():
    menu = tree()
    topics = {name: replace(topic, recording=Recording.OPT_IN) for name, topic in menu.topics.items()}
    session = replace(together(), taped=True, recording_told=True, recording_choice="yes")
    step = advance(session, HandedOver(at=at(40), offer=OFFER), replace(menu, topics=topics))
    assert step.session.taped
