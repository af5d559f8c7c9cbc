"""The desk in the states that no other story stops in: looked at, read aloud by axe-core, and pictured for the guide."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from ivr.core.agents import LostSight
from ivr.core.callback_rules import attempt_of
from ivr.core.events import TimeUp
from ivr.core.ids import AgentId
from ivr.core.instructions import Alarm
from tests.audit import HEIGHT, WIDTHS, assert_fits, assert_sound
from tests.web.house import House

ANA, BO = "+8613800138021", "+8613800138022"
AGENT = AgentId("a1001")


def ready(visit: Callable[..., Page]) -> Page:
    page = visit("a1001", "/agent")
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    return page


def ring_time_over(house: House, call: str) -> None:
    session = house.switchboard.sessions.find(call)
    assert session is not None
    event = TimeUp(at=house.now, alarm=Alarm.OFFER, ref=session.offer)
    house.switchboard.take_call.tell(session.call, event)


def test_a_missed_call_is_told_and_nothing_rings_until_the_agent_is_back(staffed, visit, screenshots):
    told = "You missed a call"
    page = ready(visit)
    caller = staffed.phones(ANA).presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    ring_time_over(staffed, caller.call)
    panel = page.locator("[data-panel=missed]")
    expect(panel.locator("h1")).to_have_text(told)
    expect(page.locator("#caller")).to_be_hidden()
    screenshots.take(page, "agent-missed.png")
    assert_sound(page, "missed")
    panel.locator("button").click()
    expect(page.locator("[data-panel=reserved]")).to_be_visible()  # the caller kept the place


def test_a_page_that_was_lost_sight_of_says_so_and_is_back_when_it_is_heard_of(staffed, visit, screenshots):
    page = ready(visit)
    unheard: list[Route] = []
    page.route("**/api/v1/desk/heartbeat", lambda route: unheard.append(route))  # noqa: PLW0108 - as below
    staffed.switchboard.presences.change(AGENT, LostSight(at=staffed.now))
    expect(page.locator("[data-panel=away]")).to_be_visible()
    screenshots.take(page, "agent-away.png")
    assert_sound(page, "away")
    while unheard:
        unheard.pop().continue_()
    page.unroute("**/api/v1/desk/heartbeat")
    expect(page.locator("[data-panel=available]")).to_be_visible()


def test_a_line_that_does_not_come_says_connecting_and_later_that_it_is_brought_back(staffed, visit, screenshots):
    first, again = ("Connecting …", "Connecting again …")
    page = ready(visit)
    held: list[Route] = []
    page.route("**/test-line/join/*", lambda route: held.append(route))  # noqa: PLW0108 - a bare method is refused
    staffed.phones(ANA).presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#talk-phase")).to_have_text(first)
    expect(page.locator("[data-action=end]")).to_be_visible()
    screenshots.take(page, "agent-connecting.png")
    assert_sound(page, "connecting")
    held.pop(0).continue_()
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    session = staffed.switchboard.sessions.find(staffed.switchboard.presences.find(AGENT).call)
    staffed.leaves(session.offer)
    expect(page.locator("#talk-phase")).to_have_text(again)
    screenshots.take(page, "agent-returning.png")
    assert_sound(page, "returning")


def test_a_callback_says_whom_it_is_for_before_the_customer_answers(staffed, visit, screenshots):
    page = ready(visit)
    call = staffed.calls_back(BO)
    assert attempt_of(call) is not None
    expect(page.locator("#caller-callback")).to_have_text(re.compile("4817"))
    screenshots.take(page, "agent-callback.png")
    assert_sound(page, "callback")


SHOWN = """name => {
  for (const node of document.querySelectorAll("[data-panel], [data-foot]")) node.hidden = ![node.dataset.panel, node.dataset.foot].includes(name);
  for (const id of ["caller", "result", "handovers", "consult", "on-hold", "tape-paused", "asked-by"]) {
    document.getElementById(id).hidden = !["on_call", "wrap_up"].includes(name);
  }
}"""


def test_every_panel_and_every_dialog_of_the_desk_fits_in_chinese(visit):
    """What the stories above and those of talks come by, without their calls: no word depends on how one came there."""
    page = visit("a1001", "/agent", language="zh", expected="net::ERR_FAILED")
    expect(page.locator("[data-panel=break]")).to_be_visible()
    page.route("**/*", lambda route: route.abort())  # the service draws nothing over what is looked at
    panels = page.locator("[data-panel]").evaluate_all("all => all.map((node) => node.dataset.panel)")
    dialogs = page.locator("dialog").evaluate_all("all => all.map((node) => node.id)")
    assert (len(panels), len(dialogs)) == (11, 8)
    for name in panels:
        page.evaluate(SHOWN, name)
        for width in WIDTHS:
            assert_fits(page, width, name)
    for name in dialogs:
        dialog = page.locator(f"#{name}")
        dialog.evaluate("node => node.showModal()")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert dialog.evaluate("node => node.scrollWidth - node.clientWidth") <= 0, (name, width)
        dialog.evaluate("node => node.close()")
