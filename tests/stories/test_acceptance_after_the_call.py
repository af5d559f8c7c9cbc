"""The acceptance sentences about what remains of a call: ratings, follow-ups, messages, promises (`DOMAIN.md` 1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests
import sqlalchemy as sa

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.errors import Unavailable
from ivr.core.intervals import Step
from ivr.core.promises import Verdict
from ivr.core.session import State
from ivr.simulator import Call
from ivr.storage.sql.after_tables import follow_ups, message_box, surveys
from ivr.storage.sql.engine import reading
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import ANA_CALLS, ANY, every_text, promised, promises, texts
from tests.stories.messages import leaves_message
from tests.stories.town import Desk, Town

ENGLISH = "+14155550123"
ZONE = ZoneInfo("Asia/Shanghai")


def rows(town: Town, table: sa.Table) -> list[Any]:
    with reading(town.switchboard.engine) as connection:
        return list(connection.execute(sa.select(table)).all())


def talks(town: Town, number: str = ANA_CALLS, *, keys: str = "10", name: str = "ana") -> tuple[Call, Desk]:
    """A caller and an agent, in the middle of their talk."""
    desk = next((one for one in town.agents if one.id == name), None) or town.agent(name, skills=ANY)
    call = town.queues(number, keys)
    desk.available()
    call.meets(desk.accepts())
    town.passes(20)
    return call, desk


def asked(town: Town, number: str) -> list[str]:
    return [text for text in texts(town, number) if "回复1至5" in text or "reply 1 to 5" in text]


def test_c37_the_agent_ends_and_the_caller_hears_the_question_within_two_seconds(town):
    call, ana = talks(town)
    ana.ends()
    town.passes(2)
    call.hears("请为本次服务评分：非常满意请按5，非常不满意请按1。")
    town.presses(call, "5")
    call.hears("问题解决了吗？已解决请按1，未解决请按2。")
    town.presses(call, "1")
    call.hears("感谢来电，再见。")
    call.ends()
    record = town.ended(call)
    assert (record.survey, record.score, record.solved) == ("phone", 5, "yes")
    assert record.end is facts.CallEnd.ANSWERED
    assert rows(town, follow_ups) == []
    assert asked(town, ANA_CALLS) == []


def test_c37_the_caller_ends_and_one_text_goes_out_at_most_once_in_seven_days(town):
    call, ana = talks(town, ENGLISH, keys="20")
    call.hangs_up()
    town.settle()
    assert asked(town, ENGLISH) == ["Please rate your call: reply 1 to 5, 5 is very satisfied."]
    ana.finishes()
    assert town.ended(call).survey == "text"

    for passed in (timedelta(hours=1), timedelta(days=6, hours=20)):
        town.network.clock.advance(passed.total_seconds())
        again, ana = talks(town, ENGLISH, keys="20")
        again.hangs_up()
        town.settle()
        ana.finishes()
        assert len(asked(town, ENGLISH)) == 1
        assert town.ended(again).survey == ""

    town.network.clock.advance(timedelta(hours=4).total_seconds())
    late, ana = talks(town, ENGLISH, keys="20")
    late.hangs_up()
    town.settle()
    assert len(asked(town, ENGLISH)) == 2


def test_a_number_asked_by_text_is_not_asked_by_phone_in_the_same_days(town):
    call, ana = talks(town)
    call.hangs_up()
    town.settle()
    ana.finishes()
    again, ana = talks(town)
    ana.ends()
    again.hears("再见")
    assert "评分" not in again.text
    again.ends()


def test_a_caller_who_rings_off_just_before_the_question_is_asked_by_text(town):
    call, ana = talks(town)
    town.dispatching = False
    ana.ends()
    call.hangs_up()
    town.settle()
    town.dispatching = True
    town.settle()
    assert len(asked(town, ANA_CALLS)) == 1


def test_nobody_is_asked_who_did_not_talk(town):
    call = town.queues()
    town.passes(20)
    call.hangs_up()
    town.settle()
    assert asked(town, ANA_CALLS) == []
    assert rows(town, surveys) == []


def test_silence_and_a_slip_are_no_answers_and_nobody_is_held(town):
    call, ana = talks(town)
    ana.ends()
    town.presses(call, "7")
    assert call.text.count("请为本次服务评分") == 2
    town.passes(8)
    call.hears("再见")
    call.ends()
    record = town.ended(call)
    assert (record.survey, record.score) == ("phone", None)


def test_low_score_offers_a_supervisor_and_the_wish_is_a_promise(town):
    call, ana = talks(town)
    ana.ends()
    town.presses(call, "22")
    call.hears("很抱歉没有让您满意。希望主管联系您，请按1。")
    town.presses(call, "1")
    call.hears("主管会与您联系")
    call.ends()
    [entry] = rows(town, follow_ups)
    assert (entry.score, entry.solved, entry.wished, entry.status, entry.agent) == (2, "no", True, "open", "ana")
    assert entry.due_at - entry.at == timedelta(hours=24)
    assert entry.call == call.sid


def test_a_wish_that_cannot_be_kept_is_not_promised(town, monkeypatch):
    call, ana = talks(town)
    ana.ends()
    town.presses(call, "12")

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", away)
        town.presses(call, "1")
    call.hears("再见")
    assert "主管会与您联系" not in call.text
    call.ends()
    [entry] = rows(town, follow_ups)
    assert (entry.score, entry.wished) == (1, False), "the low rating is listed all the same"


def test_while_sql_is_away_nobody_is_asked_and_the_call_ends_well(town, monkeypatch):
    call, ana = talks(town)

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", away)
        ana.ends()
    call.hears("再见")
    assert "评分" not in call.text
    assert town.session(call).state is State.ENDED
    assert ana.presence is Presence.WRAP_UP


def writes(town: Town, number: str, body: str, *, sid: str = "") -> list[str]:
    """A text to the hotline; what came back."""
    before = len(every_text(town, number))
    town.network.phone(number).texts(body, sid=sid)
    town.settle()
    return every_text(town, number)[before:]


def test_a_rating_by_text_counts_once_and_a_low_one_is_listed_with_its_comment(town):
    call, _ = talks(town, ENGLISH, keys="20")
    call.hangs_up()
    town.settle()
    assert writes(town, ENGLISH, "2 waited too long", sid="SM" + "1" * 32) == ["Thank you for your rating."]
    assert writes(town, ENGLISH, "2 waited too long", sid="SM" + "1" * 32) == ["Thank you for your rating."]
    assert writes(town, ENGLISH, "5") == ["Thank you for your rating."]
    record = town.ended(call)
    assert (record.survey, record.score) == ("text", 2)
    assert sum(isinstance(fact, facts.SurveyAnswered) for fact in town.facts_of(call)) == 1
    [entry] = rows(town, follow_ups)
    assert (entry.score, entry.comment, entry.wished, entry.agent) == (2, "waited too long", False, "ana")


def test_a_mark_that_nobody_asked_for_is_no_rating(town):
    [answer] = writes(town, ANA_CALLS, "5")
    assert "官方热线+861058765432" in answer
    assert rows(town, surveys) == []


def test_one_polite_answer_a_day_with_the_official_number(town):
    assert len(writes(town, ANA_CALLS, "你好")) == 1
    assert writes(town, ANA_CALLS, "有人吗") == []
    town.network.clock.advance(timedelta(hours=25).total_seconds())
    assert len(writes(town, ANA_CALLS, "你好")) == 1


def test_a_callback_is_cancelled_by_text_and_nobody_is_called(town):
    promised(town)
    assert "取消请回复QX" in texts(town, ANA_CALLS)[0]
    assert writes(town, ANA_CALLS, "QX") == ["回电已取消。"]
    [row] = promises(town)
    assert (row.state, row.result, row.reason) == ("closed", "cancelled", "cancelled by text")
    town.agent("ana", skills=ANY).available()
    town.passes(20)
    assert not town.network.phone(ANA_CALLS).is_ringing
    assert writes(town, ANA_CALLS, "取消") == ["没有已登记的回电。"]


def test_a_text_that_cancels_puts_down_the_telephone_that_rings(town):
    promised(town)
    ana = town.agent("ana", skills=ANY).available()
    assert town.network.phone(ANA_CALLS).is_ringing
    assert writes(town, ANA_CALLS, "qx") == ["回电已取消。"]
    town.passes(2)
    assert not town.network.phone(ANA_CALLS).is_ringing
    assert ana.presence is Presence.AVAILABLE


def test_stop_cancels_too_and_the_carrier_sends_nothing_more(town):
    promised(town, ENGLISH, language="2")
    assert "Reply STOP to cancel." in texts(town, ENGLISH)[0]
    assert writes(town, ENGLISH, "STOP") == [], "the carrier answers that itself"
    assert promises(town)[0].result == "cancelled"
    call, _ = talks(town, ENGLISH, keys="20")
    call.hangs_up()
    town.settle()
    assert asked(town, ENGLISH) == []


def test_while_sql_is_away_a_text_is_answered_with_that(town, monkeypatch):
    promised(town)

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.text_log.reading", away)
        [answer] = writes(town, ANA_CALLS, "QX")
    assert "请稍后再发" in answer
    assert promises(town)[0].state != "closed"


def test_an_unsigned_text_changes_nothing(town):
    promised(town)
    form = {"MessageSid": "SM" + "2" * 32, "From": ANA_CALLS, "To": town.network.number, "Body": "QX"}
    origin = town.switchboard.settings.public_url
    answer = requests.post(f"{origin}/voice/text", data=form, timeout=5)
    assert answer.status_code == 403
    assert promises(town)[0].state != "closed"


def report_of(town: Town) -> Any:
    day = town.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day - timedelta(days=5), end=day + timedelta(days=2), zone=ZONE, step=Step.DAY)
    return town.switchboard.after.promises_report(query)


def test_a_message_is_promised_an_answer_by_a_time_that_stands_in_sql(town):
    call = leaves_message(town, ENGLISH, keys="20")
    [row] = rows(town, message_box)
    assert row.due_at.astimezone(ZONE).strftime("%d %H:%M") == "03 10:30"
    call.hears("We have your message and will answer by 10:30 a.m. tomorrow.")
    call.ends()
    assert (row.call, row.topic, row.status, row.owner) == (call.sid, "other", "open", "")
    assert row.recording in town.network.rest.recordings.made


def test_a_message_without_sql_is_kept_without_a_time_and_written_down_once_it_is_back(town, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", away)
        fault.setattr("ivr.storage.sql.message_box.writing", away)
        call = leaves_message(town)
    call.hears("留言已收到。")
    assert "前答复" not in call.text
    call.ends()
    town.passes(20)
    [row] = rows(town, message_box)
    assert row.call == call.sid
    assert town.ended(call).end is facts.CallEnd.VOICEMAIL


def test_a_message_ended_by_hanging_up_waits_for_an_answer_too(town):
    call = town.queues()
    town.presses(call, "2")
    call.speaks(5)
    town.passes(5)
    call.hangs_up()
    town.passes(2)
    assert [row.call for row in rows(town, message_box)] == [call.sid]


def test_c33_the_report_lists_kept_late_and_broken_promises_with_their_calls(town):
    first = leaves_message(town, "+8613800138001")
    second = leaves_message(town, "+8613800138002")
    third = leaves_message(town, "+8613800138003")
    box = town.switchboard.after.messages
    by_call = {message.call: message.id for message in box.newest()}
    assert box.take(by_call[first.sid], who="ana", at=town.now)
    assert not box.take(by_call[first.sid], who="bob", at=town.now), "one owner"
    assert box.answered(by_call[first.sid], who="ana", at=town.now)
    unhappy, ana = talks(town, "+8613800138004")
    ana.ends()
    town.presses(unhappy, "121")
    ana.finishes()
    ana.signs_out()
    called = promised(town, "+8613800138005")
    assert {state for _, state in report_of(town).rows} == {Verdict.KEPT, Verdict.OPEN}

    town.network.clock.advance(timedelta(hours=26).total_seconds())
    town.settle()
    assert box.answered(by_call[second.sid], who="ana", at=town.now)
    report = report_of(town)
    states = {row.call: state for row, state in report.rows}
    assert states[first.sid] is Verdict.KEPT
    assert states[second.sid] is Verdict.LATE, "answered after the time that was named"
    assert states[third.sid] is Verdict.LATE, "still open after it"
    assert states[unhappy.sid] is Verdict.LATE
    assert states[called.call] is Verdict.BROKEN, "nobody was there to keep it"
    figures = report.figures[-1][1]
    assert (figures.made, figures.kept, figures.late, figures.broken, figures.open) == (5, 1, 3, 1, 0)
    assert {row.call for row, _ in report.rows} == {first.sid, second.sid, third.sid, unhappy.sid, called.call}


def test_c25_what_to_have_ready_is_said_once_to_who_waits_over_thirty_seconds(town):
    call = town.queues()
    town.passes(25)
    assert call.text.count("等待时请准备好") == 0
    town.passes(120)
    assert call.text.count("等待时请准备好：账户邮箱、问题发生时间、交易编号和截图。") == 1


def test_c30_every_answered_call_has_a_result_and_those_set_by_time_out_are_told_apart(town):
    by_hand, ana = talks(town, "+8613800138001")
    ana.ends()
    ana.finishes("pending")
    by_time, ana = talks(town, "+8613800138002")
    ana.ends()
    for _ in range(16):
        town.passes(4)
        ana.breathes()
    segments = [town.ended(call).segments[0] for call in (by_hand, by_time)]
    results = [(one.disposition, one.disposition_reason, one.by_default) for one in segments]
    assert results == [("pending", "waits_for_evidence", False), ("no_result", "other_reason", True)]
