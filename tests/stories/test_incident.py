"""The incident banner as callers hear it: on for the next one, off for everybody after, and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.core.errors import Unavailable
from tests.stories.callbacks import ANY

CONGESTED = "公告：TRON网络拥堵，到账可能延迟约30分钟，资金安全不受影响。"


def banner_on(town, **more: object) -> None:
    given: dict[str, object] = {"network": "TRON", "minutes": 30, "who": "lead", **more}
    town.switchboard.incident.on(**given)


def test_the_banner_is_heard_after_the_notice_and_before_the_menu(town):
    banner_on(town)
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    text = call.text
    assert text.index("绝不会索要") < text.index(CONGESTED) < text.index("账户被盗")
    call.hangs_up()
    english = town.caller("+14155550123")
    town.presses(english, "2")
    town.passes(2)
    english.hears("Notice: the TRON network is congested. Transfers may take about 30 minutes longer.")


def test_a_caller_hears_it_once_and_who_pressed_ahead_is_not_counted(town):
    banner_on(town)
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, "9")
    call.hears("账户被盗")
    assert call.text.count("公告") == 1
    ahead = town.caller("+8613800138001")
    town.presses(ahead, "10")
    assert "公告" not in ahead.text
    town.record()
    assert town.switchboard.incident.show().effect.heard == 1


def test_who_says_money_is_leaving_is_not_held_up(town):
    banner_on(town, topics=["transfers"])
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, "11")
    call.hears("优先为您接通")
    assert "公告" not in call.text


def test_a_banner_about_a_topic_is_heard_where_the_topic_is_chosen(town):
    banner_on(town, topics=["transfers"])
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    assert "公告" not in call.text
    town.presses(call, "2")
    call.hears(CONGESTED)
    other = town.caller("+8613800138001")
    town.presses(other, "1")
    town.passes(2)
    town.presses(other, "4")
    other.hears("申请退款")
    assert "公告" not in other.text


def test_calls_that_heard_it_and_left_in_the_menu_are_counted_by_hand_and_by_us(town):
    banner_on(town)
    for number in range(5):
        call = town.caller(f"+861380013800{number}")
        town.presses(call, "1")
        town.passes(3)
        if number < 3:
            call.hangs_up()
        else:
            town.presses(call, "0")
    town.record()
    effect = town.switchboard.incident.show().effect
    assert (effect.heard, effect.left) == (5, 3)
    view = town.switchboard.board.view("en")
    assert (view.incidents[0].heard, view.incidents[0].left) == (5, 3)


def test_a_banner_behind_a_proof_is_heard_there(towns):
    """A node that asks at a door of its own: the banner is looked up there too, not only for keys of a menu."""

    def placed(text: str) -> str:
        place = "  account_incident:\n    incident: {topic: account_security, goto: queue_account}\n"
        text = text.replace("verify: {goto: queue_account}", "verify: {goto: account_incident}")
        return text.replace("  transfers_incident:\n", place + "  transfers_incident:\n")

    town = towns(change=placed)
    banner_on(town, topics=["account_security"])
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, "12")
    town.passes(2)
    assert "公告" not in call.text
    call.presses("#")
    town.settle()
    call.hears(CONGESTED)


def test_it_ends_by_itself_at_its_end(town):
    banner_on(town, until=town.now + timedelta(minutes=2))
    town.passes(100)
    before = town.caller()
    town.presses(before, "1")
    town.passes(2)
    before.hears("公告")
    town.passes(20)
    after = town.caller("+8613800138001")
    town.presses(after, "1")
    town.passes(2)
    after.hears("账户被盗")
    assert "公告" not in after.text
    assert town.switchboard.incident.show() is None


def test_a_flushed_redis_forgets_neither_on_nor_off(town, redis):
    banner_on(town)
    redis.flushall()
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    call.hears("公告")
    town.switchboard.incident.off(who="lead")
    redis.flushall()
    later = town.caller("+8613800138001")
    town.presses(later, "1")
    town.passes(2)
    later.hears("账户被盗")
    assert "公告" not in later.text


def test_with_sql_away_and_redis_empty_there_is_no_banner_and_no_trouble(town, redis, monkeypatch):
    banner_on(town)
    redis.flushall()

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    monkeypatch.setattr("ivr.storage.sql.incidents.reading", away)
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    call.hears("账户被盗")
    assert "公告" not in call.text
    monkeypatch.undo()


def test_own_words_are_spoken_as_they_are_and_blame_is_refused(town):
    from ivr.core.errors import RequestError

    with pytest.raises(RequestError, match="blames"):
        banner_on(town, words={"zh": "您按错了。", "en": "You pressed a wrong key."})
    with pytest.raises(RequestError, match="'en' is missing"):
        banner_on(town, words={"zh": "充值暂停。"})
    assert town.switchboard.incident.show() is None
    banner_on(town, words={"zh": "充值暂停到下午三点。", "en": "Deposits are paused until 3 p.m."})
    town.agent("ana", skills=ANY).available()
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    call.hears("充值暂停到下午三点。")


def test_who_switched_it_and_when_stands_in_the_audit(town):
    banner_on(town)
    town.switchboard.incident.off(who="lead")
    what = [(row.who, row.what) for row in town.switchboard.people.audit_rows()]
    assert what == [("lead", "incident banner off"), ("lead", "incident banner on")]
    assert town.switchboard.people.verify_audit() is None
