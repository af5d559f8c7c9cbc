"""Callbacks as the caller lives them: the place kept, the code, the tries, and the ways in which nothing comes of it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.callback_rules import attempt_call
from ivr.core.session import State
from ivr.telephony.twilio.carrier import TwilioCarrier
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import ANA_CALLS, ANY, Killed, promised, promises, takes_promise, texts, tries


def test_a_callback_keeps_the_place_of_who_asked_for_it(town):
    asked = town.queues(ANA_CALLS, "10")
    takes_promise(town, asked)
    town.passes(60)
    waiting = town.queues("+8613800138001")
    phone = town.network.phone(ANA_CALLS)
    ana = town.agent("ana", skills=ANY).available()

    assert phone.is_ringing, "who asked first is dialled before who came later is answered"
    assert ana.presence is Presence.RESERVED
    answered = phone.answers()
    town.settle()
    answered.hears("暗号")
    answered.presses("1")
    town.settle()
    answered.hears("客服马上接听")
    leg = ana.joins()
    answered.meets(leg)
    assert promises(town)[0].state == "connected"

    town.passes(20)
    ana.ends()
    answered.hears("评分")
    town.passes(10)
    answered.ends()
    town.settle()
    [row] = promises(town)
    assert (row.state, row.result) == ("closed", "completed")
    assert [attempt.result for attempt in tries(town)] == ["connected"]
    record = town.ended(asked)
    assert record.end == facts.CallEnd.CALLBACK
    assert [segment.outcome for segment in record.segments] == [facts.Outcome.CALLBACK]
    ana.finishes()
    waiting.meets(ana.accepts())


def test_the_owner_of_a_callback_is_offered_it_first_and_anybody_when_the_owner_is_not_to_be_had(town):
    act = town.switchboard.room.doors.promises
    taking = [town.agent(name, skills=ANY) for name in ("ana", "bea", "cem")]
    ana, bea, cem = taking
    mine = promised(town, ANA_CALLS)
    town.passes(5)
    other = promised(town, "+8613800138001")
    assert act.assign(mine.id, "ana", who="lead").answer == "assigned_away"
    town.passes(5)
    ana.available()
    phone, second = town.network.phone(ANA_CALLS), town.network.phone("+8613800138001")
    talk = phone.answers()
    town.settle()
    talk.presses("1")
    town.settle()
    talk.meets(ana.joins())
    assert not second.is_ringing

    assert act.assign(other.id, "ana", who="lead").answer == "assigned"
    town.passes(20)
    bea.available()
    town.passes(30)
    assert not second.is_ringing, "bea is free and able, and this one waits for ana"
    ana.ends()
    ana.finishes()
    town.passes(2)
    assert second.is_ringing
    assert (ana.presence, bea.presence) == (Presence.RESERVED, Presence.AVAILABLE)
    talk = second.answers()
    town.settle()
    talk.presses("2")  # later, in ten minutes
    town.settle()
    talk.ends()
    ana.takes_a_break()
    town.passes(601)
    assert not second.is_ringing, "ana is signed in: five minutes are waited for her"
    cem.available()
    town.passes(320)
    assert second.is_ringing, "no promise is lost"
    assert bea.presence is Presence.RESERVED, "the one idle longest"


def test_a_callback_that_a_supervisor_moves_rings_for_the_other_queue_with_every_try(town):
    """It is one callback in the report, and the other queue's."""
    bea, cem = town.agent("bea", skills={"other": 5}), town.agent("cem", skills={"refunds": 5})
    mine, phone = promised(town), town.network.phone(ANA_CALLS)
    assert town.switchboard.sessions.find(attempt_call(mine.id, 1)).topic == "other"
    move, stored = town.switchboard.room.doors.promises.move, town.switchboard.promises_of(town.switchboard.engine)
    assert move(mine.id, "complaints", who="lead").answer == "callback_moved"
    read = stored.start_try(stored.find(mine.id), town.now)
    assert move(mine.id, "refunds", who="lead").answer == "callback_moved"
    town.switchboard.call_back.look(read)
    assert town.switchboard.sessions.find(read.attempt_call).state is State.ENDED, (
        "no try of before stands in line beside the next"
    )
    bea.available()
    town.passes(5)
    assert not phone.is_ringing
    cem.available()
    town.passes(5)
    assert phone.is_ringing
    assert cem.presence is Presence.RESERVED
    town.passes(31)
    assert not phone.is_ringing, "the customer did not answer"
    town.until(lambda: phone.is_ringing, within_s=660)
    assert (bea.presence, cem.presence) == (Presence.AVAILABLE, Presence.RESERVED)
    day = ReportQuery(start=mine.requested_at, end=town.now, zone=ZoneInfo("UTC"), hotline="wallet")
    rows = town.switchboard.reports.callbacks(day).totals
    assert {row.topic: row.figures.requested for row in rows if row.figures.requested} == {"refunds": 1}


