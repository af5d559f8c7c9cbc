"""The agent's line is lost in the talk: what the caller hears, who is fetched where, and when it is given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.core import facts
from ivr.core.agents import Released, TalkEnded
from ivr.core.calls import State
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    CallerLeft,
    LegAsked,
    LineRenewed,
    Matched,
    OfferAccepted,
    RoomAsked,
    RoomEmptied,
    RoomLeft,
    TimeUp,
)
from ivr.core.ids import AgentId, LegId, OfferId, TopicId
from ivr.core.instructions import Alarm, EndLeg, Gather, JoinRoom, LookUpLeg, MoveCaller
from ivr.core.queues import Lane
from ivr.core.returning import RETURN_TIME, agent_is_out, at_place, in_room, place_of, room_of
from ivr.core.session import CallSession, Step
from ivr.core.transfer_events import ConsultAsked, HoldAsked
from tests.builders import CALL, after, heard
from tests.core.test_calls import LEG, OFFER, at, connected, kinds, queued

NEW = LegId("CA" + "e" * 32)
PHONE = "+861058065001"
LOST = AgentLost(at=at(60), offer=OFFER, leg=LEG)
TOO_LATE = TimeUp(at=at(60) + RETURN_TIME, alarm=Alarm.RETURN, ref=OFFER)


def moves(step: Step) -> list[tuple[str, str]]:
    return [(order.link.door, order.link.step) for order in step.orders if isinstance(order, MoveCaller)]


def out() -> CallSession:
    """The line is lost, and the caller has been told so."""
    return after(connected(), LOST, LegAsked(at=at(61))).session


def back(seconds: float = 63) -> AgentJoined:
    return AgentJoined(at=at(seconds), offer=OFFER, leg=NEW)


def test_the_caller_is_told_one_moment_and_nobody_is_let_go():
    lost = after(connected(), LOST)
    assert lost.session.state is State.CONNECTED
    assert agent_is_out(lost.session)
    assert [door for door, _ in moves(lost)] == ["moment"]
    assert (lost.facts, lost.agents) == ((), ())
    told = after(lost.session, LegAsked(at=at(61)))
    assert "[one_moment:zh]" in heard(told)
    (gather,) = told.instructions
    assert isinstance(gather, Gather)
    assert gather.link.door == "moment"


@pytest.mark.parametrize("there", [False, True])
def test_news_of_the_room_before_changes_nothing_wherever_the_caller_is_by_now(there):
    """The carrier asks for what follows the old room while it moves the caller; its answer is heard by nobody."""
    session = after(out(), back()).session
    if there:
        session = after(session, RoomAsked(at=at(64), offer=OFFER)).session
    late = after(session, RoomLeft(at=at(64), offer=OFFER))
    assert late.session == replace(session, step=late.session.step)
    assert (kinds(late), late.orders, late.wake_ups) == ([], (), ())
    followed = after(late.session, LegAsked(at=at(65)))
    assert [type(instruction) for instruction in followed.instructions] == [JoinRoom]


def test_a_caller_who_comes_out_of_the_new_room_alive_is_first_in_line():
    met = after(out(), back(), RoomAsked(at=at(64), offer=OFFER)).session
    assert after(met, RoomLeft(at=at(80), offer=OFFER, returns=1)).session.state is State.QUEUED


def test_the_agent_who_is_back_in_time_goes_on_with_the_same_talk():
    returned = after(out(), back())
    ((door, step),) = moves(returned)
    assert (door, at_place(step)) == ("room", (OFFER, 1))
    met = after(returned.session, RoomAsked(at=at(64), offer=OFFER))
    (room,) = met.instructions
    assert isinstance(room, JoinRoom)
    assert room.room == room_of(met.session) != room_of(connected())
    assert met.session.lost_at is None
    assert [wake.at for wake in met.wake_ups if wake.alarm is Alarm.RETURN] == [None]
    assert [*kinds(returned), *kinds(met)] == []
    over = after(met.session, AgentEnded(at=at(90), offer=OFFER))
    assert [(f.offer, f.ended_by, f.at) for f in over.facts if isinstance(f, facts.TalkOver)] == [
        (OFFER, "agent", at(90))
    ]


def test_nobody_who_comes_back_in_time_puts_the_caller_first_in_line_with_all_that_was_known():
    given_up = after(out(), TOO_LATE)
    session = given_up.session
    assert (session.state, session.segment) == (State.QUEUED, 2)
    assert session.demand is not None
    assert session.demand.lane is Lane.FIRST
    assert (session.queued_at, session.path, session.answers) == (
        queued().queued_at,
        connected().path,
        connected().answers,
    )
    assert [door for door, _ in moves(given_up)] == ["back"]
    assert [type(event) for _, event in given_up.agents] == [TalkEnded]
    (over,) = (fact for fact in given_up.facts if isinstance(fact, facts.TalkOver))
    assert (over.ended_by, over.at) == ("agent_lost", at(60)), "the talk was over when the line was lost"
    assert "[still:zh]" in heard(after(session, LegAsked(at=at(69))))


@pytest.mark.parametrize(
    "ref_or_state",
    [
        TimeUp(at=at(68), alarm=Alarm.RETURN, ref="0000"),
        TimeUp(at=at(68), alarm=Alarm.RETURN, ref=""),
    ],
)
def test_an_alarm_of_another_talk_changes_nothing(ref_or_state):
    assert after(out(), ref_or_state).session == out()
    assert after(connected(), TOO_LATE).session == connected()


def test_a_line_that_is_back_too_late_finds_its_talk_over():
    over = after(out(), TOO_LATE).session
    assert after(over, back(69)).session == over


def test_the_caller_who_hangs_up_meanwhile_ends_an_answered_call():
    left = after(out(), CallerLeft(at=at(62)))
    assert left.session.state is State.ENDED
    assert kinds(left) == ["TalkOver", "CallEnded"]
    assert [f.end for f in left.facts if isinstance(f, facts.CallEnded)] == [facts.CallEnd.ANSWERED]


def test_end_pressed_meanwhile_is_meant():
    ended = after(out(), AgentEnded(at=at(62), offer=OFFER))
    assert ended.session.state is State.SURVEY
    assert [door for door, _ in moves(ended)] == ["bye"]


def test_a_page_that_takes_over_ends_the_line_of_the_one_before():
    moved = after(connected(), LineRenewed(at=at(60), offer=OFFER))
    assert EndLeg(call=CALL, leg=LEG) in moved.orders
    assert [door for door, _ in moves(moved)] == ["moment"]
    assert after(moved.session, AgentLost(at=at(60.5), offer=OFFER, leg=LEG)).session == moved.session
    assert [door for door, _ in moves(after(moved.session, back(61)))] == ["room"]


def test_a_new_line_that_comes_before_the_end_of_the_old_one_takes_its_place():
    replaced = after(connected(), back(60))
    assert EndLeg(call=CALL, leg=LEG) in replaced.orders
    assert replaced.session.agent_leg == NEW
    assert moves(replaced)[-1] == ("room", place_of(replaced.session))
    late = after(replaced.session, RoomEmptied(at=at(60.2), offer=OFFER, leg=LEG))
    assert late.session == replaced.session


def test_the_request_of_a_caller_on_the_way_out_who_is_no_longer_wanted_there_leads_back_in():
    """The agent was back before the caller's line had asked what to hear meanwhile."""
    returned = after(connected(), LOST, back(60.3)).session
    met = after(returned, LegAsked(at=at(60.4)))
    (room,) = met.instructions
    assert isinstance(room, JoinRoom)
    assert room.room == room_of(returned)
    assert met.session.caller_in_room


