"""Several tabs, several computers, one agent: exactly one page rings and talks, whichever the agent chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.audit import assert_sound
from tests.web.house import PASSWORD, House
from tests.web.test_pages_browser import go_ready

ANA = "+8613800138021"
COUNT_TONES = """
window.tones = 0;
window.notices = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.call(this); };
window.Notification = class { static permission = "granted"; constructor() { window.notices += 1; } };
Object.defineProperty(document, "hidden", { get: () => true });
"""
"""Every tone of the ring and every desktop notice is counted; each page believes that it is in the background."""


@pytest.fixture
def computer(staffed: House, visit: object, browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """A computer at which the agent has signed in."""
    made: list[BrowserContext] = []

    def another() -> BrowserContext:
        context = browser.new_context(permissions=["microphone"], viewport={"width": 1280, "height": 860})
        context.add_init_script(COUNT_TONES)
        context.add_cookies([{"name": "ivr-language", "value": "en", "url": staffed.origin}])
        page = context.new_page()
        page.goto(f"{staffed.origin}/login")
        page.fill("input[name=name]", "a1001")
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.click("button.wide")
        page.close()
        made.append(context)
        return context

    yield another
    for context in made:
        context.close()


def opens_desk(staffed: House, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"{staffed.origin}/agent")
    expect(page.locator("[data-panel=loading]")).to_be_hidden()
    return page


def rings(page: Page) -> bool:
    return page.locator("[data-panel=reserved]").is_visible()


def silent(page: Page) -> None:
    """No tone, no notice, and nothing of the caller on the page."""
    assert page.evaluate("[window.tones, window.notices]") == [0, 0]
    expect(page.locator("[data-panel=elsewhere]")).to_be_visible()
    expect(page.locator("#caller")).to_be_hidden()
    assert page.title() == "Desk · Hotline"


def test_three_tabs_one_ring_one_notice_and_one_talk(staffed, computer):
    context = computer()
    tabs = [opens_desk(staffed, context) for _ in range(3)]
    first = tabs[0]
    go_ready(first)
    tested = first.evaluate("window.tones")
    staffed.phones(ANA).presses("1211#2")
    expect(first.locator("[data-panel=reserved]")).to_be_visible()
    assert [rings(tab) for tab in tabs] == [True, False, False]
    assert first.evaluate("window.tones") > tested
    assert first.evaluate("window.notices") == 1
    first.keyboard.press("Space")
    expect(first.locator("#talk-phase")).to_have_text("Connected")
    for tab in tabs[1:]:
        silent(tab)


def test_a_tab_that_is_chosen_takes_over_from_the_one_before(staffed, computer):
    context = computer()
    first, second = (opens_desk(staffed, context) for _ in range(2))
    go_ready(first)
    second.get_by_role("button", name="Use this tab").click()
    expect(second.locator("[data-panel=available]")).to_be_visible()
    expect(first.locator("#elsewhere-title")).to_have_text("Another tab took your desk over")
    before = first.evaluate("window.tones")
    staffed.phones(ANA).presses("1211#2")
    expect(second.locator("[data-panel=reserved]")).to_be_visible()
    assert not rings(first)
    assert first.evaluate("window.tones") == before

    second.keyboard.press("Space")
    expect(second.locator("#talk-phase")).to_have_text("Connected")
    second.keyboard.press("e")
    expect(second.locator("#notes")).to_be_focused()
    second.keyboard.type("Rings again at five")
    first.get_by_role("button", name="Use this tab").click()  # before what was typed is saved
    expect(second.locator("[data-panel=elsewhere]")).to_be_visible()
    second.get_by_role("button", name="Use this tab").click()
    expect(second.locator("#notes")).to_have_value("Rings again at five")


def test_a_tab_that_is_closed_is_followed_by_the_next_one(staffed, computer):
    context = computer()
    first, second = (opens_desk(staffed, context) for _ in range(2))
    go_ready(first)
    first.close()
    expect(second.locator("[data-panel=available]")).to_be_visible(timeout=10_000)


def test_a_tab_that_is_loaded_anew_stays_the_one(staffed, computer):
    context = computer()
    first, second = (opens_desk(staffed, context) for _ in range(2))
    go_ready(first)
    first.reload()
    expect(first.locator("[data-panel=available]")).to_be_visible()
    expect(second.locator("[data-panel=elsewhere]")).to_be_visible()
    second.wait_for_timeout(2500)  # longer than a follower waits
    expect(first.locator("[data-panel=available]")).to_be_visible()


def test_a_second_computer_is_asked_and_rings_only_after_it_took_over(staffed, computer, screenshots):
    office, home = (opens_desk(staffed, computer()) for _ in range(2))
    go_ready(office)
    expect(home.locator("#elsewhere-title")).to_have_text("Your desk is open on another computer or in another browser")
    screenshots.take(home, "agent-elsewhere.png")
    assert_sound(home, "open elsewhere")
    caller = staffed.phones(ANA).presses("1211#2")
    expect(office.locator("[data-panel=reserved]")).to_be_visible()
    silent(home)
    caller.hangs_up()
    expect(office.locator("[data-panel=available]")).to_be_visible()

    home.get_by_role("button", name="Take over here").click()
    expect(home.locator("[data-panel=available]")).to_be_visible()
    expect(office.locator("#elsewhere-title")).to_have_text(
        "Your desk was taken over on another computer or in another browser"
    )
    screenshots.take(office, "agent-taken-over.png")
    heard = office.evaluate("window.tones")
    staffed.phones("+8613800138022").presses("1211#2")
    expect(home.locator("[data-panel=reserved]")).to_be_visible()
    expect(office.locator("#caller")).to_be_hidden()
    assert office.evaluate("window.tones") == heard
    office.keyboard.press("Space")
    expect(home.locator("[data-panel=reserved]")).to_be_visible()
