"""Callers whom keys and speech do not suit: slower speech, another way, and always a person."""

from __future__ import annotations

from tests.stories.callbacks import ANA_CALLS, ANY, texts


def test_slow_speech_is_remembered_said_and_taken_back(town):
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, "#")
    assert town.session(call).slow
    call.hangs_up()
    town.settle()
    town.record()

    again = town.caller()
    again.hears("像上次一样慢慢说")
    assert town.session(again).slow
    town.presses(again, "1")
    town.passes(2)
    town.presses(again, "#")
    assert not town.session(again).slow
    again.hangs_up()
    town.settle()
    town.record()
    third = town.caller()
    assert "慢慢说" not in third.text
    stranger = town.caller("+8613800138009")
    assert not town.session(stranger).slow


def test_with_sql_away_nobody_is_slow_and_the_call_begins(town, monkeypatch):
    from ivr.core.errors import Unavailable

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    monkeypatch.setattr("ivr.storage.sql.memory.reading", away)
    call = town.caller()
    call.hears("欢迎致电")
    monkeypatch.undo()


def test_who_stays_silent_twice_is_texted_the_other_ways_and_led_to_a_person(town):
    call = town.caller()
    town.presses(call, "1")
    town.passes(30)
    call.hears("如果不方便按键")
    call.hears("其他联系方式已发短信给您")
    [text] = texts(town, ANA_CALLS)
    assert "https://help.tpwallet.example/contact" in text
    call.meets(town.agent("ana", skills=ANY).available().accepts())


def test_a_landline_and_a_withheld_number_just_go_to_the_person(town):
    for number in ("+861065001234", "anonymous"):
        call = town.caller(number)
        town.presses(call, "1")
        town.passes(30)
        call.hears("如果不方便按键")
        assert "发短信" not in call.text
    assert not town.network.rest.messages.made
