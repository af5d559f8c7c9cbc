"""The agent's own follow-ups beside the stage, in a real browser: quiet, and never over a call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.audit import assert_sound
from tests.web.test_desk_browser import takes, waits
from tests.web.test_follow_ups import ANA, case_of, day, promises

CALLER = "+8613800138033"


def goes_ready(house, visit, language, **options):
    """Comes back from a break, which begins after the talk with the promise."""
    house.switchboard.desk.take_break(ANA, "rest")
    return waits(visit, language, **options)


@pytest.mark.parametrize(
    ("language", "due", "late"), [("en", "To follow up: 1 late", "late"), ("zh", "待跟进：1 个已迟", "逾期")]
)
def test_what_is_late_stands_beside_the_stage_and_is_away_during_a_call(
    staffed, visit, screenshots, language, due, late
):
    _, number = promises(staffed)
    case = case_of(staffed, number)
    yesterday = staffed.now - timedelta(days=1)
    staffed.switchboard.desk_cases.change(
        case.id, status=case.status, due_at=yesterday, note=case.note, who=ANA, at=staffed.now
    )
    page = goes_ready(staffed, visit, language)
    follow = page.locator("#follow-ups")
    expect(follow.locator("#follow-count")).to_have_text("1")
    expect(follow.get_by_role("status")).to_have_text(due)
    expect(follow.locator("li")).to_contain_text(late)
    expect(follow.locator("li svg")).to_have_count(1)
    expect(follow.get_by_role("link").first).to_have_attribute("href", f"/supervisor/cases?number={number}")
    screenshots.take(page, f"agent-follow-ups-{language}.png")
    assert_sound(page, f"follow-ups {language}")
    staffed.phones(CALLER).presses("1211#2")
    takes(page)
    expect(follow).to_be_hidden()
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.locator("#notes").focus()
    page.keyboard.press("Control+Enter")
    expect(follow).to_be_visible()


def test_a_follow_up_is_moved_and_marked_as_made_by_keyboard(staffed, visit, screenshots):
    _, number = promises(staffed, days=0)
    page = goes_ready(staffed, visit, "en", expected="422")
    shown = f"{number[:4]} {number[4:]}"
    expect(page.locator("#follow-reminder")).to_have_text("To follow up: 1 today")
    page.get_by_role("button", name=f"Move: {shown}").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Follow up on another day")
    expect(dialog).to_contain_text(shown)
    screenshots.take(page, "agent-follow-up-move.png")
    dialog.get_by_label("Follow-up on").fill(day(staffed, -3))
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("The follow-up must lie within a year from today.")
    dialog.get_by_label("Follow-up on").fill(day(staffed, 6))
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#follow-due")).to_be_hidden()
    expect(page.locator("#follow-list li")).to_have_attribute("data-due", "later")
    page.get_by_role("button", name=f"Solved: {shown}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#follow-ups")).to_be_hidden()
    assert case_of(staffed, number).status == "solved"


def test_a_promise_made_at_wrap_up_is_in_the_list_at_once(staffed, visit):
    page = waits(visit, "en")
    caller = staffed.phones(CALLER).presses("1211#2")
    takes(page)
    board = staffed.switchboard
    board.cases.open_for(board.sessions.find(caller.call), staffed.now)
    page.keyboard.press("e")
    page.get_by_text("Pending", exact=True).click()
    page.get_by_text("Bank is slow", exact=True).click()
    page.get_by_label("Follow-up on (else the next working day)").fill(day(staffed, 2))
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("#follow-list li")).to_have_count(1)
    expect(page.locator("#follow-reminder")).to_have_text("")
