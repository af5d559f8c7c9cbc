"""The network between the agent's browser and the hotline is cut, with every open stream, and heals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.servers import CHROMIUM_FLAGS
from tests.stories.box import Box, page_of
from tests.stories.test_browser_returning import MOMENT, back_in_talk, go_ready, is_one_call, talks, together, words_of
from tests.stories.wire import Wire

pytestmark = pytest.mark.timeout(240)
STALE_S = 10.0


@pytest.fixture
def wires(box: Box) -> Iterator[list[Wire]]:
    """To the hotline and to the telephone network: the agent's computer has no other way to them."""
    made = [Wire(urlsplit(origin).port or 0) for origin in (box.origin, box.simulator)]
    yield made
    for wire in made:
        wire.close()


@pytest.fixture
def office(chromium: Path, box: Box, wires: list[Wire], browser: Browser) -> Iterator[Browser]:
    """The agent's browser; its addresses are the usual ones. Callers have another one, and a network that stays."""
    ends = [urlsplit(origin).netloc for origin in (box.origin, box.simulator)]
    rules = ", ".join(f"MAP {end} 127.0.0.1:{wire.port}" for end, wire in zip(ends, wires, strict=True))
    launch = browser.browser_type.launch
    started = launch(executable_path=str(chromium), args=[*CHROMIUM_FLAGS, f"--host-resolver-rules={rules}"])
    yield started
    started.close()


def cut(wires: list[Wire]) -> None:
    for wire in wires:
        wire.cut()


def heal(wires: list[Wire]) -> None:
    for wire in wires:
        wire.heal()


def asks(box: Box, page: Page, path: str, body: dict[str, str]) -> None:
    """In the agent's name, over a network that is not cut."""
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    headers = {"X-CSRF-Token": str(page.evaluate("document.querySelector('meta[name=csrf]').content"))}
    requests.post(f"{box.origin}{path}", json=body, headers=headers, cookies=cookies, timeout=5).raise_for_status()


def test_a_cut_is_said_in_time_heals_by_itself_and_what_stands_there_afterwards_is_true(
    box, office, wires, screenshots
):
    agent = page_of(office, box, "a1001", "/agent")
    go_ready(agent)
    cut(wires)
    began = time.monotonic()
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "bad")
    expect(agent.locator("#contact")).to_be_visible(timeout=1000 * (STALE_S + 5))
    assert time.monotonic() - began < STALE_S + 3
    expect(agent.locator("#contact")).to_contain_text("No contact with the service for 1")
    screenshots.take(agent, "agent-cut.png")
    asks(box, agent, "/api/v1/desk/break", {"reason": "lunch"})
    expect(agent.locator("[data-panel=available]")).to_be_visible()
    heal(wires)
    expect(agent.locator("#contact")).to_be_hidden()
    expect(agent.locator("[data-panel=break]")).to_be_visible()
    expect(agent.locator("#presence-name")).to_contain_text("Meal")
    go_ready(agent)
    agent.locator("#break").click()
    expect(agent.locator("[data-panel=break]")).to_be_visible()


def test_a_talk_survives_a_cut_that_is_shorter_than_the_time_to_come_back(box, browser, office, wires):
    agent, telephone = talks(office, box, street=browser)
    cut(wires)
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "bad")
    heal(wires)
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    together(agent)
    expect(words_of(telephone)).not_to_contain_text(MOMENT)

    def cut_until_the_line_is_lost() -> None:
        cut(wires)
        expect(words_of(telephone)).to_contain_text(MOMENT)
        heal(wires)

    back_in_talk(agent, telephone, cut_until_the_line_is_lost)
    expect(agent.locator("#trouble")).to_be_hidden()
    is_one_call(agent, telephone)
