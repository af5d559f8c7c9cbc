"""Every way through the wallet's menu, in both languages, and a hang-up at every step of it."""

from __future__ import annotations

import pytest

from ivr.core import facts
from ivr.core.ids import NodeId
from ivr.core.menus import Incident, Menu, Queue
from ivr.core.session import State
from ivr.storage.files.menus import load_menu
from tests.stories.town import ROOT

TREE = load_menu(ROOT / "menus" / "wallet.yaml", recordings=ROOT / "recordings")


def paths(node: str = "main", keys: str = "", depth: int = 0) -> list[str]:
    """The keys of every choice below the main menu, deepest first; a menu met before is not entered again."""
    here = TREE.nodes[NodeId(node)]
    if isinstance(here, Incident):
        return paths(here.goto, keys, depth)
    if not isinstance(here, Menu) or depth > 3:
        return [keys]
    found = [keys] if keys else []
    for key, choice in here.choices.items():
        if key == "8":
            continue
        found += paths(choice.goto, keys + key, depth + 1)
    return found


PATHS = sorted(set(paths()))


def test_the_walk_reaches_all_five_branches():
    assert {path[0] for path in PATHS} == {"1", "2", "3", "4", "5"}
    assert len(PATHS) >= 20


@pytest.mark.parametrize(("language", "menu_word"), [("1", "账户被盗"), ("2", "If your account")])
def test_every_path_is_heard_in_its_language_and_leads_somewhere(town, language, menu_word):
    foreign = "If your account" if language == "1" else "账户被盗"
    for number, keys in enumerate(PATHS):
        call = town.caller(f"+86138001{number:05}")
        town.presses(call, language)
        town.passes(2)
        call.hears(menu_word)
        town.presses(call, keys)
        town.passes(1)
        said = call.text.split("\n", 2)[2]
        assert foreign not in said, keys
        assert call.state == "in-progress", keys
        session = town.session(call)
        assert session.state in (State.MENU, State.QUEUED, State.VOICEMAIL), keys
        call.hangs_up()
        town.settle()
        assert town.session(call).state is State.ENDED


@pytest.mark.parametrize("keys", ["1", "2", "3", "4", "5"])
def test_zero_reaches_a_person_from_every_menu(town, keys):
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, keys + "0")
    session = town.session(call)
    assert session.state is State.QUEUED
    assert isinstance(TREE.nodes[session.node], Queue)


@pytest.mark.parametrize("steps", range(7))
def test_hang_up_at_every_step_is_one_record_with_its_reason(town, steps):
    call = town.caller()
    for key in "12110"[:steps]:
        town.presses(call, key)
    call.hangs_up()
    town.settle()
    record = town.ended(call)
    assert record.end in (facts.CallEnd.LEFT_MENU, facts.CallEnd.ABANDONED)
    assert town.session(call).state is State.ENDED


def test_keys_pressed_ahead_go_to_the_menu_they_are_for(town):
    call = town.caller()
    town.presses(call, "2")
    assert "I did not get a key" not in call.text
    town.presses(call, "2")
    call.hears("Transfer late")
    assert town.session(call).path == ("transfers",)


def test_silent_caller_reaches_a_person(town):
    call = town.caller()
    town.passes(30)
    assert town.session(call).state is State.QUEUED


def test_urgent_caller_gets_the_freeze_steps_by_text_message(town):
    call = town.caller("+8613800138000")
    town.presses(call, "111")
    call.hears("冻结步骤的短信")
    (message,) = town.network.rest.messages.made.values()
    assert message.to == "+8613800138000"
    assert "冻结" in message.body


def test_language_is_changed_with_eight(town):
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, "8")
    call.hears("If your account")
