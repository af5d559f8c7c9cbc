"""The acceptance sentences about intake and cases (`DOMAIN.md` 1.3 to 1.5)."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.core import facts
from ivr.core.cases import CaseStatus
from ivr.core.errors import Unavailable
from ivr.core.ids import AgentId, Language
from ivr.core.metrics import Share
from ivr.core.session import State
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import ANA_CALLS, ANY, promised, takes_promise
from tests.stories.cases import case_of, hears_its_number, sql_fails, stored, talks, texts
from tests.stories.messages import leaves_message
from tests.stories.town import Town

LANDLINE = "+861065880000"
WITHHELD = "anonymous"


# ---- C31: the number ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "language"), [("1", "zh"), ("2", "en")])
def test_c31_the_number_spoken_sent_and_shown_is_the_same_and_passes_its_check_digit(town, key, language):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS, key + "0")
    case = talks(town, call, ana)
    hears_its_number(call, case, language=language)
    call.hears("感谢来电" if language == "zh" else "Thank you for calling")
    call.ends()
    [text] = texts(town, ANA_CALLS)
    assert case.number in text
    assert [row.number for row in stored(town)] == [case.number]


def test_a_caller_who_hangs_up_first_gets_the_number_as_a_text(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    call.meets(ana.accepts())
    assert texts(town, ANA_CALLS) == [], "not while they talk"
    town.passes(20)
    call.hangs_up()
    town.settle()
    ana.finishes()
    [text] = texts(town, ANA_CALLS)
    assert stored(town)[0].number in text
    town.passes(5)
    assert len(texts(town, ANA_CALLS)) == 1


@pytest.mark.parametrize("number", [LANDLINE, WITHHELD])
def test_nobody_is_promised_a_text_that_cannot_be_sent(town, number):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(number)
    case = talks(town, call, ana)
    hears_its_number(call, case, sent=False)
    call.hears("感谢来电")
    call.ends()
    assert not call.heard("同时会发送短信")
    assert texts(town, number) == []


def test_keys_do_not_cut_the_number_off(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    case = talks(town, call, ana, rated=True)
    town.presses(call, "51")
    call.presses("123#")
    hears_its_number(call, case)
    call.ends()


def test_an_agent_whose_line_is_lost_opens_no_second_case(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    call.meets(ana.accepts())
    first = case_of(town, call)
    ana.vanishes()
    town.agent("bea", skills=ANY).available()
    bea = town.agents[-1]
    assert talks(town, call, bea) == first
    hears_its_number(call, first)
    call.ends()
    assert len(stored(town)) == 1
    assert len(texts(town, ANA_CALLS)) == 1


def test_a_case_that_cannot_be_kept_is_not_spoken_and_the_call_goes_on(town, monkeypatch):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    sql_fails(monkeypatch)
    call.meets(ana.accepts())
    town.passes(30)
    ana.ends()
    town.passes(10)
    call.hears("感谢来电")
    call.ends()
    assert not call.heard("工单号是")
    assert texts(town, ANA_CALLS) == []
    ana.finishes()
    assert town.ended(call).end is facts.CallEnd.ANSWERED


# ---- C26: what opens a case ----------------------------------------------------------------------------------------------


def test_c26_a_call_that_hangs_up_in_the_first_prompt_has_a_record_with_its_end_and_no_case(town):
    call = town.caller()
    call.hangs_up()
    town.settle()
    record = town.ended(call)
    assert (record.end, record.left, record.hung_up_by) == (facts.CallEnd.LEFT_MENU, "greet_language", "caller")
    assert record.case == ""
    assert stored(town) == []


def test_c26_waiting_in_vain_opens_no_case(town):
    call = town.queues()
    town.passes(40)
    call.hangs_up()
    town.settle()
    assert town.ended(call).end is facts.CallEnd.ABANDONED
    assert stored(town) == []


def test_c26_a_message_opens_a_case_whose_number_the_caller_hears(town):
    call = leaves_message(town)
    case = case_of(town, call)
    call.hears("留言已收到")
    hears_its_number(call, case)
    call.ends()
    town.settle()
    assert town.ended(call).case == case.id
    assert (case.status, case.topic) == (CaseStatus.OPEN, "other")
    [text] = texts(town, ANA_CALLS)
    assert case.number in text


def test_c26_a_message_ended_by_hanging_up_opens_a_case_and_sends_its_number(town):
    call = town.queues(ANA_CALLS, "10")
    call.presses("2")
    town.settle()
    call.speaks(8)
    town.passes(8)
    call.hangs_up()
    town.settle()
    [text] = texts(town, ANA_CALLS)
    assert case_of(town, call).number in text


def test_c26_a_promised_callback_opens_a_case_and_the_talk_goes_on_with_it(town):
    asked = town.queues(ANA_CALLS, "10")
    takes_promise(town, asked)
    case = case_of(town, asked)
    asked.hears("暗号不对请挂断")
    hears_its_number(asked, case)
    ana = town.agent("ana", skills=ANY).available()
    answered = town.network.phone(ANA_CALLS).answers()
    town.settle()
    answered.presses("1")
    town.settle()
    answered.meets(ana.joins())
    [row] = stored(town)
    assert row.number == case.number, "one matter, one case"
    ana.ends()
    ana.finishes()
    town.passes(10)
    hears_its_number(answered, case, sent=False)
    answered.ends()


def test_a_promise_and_its_case_are_stored_together_or_not_at_all(town, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    call = town.queues(ANA_CALLS, "10")
    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", full)
        for _ in range(3):
            call.presses("1")
            town.settle()
    assert not call.heard("工单号是")
    assert town.session(call).state is State.QUEUED
    assert stored(town) == []
    call.hangs_up()
    town.settle()
    promised(town)
    assert len(stored(town)) == 1


# ---- the agent's panel: C22, C27, C28 ------------------------------------------------------------------------------------


def panel(town: Town, name: str, language: str = "en"):
    """What the agent's page shows."""
    return town.switchboard.desk.view(AgentId(name), Language(language))


