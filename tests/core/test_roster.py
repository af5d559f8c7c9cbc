"""Rosters: what a file says about agents, and what it would change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.core.errors import OperatorError
from ivr.core.ids import AgentId
from ivr.core.people import RosterAgent
from ivr.core.roster import Roster, difference
from ivr.storage.files.roster import load_roster

DEMO = Path(__file__).parents[2] / "agents"
GOOD = """\
teams:
  day: {name: Day team}
agents:
  a1:
    name: Agent 1
    team: day
    skills: {refunds: 3}
    languages: {zh: 5}
"""


def problems(tmp_path, text):
    (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(OperatorError) as caught:
        load_roster(tmp_path)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_the_demo_roster_has_neutral_agents_of_all_kinds_of_telephone():
    roster = load_roster(DEMO)
    assert len(roster.agents) == 8
    assert all(agent.name.startswith("Agent ") for agent in roster.agents)
    assert {"zh", "en"} == {language for agent in roster.agents for language in agent.languages}
    assert sum(agent.phone.startswith("+") for agent in roster.agents) == 1
    assert {team.id for team in roster.teams} == {"day", "night"}
    night = roster.agent(AgentId("a1008"))
    assert night is not None
    assert night.team == "night"


def test_a_roster_is_read_as_written(tmp_path):
    (tmp_path / "r.yaml").write_text(GOOD, encoding="utf-8")
    assert load_roster(tmp_path).agents == (
        RosterAgent(id=AgentId("a1"), name="Agent 1", team="day", skills={"refunds": 3}, languages={"zh": 5}),
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("team: day", "team: dya"), "r.yaml:6 > agents > a1 > team: names 'dya', which no team is called; did you mean 'day'?"),
        (("refunds: 3", "refunds: 7"), "r.yaml:7 > agents > a1 > skills > refunds: must be at most 5"),
        (("refunds: 3", "refunds: '3'"), "r.yaml:7 > agents > a1 > skills > refunds: must be a whole number"),
        (("languages: {zh: 5}", "languages: {no: 5}"), "r.yaml:8 > agents > a1 > languages > no: 'no' would be read as true or false: write true or false, or put it in quotes"),
        (("team: day", "phone: '110'"), "r.yaml:6 > agents > a1 > phone: must be browser, a valid number with + and country code in quotes (no premium or shared-cost one), or an address sip:name@host"),
        (("  a1:", "  a-1:"), "r.yaml:4 > agents > a-1: the name 'a-1' must be an id: letters, digits and _, at most 64"),
        (("team: day", "skils: {}"), "r.yaml:6 > agents > a1 > skils: is not known here; did you mean 'skills'?"),
    ],
)  # fmt: skip
def test_a_wrong_roster_is_refused_at_the_right_place(tmp_path, change, says):
    assert says in problems(tmp_path, GOOD.replace(*change))


def test_two_agents_cannot_share_a_telephone_or_an_id(tmp_path):
    two = GOOD.replace("team: day", "phone: '+442079460107'") + (
        "  b1: {name: Agent 2, languages: {zh: 1}, skills: {refunds: 1}, phone: '+44 20 7946 0107'}\n"
    )
    (tmp_path / "q.yaml").write_text(GOOD, encoding="utf-8")
    found = problems(tmp_path, two)
    assert any(p.endswith("agents > b1 > phone: is the telephone of a1 too") for p in found)
    assert any(p.endswith("agents > a1: is in another file too") for p in found)


def test_an_empty_folder_is_a_clear_error(tmp_path):
    with pytest.raises(OperatorError, match="holds no roster"):
        load_roster(tmp_path)


def test_the_difference_to_an_edited_roster_names_added_removed_and_changed():
    roster = load_roster(DEMO)
    first, *rest = roster.agents
    edited = (*rest[:-1], replace(first, skills={"other": 1}), RosterAgent(id=AgentId("own"), name="Agent 9"))
    found = difference(edited, roster.agents)
    assert [agent.id for agent in found.added] == ["a1008"]
    assert [agent.id for agent in found.removed] == ["own"]
    assert [new.id for _, new in found.changed] == ["a1001"]
    assert not difference(roster.agents, roster.agents)
    assert Roster().agent(AgentId("nobody")) is None
