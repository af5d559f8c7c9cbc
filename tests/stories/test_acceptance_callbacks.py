"""The acceptance sentences about callbacks (`DOMAIN.md` 1, 2.3 and 5), word for word where there are words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.intervals import Step
from ivr.core.session import State
from ivr.core.text_length import sms_segments
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import facts as told
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import ANA_CALLS, ANY, promised, promises, takes_promise, texts, tries
from tests.stories.town import Town

ZONE = ZoneInfo("Asia/Shanghai")


def report(town: Town):
    town.record()
    day = town.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day - timedelta(days=1), end=day + timedelta(days=2), zone=ZONE, step=Step.DAY)
    return town.switchboard.reports.waits(query), town.switchboard.reports.callbacks(query)


def test_c12_a_long_expected_wait_brings_the_offer_on_joining_and_a_short_one_does_not(town, monkeypatch):
    from ivr.workflows.estimate_wait import EstimateWait

    def expecting(seconds: float):
        def estimate(self, call, turn):
            from dataclasses import replace

            return replace(turn, position=3, estimate_s=seconds, estimator="ql")

        return estimate

    monkeypatch.setattr(EstimateWait, "__call__", expecting(170.0))
    short = town.queues("+8613800138001", "10")
    assert not short.heard("由我们回电")
    monkeypatch.setattr(EstimateWait, "__call__", expecting(190.0))
    long = town.queues("+8613800138002", "10")
    long.hears("按1保留排位，由我们回电")


def test_c13_a_number_in_new_york_is_offered_its_own_hours_and_none_before_eight(towns):
    town = towns(start=datetime.fromisoformat("2026-03-02T20:40:00+08:00"))  # 07:40 in New York
    call = town.queues("+12125550123", "20")
    call.presses("1")
    town.settle()
    call.presses("1")
    town.settle()
    call.hears("For today between 9 and 10 a.m., press 1. For today between 12 noon and 1 p.m., press 2.")
    assert not call.heard("as soon as it is your turn")
    call.hangs_up()
    town.settle()


READY = {
    "zh": "请备好：账户邮箱、问题发生时间、交易编号和截图。",
    "en": "Please have ready: account e-mail, time it happened, transaction number, screenshots.",
}


def test_c25_the_text_about_the_callback_repeats_what_to_have_at_hand(town):
    promised(town)
    promised(town, "+8613800138001", language="2")
    [chinese], [english] = texts(town, ANA_CALLS), texts(town, "+8613800138001")
    codes = [row.code for row in promises(town)]
    assert chinese == f"【tpWallet】已登记回电，预计在轮到您时，暗号{codes[0]}。取消请回复QX。{READY['zh']}"
    assert english == (
        f"tpWallet callback booked for as soon as it is your turn. Code {codes[1]}. Reply STOP to cancel. {READY['en']}"
    )
    assert [sms_segments(text) for text in (chinese, english)] == [1, 2]


def test_c25_a_list_that_would_make_the_text_too_long_is_a_text_of_its_own(towns):
    long = "另请准备好身份证件的照片和手机的型号，" * 4
    town = towns(change=lambda text: text.replace(f"zh: {READY['zh']}", f"zh: {long}{READY['zh']}"))
    promised(town)
    booked, ready = texts(town, ANA_CALLS)
    assert booked.endswith("取消请回复QX。")
    assert ready == long + READY["zh"]


def test_c44_the_sixth_request_of_a_number_within_an_hour_is_refused_and_noted(town):
    for _ in range(5):
        promised(town)
        again = town.queues(ANA_CALLS, "10")
        again.presses("1")  # cancel it
        town.settle()
        again.hangs_up()
        town.settle()
    sixth = town.queues(ANA_CALLS, "10")
    sixth.presses("1")
    town.settle()
    sixth.hears("现在无法登记回电")
    assert town.session(sixth).state is State.QUEUED
    town.record()
    with reading(town.switchboard.engine) as connection:
        noted = connection.execute(sa.select(told.c.body).where(told.c.kind == "callback_refused")).scalars().all()
    assert [body["reason"] for body in noted] == ["cap_number"]
    assert len(promises(town)) == 5


def test_one_open_promise_per_number_and_topic_even_when_two_ask_at_once(town):
    first, second = town.queues(ANA_CALLS, "10"), town.queues(ANA_CALLS, "10")
    for call in (first, second, first, second):
        call.presses("1")
        town.settle()
    first.presses("1")
    second.presses("1")
    town.settle()
    assert len([row for row in promises(town) if row.state != "closed"]) == 1


def test_a_telephone_agent_is_rung_when_the_customer_pressed_1(town):
    promised(town)
    bob = town.agent("bob", skills=ANY, phone="+861058060001").available()
    customer, agent_phone = town.network.phone(ANA_CALLS), town.network.phone("+861058060001")
    assert bob.presence is Presence.RESERVED
    assert not agent_phone.is_ringing
    call = customer.answers()
    town.settle()
    call.presses("1")
    town.passes(1)  # the pace of new calls
    assert agent_phone.is_ringing
    leg = agent_phone.answers()
    town.settle()
    leg.hears("第1次尝试")
    assert leg.heard("回电：其他，暗号")
    leg.presses("1")
    town.settle()
    call.meets(leg)
    assert promises(town)[0].state == "connected"
    leg.hangs_up()
    town.settle()
    town.passes(10)


def test_agent_first_calls_the_customer_when_the_agent_is_in_the_room(towns):
    town = towns(
        change=lambda text: text.replace(
            "{topic: other, unable: operator}", "{topic: other, unable: operator, dial: agent_first}"
        )
    )
    promised(town)
    ana = town.agent("ana", skills=ANY).available()
    phone = town.network.phone(ANA_CALLS)
    assert not phone.is_ringing
    leg = ana.accepts()
    assert phone.is_ringing
    call = phone.answers()
    town.settle()
    call.presses("1")
    town.settle()
    call.meets(leg)
    ana.ends()
    ana.finishes()
    assert [attempt.result for attempt in tries(town)] == ["connected"]


def test_customer_first_holds_no_agent_and_keeps_the_place(towns):
    town = towns(
        change=lambda text: text.replace(
            "{topic: other, unable: operator}", "{topic: other, unable: operator, dial: customer_first}"
        )
    )
    promised(town)
    ana = town.agent("ana", skills=ANY).available()
    phone = town.network.phone(ANA_CALLS)
    assert phone.is_ringing
    assert ana.presence is Presence.AVAILABLE
    town.passes(5)
    later = town.queues("+8613800138001")
    assert ana.presence is Presence.RESERVED, "the agent takes whoever waits meanwhile"
    ana.declines()
    call = phone.answers()
    town.settle()
    call.presses("1")
    town.settle()
    town.passes(11)
    assert ana.presence is Presence.RESERVED
    call.meets(ana.accepts())
    assert town.session(later).state is State.QUEUED


def test_a_promise_that_nobody_can_keep_expires_and_is_said_so(town):
    promised(town)
    # Decent hours come to an end; the next morning it is in line again; at the end of the day after it expires.
    town.network.clock.advance(12 * 3600)
    town.settle()
    [row] = promises(town)
    assert row.state == "requested"
    assert row.due_at.astimezone(ZONE).hour == 8
    town.network.clock.advance(13 * 3600)
    town.settle()
    [row] = promises(town)
    assert (row.state, row.result, row.reason) == ("closed", "expired", "no agent in time")


def test_what_was_promised_adds_up_in_the_report(town):
    ana = town.agent("ana", skills=ANY)
    promised(town, "+8613800138001")
    promised(town, "+8613800138002")
    again = town.queues("+8613800138002", "10")
    again.presses("1")
    town.settle()
    again.hangs_up()
    town.settle()
    ana.available()
    call = town.network.phone("+8613800138001").answers()
    town.settle()
    call.presses("1")
    town.settle()
    call.meets(ana.joins())
    promised(town, "+8613800138003")
    ana.ends()
    figures = report(town)[1].totals[-1].figures
    of = figures.sums
    assert (figures.requested, of.completed, of.cancelled, of.pending) == (3, 1, 1, 1)
    board = town.switchboard.board.view("en")
    row = next(row for row in board.topics if row.id == "other")
    assert (row.callbacks_due, row.callbacks_late) == (1, 0)


def test_the_segment_that_asked_is_no_abandon(town):
    call = town.queues(ANA_CALLS, "10")
    takes_promise(town, call)
    [segment] = town.ended(call).segments
    assert segment.outcome is facts.Outcome.CALLBACK