def test_the_spoken_code_is_the_one_of_the_text_and_of_the_call_out(town):
    row = promised(town)
    [text] = texts(town, ANA_CALLS)
    assert row.code in text
    spoken = row.code.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    town.agent("ana", skills=ANY).available()
    call = town.network.phone(ANA_CALLS).answers()
    town.settle()
    call.hears(spoken)
    call.hangs_up()
    town.settle()


def test_three_tries_with_new_codes_and_then_the_promise_is_given_up_and_said_so(town):
    row = promised(town)
    ana = town.agent("ana", skills=ANY).available()
    phone = town.network.phone(ANA_CALLS)
    codes = {row.code}
    for wait_min in (10, 30, 0):
        town.until(lambda: phone.is_ringing, within_s=60)
        assert ana.presence is Presence.RESERVED
        town.passes(31)
        assert not phone.is_ringing
        assert ana.presence is Presence.AVAILABLE, "not missed: the customer did not answer"
        [row] = promises(town)
        codes.add(row.code)
        if wait_min:
            assert row.state == "requested"
            town.passes(wait_min * 60 - 40)
            assert not phone.is_ringing
            town.passes(45)
    assert (row.state, row.result) == ("closed", "failed")
    assert [attempt.result for attempt in tries(town)] == ["no_answer"] * 3
    assert len(codes) == 3
    assert len(texts(town, ANA_CALLS)) == 4


def test_a_busy_telephone_is_tried_again_after_five_minutes(town):
    promised(town)
    phone = town.network.phone(ANA_CALLS).behaves("busy")
    ana = town.agent("ana", skills=ANY).available()
    town.passes(5)
    assert ana.presence is Presence.AVAILABLE
    [row] = promises(town)
    assert row.due_at - town.now < timedelta(minutes=5, seconds=1)
    phone.behaves("manual")
    town.passes(300)
    assert phone.is_ringing


def test_a_machine_hears_neither_topic_nor_code_after_two_prompts(town):
    row = promised(town)
    ana = town.agent("ana", skills=ANY).available()
    call = town.network.phone(ANA_CALLS).answers()
    town.settle()
    town.passes(30)
    call.ends()
    words = call.text.split("未能接通")[0].rsplit("您好", 1)[1]
    assert row.code not in words
    assert "其他" not in words
    assert ana.presence is Presence.AVAILABLE
    assert [attempt.result for attempt in tries(town)] == ["machine"]


def test_later_is_no_failed_try_and_not_needed_ends_it(town):
    promised(town)
    ana = town.agent("ana", skills=ANY).available()
    phone = town.network.phone(ANA_CALLS)
    call = phone.answers()
    town.settle()
    call.presses("2")
    town.settle()
    call.hears("10分钟后")
    call.ends()
    town.settle()
    assert ana.presence is Presence.AVAILABLE
    [row] = promises(town)
    assert (row.state, row.failures) == ("requested", 0)

    town.passes(601)
    call = phone.answers()
    town.settle()
    call.presses("3")
    town.settle()
    call.ends()
    town.settle()
    [row] = promises(town)
    assert (row.state, row.result) == ("closed", "cancelled")
    assert ana.presence is Presence.AVAILABLE


def test_who_phones_in_and_reaches_an_agent_is_not_called_back(town):
    promised(town)
    call = town.queues(ANA_CALLS, "10")
    call.hears("已经登记过回电")
    call.presses("2")
    town.settle()
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())
    town.settle()
    [row] = promises(town)
    assert (row.state, row.result) == ("closed", "reached_by_phone")
    ana.ends()
    ana.finishes()
    town.passes(700)
    assert not town.network.phone(ANA_CALLS).is_ringing


