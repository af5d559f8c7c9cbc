"""What comes late, twice, in the wrong order or to a menu that has changed since: one rule at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.core import facts
from ivr.core.agents import TalkEnded
from ivr.core.calls import State, advance
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    CallerLeft,
    LegAsked,
    LegCreated,
    LegFound,
    LineRenewed,
    Matched,
    MessageRecorded,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    OutsideDialled,
    RoomAsked,
    RoomEmptied,
    RoomLeft,
    StepAsked,
    TimeUp,
    TurnAsked,
)
from ivr.core.ids import AgentId, LegId, NodeId, OfferId, TopicId
from ivr.core.instructions import Alarm, JoinRoom, LookUpLeg, MoveCaller, StopRinging
from ivr.core.menus import Queue
from tests.builders import CALL, EN, START, after, heard, started, tree

AGENT, OFFER, LEG = AgentId("a1"), OfferId("0001"), LegId("CA" + "f" * 32)
WIDER = timedelta(seconds=60)
"""When other agents will do, in the tree of these tests."""


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def queued():
    return after(started()[0], StepAsked(at=at(1), keys="2"), TurnAsked(at=at(1))).session


def offered(phone: str = "browser"):
    return after(queued(), Matched(at=at(2), offer=OFFER, agent=AGENT, phone=phone)).session


def connecting(phone: str = "browser"):
    return after(offered(phone), OfferAccepted(at=at(5), offer=OFFER, agent=AGENT)).session


def connected(phone: str = "browser"):
    joined = AgentJoined(at=at(6), offer=OFFER, leg=LEG)
    return after(connecting(phone), joined, RoomAsked(at=at(7), offer=OFFER)).session


def closing():
    return after(connected(), AgentEnded(at=at(60), offer=OFFER)).session


def recording():
    return after(started()[0], StepAsked(at=at(1), keys="5")).session


def over():
    return after(queued(), CallerLeft(at=at(9))).session


EVERY = (lambda: started()[0], queued, offered, connecting, connected, closing, recording, over)


def every_event():
    """One of each kind, at a moment when all of them are late, and about the offer that is on."""
    when = at(90)
    return {
        StepAsked: StepAsked(at=when, keys="1"),
        TurnAsked: TurnAsked(at=when, keys="", position=0),
        LegAsked: LegAsked(at=when),
        RoomAsked: RoomAsked(at=when, offer=OFFER),
        RoomLeft: RoomLeft(at=when, offer=OFFER),
        RoomEmptied: RoomEmptied(at=when, offer=OFFER),
        MessageRecorded: MessageRecorded(at=when, duration_s=4),
        OutsideDialled: OutsideDialled(at=when, answered=False),
        CallerLeft: CallerLeft(at=when),
        Matched: Matched(at=when, offer=OfferId("0002"), agent=AGENT, phone="browser"),
        OfferAccepted: OfferAccepted(at=when, offer=OFFER, agent=AGENT),
        OfferDeclined: OfferDeclined(at=when, offer=OFFER, agent=AGENT),
        OfferFailed: OfferFailed(at=when, offer=OFFER, missed=True),
        LegCreated: LegCreated(at=when, offer=OFFER, leg=LEG),
        AgentJoined: AgentJoined(at=when, offer=OFFER, leg=LEG),
        AgentEnded: AgentEnded(at=when, offer=OFFER),
        AgentLost: AgentLost(at=when, offer=OFFER, leg=LEG),
        LineRenewed: LineRenewed(at=when, offer=OFFER),
        LegFound: LegFound(at=when, leg=LegId(CALL), alive=False),
        **{(TimeUp, alarm): TimeUp(at=when, alarm=alarm, ref="1") for alarm in Alarm},
        (TimeUp, "offer"): TimeUp(at=when, alarm=Alarm.OFFER, ref=OFFER),
        (TimeUp, "join"): TimeUp(at=when, alarm=Alarm.JOIN, ref=OFFER),
    }


def of_asking(events):
    return [e for e in events if type(e) in (StepAsked, TurnAsked, LegAsked, RoomAsked, RoomLeft, OutsideDialled)]


# ---- what is due while an agent is being rung ---------------------------------------------------------------------


@pytest.mark.parametrize("make", [offered, connecting])
@pytest.mark.parametrize("alarm", [Alarm.RELAX, Alarm.OVERFLOW, Alarm.CEILING, Alarm.CLOSING])
def test_alarm_that_is_due_while_an_agent_rings_comes_again(make, alarm):
    step = after(make(), TimeUp(at=at(61), alarm=alarm, ref="1"))
    assert step.session == make()
    (again,) = step.wake_ups
    assert again.alarm is alarm
    assert again.at is not None
    assert again.at > at(61)
    assert again.ref == "1"


@pytest.mark.parametrize("make", [offered, connecting])
def test_alarm_of_an_earlier_stay_does_not_come_again(make):
    assert not after(make(), TimeUp(at=at(61), alarm=Alarm.OVERFLOW, ref="0")).wake_ups


# ---- legs that are not the offer's own ----------------------------------------------------------------------------


@pytest.mark.parametrize("make", [offered, connecting])
def test_end_of_a_second_leg_of_the_same_offer_does_not_give_the_offer_up(make):
    """The carrier made the leg twice: the second finds the telephone busy."""
    known = replace(make("+442079460107"), agent_leg=LEG)
    busy = OfferFailed(at=at(6), offer=OFFER, reason="busy", leg=LegId("CA" + "e" * 32))
    assert after(known, busy).session == known
    own = OfferFailed(at=at(6), offer=OFFER, reason="failed", leg=LEG)
    assert after(known, own).session.state is State.QUEUED


def test_report_of_an_unanswered_leg_does_not_undo_an_accept():
    late = OfferFailed(at=at(6), offer=OFFER, missed=True, reason="page gone")
    assert after(connecting(), late).session == connecting()


def test_late_leg_of_an_old_offer_hears_why_it_is_turned_away():
    """Its own request is answered with words and the end; an order to end it would cut them off."""
    stranger = AgentJoined(at=at(6), offer=OfferId("0000"), leg=LegId("CA" + "e" * 32))
    assert after(connecting(), stranger).orders == ()


# ---- End before the talk -------------------------------------------------------------------------------------------


def test_agent_who_presses_end_while_connecting_has_declined_not_missed():
    joined = after(connecting(), AgentJoined(at=at(6), offer=OFFER, leg=LEG)).session
    step = after(joined, AgentEnded(at=at(7), offer=OFFER))
    assert step.session.state is State.QUEUED
    assert step.session.queued_at == queued().queued_at
    assert [type(event) for _, event in step.agents] == [TalkEnded]
    assert [order.leg for order in step.orders if isinstance(order, StopRinging)] == [LEG]
    assert step.seek


# ---- a room whose other side is gone -------------------------------------------------------------------------------


def test_caller_who_comes_back_to_a_room_without_an_agent_is_not_left_alone_in_it():
    emptied = after(connected(), RoomEmptied(at=at(60), offer=OFFER)).session
    back = after(emptied, LegAsked(at=at(61)))
    assert isinstance(back.instructions[-1], JoinRoom)
    assert LookUpLeg(call=CALL, leg=LEG) in back.orders
    lost = after(back.session, LegFound(at=at(61), leg=LEG, alive=False))
    assert [order.link.door for order in lost.orders if isinstance(order, MoveCaller)] == ["moment"]
    given_up = after(lost.session, TimeUp(at=at(69), alarm=Alarm.RETURN, ref=OFFER))
    assert given_up.session.state is State.QUEUED
    assert [order.link.door for order in given_up.orders if isinstance(order, MoveCaller)] == ["back"]


def test_first_in_line_again_is_said_once_and_not_followed_by_the_words_of_a_newcomer():
    lost = after(connected(), RoomLeft(at=at(60), offer=OFFER))
    assert "[still:zh]" in heard(lost)
    assert "[enter:zh]" not in heard(after(lost.session, TurnAsked(at=at(75))))
    nobody = TimeUp(at=at(68), alarm=Alarm.RETURN, ref=OFFER)
    moved = after(connected(), AgentLost(at=at(60), offer=OFFER, leg=LEG), nobody, LegAsked(at=at(69)))
    assert "[still:zh]" in heard(moved)
    assert "[enter:zh]" not in heard(after(moved.session, TurnAsked(at=at(76))))


def test_end_of_the_agents_line_after_the_talk_does_not_put_the_caller_back_in_line():
    """The closing words last longer than the pulse, which asks about lines: the agent's is over by right."""
    asked = after(closing(), TimeUp(at=at(120), alarm=Alarm.PULSE))
    assert LookUpLeg(call=CALL, leg=LEG) not in asked.orders
    assert after(closing(), LegFound(at=at(121), leg=LEG, alive=False)).session == closing()


