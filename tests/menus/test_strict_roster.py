"""Rosters are read as strictly as menus, and no agent is reached where minutes cost what their owner likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.storage.files.roster import check_roster

AGENT = "agents:\n  a1:\n    name: Ana\n    skills: {{other: 3}}\n    languages: {{zh: 5}}\n    phone: {phone}\n"


def problems(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "r.yaml"
    file.write_text(text, encoding="utf-8")
    return [str(problem) for problem in check_roster([file])[1] if not problem.warning]


@pytest.mark.parametrize(
    "phone",
    [
        "'+19005551234'", "'+447012345678'", "'+449012345678'", "'+448431234567'", "'+491805123456'", "'+870773111632'",
        "'+881612345678'", "'+88213300655'", "'+883510012345'", "'+80812345678'", "'+97912345678'", "'911'", "'112'",
        "'+8613800138000;ext=99'", "'+８６１３８００１３８０００'", "'+8613800138000,,1'", "'client:a2'", "'sip:a@b?X-Evil=1'",
        "'sip:a@b;transport=udp'", "'sip:a b@c'", "'sip:@c'", "'browser '", "'Browser'", "''", "true", "5",
    ],
)  # fmt: skip
def test_a_phone_that_could_cost_or_deceive_is_refused(tmp_path: Path, phone: str) -> None:
    found = problems(tmp_path, AGENT.format(phone=phone))
    assert any("agents > a1 > phone: must be browser" in line for line in found), found
    assert all("r.yaml:6" in line for line in found)


@pytest.mark.parametrize("phone", ["browser", "'+442079460999'", "'+8613800138000'", "'sip:ana@pbx.example.org:5060'"])
def test_a_phone_that_rings_somebody_is_taken(tmp_path: Path, phone: str) -> None:
    assert problems(tmp_path, AGENT.format(phone=phone)) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("agents: &a {}\n", "anchors are not used here"),
        ("agents: {}\nagents: {}\n", "is there twice, first on line 1"),
        ("agents:\n  012: {name: x, languages: {zh: 5}}\n", "'012' would be read as an octal number"),
        ("agents:\n  a1: {name: no, languages: {zh: 5}}\n", "'no' would be read as true or false"),
        ("agents:\n  a1: {name: x, languages: {zh: 6}}\n", "must be at most 5"),
        ("agents:\n  a1: {name: x, languages: {zh: '5'}}\n", "must be a whole number"),
        ("agents:\n  a1: {name: x, languages: {zh: 5}, role: admin}\n", "is not known here"),
        ("agents:\n  'a/1': {name: x, languages: {zh: 5}}\n", "must be an id: letters, digits and _"),
        ("agents:\n  a1: {name: x, languages: {zh: 5}}\n---\nagents: {}\n", "holds a second document"),
        ('agents:\n  a1: {name: "x\\u202e", languages: {zh: 5}}\n', "changes the direction of text"),
    ],
)
def test_what_could_mean_two_things_is_refused_in_rosters_too(tmp_path: Path, text: str, says: str) -> None:
    assert any(says in line for line in problems(tmp_path, text)), problems(tmp_path, text)
