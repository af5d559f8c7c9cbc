"""The main job, told as stories: a caller presses digits, waits, and talks to the right agent."""

from __future__ import annotations

from datetime import timedelta

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.session import State

ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5}


def test_caller_presses_digits_waits_and_talks_to_the_agent(town):
    ana = town.agent("ana", skills={"transfers": 4})
    call = town.caller()
    call.hears("欢迎致电")
    town.presses(call, "1")
    call.hears("助记词")
    town.presses(call, "2")
    call.hears("转账延迟")
    town.presses(call, "1")
    call.hears("什么时候")
    town.presses(call, "1")
    call.hears("8位数字")
    call.presses("#")
    town.settle()
    call.hears("需要上传截图")
    town.presses(call, "2")
    call.hears("已进入转账与交易队列")
    assert town.session(call).path == ("transfers", "late")
    assert town.session(call).answers["when"] == "today"

    ana.available()
    assert ana.presence is Presence.RESERVED
    leg = ana.accepts()
    call.meets(leg)
    assert ana.presence is Presence.ON_CALL

    town.passes(30)
    ana.ends()
    call.hears("评分")
    town.passes(10)
    call.hears("再见")
    call.ends()
    assert ana.presence is Presence.WRAP_UP
    ana.finishes("solved")
    assert ana.presence is Presence.AVAILABLE

    record = town.ended(call)
    assert record.end == facts.CallEnd.ANSWERED
    assert [segment.outcome for segment in record.segments] == [facts.Outcome.ANSWERED]


def test_english_caller_is_served_in_english(town):
    call = town.caller("+14155550123")
    town.presses(call, "2")
    call.hears("Our agents will never ask")
    town.presses(call, "2")
    call.hears("Transfer late or not received")


