"""The self-check is green as the code stands, and red as soon as one formula is another."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from typing import cast

import pytest

from ivr.core.figures import FIGURES, Figure
from ivr.storage.sql.bench import bench
from ivr.workflows.self_check import SelfCheck, self_check_sheet

CHECK = SelfCheck(bench, "1.2.3")


def test_every_figure_of_the_worked_day_is_the_one_by_hand() -> None:
    report = CHECK()
    assert [check for check in report.checks if not check.good] == []
    assert report.good
    assert len(report.checks) > 90, "each from the calls and from kept cells"
    assert "version 1.2.3" in self_check_sheet(report).notes[0]


@pytest.mark.parametrize("name", ["service_level_v4", "abandon_rate", "legal_answer"])
def test_another_formula_turns_it_red_and_names_the_figure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = cast("MutableMapping[str, Figure]", FIGURES)
    monkeypatch.setitem(figures, name, replace(FIGURES[name], in_whole=lambda _: True))
    report = CHECK()
    assert not report.good
    assert {check.figure.split(" ")[0] for check in report.checks if not check.good} == {name}