def test_c22_when_it_happened_is_stored_and_shown_and_no_answer_does_not_block(town):
    town.agent("ana", skills=ANY).available()
    call = town.caller(ANA_CALLS)
    town.presses(call, "221" + "2")
    call.presses("#")
    town.settle()
    town.presses(call, "2")
    card = panel(town, "ana").offer.card
    assert ("when", "seven_days") in [(name, value) for name, value in card.answers] or dict(card.answers)["when"]
    call.hangs_up()
    town.settle()
    assert dict(town.ended(call).answers)["when"] == "seven_days"
    silent = town.caller("+8613900139000")
    town.presses(silent, "221")
    town.passes(6)
    silent.presses("#")
    town.settle()
    town.presses(silent, "2")
    silent.hears("You are in line for transfers")
    silent.hangs_up()
    town.settle()


def test_c27_the_panel_shows_type_urgency_and_why(town):
    ana = town.agent("ana", skills=ANY).available()
    for _ in range(2):
        call = town.queues(ANA_CALLS)
        talks(town, call, ana)
        call.ends()
        town.settle()
        town.record()
    call = town.caller(ANA_CALLS)
    town.presses(call, "211")
    view = panel(town, "ana")
    assert view.offer.card.path == ("Account security", "Money leaving now")
    assert view.offer.card.urgent
    assert (view.matter.why, view.matter.calls_24h) == (("menu", "repeat"), 3)
    call.hangs_up()
    town.settle()


def test_c28_three_earlier_calls_and_the_open_cases_are_on_the_panel(town):
    ana = town.agent("ana", skills=ANY).available()
    numbers = []
    for result in ("solved", "pending", "no_result", "solved"):
        call = town.queues(ANA_CALLS)
        numbers.append(talks(town, call, ana, result=result).number)
        call.ends()
        town.passes(60)
        town.record()
    call = town.queues(ANA_CALLS)
    call.meets(ana.accepts())
    matter = panel(town, "ana").matter
    assert [(one.result, one.agent, one.topic) for one in matter.earlier] == [
        (result, "ana", "other questions") for result in ("solved", "no_result", "pending")
    ]
    assert {one.number for one in matter.open_cases} == {numbers[1], numbers[2]}
    assert matter.case.number == case_of(town, call).number
    ana.ends()
    town.settle()
    assert panel(town, "ana").matter.case.number == case_of(town, call).number, "also while wrapping up"
    ana.finishes()


def test_the_panel_works_without_sql(town, monkeypatch):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    sql_fails(monkeypatch)
    call.meets(ana.accepts())
    assert panel(town, "ana").matter is None
    ana.ends()
    ana.finishes()


# ---- C16: the follow-up --------------------------------------------------------------------------------------------------


def test_c16_a_withdrawal_case_left_pending_is_on_the_list_and_due_on_its_date(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.caller(ANA_CALLS)
    town.presses(call, "132#1")
    call.presses("#")
    town.settle()
    town.presses(call, "2")
    case = talks(town, call, ana, result="pending")
    [listed] = town.switchboard.site.cases.due()
    assert (listed.case.number, listed.case.topic, listed.due) == (case.number, "deposits_withdrawals", "later")
    assert listed.case.due_at.isoformat() == "2026-03-03T01:00:00+00:00", "the next working day at nine in Shanghai"
    assert "13800138000" not in listed.caller.replace(" ", "")
    town.network.clock.advance(24 * 3600)
    assert town.switchboard.site.cases.due()[0].due == "today"
    town.network.clock.advance(24 * 3600)
    assert town.switchboard.site.cases.due()[0].due == "late"
    town.switchboard.site.cases.change(case.number, status="solved", day="", who="lead")
    assert list(town.switchboard.site.cases.due()) == []
    assert town.switchboard.site.cases.find(f"{case.number[:4]} {case.number[4:]}").case.status is CaseStatus.SOLVED


def test_the_agent_chooses_the_day_and_the_note_stays_with_the_case(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    call.meets(ana.accepts())
    town.passes(10)
    ana.ends()
    offer = ana.offer
    town.switchboard.desk.finish(
        ana.id,
        offer,
        disposition="pending",
        disposition_reason="waits_for_team",
        notes="waits for the bank",
        follow_up="2026-03-06",
    )
    town.settle()
    [row] = stored(town)
    assert (row.status, row.note, row.changed_by) == ("pending", "waits for the bank", "ana")
    assert row.due_at.date().isoformat() == "2026-03-06"


# ---- C30: every answered call has a result ---------------------------------------------------------------------------------


def test_c30_every_answered_call_has_a_result_also_when_the_time_runs_out(town):
    ana = town.agent("ana", skills=ANY).available()
    said, unsaid = town.queues(ANA_CALLS), None
    talks(town, said, ana)
    unsaid = town.queues("+8613900139000")
    unsaid.meets(ana.accepts())
    town.passes(10)
    ana.ends()
    town.passes(65)
    results = [
        (town.ended(call).segments[0].disposition, town.ended(call).segments[0].by_default) for call in (said, unsaid)
    ]
    assert results == [("solved", False), ("no_result", True)]
    day = town.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day, end=day + timedelta(days=1), zone=ZoneInfo("Asia/Shanghai"))
    total = town.switchboard.reports.results(query).totals[-1]
    assert (total.by_time_out, total.waiting) == (Share(part=1, whole=2), 0), "the share set by time-out is reported"
