"""An option is called unused only on good evidence."""

from __future__ import annotations

from pathlib import Path

from ivr.core.ids import NodeId
from ivr.core.menu_usage import ENOUGH, Usage, unused_choices
from ivr.storage.files.menus import load_menu

TREE = load_menu(Path(__file__).parents[2] / "menus" / "examples" / "utilities.yaml")
MAIN = NodeId("main")


def keys(usage):
    return [(one.node, one.key) for one in unused_choices(TREE, usage)]


def test_a_key_that_none_of_many_took_is_unused():
    assert keys(Usage(covered=True, visits={MAIN: ENOUGH}, chosen={(MAIN, "1"): 3})) == [("main", "2")]


def test_few_callers_say_nothing():
    assert keys(Usage(covered=True, visits={MAIN: ENOUGH - 1}, chosen={(MAIN, "1"): 3})) == []


def test_records_that_do_not_reach_back_say_nothing():
    assert keys(Usage(covered=False, visits={MAIN: 10 * ENOUGH}, chosen={})) == []


def test_a_menu_that_nobody_reaches_says_nothing_of_its_keys():
    assert keys(Usage(covered=True, visits={NodeId("elsewhere"): 10 * ENOUGH}, chosen={})) == []
