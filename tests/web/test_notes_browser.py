"""What the agent types survives the page, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, Request, Route, expect

from tests.web.test_desk_browser import takes, waits

ANA = "+8613800138021"


def saves(page: Page) -> list[Request]:
    seen: list[Request] = []
    page.on("request", lambda one: seen.append(one) if one.method == "POST" and one.url.endswith("/notes") else None)
    return seen


def reloads(page: Page) -> None:
    page.on("dialog", lambda asked: asked.accept())
    page.reload()


def test_notes_are_saved_while_they_are_typed_and_are_there_after_a_reload(staffed, visit, screenshots):
    page = waits(visit, "en")
    asked: list[Route] = []
    page.route("**/notes", lambda one: asked.append(one) if one.request.method == "GET" else one.continue_())
    staffed.phones(ANA).presses("1211#2")
    takes(page)
    page.locator("#notes").fill("Lost")
    for one in asked:  # what was saved before comes late
        one.continue_()
    page.unroute("**/notes")
    expect(page.locator("#notes-state")).to_have_text("saved")
    page.locator("#notes").press("End")
    sent = saves(page)
    page.locator("#notes").press_sequentially(" a transfer of 20 yesterday, no hash yet", delay=60)
    page.wait_for_timeout(2200)
    assert 1 <= len(sent) <= 3, "at most every two seconds"
    screenshots.take(page, "agent-notes.png", full_page=True)
    reloads(page)
    expect(page.locator("#notes")).to_have_value("Lost a transfer of 20 yesterday, no hash yet")
    page.locator("#notes").press("End")
    page.keyboard.type(". More.")
    reloads(page)
    expect(page.locator("#notes")).to_have_value("Lost a transfer of 20 yesterday, no hash yet. More.")


def test_what_was_chosen_at_wrap_up_is_chosen_after_a_reload_and_is_what_counts(staffed, visit):
    page = waits(visit, "en")
    staffed.phones(ANA).presses("1211#2")
    takes(page)
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.get_by_text("Pending", exact=True).click()
    page.get_by_text("Bank is slow", exact=True).click()
    page.get_by_label("It was about").select_option("Chat or app not working")
    page.locator("#notes").fill("Will send the hash.")
    expect(page.locator("#notes-state")).to_have_text("saved")
    reloads(page)
    expect(page.locator("#notes")).to_have_value("Will send the hash.")
    expect(page.locator("#dispositions input:checked")).to_have_value("pending")
    expect(page.locator("#reasons input:checked")).to_have_value("bank_slow")
    expect(page.get_by_label("It was about")).to_have_value("other_channel")
    page.locator("#notes").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    expect(page.locator("#notes")).to_have_value("")
    staffed.records()
    report = staffed.client("lead").get("/supervisor/reports/topics?said=other_channel").text
    assert "Will send the hash." in report


def test_notes_of_one_call_do_not_reach_the_next(staffed, visit):
    page = waits(visit, "en")
    staffed.phones(ANA).presses("1211#2")
    takes(page)
    page.locator("#notes").fill("Of the first call")
    page.locator("#talk").focus()
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.locator("#notes").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    staffed.phones("+8613800138022").presses("1211#2")
    takes(page)
    expect(page.locator("#notes")).to_have_value("")


def test_the_button_that_finishes_wrap_up_is_in_sight_without_scrolling(staffed, visit, screenshots):
    page = waits(visit, "en")
    page.set_viewport_size({"width": 1280, "height": 860})
    staffed.phones(ANA).presses("1211#2")
    takes(page)
    page.locator("#notes").fill("As long as the field allows at first.\n" * 3)
    page.locator("#talk").focus()
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.get_by_text("Pending", exact=True).click()  # with reasons and the day of a follow-up, the longest form
    screenshots.take(page, "agent-wrap-up-860.png")
    finish = page.get_by_role("button", name="Finish")
    expect(finish).to_be_in_viewport(ratio=1)
    assert page.evaluate("window.scrollY") == 0