def test_a_room_that_closes_over_the_caller_meanwhile_is_no_second_loss():
    step = after(out(), RoomLeft(at=at(62), offer=OFFER), LegAsked(at=at(62)))
    assert step.session.state is State.CONNECTED
    assert "[one_moment:zh]" in heard(step)


def test_a_line_lost_again_before_the_two_met_keeps_the_talk_and_its_beginning():
    again = after(out(), back(62), AgentLost(at=at(63), offer=OFFER, leg=NEW))
    assert agent_is_out(again.session)
    assert again.session.lost_at == at(60)
    asked = after(again.session, RoomAsked(at=at(63.5), offer=OFFER))
    assert "[one_moment:zh]" in heard(asked)
    third = LegId("CA" + "d" * 32)
    met = after(asked.session, AgentJoined(at=at(65), offer=OFFER, leg=third), RoomAsked(at=at(66), offer=OFFER))
    assert met.session.lost_at is None
    assert len({room_of(connected()), room_of(out()), room_of(met.session)}) == 3


def test_a_caller_who_does_not_come_to_the_room_is_fetched_again():
    stuck = after(out(), back(), TimeUp(at=at(71), alarm=Alarm.RETURN, ref=OFFER))
    assert stuck.session.state is State.CONNECTED
    assert [door for door, _ in moves(stuck)] == ["room"]
    assert {order.leg for order in stuck.orders if isinstance(order, LookUpLeg)} == {CALL, NEW}
    assert any(wake.alarm is Alarm.RETURN and wake.at for wake in stuck.wake_ups)


