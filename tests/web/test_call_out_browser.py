"""Calling somebody from the desk's page: who is offered, what is refused, and the page while it rings there."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.audit import assert_sound
from tests.web.test_desk_browser import waits
from tests.web.test_my_day import AGENT, misses_a_call


def test_a_house_is_called_and_a_case_that_is_not_the_agent_s_is_refused(staffed, visit, screenshots):
    house, nobody, calling = ("Payment network duty desk", "There is no such case or call of yours.", "Calling …")
    page = waits(lambda *at, **how: visit(*at, expected="404", **how))
    page.locator("#call-out-open").click()
    expect(page.locator("#call-out-destinations")).to_contain_text(house)
    screenshots.take(page, "agent-call-out.png")
    assert_sound(page, "call somebody")
    page.locator("#call-out-case").fill("12345674")
    page.keyboard.press("Enter")
    expect(page.locator("#call-out-trouble")).to_have_text(nobody)

    page.locator("#call-out-destinations button").click()
    expect(page.locator("#call-out")).to_be_hidden()
    expect(page.locator("#talk-phase")).to_have_text(calling)
    expect(page.locator("#call-out-open")).to_be_disabled()
    screenshots.take(page, "agent-calling.png")
    assert_sound(page, "calling")
    page.locator("#talk").focus()
    page.keyboard.press("e")
    expect(page.locator("[data-panel=available]")).to_be_visible()


def test_a_missed_call_is_a_button_away_and_nothing_is_dialled_by_an_address(staffed, visit):
    staffed.switchboard.desk.open(AGENT)
    misses_a_call(staffed)
    staffed.switchboard.desk.ready(AGENT)
    page = visit("a1001", "/agent/day")
    page.get_by_role("link", name="Call them").click()
    expect(page.locator("#call-out-of-call")).to_be_visible()
    expect(page.locator("#call-out-case-field")).to_be_hidden()
    assert "call=" not in page.url
    assert staffed.switchboard.presences.find(AGENT).call is None
