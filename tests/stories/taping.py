"""Words of the stories in which talks are recorded."""

from __future__ import annotations

from pathlib import Path

from ivr.simulator import Call
from ivr.simulator.recordings import Recording
from ivr.storage.files.menus import check_menu
from tests.stories.callbacks import ANY
from tests.stories.town import ROOT, Desk, Town

KEYS = "choices: {'7': {goto: notice_optout, recording: false}}"
YES = "choices: {'7': {goto: notice_optout, recording: false}, '8': {goto: incident, recording: true}}"


def menu_that_records(folder: Path, rule: str) -> Path:
    """The wallet's menu as an operator would change it."""
    text = (ROOT / "menus" / "wallet.yaml").read_text()
    assert KEYS in text
    text = text.replace(KEYS, YES).replace("recording: opt_out", f"recording: {rule}")
    menus = folder / f"menus-{rule.strip(chr(39))}"
    menus.mkdir()
    (menus / "wallet.yaml").write_text(text)
    assert [
        str(problem)
        for problem in check_menu(menus / "wallet.yaml", recordings=ROOT / "recordings").problems
        if not problem.warning
    ] == []
    return menus


def talks(town: Town, keys: str = "") -> tuple[Call, Desk]:
    """Somebody hears the notice, presses these keys at it, asks for a person, and talks to Ana."""
    call = town.caller()
    town.presses(call, "1")
    if keys:
        town.presses(call, keys)
    else:
        town.passes(4)
    town.presses(call, "0")
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())
    return call, ana


def tapes(town: Town) -> list[Recording]:
    return list(town.network.rest.recordings.made.values())
