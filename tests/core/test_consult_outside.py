"""A house outside in the talk, one event at a time: what is late, lost or repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.core.agents import TalkEnded
from ivr.core.events import (
    AgentEnded,
    AgentLost,
    CallerLeft,
    LegAsked,
    LegFound,
    OutsideDialled,
    RoomAsked,
    RoomLeft,
    StepAsked,
    TimeUp,
)
from ivr.core.house_events import HouseAsked, HouseDialled, HouseGone, HouseJoined, HouseRung
from ivr.core.house_orders import DialHouse, PutDownHouse
from ivr.core.ids import CallId, LegId, OfferId
from ivr.core.instructions import Alarm, EndLeg, GoOn, HangUp, HoldCaller, JoinRoom, LookUpLeg, MoveCaller
from ivr.core.session import CallSession, State, Step
from ivr.core.transfer_events import ConsultOver, HandedOver, HoldAsked
from tests.builders import CALL, after, heard
from tests.core.test_calls import LEG, OFFER, at, connected

LINE, HOUSE, OTHER = OfferId("h1"), LegId("CAhouse"), LegId("CAother")


def asked(destination: str = "house") -> CallSession:
    return after(connected(), HouseAsked(at=at(20), offer=OFFER, destination=destination, line=LINE)).session


def dialled() -> CallSession:
    return after(asked(), HouseDialled(at=at(21), offer=LINE)).session


def here() -> CallSession:
    return after(
        dialled(), HouseRung(at=at(21), offer=LINE, leg=HOUSE), HouseJoined(at=at(25), offer=LINE, leg=HOUSE)
    ).session


def left() -> CallSession:
    return after(here(), HandedOver(at=at(40), offer=OFFER)).session


def ended(step: Step) -> list[LegId]:
    return [order.leg for order in step.orders if isinstance(order, EndLeg)]


def test_a_house_is_dialled_once_and_one_that_is_not_allowed_never():
    step = after(connected(), HouseAsked(at=at(20), offer=OFFER, destination="house", line=LINE))
    assert [order for order in step.orders if isinstance(order, DialHouse)] == [
        DialHouse(call=CALL, line=LINE, destination="house", ring_s=30)
    ]
    again = HouseAsked(at=at(21), offer=OFFER, destination="house", line=OfferId("h2"))
    assert after(step.session, again).session == step.session
    assert asked("nowhere") == connected()


def test_no_agent_is_held_by_the_line_of_a_house():
    session = here()
    assert (session.offers_held, session.rings(LINE), session.talks(LINE), session.sought) == (
        (OFFER,),
        False,
        False,
        None,
    )


def test_the_permission_to_dial_is_given_once_and_given_back_when_nothing_was_done():
    session = dialled()
    again = after(session, HouseDialled(at=at(36), offer=LINE)).session
    assert again.consult is not None
    assert again.consult.dialled_at == at(21)
    undone = after(
        session, HouseDialled(at=at(22), offer=LINE, undone=True), HouseDialled(at=at(23), offer=LINE)
    ).session
    assert undone.consult is not None
    assert undone.consult.dialled_at == at(23)


def test_help_that_is_not_wanted_puts_down_what_is_known_and_looks_for_what_is_not():
    assert ended(after(here(), ConsultOver(at=at(30), offer=OFFER))) == [HOUSE]
    lost = after(dialled(), ConsultOver(at=at(30), offer=OFFER))
    assert PutDownHouse(call=CALL, destination="house", since=at(21)) in lost.orders
    assert not [
        one for one in after(asked(), ConsultOver(at=at(30), offer=OFFER)).orders if isinstance(one, PutDownHouse)
    ]
    assert ended(after(lost.session, HouseRung(at=at(31), offer=LINE, leg=HOUSE))) == [HOUSE]
    assert ended(after(lost.session, HouseRung(at=at(31), offer=LINE, leg=OTHER, sure=False))) == []


def test_what_was_looked_up_gives_way_to_what_the_leg_says_itself():
    guessed = after(dialled(), HouseRung(at=at(23), offer=LINE, leg=OTHER, sure=False)).session
    step = after(guessed, HouseRung(at=at(24), offer=LINE, leg=HOUSE))
    assert step.session.consult is not None
    assert (step.session.consult.leg, ended(step)) == (HOUSE, [])
    assert ended(after(here(), HouseRung(at=at(26), offer=LINE, leg=OTHER))) == [OTHER], "a second leg of this line"


def test_the_end_of_another_leg_and_a_late_report_about_dialling_change_nothing():
    for late in (
        HouseGone(at=at(30), offer=LINE, leg=OTHER, result="busy"),
        HouseGone(at=at(30), offer=LINE, result="failed"),
        HouseGone(at=at(30), offer=OfferId("h0"), leg=HOUSE, result="busy"),
        HouseDialled(at=at(30), offer=LINE, undone=True),
        HouseJoined(at=at(30), offer=LINE, leg=OTHER),
        TimeUp(at=at(60), alarm=Alarm.OFFER, ref=LINE),
    ):
        assert after(here(), late).session == here(), late
        assert after(left(), late).session == left(), late


def test_ring_time_that_runs_out_says_whether_anybody_was_dialled():
    lapse = TimeUp(at=at(60), alarm=Alarm.OFFER, ref=LINE)
    assert after(dialled(), lapse).session.consult_result == "house_no_answer"
    assert after(asked(), lapse).session.consult_result == "house_failed"


def test_a_caller_who_is_left_with_the_house_is_off_hold_and_stays_in_the_room():
    step = after(here(), HandedOver(at=at(40), offer=OFFER))
    session = step.session
    assert (session.state, session.held_at, session.caller_in_room, session.consult) == (State.SURVEY, None, True, None)
    assert [type(event) for _, event in step.agents] == [TalkEnded]
    assert ended(step) == [LEG]
    assert any(isinstance(order, HoldCaller) for order in step.orders)
    assert not [order for order in step.orders if isinstance(order, MoveCaller)]


def test_end_is_the_end_for_all_and_only_the_button_leaves_the_caller_there():
    step = after(here(), HoldAsked(at=at(30), offer=OFFER, on=False), AgentEnded(at=at(40), offer=OFFER))
    assert (step.session.state, step.session.house) == (State.SURVEY, None)
    assert ended(step) == [HOUSE, LEG]


@pytest.mark.parametrize("by_phone", [True, False])
def test_an_agent_whose_line_is_lost_leaves_the_caller_to_a_house_that_has_met_them(by_phone):
    lost = AgentLost(at=at(40), offer=OFFER, leg=LEG, by_phone=by_phone)
    met = after(here(), HoldAsked(at=at(30), offer=OFFER, on=False), lost)
    assert met.session.house is not None
    alone = after(here(), lost)
    assert alone.session.house is None
    assert ended(alone) == [HOUSE]


@pytest.mark.parametrize(
    "over",
    [HouseGone(at=at(90), offer=LINE, leg=HOUSE, result="failed"), LegFound(at=at(90), leg=HOUSE, alive=False)],
)
def test_the_house_puts_down_and_the_caller_is_led_to_goodbye_again_and_again_until_they_come(over):
    step = after(left(), over)
    assert [order.link.door for order in step.orders if isinstance(order, MoveCaller)] == ["bye"]
    pulse = after(step.session, TimeUp(at=at(160), alarm=Alarm.PULSE))
    assert [order.link.door for order in pulse.orders if isinstance(order, MoveCaller)] == ["bye"]
    bye = after(step.session, StepAsked(at=at(91), may_ask=True))
    assert "[bye:zh]" in heard(bye)
    assert isinstance(bye.instructions[-1], HangUp)


def test_a_caller_who_has_hardly_met_the_house_is_not_put_down():
    gone = HouseGone(at=at(42), offer=LINE, leg=HOUSE, result="failed")
    step = after(left(), gone)
    assert (step.session.state, step.session.house) == (State.QUEUED, None)
    assert [order.link.door for order in step.orders if isinstance(order, MoveCaller)] == ["back"]
    assert "[still:zh]" in heard(after(step.session, LegAsked(at=at(43))))
    met = after(here(), HoldAsked(at=at(30), offer=OFFER, on=False), HandedOver(at=at(40), offer=OFFER)).session
    assert after(met, gone).session.state is State.SURVEY


def test_a_room_that_closes_under_the_house_has_the_caller_looked_for_and_not_the_house_called_gone():
    step = after(left(), HouseGone(at=at(41), offer=LINE, leg=HOUSE, result="failed", room_closed=True))
    assert step.session == left()
    assert [order.leg for order in step.orders if isinstance(order, LookUpLeg)] == [CallId(CALL)]
    assert (
        after(here(), HouseGone(at=at(41), offer=LINE, leg=HOUSE, result="failed", room_closed=True)).session.consult
        is None
    )


def test_a_leg_that_lost_its_way_goes_back_to_the_house_and_the_house_is_asked_about():
    for event in (LegAsked(at=at(50)), StepAsked(at=at(50)), OutsideDialled(at=at(50), answered=True)):
        step = after(left(), event)
        assert isinstance(step.instructions[-1], JoinRoom), event
        assert step.session.house == left().house
        assert [order.leg for order in step.orders if isinstance(order, LookUpLeg)] == [HOUSE]
    there = after(left(), RoomAsked(at=at(50), offer=OFFER))
    assert isinstance(there.instructions[-1], GoOn)
    assert there.session.house == left().house


def test_a_caller_who_comes_out_of_the_room_lets_the_house_go_and_out_of_a_room_of_before_does_not():
    step = after(left(), RoomLeft(at=at(60), offer=OFFER))
    assert (step.session.house, ended(step)) == (None, [HOUSE])
    assert (step.session.state, step.session.segment) == (State.QUEUED, 2)
    assert "[still:zh]" in heard(step)
    assert after(left(), RoomLeft(at=at(60), offer=OfferId("0000"))).session == left()


def test_a_silent_talk_with_a_house_is_asked_about_and_the_callers_end_ends_it():
    pulse = after(left(), TimeUp(at=at(100), alarm=Alarm.PULSE))
    assert {order.leg for order in pulse.orders if isinstance(order, LookUpLeg)} == {CallId(CALL), HOUSE}
    assert [wake.at for wake in pulse.wake_ups if wake.alarm is Alarm.PULSE] == [at(100) + timedelta(seconds=60)]
    step = after(left(), CallerLeft(at=at(90)))
    assert (step.session.state, step.session.house, ended(step)) == (State.ENDED, None, [HOUSE])