def test_both_hang_up_at_once_in_either_order():
    for first, second in (
        (CallerLeft(at=at(60)), AgentLost(at=at(60), offer=OFFER, leg=LEG)),
        (AgentLost(at=at(60), offer=OFFER, leg=LEG), CallerLeft(at=at(60))),
        (RoomEmptied(at=at(60), offer=OFFER), CallerLeft(at=at(60))),
        (AgentEnded(at=at(60), offer=OFFER), CallerLeft(at=at(60))),
    ):
        one = after(connected(), first)
        two = after(one.session, second)
        told = [*one.facts, *two.facts]
        assert two.session.state is State.ENDED
        assert [f.end for f in told if isinstance(f, facts.CallEnded)] == [facts.CallEnd.ANSWERED]
        assert sum(isinstance(f, facts.TalkOver) for f in told) == 1
        freed = [type(e) for _, e in (*one.agents, *two.agents)]
        assert freed == [TalkEnded]


# ---- a menu that changed under the call ----------------------------------------------------------------------------


def changed_tree():
    """The hotline after a new menu: no topic `billing`, no node that led there, one language."""
    old = tree()
    kept = {name: node for name, node in old.nodes.items() if name not in ("billing", "sub", "case")}
    kept[NodeId("people")] = Queue(id=NodeId("people"), topic=TopicId("urgent"))
    return tree(
        version="later",
        nodes=kept,
        topics={name: one for name, one in old.topics.items() if name != "billing"},
        person=NodeId("people"),
        voices={language: voice for language, voice in old.voices.items() if language == EN},
        default_language=EN,
        start=NodeId("people"),
    )


@pytest.mark.parametrize("make", EVERY)
def test_every_state_survives_a_menu_without_its_topic_its_node_and_its_language(make):
    for event in every_event().values():
        step = advance(make(), event, changed_tree())
        if event in of_asking([event]):
            assert step.instructions, (make, event)


def test_caller_whose_topic_is_gone_keeps_the_time_of_the_place():
    moved = advance(queued(), TurnAsked(at=at(30)), changed_tree()).session
    assert moved.state is State.QUEUED
    assert moved.topic == "urgent"
    assert moved.queued_at == queued().queued_at


def test_offer_of_a_call_whose_topic_is_gone_still_rings():
    step = advance(queued(), Matched(at=at(2), offer=OFFER, agent=AGENT, phone="browser"), changed_tree())
    assert step.session.state is State.OFFERED
    assert any(wake.alarm is Alarm.OFFER and wake.at for wake in step.wake_ups)