def test_caller_who_leaves_while_an_agent_rings_frees_the_agent(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    assert ana.presence is Presence.RESERVED
    town.passes(9)
    call.hangs_up()
    town.settle()
    assert ana.presence is Presence.AVAILABLE
    ended = town.facts_of(call)[-1]
    assert isinstance(ended, facts.CallEnded)
    assert ended.end == facts.CallEnd.ABANDONED


def test_one_agent_serves_many_callers_in_the_order_in_which_they_came(town):
    calls = []
    for number in range(4):
        calls.append(town.queues(f"+861380013800{number}"))
        town.passes(2)
    ana = town.agent("ana", skills=ANY).available()
    for call in calls:
        leg = ana.accepts()
        call.meets(leg)
        ana.ends()
        ana.finishes()


def test_many_agents_share_the_callers_and_nobody_gets_two(town):
    agents = [town.agent(f"agent_{n}", skills=ANY).available() for n in range(3)]
    calls = [town.queues(f"+861380013800{n}") for n in range(3)]
    legs = [agent.accepts() for agent in agents]
    assert {call.room for call in calls} == {leg.room for leg in legs}
    assert len({call.room for call in calls}) == 3


def test_longest_idle_agent_is_offered_first(town):
    first = town.agent("first", skills=ANY).available()
    town.passes(5)
    second = town.agent("second", skills=ANY).available()
    town.queues()
    assert first.presence is Presence.RESERVED
    assert second.presence is Presence.AVAILABLE


def test_urgent_caller_overtakes_everybody(town):
    waiting = [town.queues(f"+861380013800{n}") for n in range(3)]
    urgent = town.caller("+8613800138009")
    town.presses(urgent, "111")
    urgent.hears("紧急资金安全")
    ana = town.agent("ana", skills=ANY).available()
    urgent.meets(ana.accepts())
    assert all(town.session(call).state is State.QUEUED for call in waiting)


def test_agent_without_the_skill_is_not_offered_the_call(town):
    bob = town.agent("bob", skills={"refunds": 5}).available()
    town.queues()
    town.passes(40)
    assert bob.presence is Presence.AVAILABLE


def test_wider_terms_after_a_while_find_an_agent_with_less_language(town):
    eva = town.agent("eva", skills={"other": 5}, languages={"zh": 1, "en": 5}).available()
    town.queues()
    town.passes(100)
    assert eva.presence is Presence.AVAILABLE
    town.until(lambda: eva.presence is Presence.RESERVED, within_s=40, what="the offer to eva")


def test_declined_call_goes_to_the_next_agent_and_keeps_its_place(town):
    ana = town.agent("ana", skills=ANY).available()
    town.passes(1)
    bob = town.agent("bob", skills=ANY).available()
    call = town.queues()
    queued_at = town.session(call).queued_at
    ana.declines()
    assert bob.presence is Presence.RESERVED
    assert town.session(call).queued_at == queued_at
    call.meets(bob.accepts())


def test_only_agent_who_declines_is_asked_again_after_a_pause(town):
    ana = town.agent("ana", skills=ANY).available()
    town.queues()
    ana.declines()
    town.passes(5)
    assert ana.presence is not Presence.RESERVED
    assert ana.state.reason == "declined"
    town.until(lambda: ana.presence is Presence.RESERVED, within_s=15, what="the second offer")
    assert ana.state.reason == ""


def test_a_decline_leaves_neither_a_result_nor_time_of_wrap_up_in_the_record(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    ana.declines()
    town.passes(11)
    town.until(lambda: ana.presence is Presence.RESERVED, within_s=15, what="the second offer")
    call.hangs_up()
    town.passes(2)
    told = town.facts_of(call)
    assert [fact.result for fact in told if isinstance(fact, facts.OfferEnded)] == ["declined", "cancelled"]
    assert not [fact for fact in told if isinstance(fact, facts.Disposed | facts.TalkOver)]


def test_a_caller_hears_to_whom_they_are_connected(town):
    ana = town.agent("a1001", skills=ANY).available()
    call = town.queues()
    call.meets(ana.accepts())
    call.hears("正在为您接通幺零零幺号客服")


def test_the_keys_are_offered_with_the_first_update_after_a_minute_and_with_every_second_one(town):
    call = town.queues()
    town.passes(55)
    assert "按2留言" not in call.text
    town.passes(25)
    assert call.text.count("按2留言") == 1
    town.passes(70)
    assert call.text.count("按2留言") == 1
    town.passes(70)
    assert call.text.count("按2留言") == 2


def test_unanswered_offer_makes_the_agent_missed_and_the_caller_keeps_the_place(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    for _ in range(4):
        town.passes(4)
        ana.breathes()
    assert ana.presence is Presence.MISSED
    assert town.session(call).state is State.QUEUED
    ana.available()
    assert ana.presence is Presence.RESERVED
    call.meets(ana.accepts())


def test_agent_lost_in_the_talk_puts_the_caller_first_in_line(town):
    early = town.queues("+8613800138001")
    ana = town.agent("ana", skills=ANY).available()
    early.meets(ana.accepts())
    town.passes(20)
    late = [town.queues(f"+861380013801{n}") for n in range(2)]
    ana.vanishes()
    early.hears("您现在排在第一位")
    bob = town.agent("bob", skills=ANY).available()
    early.meets(bob.accepts())
    assert all(town.session(call).state is State.QUEUED for call in late)
    town.passes(5)
    bob.ends()
    early.hears("评分")
    town.passes(10)
    record = town.ended(early)
    assert record.end == facts.CallEnd.ANSWERED
    assert len(record.segments) == 2


def test_caller_who_hangs_up_in_the_talk_sends_the_agent_to_wrap_up(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    leg = ana.accepts()
    call.meets(leg)
    town.passes(12)
    call.hangs_up()
    town.settle()
    leg.ends()
    assert ana.presence is Presence.WRAP_UP
    over = [fact for fact in town.facts_of(call) if isinstance(fact, facts.TalkOver)]
    assert [fact.ended_by for fact in over] == ["caller"]


def test_wrap_up_ends_by_itself_with_the_default_result(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    call.meets(ana.accepts())
    ana.ends()
    for _ in range(16):
        town.passes(4)
        ana.breathes()
    assert ana.presence is Presence.AVAILABLE
    disposed = [fact for fact in town.facts_of(call) if isinstance(fact, facts.Disposed)]
    assert [fact.by_default for fact in disposed] == [True]


def test_break_asked_for_in_the_call_begins_after_wrap_up(town):
    ana = town.agent("ana", skills=ANY).available()
    town.queues().meets(ana.accepts())
    ana.takes_a_break()
    assert ana.presence is Presence.ON_CALL
    ana.ends()
    ana.finishes()
    assert ana.presence is Presence.BREAK


def test_telephone_agent_accepts_with_key_one(town):
    town.agent("tom", skills=ANY, phone="+442079460107").available()
    phone = town.network.phone("+442079460107")
    call = town.queues()
    leg = phone.rings().answers()
    town.settle()
    leg.hears("按1")
    leg.presses("1")
    town.settle()
    call.meets(leg)


def test_telephone_that_is_answered_by_a_machine_gets_no_caller(town):
    tom = town.agent("tom", skills=ANY, phone="+442079460107").available()
    phone = town.network.phone("+442079460107")
    call = town.queues()
    phone.rings().answers()
    town.passes(25)
    assert tom.presence is Presence.MISSED
    assert town.session(call).state is State.QUEUED


def test_telephone_agents_hang_up_asks_the_caller_once(town):
    town.agent("tom", skills=ANY, phone="+442079460107").available()
    phone = town.network.phone("+442079460107")
    call = town.queues()
    leg = phone.rings().answers()
    town.settle()
    leg.presses("1")
    town.settle()
    call.meets(leg)
    leg.hangs_up()
    town.settle()
    call.hears("按1")
    town.passes(10)
    call.hears("评分")
    town.passes(10)
    call.hears("再见")


def test_caller_waits_in_our_loop_and_hears_updates(town):
    call = town.queues()
    town.passes(130)
    assert "请准备好" in call.text
    assert "按2留言" in call.text
    assert town.session(call).state is State.QUEUED


def test_message_instead_of_waiting(town):
    call = town.queues()
    town.passes(65)
    call.speaks(8)
    town.presses(call, "2")
    call.hears("提示音后")
    town.passes(25)
    call.hears("提交请按井号键")
    town.presses(call, "#")
    call.hears("留言已收到")
    town.passes(10)
    record = town.ended(call)
    assert record.end == facts.CallEnd.VOICEMAIL
    assert [segment.outcome for segment in record.segments] == [facts.Outcome.MESSAGE]


def test_wait_limit_offers_a_message_and_never_cuts(town):
    call = town.queues()
    town.passes(30 * 60 + 2)
    call.hears("按2")
    assert call.state == "in-progress"
    assert town.session(call).state is State.MENU
    town.presses(call, "2")
    assert town.session(call).state is State.VOICEMAIL


def test_withheld_sip_and_garbage_callers_get_the_menu(town):
    for claimed in ("anonymous", "sip:someone@example.org", "'; DROP TABLE calls; --"):
        call = town.caller(claimed)
        call.hears("For English")
        call.hangs_up()
        town.settle()


def test_chosen_language_is_remembered_for_the_number(town):
    call = town.caller("+8613800138000")
    town.presses(call, "2")
    call.hangs_up()
    town.settle()
    town.record()
    again = town.caller("+8613800138000")
    town.passes(6)
    again.hears("Our agents will never ask")


def test_lost_session_gives_the_old_place_back(town):
    calls = []
    for number in range(5):
        calls.append(town.queues(f"+861380013800{number}"))
        town.passes(0.5)
    before = [town.session(call).queued_at for call in calls]
    town.switchboard.link.run(lambda connection: connection.flushall())
    town.passes(20)
    after = [town.session(call).queued_at for call in calls]
    assert all(abs(a - b) < timedelta(milliseconds=2) for a, b in zip(after, before, strict=True))
    ana = town.agent("ana", skills=ANY).available()
    for call in calls:
        call.meets(ana.accepts())
        ana.ends()
        ana.finishes()
