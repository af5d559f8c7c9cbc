"""An agent calls somebody: who is rung, what they see, what is on record, and what may not be called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.callback_events import CalleeAsked
from ivr.core.errors import RequestError
from ivr.core.intervals import Step
from ivr.core.session import State
from ivr.core.transfer_facts import Transferred
from ivr.simulator import Call
from ivr.storage.sql.engine import reading
from ivr.storage.sql.people_tables import audit
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import ANA_CALLS, ANY, every_text, promised, promises
from tests.stories.town import WALLET, Desk, Town

HOUSE = "+862158880000"
PHONE = "+861058065001"


def calls(town: Town, ana: Desk, ref: str, why: str = "call") -> None:
    town.switchboard.calling.call_somebody(ana.id, why, ref, who=ana.id)
    town.settle()


def latest(town: Town, ana: Desk):
    return town.switchboard.calling.call_somebody.offered(ana.id, "en").latest


def talked(town: Town, number: str = ANA_CALLS, *, phone: str = "browser") -> tuple[Call, Desk]:
    """A call of before, wrapped up."""
    ana = town.agent("ana", skills=ANY, phone=phone).available()
    call = town.queues(number)
    if phone == "browser":
        call.meets(ana.accepts())
    else:
        line = town.network.phone(phone).answers()
        town.settle()
        line.presses("1")
        town.settle()
        call.meets(line)
    town.passes(20)
    call.hangs_up()
    town.settle()
    ana.finishes("pending")
    town.record()
    return call, ana


def test_a_customer_is_called_from_the_desk_and_it_is_a_call_like_any_other(town):
    first, ana = talked(town)
    phone = town.network.phone(ANA_CALLS)

    calls(town, ana, first.sid)
    assert ana.presence is Presence.ON_CALL
    assert not phone.is_ringing, "nobody is rung before the agent is there"
    leg = ana.dials_in()
    assert phone.is_ringing
    answered = phone.answers()
    town.settle()
    answered.meets(leg)
    assert answered.leg.from_ == WALLET, "the hotline's number is shown, never the agent's"
    town.passes(30)
    ana.ends()
    answered.ends()
    assert not answered.heard("评分")

    made = ana.state
    assert made.presence is Presence.WRAP_UP
    call = made.call
    ana.finishes()
    assert ana.presence is Presence.AVAILABLE
    town.record()
    record = town.switchboard.records.record(call)
    assert (record.kind, record.end) == ("out", facts.CallEnd.ANSWERED)
    assert [one.result for one in record.offers] == ["accepted"]
    [stay] = record.segments
    assert stay.agent == "ana"
    assert stay.disposition == "solved"
    cases = town.switchboard.desk_cases
    assert cases.of_call(call).number == cases.of_call(first.sid).number, "the matter goes on under its case"
    [one] = latest(town, ana)
    assert one.result == "answered"
    assert ANA_CALLS not in one.number


def test_waits_and_service_level_know_nothing_of_calls_out(town):
    first, ana = talked(town)
    calls(town, ana, first.sid)
    ana.dials_in()
    town.network.phone(ANA_CALLS).answers()
    town.settle()
    town.passes(5)
    ana.ends()
    town.passes(5)
    town.record()
    day = town.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day - timedelta(days=1), end=day + timedelta(days=2), zone=UTC, step=Step.DAY)
    assert town.switchboard.reports.waits(query).totals[-1].counts.offered == 1


def test_an_agent_on_a_break_calls_and_is_on_the_break_again(town):
    first, ana = talked(town)
    ana.takes_a_break()
    calls(town, ana, first.sid)
    ana.dials_in()
    town.network.phone(ANA_CALLS).answers()
    town.settle()
    town.passes(5)
    ana.ends()
    ana.finishes()
    assert (ana.presence, ana.state.reason) == (Presence.BREAK, "lunch")


@pytest.mark.parametrize(("behaviour", "result"), [("busy", "busy"), ("manual", "no_answer"), ("decline", "busy")])
def test_whoever_does_not_answer_is_not_tried_again_and_the_agent_reads_why(town, behaviour, result):
    first, ana = talked(town)
    phone = town.network.phone(ANA_CALLS)
    if behaviour == "busy":
        phone.behaves("busy")
    calls(town, ana, first.sid)
    leg = ana.dials_in()
    if behaviour == "decline":
        phone.declines()
    town.passes(40)
    leg.ends()
    assert ana.presence is Presence.AVAILABLE, "neither missed nor kept waiting"
    assert [one.result for one in latest(town, ana)] == [result]
    phone.behaves("manual")
    town.passes(3600)
    assert not phone.is_ringing


def test_end_before_an_answer_puts_the_telephone_down(town):
    first, ana = talked(town)
    phone = town.network.phone(ANA_CALLS)
    calls(town, ana, first.sid)
    leg = ana.dials_in()
    assert phone.is_ringing
    ana.ends()
    leg.ends()
    assert not phone.is_ringing
    assert ana.presence is Presence.AVAILABLE
    assert [one.result for one in latest(town, ana)] == ["cancelled"]


def test_a_page_that_never_dials_in_calls_nobody(town):
    first, ana = talked(town)
    calls(town, ana, first.sid)
    town.passes(30)
    assert ana.presence is Presence.AVAILABLE
    assert not town.network.phone(ANA_CALLS).is_ringing
    assert [one.result for one in latest(town, ana)] == ["not_dialled"]


def test_a_call_that_was_missed_is_called_back_and_not_while_its_caller_waits(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    town.passes(20)
    assert ana.presence is Presence.MISSED
    ana.takes_a_break()
    town.record()
    with pytest.raises(RequestError, match="still on the line"):
        calls(town, ana, call.sid)
    call.hangs_up()
    town.settle()
    town.record()
    calls(town, ana, call.sid)
    leg = ana.dials_in()
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    answered.meets(leg)
    ana.ends()


def test_a_house_of_the_menu_file_is_called_and_has_no_case(town):
    ana = town.agent("ana", skills=ANY).available()
    [(name, label)] = town.switchboard.calling.call_somebody.offered(ana.id, "en").destinations
    calls(town, ana, name, why="destination")
    leg = ana.dials_in()
    answered = town.network.phone(HOUSE).answers()
    town.settle()
    answered.meets(leg)
    town.passes(5)
    call = ana.state.call
    ana.ends()
    answered.ends()
    town.record()
    assert town.switchboard.desk_cases.of_call(call) is None
    assert [(one.label, one.result) for one in latest(town, ana)] == [(label, "answered")]


def test_a_telephone_agent_is_rung_first_and_says_yes_by_key(town):
    first, ana = talked(town, phone=PHONE)
    calls(town, ana, first.sid)
    assert ana.presence is Presence.RESERVED
    own = town.network.phone(PHONE).answers()
    town.settle()
    assert not town.network.phone(ANA_CALLS).is_ringing
    own.hears("您的外呼")
    own.presses("1")
    town.passes(2)  # one call a second: the pace of the account
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    answered.meets(own)
    answered.hangs_up()
    town.settle()
    assert ana.presence is Presence.WRAP_UP


def test_nobody_else_s_customer_no_typed_number_and_no_hour_of_the_night(town):
    first, ana = talked(town)
    bob = town.agent("bob", skills=ANY).available()
    for why, ref in (("call", first.sid), ("call", "+8613911112222"), ("case", "12345674"), ("destination", "nobody")):
        with pytest.raises(RequestError) as refused:
            calls(town, bob, ref, why=why)
        assert refused.value.status == 404
    with pytest.raises(RequestError) as refused:
        calls(town, ana, "x", why="number")
    assert refused.value.status == 404
    town.passes((datetime.fromisoformat("2026-03-02T22:00:00+08:00") - town.now).total_seconds())
    with pytest.raises(RequestError, match="no time to call"):
        calls(town, ana, first.sid)
    assert not town.network.phone(ANA_CALLS).is_ringing


def test_an_agent_with_a_call_calls_nobody_and_a_call_out_is_offered_nobody(town):
    first, ana = talked(town)
    waiting = town.queues("+8613800138001")
    with pytest.raises(RequestError, match="finish what you are doing"):
        calls(town, ana, first.sid)
    waiting.hangs_up()
    town.settle()
    calls(town, ana, first.sid)
    ana.dials_in()
    late = town.queues("+8613800138002")
    assert town.session(late).state is State.QUEUED
    ana.ends()
    assert town.session(late).state is State.OFFERED


def test_who_was_promised_a_callback_is_not_rung_twice(town):
    first, ana = talked(town)
    ana.takes_a_break()
    promised(town)
    calls(town, ana, first.sid)
    leg = ana.dials_in()
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    answered.meets(leg)
    [row] = promises(town)
    assert (row.state, row.result) == ("closed", "reached_by_phone")
    ana.ends()
    ana.finishes()
    ana.available()
    town.passes(120)
    assert not town.network.phone(ANA_CALLS).is_ringing


def test_whom_an_agent_calls_is_in_the_audit_and_one_number_is_not_called_all_day(town):
    first, ana = talked(town)
    for _ in range(6):
        calls(town, ana, first.sid)
        ana.dials_in()
        ana.ends()
        town.passes(130)
    with pytest.raises(RequestError) as refused:
        calls(town, ana, first.sid)
    assert refused.value.error_id == "called_too_often"
    with reading(town.switchboard.engine) as connection:
        rows = connection.execute(sa.select(audit).where(audit.c.what == "call.out")).all()
    assert len(rows) == 6
    assert ANA_CALLS not in str(rows)


def test_a_create_whose_answer_is_lost_rings_nobody_twice(town):
    first, ana = talked(town)
    calls(town, ana, first.sid)
    town.network.faults.add("no_reply", match="POST Calls", seconds=0.1, times=1)
    leg = ana.dials_in()
    town.passes(3)
    assert len([one for one in town.network.live_legs() if one.to == ANA_CALLS]) == 1
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    answered.meets(leg)
    ana.ends()


def test_end_before_the_answer_of_the_create_came_leaves_no_telephone_ringing(town):
    first, ana = talked(town)
    calls(town, ana, first.sid)
    town.network.faults.add("no_reply", match="POST Calls", seconds=0.1, times=1)
    leg = ana.dials_in()
    assert town.network.phone(ANA_CALLS).is_ringing
    ana.ends()
    leg.ends()
    town.passes(5)
    assert not town.network.phone(ANA_CALLS).is_ringing


# ---- passed on to a house outside --------------------------------------------------------------------------------


def passed_on(town: Town) -> tuple[Call, Desk]:
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    leg = ana.accepts()
    call.meets(leg)
    town.passes(10)
    [(name, _)] = town.switchboard.transfer.targets(ana.id, ana.offer, "zh").houses
    town.switchboard.transfer.pass_on(ana.id, ana.offer, destination=name, note="asks for the TXID")
    town.settle()
    leg.ends()
    return call, ana


def test_a_caller_who_is_passed_on_talks_to_the_house_and_the_agent_wraps_up(town):
    call, ana = passed_on(town)
    assert ana.presence is Presence.WRAP_UP
    call.hears("正在为您转接支付网络值班台")
    house = town.network.phone(HOUSE).answers()
    town.settle()
    house.meets(call)
    assert house.leg.from_ == WALLET
    town.passes(300)
    house.hangs_up()
    town.settle()
    call.ends()
    town.settle()
    assert not call.heard("评分")
    number = town.session(call).case.number
    assert any(number in text for text in every_text(town, ANA_CALLS)), (
        "who was passed on has the number of their case too"
    )
    record = town.ended(call)
    assert record.end is facts.CallEnd.ANSWERED
    [fact] = [one for one in town.facts_of(call) if isinstance(one, Transferred)]
    assert (fact.how, fact.outside) == ("outside", "network_desk")


def test_a_house_that_does_not_answer_gives_the_caller_back_first_in_line_with_the_note(town):
    call, _ = passed_on(town)
    late = town.queues("+8613800138001")
    town.passes(35)
    call.hears("您现在排在第一位")
    bob = town.agent("bob", skills=ANY).available()
    call.meets(bob.accepts())
    assert town.session(late).state is State.QUEUED
    assert [one.note for one in town.session(call).handovers] == ["asks for the TXID"]
    bob.ends()


def test_a_house_that_no_menu_names_is_refused_and_the_talk_goes_on(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    leg = ana.accepts()
    with pytest.raises(RequestError) as refused:
        town.switchboard.transfer.pass_on(ana.id, ana.offer, destination=HOUSE)
    assert refused.value.status == 422
    call.meets(leg)
    ana.ends()


# ---- what is lost on the way -------------------------------------------------------------------------------------


def test_a_call_out_that_redis_lost_keeps_no_promise_to_that_number_waiting(town, redis):
    first, ana = talked(town)
    calls(town, ana, first.sid)
    leg = ana.dials_in()
    redis.flushall()
    town.network.phone(ANA_CALLS).declines()
    town.settle()
    leg.hangs_up()
    town.passes(300)
    assert [one.result for one in latest(town, ana)] == ["lost"]
    promised(town)
    ana.available()
    town.until(lambda: town.network.phone(ANA_CALLS).is_ringing, within_s=60, what="the callback")
    town.network.phone(ANA_CALLS).declines()
    town.settle()


@pytest.mark.parametrize("how", ["end", "lost"])
@pytest.mark.parametrize("why", ["call", "destination"])
def test_whoever_answered_an_agent_who_went_before_the_talk_is_put_in_no_line(town, how, why):
    first, ana = talked(town)
    number = ANA_CALLS if why == "call" else HOUSE
    calls(town, ana, first.sid if why == "call" else "network_desk", why=why)
    ana.dials_in()
    call = ana.state.call
    leg = town.switchboard.sessions.find(call).line
    town.switchboard.take_call.tell(call, CalleeAsked(at=town.now, leg=leg))  # picked up, not in the room yet
    if how == "end":
        ana.ends()
    else:
        ana.loses_the_line()
    assert town.switchboard.sessions.find(call).state is State.ENDED
    assert not town.network.phone(number).is_ringing
    assert ana.presence is Presence.AVAILABLE, "neither missed nor kept waiting"
    assert [one.result for one in latest(town, ana)] == ["gone"]
    town.record()
    record = town.switchboard.records.record(call)
    assert record.end is facts.CallEnd.ABANDONED
    assert [one.result for one in record.offers] == ["accepted"]


def test_who_answers_a_call_out_that_redis_lost_is_promised_nothing(town, redis):
    first, ana = talked(town)
    calls(town, ana, first.sid)
    leg = ana.dials_in()
    redis.flushall()
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    answered.ends()
    answered.hears("再见")
    assert not answered.heard("稍后再拨")
    leg.hangs_up()
    town.settle()
    assert [one.result for one in latest(town, ana)] == ["lost"]


def test_a_talk_of_a_call_out_that_redis_lost_ends_without_a_survey(town, redis):
    first, ana = talked(town)
    calls(town, ana, first.sid)
    ana.dials_in()
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    call = ana.state.call
    town.record()
    redis.flushall()
    town.switchboard.repair.find_rooms()
    town.settle()
    ana.ends()
    answered.ends()
    assert not answered.heard("评分")
    town.record()
    assert town.switchboard.records.record(call).kind == "out"


def test_a_house_whose_agent_is_gone_for_good_is_let_go_and_waits_in_no_line(town):
    ana = town.agent("ana", skills=ANY).available()
    calls(town, ana, "network_desk", why="destination")
    leg = ana.dials_in()
    house = town.network.phone(HOUSE).answers()
    town.settle()
    house.meets(leg)
    town.passes(5)
    ana.loses_the_line()
    town.passes(30)
    house.ends()
    assert [row.waiting for row in town.switchboard.board.view("en").topics if row.waiting] == []


def test_whom_a_telephone_agent_called_is_not_asked_whether_they_were_cut_off(town):
    first, ana = talked(town, phone=PHONE)
    calls(town, ana, first.sid)
    own = town.network.phone(PHONE).answers()
    town.settle()
    own.presses("1")
    town.passes(2)
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    answered.meets(own)
    town.passes(5)
    own.hangs_up()
    town.passes(3)
    assert "按1" not in answered.text
    town.passes(20)
    answered.ends()
