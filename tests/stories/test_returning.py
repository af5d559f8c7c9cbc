"""A page loaded anew in mid-call, another computer that takes over, a line that is lost: one call for everybody."""

from __future__ import annotations

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.errors import RequestError
from ivr.core.ids import CallId
from ivr.core.returning import RETURN_TIME
from ivr.core.session import State
from ivr.simulator import Call
from tests.stories.town import Desk, Town

ANY = {"other": 5, "transfers": 5}
MOMENT = "请稍候，正在为您恢复与客服的通话"


def talk(town: Town) -> tuple[Call, Desk]:
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    call.meets(ana.accepts())
    town.passes(20)
    return call, ana


def talks_of(town: Town, call: Call) -> list[facts.Answered]:
    return [fact for fact in town.facts_of(call) if isinstance(fact, facts.Answered)]


def one_talk(town: Town, call: Call) -> None:
    """One call, one stay in line, one answer."""
    record = town.ended(call)
    assert record.end is facts.CallEnd.ANSWERED
    assert len(record.segments) == 1
    assert len(talks_of(town, call)) == 1
    assert [f.ended_by for f in town.facts_of(call) if isinstance(f, facts.TalkOver)] == ["agent"]


def test_a_page_that_is_loaded_anew_is_one_call_one_stay_and_one_answer(town):
    call, ana = talk(town)
    ana.loses_the_line()
    call.hears(MOMENT)
    assert ana.presence is Presence.ON_CALL
    town.passes(3)
    call.meets(ana.dials_in())
    assert not call.heard("您现在排在第一位")
    town.passes(30)
    ana.ends()
    call.hears("评分")
    town.passes(10)
    one_talk(town, call)


def test_an_english_caller_is_told_in_english(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(keys="2" + "0")
    call.meets(ana.accepts())
    ana.loses_the_line()
    call.hears("One moment please, I am restoring your line to the agent.")
    call.meets(ana.dials_in())
    ana.ends()


def test_three_losses_in_one_talk_are_one_talk(town):
    call, ana = talk(town)
    for _ in range(3):
        ana.loses_the_line()
        call.hears(MOMENT)
        call.meets(ana.dials_in())
        town.passes(5)
    ana.ends()
    town.passes(10)
    one_talk(town, call)


def test_whoever_does_not_come_back_leaves_the_caller_first_in_line_with_the_context(town):
    call, ana = talk(town)
    late = town.queues("+8613800138001")
    ana.loses_the_line()
    call.hears(MOMENT)
    town.passes(RETURN_TIME.total_seconds() - 1)
    assert town.session(call).state is State.CONNECTED
    town.passes(1.5)
    call.hears("您现在排在第一位")
    bob = town.agent("bob", skills=ANY).available()
    call.meets(bob.accepts())
    assert town.session(late).state is State.QUEUED
    over = next(fact for fact in town.facts_of(call) if isinstance(fact, facts.TalkOver))
    assert over.ended_by == "agent_lost"
    assert (over.at - talks_of(town, call)[0].at).total_seconds() == pytest.approx(20, abs=1)
    bob.ends()
    town.passes(10)
    assert len(town.ended(call).segments) == 2


def test_a_line_that_comes_too_late_is_told_that_the_talk_is_over(town):
    call, ana = talk(town)
    offer = ana.offer
    ana.vanishes()
    late = town.network.client(ana.id).connects({"offer": offer})
    town.settle()
    late.ends()
    assert town.session(call).state in (State.QUEUED, State.OFFERED)


def test_an_agent_who_is_back_before_the_caller_was_moved_meets_them_all_the_same(town):
    """The dispatcher is slow: the caller sits in the old room still when the new line comes."""
    call, ana = talk(town)
    town.dispatching = False
    ana.loses_the_line()
    leg = ana.dials_in()
    town.dispatching = True
    town.settle()
    call.meets(leg)
    assert not call.heard(MOMENT)
    ana.ends()
    town.passes(10)
    one_talk(town, call)


def test_a_caller_on_the_way_out_when_the_new_line_comes_is_led_back_in(town):
    """The carrier has moved the caller and the request has not come yet."""
    call, ana = talk(town)
    town.dispatching = False
    ana.loses_the_line()
    town.switchboard.dispatch.orders(wait=RETURN_TIME * 0)  # moved; the network has not carried it out
    leg = ana.dials_in()
    town.dispatching = True
    town.settle()
    call.meets(leg)
    ana.ends()


def test_a_second_computer_that_takes_over_moves_the_talk(town):
    call, ana = talk(town)
    old = ana.leg
    assert old is not None
    desk = town.switchboard.desk
    desk.open(ana.id, "home.1", take_over=True)
    town.settle()
    old.ends()
    call.hears(MOMENT)
    with pytest.raises(RequestError, match="another console"):
        desk.admit(ana.id, "office.1")
    stolen = town.network.client(ana.id).connects({"offer": ana.offer, "console": "office.1"})
    town.settle()
    stolen.ends()
    assert town.session(call).agent_leg is None
    call.meets(ana.dials_in(console="home.1"))
    town.passes(5)
    ana.ends()
    town.passes(10)
    one_talk(town, call)


def test_end_pressed_while_the_line_is_lost_is_an_end(town):
    call, ana = talk(town)
    ana.loses_the_line()
    call.hears(MOMENT)
    ana.ends()
    call.hears("评分")
    town.passes(10)
    one_talk(town, call)


def test_a_caller_who_hangs_up_meanwhile_has_been_answered_once(town):
    call, ana = talk(town)
    ana.loses_the_line()
    call.hears(MOMENT)
    call.hangs_up()
    town.passes(RETURN_TIME.total_seconds() + 1)
    record = town.ended(call)
    assert record.end is facts.CallEnd.ANSWERED
    assert len(record.segments) == 1
    assert ana.presence is Presence.WRAP_UP


def test_a_recording_goes_on_over_a_loss(recording):
    town = recording("opt_out")
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    call.meets(ana.accepts())
    town.passes(5)
    ana.loses_the_line()
    call.hears(MOMENT)
    call.meets(ana.dials_in())
    assert town.session(call).taped
    ana.ends()
    town.passes(5)
    assert len([fact for fact in town.facts_of(call) if isinstance(fact, facts.RecordingKept)]) == 1


def test_a_lost_redis_meanwhile_loses_nobody(town):
    call, ana = talk(town)
    ana.loses_the_line()
    call.hears(MOMENT)
    town.record()
    town.switchboard.link.redis.flushall()
    bob = town.agent("bob", skills=ANY).available()
    town.until(lambda: town.switchboard.sessions.find(CallId(call.sid)) is not None, within_s=30, what="a turn")
    town.passes(1)
    call.meets(bob.accepts())
    bob.ends()
