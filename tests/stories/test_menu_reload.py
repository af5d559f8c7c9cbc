"""The menu is changed while people are on the line: they finish in the words they began with, the next caller hears the new ones."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
import requests

from ivr.core.agents import Presence
from ivr.core.ids import CallId
from ivr.core.session import State
from ivr.storage.sql.engine import writing
from ivr.storage.sql.tables import menu_versions
from ivr.wiring import Switchboard
from tests.stories.town import NetworkClock

PATIENCE_S = 30.0


NEW_MAIN = (
    "    en: If your account or money is at risk, press 1.",
    "    en: New words. If your account or money is at risk, press 1.",
)
NEW_TRANSFERS = (
    "    en: Transfer late or not received, press 1.",
    "    en: New words. Transfer late or not received, press 1.",
)
NEW_NEXT = ("    en: You are next. Please hold.", "    en: New words. You are next.")


def test_old_calls_go_on_in_the_old_words_and_the_next_call_hears_the_new_ones(hotline):
    town = hotline.town
    waiting = town.queues("+8613800138000", "20")
    choosing = town.caller("+8613800138001")
    town.presses(choosing, "2")
    town.passes(2)
    choosing.hears("If your account")
    hotline.changes(NEW_MAIN, NEW_TRANSFERS, NEW_NEXT)

    town.presses(choosing, "2")
    choosing.hears("Transfer late")
    town.passes(90)
    waiting.hears("You are next")
    assert "New words" not in choosing.text + waiting.text
    fresh = town.caller("+8613800138002")
    town.presses(fresh, "2")
    town.passes(2)
    fresh.hears("New words. If your account")
    assert town.session(fresh).menu_version != town.session(waiting).menu_version

    ana = town.agent("ana", skills={"other": 5}).available()
    waiting.meets(ana.accepts())
    for call in (choosing, fresh):
        call.hangs_up()
    ana.ends()
    town.settle()


def test_a_broken_file_changes_nothing_and_is_told_with_its_line(hotline):
    town = hotline.town
    before = json.loads(hotline.told("/readyz"))
    hotline.changes(
        ("'2': {goto: transfers_incident, path: transfers", "'2': {goto: transfer_incident, path: transfers")
    )
    told = json.loads(hotline.told("/readyz"))
    assert told["menus"] == before["menus"]
    [problem] = told["refused"]
    assert (
        "main > choices > 2: goes to 'transfer_incident', which no node is called; did you mean 'transfers_incident'?"
        in problem
    )
    assert "ivr_menu_problems 1.0" in hotline.told("/metrics")
    call = town.caller()
    town.presses(call, "22")
    call.hears("Transfer late")
    call.hangs_up()

    hotline.changes(("{goto: transfer_incident, path", "{goto: transfers_incident, path"))
    assert json.loads(hotline.told("/readyz"))["refused"] == []
    assert "ivr_menu_problems 0.0" in hotline.told("/metrics")


def test_a_file_that_is_still_being_written_is_not_taken_up(hotline):
    watch, menus = hotline.town.switchboard.watch_menus, hotline.town.switchboard.menus
    text = hotline.menu.read_text(encoding="utf-8")
    for share in (3, 2, 1):
        hotline.menu.write_text(
            text[: len(text) // share].replace("tpWallet hotline", "tpWallet line"), encoding="utf-8"
        )
        assert not watch.look()
    assert menus.refused == ()
    assert watch.look()


def test_a_call_keeps_its_words_when_all_processes_are_started_again(hotline):
    town = hotline.town
    choosing = town.caller("+8613800138001")
    town.presses(choosing, "2")
    town.passes(2)
    hotline.changes(NEW_TRANSFERS)
    town.restarts()
    town.presses(choosing, "2")
    choosing.hears("Transfer late")
    assert "New words" not in choosing.text
    town.presses(choosing, "0")
    assert town.session(choosing).state is State.QUEUED
    choosing.hangs_up()
    fresh = town.caller("+8613800138002")
    town.presses(fresh, "22")
    fresh.hears("New words. Transfer late")
    fresh.hangs_up()


def test_a_process_that_starts_beside_a_broken_file_goes_on_with_the_last_good_one(hotline):
    town = hotline.town
    hotline.changes(NEW_MAIN)
    hotline.changes(("start: greet_language", "start: greet_langage"))
    town.restarts()
    [problem] = town.switchboard.menus.refused
    assert "did you mean 'greet_language'?" in str(problem)
    call = town.caller()
    town.presses(call, "2")
    town.passes(2)
    call.hears("New words. If your account")
    call.hangs_up()


def test_a_process_that_has_not_looked_yet_carries_a_call_of_the_new_version(hotline):
    town = hotline.town
    behind = Switchboard(
        town.switchboard.settings, redis_url=town.switchboard.redis_url, clock=NetworkClock(town.network)
    )
    old = behind.menus.trees[0].version
    hotline.changes(NEW_TRANSFERS)
    call = town.caller()
    version = town.session(call).menu_version
    assert version != old
    found = behind.menus.by_version(version)
    assert found == town.switchboard.menus.trees[0]
    behind.close()
    call.hangs_up()


def test_a_new_topic_and_its_skill_are_matched_by_every_process(hotline):
    town = hotline.town
    ana = town.agent("ana", skills={"gold": 4}).available()
    behind = Switchboard(
        town.switchboard.settings, redis_url=town.switchboard.redis_url, clock=NetworkClock(town.network)
    )
    assert behind.match.sweep() == 0
    hotline.changes(
        (
            "  other:\n    name:",
            "  gold:\n    name: {zh: 金, en: gold}\n    skills: {gold: 2}\n    calendar: always\n  other:\n    name:",
        ),
        ("  operator:\n    queue: {topic: other, priority: 30}", "  operator:\n    queue: {topic: gold, priority: 30}"),
    )
    ana.takes_a_break()
    call = town.queues("+8613800138000", "20")
    assert town.session(call).topic == "gold"
    town.dispatching = False
    behind.desk.ready(ana.id)
    assert ana.presence is Presence.RESERVED, "the process that never looked gave the call away"
    town.dispatching = True
    town.settle()
    call.meets(ana.accepts())
    behind.close()
    ana.ends()
    town.settle()


@pytest.mark.parametrize("keys", ["211", "221", "2332", "253", "20"])
def test_a_change_after_every_step_disturbs_nobody(hotline, keys):
    """Each time every node has another name; the call goes on as if nothing had happened."""
    town = hotline.town
    plain = town.caller("+8613800138001")
    for key in keys:
        town.passes(1)
        town.presses(plain, key)
    there = town.session(plain)
    plain.hangs_up()  # both are next in line
    town.settle()
    call = town.caller("+8613800138002")
    for number, key in enumerate(keys):
        hotline.changes(
            (f"  transfers{'_x' * number}:\n    menu:", f"  transfers{'_x' * (number + 1)}:\n    menu:"),
            *_renames(number),
        )
        town.presses(call, key)
    assert call.text == plain.text
    here = town.session(call)
    assert (here.node, here.topic, here.path, here.state) == (there.node, there.topic, there.path, there.state)
    call.hangs_up()
    town.settle()


def _renames(number: int) -> list[tuple[str, str]]:
    old, new = "_x" * number, "_x" * (number + 1)
    places = ("goto: transfers{}}}", "back: transfers{}\n")
    return [(place.format(old), place.format(new)) for place in places]


def test_a_call_whose_version_nobody_knows_any_more_is_asked_anew(hotline):
    town = hotline.town
    call = town.caller()
    town.presses(call, "22")
    call.hears("Transfer late")
    hotline.changes(
        ("  transfers:\n    menu:", "  sending:\n    menu:"),
        ("goto: transfers}", "goto: sending}"),
        ("back: transfers\n", "back: sending\n"),
    )
    with writing(town.switchboard.engine) as connection:
        connection.execute(menu_versions.delete())
    town.restarts()
    town.presses(call, "1")
    assert call.text.count("For English, press 2") == 2
    town.presses(call, "20")
    assert town.session(call).state is State.QUEUED
    call.hangs_up()


def test_what_a_caller_heard_can_be_read_word_for_word_after_the_menu_has_changed(hotline):
    town = hotline.town
    call = town.caller("+8613800138001")
    town.presses(call, "2231")
    call.hangs_up()
    town.settle()
    town.record()
    hotline.changes(NEW_TRANSFERS, ("{digits}. If that is right, press 1.", "{digits}. Is that right?"))
    town.restarts()
    lines = town.switchboard.tell_call(CallId(call.sid))
    heard = [(line.prompt, line.words) for line in lines if line.kind == "heard"]
    assert heard[0] == ("greet_language", "您好，欢迎致电tpWallet客服热线。中文服务请按1。 For English, press 2.")
    assert ("transfers", next(words for prompt, words in heard if prompt == "transfers")) in heard
    assert all("New words" not in words and words for _, words in heard)
    assert [line.words for line in lines if line.kind == "key"][:3] == ["2 (choice)", "2 (passed_on)", "2 (choice)"]


def test_codes_and_keyed_digits_are_not_kept_with_what_was_heard(hotline):
    town = hotline.town
    call = town.caller()
    town.presses(call, "2211")
    call.presses("12345674#")
    town.settle()
    call.hears("1 2 3 4, 5 6 7 4")
    call.hangs_up()
    town.settle()
    town.record()
    lines = town.switchboard.tell_call(CallId(call.sid))
    [confirm] = [line.words for line in lines if line.prompt == "case_confirm"]
    assert confirm == "You entered •. If that is right, press 1. To try again, press 2."


def test_every_process_of_a_running_hotline_takes_up_a_change(box):
    file = box.menus / "wallet.yaml"
    good = file.read_text(encoding="utf-8")
    first, before = _ready(box.origin)["menus"]["wallet"], box.log.read_text().count("menus_taken_up")
    try:
        file.write_text(good.replace("start: greet_language", "start: greet_langage"), encoding="utf-8")
        _until(lambda: _ready(box.origin)["refused"])
        assert _ready(box.origin)["menus"]["wallet"] == first
        assert _ready(box.origin)["ready"]
        file.write_text(good.replace("Goodbye", "Goodbye now"), encoding="utf-8")
        _until(lambda: _ready(box.origin)["menus"]["wallet"] != first)
        _until(
            lambda: box.log.read_text().count("menus_taken_up") == before + 4, what="web, dispatch, record and worker"
        )
    finally:
        file.write_text(good, encoding="utf-8")
    _until(lambda: box.log.read_text().count("menus_taken_up") == before + 8, what="and back again")


def _ready(origin: str) -> Any:
    return requests.get(f"{origin}/readyz", timeout=10).json()


def _until(true, *, what="it"):
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.2)


def test_a_hang_up_signal_takes_a_change_up_at_once(hotline):
    watch, menus = hotline.town.switchboard.watch_menus, hotline.town.switchboard.menus
    before = menus.trees[0].version
    text = hotline.menu.read_text(encoding="utf-8")
    hotline.menu.write_text(text.replace("tpWallet hotline", "tpWallet line"), encoding="utf-8")
    assert not watch.look(), "it may still be being written"
    hotline.menu.write_text(text.replace("tpWallet hotline", "tpWallet support"), encoding="utf-8")
    stop = threading.Event()
    watch.told.set()
    watch.start(stop)
    _until(lambda: menus.trees[0].version != before)
    stop.set()
    watch.told.set()