def test_a_second_request_may_cancel_the_first(town):
    promised(town)
    call = town.queues(ANA_CALLS, "10")
    call.hears("已经登记过回电")
    call.presses("1")
    town.settle()
    call.hears("回电已取消")
    [row] = promises(town)
    assert (row.state, row.result) == ("closed", "cancelled")
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())


def test_a_number_that_costs_more_is_refused_and_another_is_taken(town):
    call = town.queues(ANA_CALLS, "10")
    for keys in ("1", "2"):
        call.presses(keys)
        town.settle()
    call.presses("0018095551234#")
    town.settle()
    call.hears("无法拨打")
    call.presses("13900139000#")
    town.settle()
    call.presses("1")
    town.settle()
    call.presses("1")
    town.settle()
    call.ends()
    [row] = promises(town)
    assert row.number != "+8613900139000", "numbers are sealed"
    town.agent("ana", skills=ANY).available()
    assert town.network.phone("+8613900139000").is_ringing
    town.network.phone("+8613900139000").declines()
    town.settle()


def test_without_sql_nothing_is_promised_and_the_caller_keeps_the_place(town, monkeypatch):
    from ivr.core.errors import Unavailable

    call = town.queues(ANA_CALLS, "10")
    for _ in range(2):
        call.presses("1")
        town.settle()

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", away)
        call.presses("1")
        town.settle()
    call.hears("系统暂时繁忙")
    assert promises(town) == []
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())


def test_customer_abroad_is_offered_slots_on_their_own_clock(town):
    # 10:00 in Shanghai is 21:00 in New York: too late to call now.
    call = town.queues("+12125550123", "20")
    for key in "11":
        call.presses(key)
        town.settle()
    call.hears("For tomorrow between 8 and 9 a.m., press 1")
    call.presses("1")
    town.settle()
    call.ends()
    [row] = promises(town)
    town.agent("ana", skills=ANY).available()
    town.passes(60)
    assert not town.network.phone("+12125550123").is_ringing
    assert row.promised_from.isoformat() == "2026-03-02T13:00:00+00:00"


def test_redis_lost_before_the_dial_gives_the_promise_its_place_again(town, redis):
    promised(town)
    redis.flushall()
    town.passes(20)
    ana = town.agent("ana", skills=ANY).available()
    town.passes(20)
    assert town.network.phone(ANA_CALLS).is_ringing
    assert ana.presence is Presence.RESERVED
    town.network.phone(ANA_CALLS).declines()
    town.settle()


def test_redis_lost_while_the_telephone_rings_does_not_dial_twice(town, redis):
    promised(town)
    ana = town.agent("ana", skills=ANY).available()
    phone = town.network.phone(ANA_CALLS)
    assert phone.is_ringing
    redis.flushall()
    call = phone.answers()
    town.settle()
    call.hears("暗号")
    call.presses("1")
    town.settle()
    ana.breathes()
    ana.available()
    town.passes(2)
    call.meets(ana.accepts())
    assert len(tries(town)) == 1
    dialled = [leg for leg in town.network.rest.legs.values() if leg.to == ANA_CALLS]
    assert len(dialled) == 1


def test_a_telephone_that_rang_without_anybody_knowing_counts_as_a_try(town, monkeypatch):
    promised(town)
    town.network.faults.add("drop", of="status")
    real = TwilioCarrier.ring_callee

    def rings_and_dies(carrier, **how):
        real(carrier, **how)
        raise Killed

    ana = town.agent("ana", skills=ANY)
    with monkeypatch.context() as patched:
        patched.setattr(TwilioCarrier, "ring_callee", rings_and_dies)
        with pytest.raises(Killed):
            ana.available()
    phone = town.network.phone(ANA_CALLS)
    town.network.settle()
    assert phone.is_ringing
    town.passes(120)
    [only] = tries(town)
    [row] = promises(town)
    assert (only.result, row.failures, row.state) == ("lost", 1, "requested")
    assert row.due_at > town.now + timedelta(minutes=5), "not again at once: the customer's telephone has just rung"
