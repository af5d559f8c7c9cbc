"""What a supervisor does with a call, one event at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.core import facts
from ivr.core.agents import TalkEnded
from ivr.core.callback_events import CallbackAsked
from ivr.core.callback_rules import Known, Registration
from ivr.core.events import AgentLost, CallerLeft, LegFound, StepAsked, TimeUp, TurnAsked
from ivr.core.house_events import HouseAsked
from ivr.core.ids import LegId, NodeId, OfferId, TopicId
from ivr.core.instructions import Alarm, EndLeg, HangUp, MoveCaller
from ivr.core.menus import Callback
from ivr.core.queues import Lane
from ivr.core.room_events import (
    CallbackOffered,
    CallMoved,
    CallRaised,
    PutDown,
    VisitAsked,
    VisitChanged,
    VisitorJoined,
    VisitorLeft,
)
from ivr.core.session import State
from ivr.core.transfer_events import TransferAsked
from ivr.core.transfer_facts import VisitBegan, VisitEnded
from ivr.core.visitors import Mode, NoteVisit, NoteVisitOver, SeatVisitor
from ivr.core.visits import coached
from tests.builders import after, heard, tree
from tests.core.test_calls import LEG, OFFER, at, connected, kinds, offered, queued

LINE, EAR = OfferId("v01"), LegId("CAear")
HEARD = tree(topics={name: replace(one, listening=True) for name, one in tree().topics.items()})


def asked(mode=Mode.LISTEN, who="lead"):
    return VisitAsked(at=at(8), line=LINE, who=who, name="Lead", mode=mode)


def visited(mode=Mode.LISTEN):
    return after(connected(), asked(mode), VisitorJoined(at=at(9), line=LINE, leg=EAR), of=HEARD)


def test_a_raised_caller_goes_up_the_line_and_keeps_the_first_queue_time():
    before = queued()
    step = after(before, CallRaised(at=at(9)))
    assert step.session.demand is not None
    assert before.demand is not None
    assert step.session.demand.priority == before.demand.priority + 30
    assert step.session.queued_at == before.queued_at
    assert (kinds(step), step.seek) == (["Reranked"], True)


def test_a_caller_is_raised_to_the_critical_lane_once():
    step = after(queued(), CallRaised(at=at(9), critical=True))
    assert step.session.demand is not None
    assert step.session.demand.lane is Lane.CRITICAL
    assert not after(step.session, CallRaised(at=at(10), critical=True)).facts


def test_a_moved_caller_keeps_the_place_and_hears_of_the_new_queue():
    hotline = tree()
    before = queued()
    other = next(topic for topic in hotline.topics if topic != before.topic)
    step = after(before, CallMoved(at=at(9), topic=TopicId(other)))
    assert (step.session.topic, step.session.segment) == (other, 2)
    assert step.session.queued_at == before.queued_at
    assert kinds(step) == ["SegmentEnded", "SegmentStarted"]
    assert "[enter:zh]" in heard(after(step.session, TurnAsked(at=at(10))))


def test_a_move_to_nowhere_or_to_the_same_queue_changes_nothing():
    before = queued()
    assert after(before, CallMoved(at=at(9), topic=TopicId("nowhere"))).session == before
    assert after(before, CallMoved(at=at(9), topic=before.topic)).session == before


def test_a_caller_is_asked_about_a_callback_and_holds_the_place_meanwhile():
    before = queued()
    assert before.topic is not None
    topic = tree().topics[before.topic]
    asks = Callback(id=NodeId("ring_back"), topic=topic.id)
    hotline = tree(
        nodes={**tree().nodes, asks.id: asks},
        topics={
            **tree().topics,
            topic.id: replace(topic, options={"1": asks.id}, ceiling=timedelta(minutes=10)),
        },
    )
    step = after(before, CallbackOffered(at=at(9)), of=hotline)
    assert (step.session.state, step.session.node) == (State.MENU, asks.id)
    assert step.session.demand == before.demand
    assert not step.facts
    assert [type(order) for order in step.orders] == [MoveCaller]
    hears = replace(step.session, registration=Registration(stage="number"))
    back = after(hears, CallbackAsked(at=at(540), keys="0", known=Known()), of=hotline)
    assert back.session.state is State.QUEUED
    [ceiling] = [wake for wake in back.wake_ups if wake.alarm is Alarm.CEILING]
    assert before.entered_at is not None
    assert ceiling.at == before.entered_at + timedelta(minutes=10), "the wait goes on where it was"


def test_a_menu_without_callbacks_leaves_the_caller_in_line():
    assert after(queued(), CallbackOffered(at=at(9))).session == queued()


def test_a_waiting_caller_is_put_down_with_words():
    step = after(queued(), PutDown(at=at(9)))
    assert [fact.outcome for fact in step.facts if isinstance(fact, facts.SegmentEnded)] == [facts.Outcome.DROPPED]
    end = after(step.session, StepAsked(at=at(10)))
    assert "[bye:zh]" in heard(end)
    assert isinstance(end.instructions[-1], HangUp)
    assert [fact.end for fact in end.facts if isinstance(fact, facts.CallEnded)] == [facts.CallEnd.FAILED]


def test_who_is_gone_before_those_words_was_put_down_all_the_same():
    end = after(queued(), PutDown(at=at(9)), CallerLeft(at=at(9.5)))
    assert [fact.end for fact in end.facts if isinstance(fact, facts.CallEnded)] == [facts.CallEnd.FAILED]


def test_a_talk_is_ended_for_both():
    step = after(connected(), PutDown(at=at(9)))
    assert step.session.state is State.SURVEY
    assert [fact.ended_by for fact in step.facts if isinstance(fact, facts.TalkOver)] == ["supervisor"]
    assert any(isinstance(event, TalkEnded) for _, event in step.agents)


@pytest.mark.parametrize(
    "event", [CallRaised(at=at(9)), CallMoved(at=at(9), topic=TopicId("billing")), PutDown(at=at(9))]
)
def test_a_caller_for_whom_an_agent_rings_is_left_alone(event):
    assert after(offered(), event).session == offered()


def test_nobody_sits_in_where_callers_were_not_told():
    assert after(connected(), asked()).session.visitor is None


def test_the_notice_opens_the_door_only_for_who_heard_it():
    hotline = tree(listening_notice="hello")
    assert after(connected(), asked(), of=hotline).session.visitor is None
    told = replace(connected(), listening_told=True)
    assert after(told, asked(), of=hotline).session.visitor is not None
    closed = tree(
        listening_notice="hello", topics={name: replace(one, listening=False) for name, one in tree().topics.items()}
    )
    assert after(told, asked(), of=closed).session.visitor is None


def test_a_visit_is_told_of_and_each_minute_of_it_is_written_down():
    step = visited()
    assert [(type(fact), fact.mode) for fact in step.facts] == [(VisitBegan, "listen")]
    first = after(step.session, TimeUp(at=at(69), alarm=Alarm.VISIT, ref=LINE), of=HEARD)
    again = after(first.session, TimeUp(at=at(129), alarm=Alarm.VISIT, ref=LINE), of=HEARD)
    assert [(order.minute, order.who) for order in first.orders + again.orders if isinstance(order, NoteVisit)] == [
        (1, "lead"),
        (2, "lead"),
    ]


def test_a_seat_follows_its_mode_and_only_a_whisper_has_somebody_to_whisper_to():
    step = after(visited().session, VisitChanged(at=at(12), line=LINE, mode=Mode.WHISPER), of=HEARD)
    assert [type(order) for order in step.orders] == [SeatVisitor]
    assert coached(step.session, LINE) == LEG
    joined = after(step.session, VisitChanged(at=at(13), line=LINE, mode=Mode.JOIN), of=HEARD)
    assert coached(joined.session, LINE) is None


def test_one_sits_in_at_a_time():
    assert after(visited().session, asked(who="boss"), of=HEARD).session.visitor == visited().session.visitor


def test_who_asked_and_did_not_come_is_not_awaited():
    session = after(connected(), asked(), of=HEARD).session
    assert after(session, TimeUp(at=at(29), alarm=Alarm.VISIT, ref=LINE), of=HEARD).session.visitor is None


@pytest.mark.parametrize(
    "gone",
    [
        VisitorLeft(at=at(20), line=LINE, leg=EAR),
        VisitorLeft(at=at(20), line=LINE),
        LegFound(at=at(20), leg=EAR, alive=False),
    ],
)
def test_the_end_of_the_visitors_line_changes_nothing_else(gone):
    step = after(visited().session, gone, of=HEARD)
    assert step.session == connected()
    assert [type(fact) for fact in step.facts] == [VisitEnded]


def overs(step) -> list[tuple[str, str, bool, int]]:
    return [(one.who, one.mode, one.heard, one.minutes) for one in step.orders if isinstance(one, NoteVisitOver)]


@pytest.mark.parametrize(
    "end",
    [
        VisitorLeft(at=at(130), line=LINE, leg=EAR),
        VisitorLeft(at=at(130), line=LINE),
        LegFound(at=at(130), leg=EAR, alive=False),
        CallerLeft(at=at(130)),
        PutDown(at=at(130)),
    ],
)
def test_whoever_ends_a_visit_its_end_is_written_down_once(end):
    session = visited().session
    for second in (69, 129):
        session = after(session, TimeUp(at=at(second), alarm=Alarm.VISIT, ref=LINE), of=HEARD).session
    step = after(session, end, of=HEARD)
    assert overs(step) == [("lead", "listen", True, 2)]
    assert overs(after(step.session, VisitorLeft(at=at(131), line=LINE), of=HEARD)) == []


def test_who_asked_and_never_came_in_heard_nothing_and_who_comes_again_has_not_left():
    session = after(connected(), asked(), of=HEARD).session
    assert overs(after(session, VisitorLeft(at=at(12), line=LINE), of=HEARD)) == [("lead", "listen", False, 0)]
    assert overs(after(visited().session, asked(), of=HEARD)) == []


def test_a_line_of_before_does_not_end_the_visit():
    session = visited().session
    assert after(session, VisitorLeft(at=at(20), line=LINE, leg=LegId("CAold")), of=HEARD).session == session


@pytest.mark.parametrize(
    "end",
    [
        CallerLeft(at=at(20)),
        AgentLost(at=at(20), offer=OFFER, leg=LEG),
        PutDown(at=at(20)),
    ],
)
def test_with_the_talk_the_visit_is_over(end):
    step = after(visited().session, end, of=HEARD)
    assert step.session.visitor is None
    assert EndLeg(call=step.session.call, leg=EAR) in step.orders


def test_a_transfer_puts_the_visitor_out():
    topic = connected().topic
    step = after(visited().session, TransferAsked(at=at(20), offer=OFFER, topic=topic), of=HEARD)
    assert step.session.visitor is None
    assert step.session.queued_at == connected().queued_at


def test_a_house_that_is_dialled_finds_no_visitor_in_the_talk():
    """It was told of no listener, and may answer at any moment."""
    house = HouseAsked(at=at(20), offer=OFFER, destination="house", line=OfferId("h1"))
    step = after(visited().session, house, of=HEARD)
    assert step.session.visitor is None
    assert EndLeg(call=step.session.call, leg=EAR) in step.orders
    assert "VisitEnded" in kinds(step)
    assert after(after(connected(), asked(), of=HEARD).session, house, of=HEARD).session.visitor is None, (
        "nor on the way"
    )
