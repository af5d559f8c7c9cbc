"""A page that is loaded anew, closed, taken over or cut off in mid-call, on the whole hotline in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.stories.box import Box, calls_and_asks_for_people, goes_ready, page_of, telephone_of

pytestmark = pytest.mark.timeout(240)
PROMISED_S = 5.0
WITHHELD = 3
"""The telephone without a number: no call of it belongs to a case of another."""
MOMENT = "请稍候，正在为您恢复与客服的通话"
FIRST = "您现在排在第一位"


def talks(browser: Browser, box: Box, *, street: Browser | None = None) -> tuple[Page, Locator]:
    """An agent and a caller (with a browser of their own: `street`) who hear each other. The caller's telephone."""
    agent = page_of(browser, box, "a1001", "/agent")
    agent.on("dialog", lambda asked: asked.accept())
    go_ready(agent)
    telephone = telephone_of((street or browser).new_page(), box, WITHHELD)
    calls_and_asks_for_people(telephone)
    expect(agent.locator("[data-panel=reserved]")).to_be_visible(timeout=30_000)
    agent.keyboard.press("Space")
    expect(agent.locator("#talk")).to_have_attribute("data-phase", "connected")
    together(agent)
    return agent, telephone


def go_ready(agent: Page) -> None:
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    goes_ready(agent)


def words_of(telephone: Locator) -> Locator:
    return telephone.locator("[data-transcript]")


def together(agent: Page, *, within_s: float = 15) -> None:
    """The telephone network says that a caller and this agent hear each other."""
    network = network_of(agent)
    deadline = time.monotonic() + within_s
    while not _heard(network):
        assert time.monotonic() < deadline, "the two do not hear each other"
        agent.wait_for_timeout(50)


def network_of(agent: Page) -> str:
    """Where the telephone network is steered from."""
    return str(agent.evaluate("async () => (await (await fetch('/api/v1/softphone')).json()).base"))


def _heard(network: str) -> bool:
    calls = requests.get(f"{network}/control/calls", timeout=5).json()["calls"]
    return any("client:a1001" in call["with"] for call in calls if call["status"] == "in-progress")


def back_in_talk(agent: Page, telephone: Locator, deed: Callable[[], object]) -> tuple[Page, float]:
    """Do something to the page: how long until the two hear each other again, as the agent's page and the network say."""
    started = time.monotonic()
    found = deed()
    page = found if isinstance(found, Page) else agent
    expect(words_of(telephone)).to_contain_text(MOMENT)
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    together(page)
    return page, time.monotonic() - started


def is_one_call(agent: Page, telephone: Locator) -> None:
    """Neither first in line again nor asked for anything; the talk ends by the agent's button."""
    expect(words_of(telephone)).not_to_contain_text(FIRST)
    agent.locator("[data-action=end]").click()
    expect(words_of(telephone)).to_contain_text("评分")
    telephone.locator("[data-action=hangup]").click()
    expect(telephone).to_have_attribute("data-state", "ended")
    agent.locator("#notes").fill("One call.")
    agent.locator("#notes").press("Control+Enter")
    expect(agent.locator("[data-panel=available]")).to_be_visible()
    agent.locator("#break").click()
    expect(agent.locator("[data-panel=break]")).to_be_visible()


def test_a_page_loaded_anew_in_mid_call_is_back_in_talk_within_five_seconds(box, browser, screenshots):
    agent, telephone = talks(browser, box)
    times = []
    for _ in range(3):
        _, took = back_in_talk(agent, telephone, agent.reload)
        times.append(round(took, 2))
    print(f"reload to talk: {times} s")
    assert sorted(times)[1] < PROMISED_S  # a busy machine may be late once; whoever is too late is first in line
    assert (words_of(telephone).text_content() or "").count(MOMENT) == len(times), "told once each time"
    screenshots.take(agent, "agent-after-reload.png")
    is_one_call(agent, telephone)


def test_a_page_that_was_closed_and_opened_again_goes_on_with_the_talk(box, browser):
    agent, telephone = talks(browser, box)
    context = agent.context

    def opened_again() -> Page:
        agent.close()
        page = context.new_page()
        page.goto(f"{box.origin}/agent")
        return page

    page, _ = back_in_talk(agent, telephone, opened_again)
    is_one_call(page, telephone)


def test_another_computer_takes_the_talk_over(box, browser):
    agent, telephone = talks(browser, box)
    home = page_of(browser, box, "a1001", "/supervisor/messages")
    home.goto(f"{box.origin}/agent")
    expect(home.locator("#elsewhere-title")).to_have_text("Your desk is open on another computer or in another browser")

    def takes_over() -> Page:
        home.get_by_role("button", name="Take over here").click()
        return home

    page, _ = back_in_talk(agent, telephone, takes_over)
    expect(agent.locator("#elsewhere-title")).to_have_text(
        "Your desk was taken over on another computer or in another browser"
    )
    is_one_call(page, telephone)


def test_a_line_that_breaks_under_a_page_is_dialled_again_by_itself(box, browser):
    agent, telephone = talks(browser, box)

    def breaks() -> None:
        network = network_of(agent)
        phones = requests.get(f"{network}/control/phones", timeout=5).json()["phones"]
        own = next(phone["id"] for phone in phones if phone["address"] == "client:a1001")
        requests.post(f"{network}/control/phones/{own}/hangup", timeout=5).raise_for_status()

    back_in_talk(agent, telephone, breaks)
    expect(agent.locator("#trouble")).to_be_hidden()
    is_one_call(agent, telephone)


def test_a_browser_that_does_not_come_back_leaves_the_caller_first_in_line(box, browser):
    agent, telephone = talks(browser, box)
    context = agent.context
    agent.close()
    expect(words_of(telephone)).to_contain_text(MOMENT)
    expect(words_of(telephone)).to_contain_text(FIRST)
    telephone.locator("[data-action=hangup]").click()
    expect(telephone).to_have_attribute("data-state", re.compile("ended"))
    page = context.new_page()
    page.goto(f"{box.origin}/agent")
    expect(
        page.locator("[data-panel=wrap_up], [data-panel=away], [data-panel=break]").locator("visible=true")
    ).to_be_visible()
    page.locator("#break").click()
    if page.locator("[data-panel=wrap_up]").is_visible():  # else the next story finds an agent who writes
        page.locator("#dispositions label").first.click()
        page.locator("#result [type=submit]").click()
    expect(page.locator("[data-panel=break]")).to_be_visible()
