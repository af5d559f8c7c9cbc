"""`ivr menu test`: the shipped menus do what their scenarios say, and a change that breaks one is named with its keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.core.errors import OperatorError
from ivr.storage.files.menus import load_menu
from ivr.storage.files.scenarios import load_scenarios

ROOT = Path(__file__).parents[2]
WALLET = ROOT / "menus" / "wallet.yaml"
UTILITIES = ROOT / "menus" / "examples" / "utilities.yaml"


@pytest.fixture(autouse=True)
def _recordings(monkeypatch):
    monkeypatch.setenv("IVR_RECORDINGS_DIR", str(ROOT / "recordings"))


def run(*words):
    done = CliRunner().invoke(app, ["menu", "test", *map(str, words)])
    return done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()


@pytest.fixture
def hotline(tmp_path):
    """A copy of the small hotline; called with a change and scenarios of its own."""

    def copy(old="", new="", scenarios=None):
        menu = tmp_path / "town.yaml"
        text = UTILITIES.read_text(encoding="utf-8")
        assert old in text
        menu.write_text(text.replace(old, new, 1), encoding="utf-8")
        given = scenarios or UTILITIES.with_name("utilities.test.yaml").read_text(encoding="utf-8")
        (tmp_path / "town.test.yaml").write_text(given, encoding="utf-8")
        return menu

    return copy


def test_the_shipped_menus_do_what_their_scenarios_say_and_every_node_is_walked_in_both_languages():
    code, out, err = run(ROOT / "menus", ROOT / "menus" / "examples", "--cover", 100, "--cover-keys", 95)
    assert (code, err) == (0, [])
    assert not [line for line in out if line.startswith("FAIL")]
    assert len([line for line in out if "nodes" in line and line.endswith("(100 %)")]) == 3


def test_a_choice_that_leads_elsewhere_is_named_with_keys_place_and_what_came(hotline):
    menu = hotline("'1': {goto: faults, path: faults}", "'1': {goto: accounts, path: faults}")
    code, out, err = run(menu)
    assert code == 1
    assert "FAIL  no water or no power (en): 1" in out
    place = f"{menu.with_name('town.test.yaml')}:10 > no water or no power (en): after 1, at accounts"
    assert f"{place}: topic: expected faults, came none" in err
    assert f"{place}: prompts: expected main, in_line, came main, meter" in err


def test_words_are_compared_in_the_language_of_the_call(hotline):
    code, out, err = run(hotline("You are in line for {topic}.", "You wait for {topic}."))
    assert code == 1
    assert [line for line in out if line.startswith("FAIL")] == ["FAIL  no water or no power (en): 1"]
    assert err[0].endswith(
        ": says: expected 'You are in line for faults', came You wait for faults. Please stay on the line."
    )


def test_a_menu_that_is_refused_fails_with_its_own_problems(hotline):
    menu = hotline("{goto: faults, path: faults}", "{goto: fauls, path: faults}")
    code, _, err = run(menu)
    assert code == 1
    assert err == [f"{menu}:76 > main > choices > 1: goes to 'fauls', which no node is called; did you mean 'faults'?"]


def test_keys_left_over_and_keys_run_together_are_failures(hotline):
    menu = hotline(
        scenarios="""
scenarios:
  - {name: too many, keys: '1 - - q 5', expect: {outcome: left}}
  - {name: together, keys: '12', expect: {outcome: queue}}
"""
    )
    code, _, err = run(menu)
    assert code == 1
    assert "expected a place for every key, came 5 left over" in err[0]
    assert "expected one key at a menu, blanks between keys, came 12" in err[1]


def test_what_is_not_walked_is_named_and_too_little_fails(hotline):
    menu = hotline(scenarios="scenarios: [{name: faults, language: en, keys: '1', expect: {outcome: queue}}]")
    code, out, err = run(menu)
    assert (code, err) == (0, [])
    assert "utilities: nodes 2 of 18 (11 %)" in out
    assert "  not walked: faults (zh)" in out
    assert "  not walked: accounts (en, zh)" in out
    assert "  not pressed at main: 2 0 9 * silence others" in out
    code, _, err = run(menu, "--cover", 100)
    assert code == 1
    assert err == ["utilities: nodes 11.1 % covered, wanted 100 %"]


def test_a_menu_without_scenarios_is_said_so_and_fails_only_where_coverage_is_asked_for(tmp_path):
    menu = tmp_path / "town.yaml"
    menu.write_text(UTILITIES.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(menu)[0] == 0
    code, _, err = run(menu, "--cover", 1)
    assert code == 1
    assert err == [f"{menu.with_name('town.test.yaml')}: is not there: utilities has no scenarios"]


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        (
            "{name: a, keys: 1, expect: {}}",
            "1 > keys: must be keys with blanks between them, in quotes: '1 2 - +90s 1'",
        ),
        ("{name: a, keys: '1 x', expect: {}}", "'x' is no key"),
        ("{name: a, at: noon, expect: {}}", "at: must be a time in quotes"),
        ("{name: a, from: '12', expect: {}}", "from: must be withheld, or a valid number"),
        ("{name: a, expect: {topic: fauls}}", "topic: 'fauls' is not in the menu; did you mean 'faults'?"),
        ("{name: a, expect: {hears: [mian]}}", "hears: 'mian' is not in the menu; did you mean 'main'?"),
        ("{name: a, expect: {promts: [main]}}", "promts: is not known here; did you mean 'prompts'?"),
        ("{name: a, expect: {outcome: won}}", "outcome: must be one of"),
        ("{name: a, language: fr, expect: {}}", "language: 'fr' is not in the menu"),
        ("{name: a}", "needs 'expect'"),
    ],
)
def test_a_wrong_scenario_is_refused_at_its_line(tmp_path, scenario, problem):
    file = tmp_path / "town.test.yaml"
    file.write_text(f"scenarios:\n  - {{name: first, expect: {{}}}}\n  - {scenario}\n", encoding="utf-8")
    with pytest.raises(OperatorError) as refused:
        load_scenarios(file, load_menu(UTILITIES))
    [found] = refused.value.problems
    assert found.line == 3
    assert problem in str(found)


def test_an_agent_at_work_answers_and_the_caller_may_go_first(hotline):
    menu = hotline(
        scenarios="""
scenarios:
  - {name: ended, agents: present, language: en, keys: '1 end', expect: {outcome: talk, hears: [in_line, bye], state: ended}}
  - {name: gone, agents: present, language: en, keys: '1 q', expect: {outcome: talk, never: [bye], state: ended}}
  - {name: talking, agents: present, language: en, keys: '1', expect: {outcome: talk, state: connected}}
"""
    )
    assert run(menu)[::2] == (0, [])
