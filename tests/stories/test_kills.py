"""Every process killed with -9 while two people talk: the talk goes on, the call ends well, and stands in the report once."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.box import Box, calls_and_asks_for_people, page_of, telephone_of

KILLED = ("dispatch", "record", "worker", "wsgi:app", "redis-server|valkey-server")
"""Words of the command line, one process after the other."""
pytestmark = [pytest.mark.timeout(420), pytest.mark.kills]


def descendants(root: int) -> list[int]:
    """All processes below `root`."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


def pids_of(box: Box, word: str) -> list[int]:
    """Our processes whose command line says `word`, without the shells that guard them."""
    found = []
    for pid in descendants(box.process.pid):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if words[0] != "/bin/sh" and any(word in one for one in words):
            found.append(pid)
    return found


def until(true, what: str, within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_a_talk_goes_on_whoever_is_killed_in_it(box, browser):
    agent = page_of(browser, box, "a1001", "/agent")
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    agent.locator("[data-panel=break] [data-action=ready]").click()
    for place, process in enumerate(KILLED):
        telephone = telephone_of(browser.new_context().new_page(), box, place)
        print(f"killed in mid-talk: {process}")  # shown when it fails
        talks(telephone, agent)
        killed = {pid for name in process.split("|") for pid in pids_of(box, name)}
        assert killed, f"no process {process}"
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        until(
            lambda: {pid for name in process.split("|") for pid in pids_of(box, name)} - killed,  # noqa: B023 - asked now
            f"{process} comes back",
        )
        agent.wait_for_timeout(4000)
        agent.locator("[data-action=end]").click()
        expect(telephone.locator("[data-transcript]")).to_contain_text("评分", timeout=30_000)
        if process == KILLED[-1]:
            telephone.locator("[data-key='5']").click()
            expect(telephone.locator("[data-transcript]")).to_contain_text("再见", timeout=60_000)
        else:
            telephone.locator("[data-action=hangup]").click()
        expect(agent.locator("[data-panel=wrap_up]")).to_be_visible()
        agent.locator("#notes").focus()
        agent.keyboard.press("Control+Enter")
        expect(agent.locator("[data-panel=available]")).to_be_visible()
    board = page_of(browser, box, "supervisor", "/supervisor/reports/waits")

    def all_answered_once() -> bool:
        board.reload()
        row = board.locator("table tbody tr").first.inner_text()
        return re.search(rf"\b{len(KILLED)}\s+{len(KILLED)}\s+0\b", row) is not None

    until(all_answered_once, "the report shows every call, answered once", within_s=30)


def talks(telephone: Locator, agent: Page) -> None:
    """A caller phones and talks to the agent."""
    calls_and_asks_for_people(telephone)
    expect(agent.locator("[data-panel=reserved]")).to_be_visible()
    agent.keyboard.press("Space")
    expect(agent.locator("#talk-phase")).to_have_text("Connected")
