"""Words of the stories in which talks are recorded."""

from __future__ import annotations

from pathlib import Path

from ivr.simulator import Call
from ivr.simulator.recordings import Recording
from ivr.storage.files.menus import check_menu
from tests.stories.callbacks import ANY
from tests.stories.town import ROOT, Desk, Town

NOTICE = (
    "    menu: {prompt: notice, timeout: 1s, choices: {}, silence: incident, others: main_incident, person: operator}\n"
)
TOLD = """    menu:
      prompt: notice_recording
      timeout: 3s
      choices: {'7': {goto: optout_done, recording: false}, '8': {goto: incident, recording: true}}
      silence: incident
      others: main_incident
      person: operator
  optout_done:
    say: {prompts: notice_optout_done, goto: incident}
"""


def menu_that_records(folder: Path, rule: str) -> Path:
    """The wallet's menu as an operator would change it."""
    text = (ROOT / "menus" / "wallet.yaml").read_text()
    assert NOTICE in text
    text = text.replace(NOTICE, TOLD).replace("recording: 'off'", f"recording: {rule}")
    text = text.replace("notice: notice  #", "recording_notice: notice_recording\nnotice: notice_recording  #")
    menus = folder / f"menus-{rule}"
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
