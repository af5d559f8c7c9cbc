"""The reasons beneath a result, in a real browser: by keyboard, and not lost with the page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from ivr.core.facts import Disposed
from tests.audit import assert_sound
from tests.web.house import House
from tests.web.test_desk import facts_of
from tests.web.test_desk_browser import takes, waits

ANA = "+8613800138021"


def wraps_up(house: House, page: Page) -> None:
    house.phones(ANA).presses("1211#2")
    takes(page)
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()


def test_a_result_shows_its_reasons_and_one_is_chosen_by_keyboard(staffed, visit, screenshots):
    page = waits(visit)
    wraps_up(staffed, page)
    expect(page.locator("#reasons-field")).to_be_hidden()
    page.locator("#dispositions input:checked").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#dispositions label").filter(has=page.locator("input:checked"))).to_have_text("Pending")
    expect(page.locator("#reasons label")).to_have_count(4)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Choose a reason for this result.")).to_be_visible()
    expect(page.locator("#reasons input").first).to_be_focused()
    expect(page.locator("#reasons label").first).to_be_in_viewport(ratio=1)
    clear = page.evaluate(
        """() => document.querySelector("#reasons").getBoundingClientRect().bottom
          <= document.querySelector("#result .panel-foot").getBoundingClientRect().top"""
    )
    assert clear, "the reasons are not under the row of buttons"
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#reasons label").filter(has=page.locator("input:checked"))).to_have_text("Waits for evidence")
    screenshots.take(page, "agent-reasons.png")
    assert_sound(page, "reasons")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    [kept] = facts_of(staffed, Disposed)
    assert (kept.disposition, kept.disposition_reason) == ("pending", "waits_for_evidence")


def test_another_result_asks_for_its_own_reason_and_the_next_call_for_a_new_one(staffed, visit):
    page = waits(visit, "en")
    wraps_up(staffed, page)
    page.get_by_text("Pending", exact=True).click()
    page.get_by_text("Other reason", exact=True).click()
    page.get_by_text("No result", exact=True).click()
    expect(page.locator("#reasons input:checked")).to_have_count(0)
    page.get_by_text("Not verified", exact=True).click()
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    staffed.phones("+8613800138022").presses("1211#2")
    takes(page)
    page.keyboard.press("e")
    expect(page.locator("#dispositions input:checked")).to_have_value("solved")
    expect(page.locator("#reasons-field")).to_be_hidden()
    page.locator("#notes").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    assert [(one.disposition, one.disposition_reason) for one in facts_of(staffed, Disposed)] == [
        ("no_result", "not_verified"),
        ("solved", ""),
    ]