@pytest.mark.parametrize("event", [LineRenewed(at=at(60), offer=OFFER), back(60)])
def test_telephone_agents_have_no_other_page(event):
    assert after(connected(PHONE), event).session == connected(PHONE)


def test_names_of_rooms_and_places_are_read_as_they_are_written():
    session = connected()
    for _ in range(3):
        assert in_room(room_of(session)) == (session.call, session.returns)
        assert at_place(place_of(session)) == (session.offer, session.returns)
        session = after(session, LineRenewed(at=at(60), offer=OFFER), back(61)).session
    assert at_place("17") == (OfferId("17"), 0)
    assert timedelta(seconds=5) < RETURN_TIME < timedelta(seconds=10)


# ---- on hold, and with a colleague --------------------------------------------------------------------------------------


def on_hold() -> CallSession:
    return after(connected(), HoldAsked(at=at(40), offer=OFFER, on=True)).session


def test_a_line_lost_while_the_caller_is_on_hold_ends_the_hold():
    lost = after(on_hold(), LOST)
    assert [door for door, _ in moves(lost)] == ["moment"]
    assert lost.session.held_at is None
    assert kinds(lost) == ["HoldEnded"]
    held = after(lost.session, HoldAsked(at=at(61), offer=OFFER, on=True))
    assert held.session == lost.session, "nobody is held who is not with the agent"
    assert after(lost.session, back(), RoomAsked(at=at(64), offer=OFFER)).session.held_at is None


def test_a_line_lost_while_a_colleague_is_looked_for_ends_the_search():
    seeking = after(connected(), ConsultAsked(at=at(40), offer=OFFER, topic=TopicId("urgent"))).session
    assert seeking.sought is not None
    lost = after(seeking, LOST)
    assert agent_is_out(lost.session)
    assert (lost.session.consult, lost.session.sought) == (None, None)
    again = ConsultAsked(at=at(61), offer=OFFER, topic=TopicId("urgent"))
    assert after(lost.session, again).session == lost.session


def test_a_line_lost_while_a_colleague_rings_lets_the_colleague_go():
    second = OfferId("0002")
    ringing = after(
        connected(),
        ConsultAsked(at=at(40), offer=OFFER, topic=TopicId("urgent")),
        Matched(at=at(41), offer=second, agent=AgentId("a2"), phone="browser"),
    ).session
    lost = after(ringing, LOST)
    assert [(agent, type(event)) for agent, event in lost.agents] == [("a2", Released)]
    assert agent_is_out(lost.session)


def test_a_line_lost_while_a_colleague_is_in_the_room_leaves_the_caller_to_them():
    second, leg = OfferId("0002"), LegId("CA" + "c" * 32)
    three = after(
        connected(),
        ConsultAsked(at=at(40), offer=OFFER, topic=TopicId("urgent")),
        Matched(at=at(41), offer=second, agent=AgentId("a2"), phone="browser"),
        OfferAccepted(at=at(43), offer=second, agent=AgentId("a2")),
        AgentJoined(at=at(44), offer=second, leg=leg),
    ).session
    renewed = after(three, LineRenewed(at=at(50), offer=OFFER))
    assert renewed.session == three
    assert EndLeg(call=CALL, leg=LEG) in renewed.orders
    left = after(three, LOST)
    assert (left.session.agent, left.session.agent_leg, left.session.lost_at) == ("a2", leg, None)
    assert moves(left) == []
