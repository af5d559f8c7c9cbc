"""A house outside is asked first, on the agent's page in a real browser: the sheet, the strip, and what is told."""

from __future__ import annotations

from playwright.sync_api import expect

from ivr.core.ids import LegId
from ivr.core.session import CallSession, State
from tests.audit import assert_sound
from tests.web.house import House
from tests.web.test_my_day import AGENT
from tests.web.test_talk_browser import talking

LINE = LegId("CA" + "d" * 32)


def the_call(staffed: House) -> CallSession:
    present = staffed.switchboard.presences.find(AGENT)
    assert present is not None
    assert present.call is not None
    session = staffed.switchboard.sessions.find(present.call)
    assert session is not None
    return session


def the_house(staffed: House, *, puts_down: str = "") -> None:
    """The house answers, or its line ends so."""
    session, take = the_call(staffed), staffed.switchboard.take_house
    assert session.consult is not None
    assert session.consult.offer is not None
    if puts_down:
        take.over(session.call, session.consult.offer, LINE, result=puts_down)
    else:
        take.answered(session.call, session.consult.offer, LINE)


def test_a_house_is_asked_first_joined_and_left_with_the_caller(staffed, visit, screenshots):
    name, calling, here, busy, drop = (
        "Payment network duty desk",
        "Calling Payment network duty desk",
        "Payment network duty desk is in the talk",
        "The line of that house is busy. The caller is still on hold.",
        "Let the house go",
    )
    page = talking(staffed, visit)

    def asks() -> None:
        page.locator("#transfer-open").click()
        page.locator("#targets-houses label").filter(has_text=name).click()
        assert_sound(page, "transfer to a house")
        page.locator("#transfer-note").fill("wrong network")
        page.locator("#transfer-ask").click()
        expect(page.locator("#transfer")).to_be_hidden()
        expect(page.locator("#consult-who")).to_have_text(calling)

    asks()
    expect(page.locator("#on-hold")).to_be_visible()
    expect(page.locator("#hand-over")).to_be_hidden()
    expect(page.locator("#together")).to_be_hidden()
    assert_sound(page, "calling a house")
    the_house(staffed, puts_down="busy")
    expect(page.locator("#consult-result")).to_have_text(busy)
    expect(page.locator("#on-hold")).to_be_visible()
    assert_sound(page, "a house is busy")

    asks()
    the_house(staffed)
    expect(page.locator("#consult-who")).to_have_text(here)
    screenshots.take(page, "agent-house.png", full_page=True)
    assert_sound(page, "a house in the talk")
    page.locator("#together").click()
    expect(page.locator("#on-hold")).to_be_hidden()
    expect(page.locator("#alone")).to_have_text(drop)
    page.locator("#hand-over").click()

    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    assert staffed.switchboard.presences.find(AGENT) is not None
    [live] = staffed.switchboard.sessions.live()
    assert (live.state, live.house.leg) == (State.SURVEY, LINE)


def test_a_house_that_is_called_is_let_go_by_the_same_button_as_a_colleague(staffed, visit):
    page = talking(staffed, visit)
    page.locator("#talk").focus()
    page.keyboard.press("t")
    page.locator("#targets-houses input").check()
    page.locator("#transfer-ask").click()
    expect(page.locator("#consult")).to_have_attribute("data-phase", "ringing")
    page.locator("#alone").click()
    expect(page.locator("#consult")).to_be_hidden()
    expect(page.locator("#on-hold")).to_be_hidden()
    assert the_call(staffed).consult is None
