"""Breaks set beforehand: set and removed by supervisors, seen by the agent, said quietly at the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from ivr.core.ids import AgentId
from ivr.core.planned_breaks import PlannedBreak
from tests.audit import assert_sound
from tests.web.test_desk_browser import takes, waits
from tests.web.test_my_day import takes_a_call

SITE = ZoneInfo("Asia/Shanghai")
ANA = AgentId("a1001")
CALLER = "+8613800138033"


def tomorrow(house):
    return (house.now.astimezone(SITE).date() + timedelta(days=1)).isoformat()


def sets(lead, **form):
    body = {"agent": "a1001", "start": "12:30", "minutes": "30", "reason": "lunch", **form}
    return lead.post("/supervisor/breaks/set", data={"csrf": lead.token(), **body})


def planned(house, *, in_minutes, minutes=15, reason="rest"):
    """A break of the agent around now, whatever the wall clock says."""
    start = house.now + timedelta(minutes=in_minutes)
    end = start + timedelta(minutes=minutes)
    one = PlannedBreak(id=f"b{in_minutes}", agent=ANA, start=start, end=end, reason=reason, set_by="lead")
    house.switchboard.site.breaks.book.add(one)


def own(house):
    return house.client("a1001").get("/api/v1/breaks").json["breaks"]


def test_a_supervisor_sets_a_break_and_removes_it_and_both_are_written_down(staffed):
    lead, day = staffed.client("lead"), tomorrow(staffed)
    answer = sets(lead, day=day)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/supervisor/breaks?day={day}")
    page = lead.get(f"/supervisor/breaks?day={day}").text
    assert "<td>13:00</td><td>Agent 1001</td><td>Meal</td><td>lead</td>" in page
    [one] = staffed.switchboard.site.breaks.of_day(datetime.fromisoformat(day).date())
    assert one.start == datetime.fromisoformat(f"{day}T12:30").replace(tzinfo=SITE)
    assert "12:30–13:00 · Meal" in staffed.client("a1001").get(f"/agent/day?day={day}").text
    gone = lead.post(f"/supervisor/breaks/{one.id}/remove", data={"csrf": lead.token(), "day": day})
    assert gone.status_code == 303
    assert "No breaks are set for this day." in lead.get(f"/supervisor/breaks?day={day}").text
    noted = [(row.what, row.who, row.object) for row in staffed.switchboard.people.audit_rows()]
    assert noted[:2] == [("break.removed", "lead", "a1001"), ("break.set", "lead", "a1001")]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"agent": "nobody"}, "Choose an agent of the roster."),
        ({"reason": "signed_in"}, "There is no such reason."),
        ({"minutes": "4"}, "A break lasts from 5 minutes to 4 hours."),
        ({"minutes": "241"}, "A break lasts from 5 minutes to 4 hours."),
        ({"minutes": "-5"}, "A break lasts from 5 minutes to 4 hours."),
        ({"start": "noon"}, "Name a day and a time."),
        ({"start": "12:30+02:00"}, "Name a day and a time."),
        ({"day": "2020-01-01"}, "The break must lie ahead, within a year."),
        ({"day": "9999-12-31"}, "The break must lie ahead, within a year."),
        ({"start": "12:45"}, "The agent has another break at that time."),
    ],
)
def test_what_is_no_break_is_refused_in_words(staffed, form, says):
    lead = staffed.client("lead")
    assert sets(lead, day=tomorrow(staffed)).status_code == 303
    refused = sets(lead, **{"day": tomorrow(staffed), **form})
    assert refused.status_code in (409, 422)
    assert says in refused.text
    assert sets(lead, day=tomorrow(staffed), start="13:00").status_code == 303, "one after another is no overlap"


def test_a_break_is_taken_when_the_agent_was_on_one_then_and_not_by_signing_in(staffed):
    board = staffed.switchboard
    planned(staffed, in_minutes=-5)
    board.desk.open(ANA)
    staffed.records()
    assert [one["taken"] for one in own(staffed)] == [False]
    takes_a_call(staffed)
    board.desk.take_break(ANA, "rest")
    staffed.records()
    assert [(one["reason"], one["taken"]) for one in own(staffed)] == [("rest", True)]


def test_times_are_those_of_the_site(staffed):
    breaks = staffed.switchboard.site.breaks
    start = datetime(2027, 1, 5, 4, 30, tzinfo=UTC)
    breaks.book.add(
        PlannedBreak(id="b", agent=ANA, start=start, end=start + timedelta(hours=1), reason="", set_by="lead")
    )
    [one] = breaks.own(ANA, datetime(2027, 1, 5, tzinfo=SITE).date())
    assert (one.starts, one.ends, one.taken) == ("12:30", "13:30", False)


def test_a_break_that_comes_soon_is_said_and_offers_nothing_yet(staffed, visit):
    planned(staffed, in_minutes=8)
    page = waits(visit, "en")
    expect(page.locator("#break-planned-words")).to_contain_text("in 8 min · Rest")
    expect(page.locator("#break-planned-said")).to_contain_text("in 8 min · Rest")
    expect(page.locator("#break-planned-go")).to_be_hidden()


def test_a_break_that_is_due_is_taken_after_the_call_with_one_press(staffed, visit, screenshots):
    planned(staffed, in_minutes=-1)
    page = waits(visit)
    expect(page.locator("#break-planned-words")).to_contain_text("Your break is due")
    assert_sound(page, "break due")
    staffed.phones(CALLER).presses("1211#2")
    takes(page)
    button = page.get_by_role("button", name="Break after this call")
    screenshots.take(page, "agent-break-due.png")
    button.click()
    expect(button).to_be_hidden()
    expect(page.locator("#after-wanted")).to_contain_text("break (Rest)")
    page.locator("#talk").focus()
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.locator("#notes").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=break]")).to_be_visible()
    expect(page.locator("#break-planned")).to_be_hidden()
    present = staffed.switchboard.presences.find(ANA)
    assert (present.presence, present.reason) == ("break", "rest")
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    expect(page.locator("#break-planned")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_breaks_and_the_day_with_one_are_sound(staffed, visit, screenshots, language):
    planned(staffed, in_minutes=3)
    page = visit("lead", "/supervisor/breaks", language=language)
    screenshots.take(page, f"supervisor-breaks-{language}.png")
    assert_sound(page, f"breaks {language}")
    agent = visit("a1001", "/agent/day", language=language)
    expect(agent.locator(".planned li")).to_have_count(1)
    expect(agent.locator("svg .bar-planned")).to_have_count(1)
    assert_sound(agent, f"day with a break {language}")
