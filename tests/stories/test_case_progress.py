"""A caller who rings again, and who asks how a case stands: C17 and C24 of `DOMAIN.md`, and the lock against guessing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ivr.core import facts
from ivr.core.cases import Case, numbered
from ivr.core.session import State
from ivr.core.speech import spell
from ivr.simulator import Call
from ivr.storage.sql.engine import writing
from ivr.storage.sql.tables import cases as case_table
from tests.stories.callbacks import ANA_CALLS, ANY
from tests.stories.cases import case_of, hears_its_number, sql_fails, stored, talks
from tests.stories.town import Town

BO_CALLS = "+8613900139000"
UNKNOWN = [numbered(1_234_560 + n) for n in range(9)]


def has_case(town: Town, number: str = ANA_CALLS, *, result: str = "pending") -> Case:
    """This number has talked to an agent about something else before."""
    agent = town.agents[0] if town.agents else town.agent("ana", skills=ANY).available()
    call = town.queues(number)
    case = talks(town, call, agent, result=result)
    call.ends()
    town.settle()
    return case


def stands(town: Town, case: Case, status: str) -> None:
    with writing(town.switchboard.engine) as connection:
        connection.execute(case_table.update().where(case_table.c.id == case.id).values(status=status))


def asks_progress(town: Town, number: str, digits: str, *, language: str = "1", by: str = "42") -> Call:
    """Refunds, progress (or transfers, status), and a case number that is confirmed."""
    call = town.caller(number)
    town.presses(call, language)
    town.presses(call, by)
    call.presses(digits + "#")
    town.settle()
    call.presses("1")
    town.settle()
    return call


# ---- C17: how a case stands ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "zh", "en"),
    [
        ("", "已解决", "it is solved"),
        ("open", "正在处理中", "it is being worked on"),
        ("pending", "等待后续跟进", "it is waiting for a follow-up"),
        ("closed", "已结案", "it is closed"),
    ],
)
def test_c17_the_next_caller_with_this_number_hears_how_the_agent_said_the_case_stands(town, standing, zh, en):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(ANA_CALLS)
    call.meets(ana.accepts())
    case = case_of(town, call)
    town.passes(30)
    ana.ends()
    town.settle()
    town.switchboard.desk.finish(ana.id, ana.offer, disposition="solved", notes="paid", standing=standing)
    town.passes(10)
    call.ends()
    town.settle()
    [row] = stored(town)
    assert (row.changed_by, row.note) == ("ana", "paid")
    assert (row.due_at is not None) == (standing == "pending")
    for language, words in (("1", zh), ("2", en)):
        asking = asks_progress(town, BO_CALLS, case.number, language=language)
        asking.hears(words)
        asking.hangs_up()
        town.settle()


# ---- C24: the check digit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("1", "工单号不正确，请核对后重新输入"), ("2", "That case number is not valid.")]
)
@pytest.mark.parametrize("place", range(8))
def test_c24_a_case_number_with_one_wrong_digit_is_refused_at_once(town, language, words, place):
    right = numbered(2_506_160)
    wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
    call = town.caller()
    town.presses(call, language + "42")
    call.presses(wrong + "#")
    town.settle()
    call.hears(words)
    assert not call.heard("您输入的是")
    assert not call.heard("You entered")
    call.hangs_up()
    town.settle()


def test_c24_keyed_digits_are_read_back_before_they_count(town):
    number = numbered(2_506_160)
    call = town.caller()
    town.presses(call, "142")
    call.presses(number + "#")
    town.settle()
    call.hears(f"您输入的是{spell(number, 'zh')}。正确请按1，重新输入请按2。")
    call.presses("2")
    town.settle()
    call.hears("请输入8位数字")
    assert "case" not in town.session(call).answers
    call.hangs_up()
    town.settle()


# ---- C17: progress -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["42", "23#"])
@pytest.mark.parametrize(
    ("status", "zh", "en"),
    [
        ("open", "正在处理中", "being worked on"),
        ("pending", "等待后续跟进", "waiting for a follow-up"),
        ("solved", "已解决", "solved"),
        ("closed", "已结案", "closed"),
    ],
)
def test_c17_a_valid_number_speaks_its_public_status_without_an_agent(town, status, zh, en, by):
    case = has_case(town)
    stands(town, case, status)
    town.agents[0].takes_a_break()
    call = asks_progress(town, BO_CALLS, case.number, by=by)
    call.hears(f"工单{spell(case.number, 'zh')}，其他问题，目前状态：{zh}。")
    call.hangs_up()
    town.settle()
    record = town.ended(call)
    assert (record.end, record.segments) == (facts.CallEnd.SELF_SERVED, ())
    english = asks_progress(town, BO_CALLS, case.number, language="2", by=by)
    english.hears(f"Case {spell(case.number, 'en')}, other questions: it is {en}.")
    english.hangs_up()
    town.settle()


def test_c17_an_unknown_number_offers_an_agent(town):
    call = asks_progress(town, ANA_CALLS, UNKNOWN[0])
    call.hears("没有查到这个工单号。转人工请按1")
    call.presses("1")
    town.settle()
    call.hears("已进入退款队列")
    assert town.session(call).state is State.QUEUED


def test_after_the_status_an_agent_goes_on_with_that_case(town):
    case = has_case(town)
    call = asks_progress(town, BO_CALLS, case.number)
    call.hears("目前状态")
    call.presses("1")
    town.settle()
    assert talks(town, call, town.agents[0]).id == case_of(town, call).id
    assert case_of(town, call).number == case.number
    hears_its_number(call, case, sent=False)
    assert len(stored(town)) == 1


def test_silence_after_the_status_leads_to_a_person(town):
    case = has_case(town)
    call = asks_progress(town, BO_CALLS, case.number)
    town.passes(11)
    assert town.session(call).state in (State.QUEUED, State.OFFERED)
    call.hangs_up()
    town.settle()


def test_without_sql_progress_is_a_matter_for_an_agent(town, monkeypatch):
    case = has_case(town)
    sql_fails(monkeypatch)
    call = asks_progress(town, BO_CALLS, case.number)
    call.hears("系统暂时繁忙，正在为您转接人工")
    call.hears("已进入退款队列")


# ---- guessing ------------------------------------------------------------------------------------------------------------


def test_who_guesses_numbers_goes_to_a_person_and_is_not_told_why(town):
    case = has_case(town)
    town.agents[0].takes_a_break()
    for number in UNKNOWN[:5]:
        call = asks_progress(town, BO_CALLS, number)
        call.hears("没有查到这个工单号")
        call.hangs_up()
        town.settle()
    locked = asks_progress(town, BO_CALLS, case.number)
    locked.hears("已进入退款队列")
    assert not locked.heard("目前状态")
    assert not locked.heard("没有查到")
    other = asks_progress(town, "+8613700137000", case.number)
    other.hears("目前状态")
    for call in (locked, other):
        call.hangs_up()
    town.settle()
    town.network.clock.advance(3601)
    town.settle()
    later = asks_progress(town, BO_CALLS, case.number)
    later.hears("目前状态")


def test_a_withheld_number_is_locked_within_its_call(town):
    case = has_case(town)
    call = town.caller("anonymous")
    town.presses(call, "1")
    for number in UNKNOWN[:5]:
        town.presses(call, "42")
        call.presses(number + "#")
        town.settle()
        town.presses(call, "12")
        town.passes(1)
    town.presses(call, "42")
    call.presses(case.number + "#")
    town.settle()
    call.presses("1")
    town.settle()
    assert not call.heard("目前状态")
    assert town.session(call).state in (State.QUEUED, State.OFFERED)
    call.hangs_up()
    town.settle()
    call = asks_progress(town, "anonymous", case.number)
    call.hears("目前状态")


# ---- an open case ----------------------------------------------------------------------------------------------------------


def rings_again(town: Town, number: str = ANA_CALLS, *, language: str = "1") -> Call:
    """The language, and then nothing: the notice is heard to its end."""
    call = town.caller(number)
    town.presses(call, language)
    town.passes(2)
    return call


@pytest.mark.parametrize("language", ["1", "2"])
def test_a_number_with_an_open_case_is_asked_before_the_main_menu(town, language):
    case = has_case(town)
    stands(town, case, "pending")
    call = rings_again(town, language=language)
    last4 = spell(case.number[-4:], "zh" if language == "1" else "en")
    call.hears(
        f"您有一个处理中的工单，尾号{last4}。查询进度请按1，其他问题请按2。"
        if language == "1"
        else f"You have an open case ending in {last4}. For its progress, press 1. For something else, press 2."
    )
    call.presses("1")
    town.settle()
    call.hears("目前状态：等待后续跟进" if language == "1" else "it is waiting for a follow-up")
    call.presses("1")
    town.settle()
    again = talks(town, call, town.agents[0])
    assert again.number == case.number
    assert len(stored(town)) == 1


def test_something_else_leads_to_the_main_menu_and_to_a_case_of_its_own(town):
    case = has_case(town)
    call = rings_again(town)
    call.hears("您有一个处理中的工单")
    call.presses("2")
    town.settle()
    call.hears("账户被盗或资金安全问题，请按1")
    town.presses(call, "0")
    assert talks(town, call, town.agents[0]).number != case.number


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_a_case_that_is_over_is_not_asked_about(town, status):
    stands(town, has_case(town), status)
    call = rings_again(town)
    call.hears("账户被盗或资金安全问题，请按1")
    assert not call.heard("您有一个处理中的工单")


def test_nobody_else_is_asked(town):
    has_case(town)
    has_case(town, "anonymous")
    for number in (BO_CALLS, "anonymous"):
        call = rings_again(town, number)
        call.hears("账户被盗或资金安全问题，请按1")
        assert not call.heard("您有一个处理中的工单")
        call.hangs_up()
        town.settle()


def test_without_sql_nobody_is_asked_and_the_call_goes_on(town, monkeypatch):
    has_case(town)
    sql_fails(monkeypatch)
    call = rings_again(town)
    call.hears("账户被盗或资金安全问题，请按1")
    assert not call.heard("您有一个处理中的工单")


def test_a_number_keyed_at_the_intake_joins_the_call_to_its_case(town):
    case = has_case(town)
    call = town.caller(BO_CALLS)
    town.presses(call, "1211")
    call.presses(case.number + "#")
    town.settle()
    town.presses(call, "1")
    call.hears("需要上传截图")
    town.presses(call, "2")
    call.hears("已进入转账与交易队列")
    assert talks(town, call, town.agents[0]).id == case.id
    with writing(town.switchboard.engine) as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM case_calls"))
    assert count == 2
