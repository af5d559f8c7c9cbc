"""The desk in the states that no other story stops in: looked at, read aloud by axe-core, and pictured for the guide."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from ivr.core.agents import LostSight
from ivr.core.callback_rules import attempt_of
from ivr.core.events import TimeUp
from ivr.core.ids import AgentId
from ivr.core.instructions import Alarm
from tests.audit import assert_sound
from tests.web.house import House

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])
ANA, BO = "+8613800138021", "+8613800138022"
AGENT = AgentId("a1001")


def ready(visit: Callable[..., Page], language: str) -> Page:
    page = visit("a1001", "/agent", language=language)
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    return page


def ring_time_over(house: House, call: str) -> None:
    session = house.switchboard.sessions.find(call)
    assert session is not None
    event = TimeUp(at=house.now, alarm=Alarm.OFFER, ref=session.offer)
    house.switchboard.take_call.tell(session.call, event)


@LANGUAGES
def test_a_missed_call_is_told_and_nothing_rings_until_the_agent_is_back(staffed, visit, screenshots, language):
    told = {"en": "You missed a call", "zh": "您错过了一通来电"}[language]
    page = ready(visit, language)
    caller = staffed.phones(ANA).presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    ring_time_over(staffed, caller.call)
    panel = page.locator("[data-panel=missed]")
    expect(panel.locator("h1")).to_have_text(told)
    expect(page.locator("#caller")).to_be_hidden()
    screenshots.take(page, f"agent-missed-{language}.png")
    assert_sound(page, "missed")
    panel.locator("button").click()
    expect(page.locator("[data-panel=reserved]")).to_be_visible()  # the caller kept the place


@LANGUAGES
def test_a_page_that_was_lost_sight_of_says_so_and_is_back_when_it_is_heard_of(staffed, visit, screenshots, language):
    page = ready(visit, language)
    unheard: list[Route] = []
    page.route("**/api/v1/desk/heartbeat", lambda route: unheard.append(route))  # noqa: PLW0108 - as below
    staffed.switchboard.presences.change(AGENT, LostSight(at=staffed.now))
    expect(page.locator("[data-panel=away]")).to_be_visible()
    screenshots.take(page, f"agent-away-{language}.png")
    assert_sound(page, "away")
    while unheard:
        unheard.pop().continue_()
    page.unroute("**/api/v1/desk/heartbeat")
    expect(page.locator("[data-panel=available]")).to_be_visible()


@LANGUAGES
def test_a_line_that_does_not_come_says_connecting_and_later_that_it_is_brought_back(
    staffed, visit, screenshots, language
):
    first, again = {"en": ("Connecting …", "Connecting again …"), "zh": ("正在连接…", "正在恢复通话…")}[language]
    page = ready(visit, language)
    held: list[Route] = []
    page.route("**/test-line/join/*", lambda route: held.append(route))  # noqa: PLW0108 - a bare method is refused
    staffed.phones(ANA).presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#talk-phase")).to_have_text(first)
    expect(page.locator("[data-action=end]")).to_be_visible()
    screenshots.take(page, f"agent-connecting-{language}.png")
    assert_sound(page, "connecting")
    held.pop(0).continue_()
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    session = staffed.switchboard.sessions.find(staffed.switchboard.presences.find(AGENT).call)
    staffed.leaves(session.offer)
    expect(page.locator("#talk-phase")).to_have_text(again)
    screenshots.take(page, f"agent-returning-{language}.png")
    assert_sound(page, "returning")


@LANGUAGES
def test_a_callback_says_whom_it_is_for_before_the_customer_answers(staffed, visit, screenshots, language):
    page = ready(visit, language)
    call = staffed.calls_back(BO)
    assert attempt_of(call) is not None
    expect(page.locator("#caller-callback")).to_have_text(re.compile("4817"))
    screenshots.take(page, f"agent-callback-{language}.png")
    assert_sound(page, "callback")
