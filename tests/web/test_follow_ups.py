"""An agent's own follow-ups: whose they are, what is due, done and moved, through the API and on the page of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.core.ids import AgentId, Language
from tests.web.test_desk import opened, talking
from tests.web.test_notes import Late

SITE = ZoneInfo("Asia/Shanghai")
ANA = AgentId("a1001")


def today(house):
    return house.now.astimezone(SITE).date()


def day(house, days):
    return (today(house) + timedelta(days=days)).isoformat()


def promises(house, *, days=1):
    """One talk that ends with a follow-up after so many days. The agent's page, and the case's number."""
    browser, offer = talking(house)
    board = house.switchboard
    case = board.cases.open_for(board.sessions.find(board.presences.offer(offer).call), house.now)
    browser.asks(f"/api/v1/offers/{offer}/end")
    said = {"disposition": "pending", "disposition_reason": "bank_slow", "notes": "Rings the bank."}
    done = browser.asks(f"/api/v1/offers/{offer}/finish", {**said, "follow_up": day(house, days)})
    assert done.status_code == 200, done.text
    return browser, case.number


def listed(browser) -> list[tuple[str, str, str]]:
    return [(one["number"], one["due_on"], one["due"]) for one in browser.get("/api/v1/follow-ups").json["follow_ups"]]


def case_of(house, number):
    return house.switchboard.desk_cases.by_number("wallet", number)


def test_a_follow_up_is_of_the_agent_who_named_its_day(staffed):
    browser, number = promises(staffed)
    assert listed(browser) == [(number, day(staffed, 1), "later")]
    [one] = browser.get("/api/v1/follow-ups").json["follow_ups"]
    assert (one["topic_name"], one["note"], one["caller"]) == ("transfers", "Rings the bank.", "+86 138****21")
    staffed.agent("a1002")
    other = opened(staffed, "a1002")
    assert listed(other) == []
    for what, body in (("done", None), ("move", {"day": day(staffed, 3)})):
        refused = other.asks(f"/api/v1/follow-ups/{number}/{what}", body)
        assert (refused.status_code, refused.json["error"]) == (404, "unknown_follow_up")
    assert case_of(staffed, number).status == "pending"


def test_a_follow_up_that_is_made_solves_the_case_and_the_record_names_who(staffed):
    browser, number = promises(staffed)
    answer = browser.asks(f"/api/v1/follow-ups/{number}/done")
    assert (answer.status_code, answer.json["follow_ups"]) == (200, [])
    case = case_of(staffed, number)
    assert (case.status, case.due_at, case.note) == ("solved", None, "Rings the bank.")
    assert browser.asks(f"/api/v1/follow-ups/{number}/done").status_code == 404


def test_a_follow_up_is_moved_within_a_year_and_to_no_other_day(staffed):
    browser, number = promises(staffed)
    browser.asks(f"/api/v1/follow-ups/{number}/move", {"day": day(staffed, 9)})
    assert listed(browser) == [(number, day(staffed, 9), "later")]
    for wrong in ("", "soon", day(staffed, -1), day(staffed, 400)):
        refused = browser.asks(f"/api/v1/follow-ups/{number}/move", {"day": wrong})
        assert (refused.status_code, refused.json["error"]) == (422, "bad_day"), wrong
    assert listed(browser) == [(number, day(staffed, 9), "later")]


def test_who_else_moves_the_day_leaves_it_with_the_agent_and_who_solves_it_takes_it_away(staffed):
    browser, number = promises(staffed)
    cases = staffed.switchboard.site.cases
    cases.change(number, status="pending", day=day(staffed, 4), who="lead")
    assert listed(browser) == [(number, day(staffed, 4), "later")]
    cases.change(number, status="open", day="", who="lead")
    assert listed(browser) == []
    cases.change(number, status="pending", day=day(staffed, 4), who="lead")
    assert listed(browser) == [], "it was nobody's, and is the desk's"


def test_what_is_due_today_and_what_is_late_follows_the_clock_of_the_hotline(staffed):
    _, number = promises(staffed, days=2)
    after = staffed.switchboard.site.own_follow_ups
    due_at = datetime.combine(today(staffed) + timedelta(days=2), time(9), SITE)

    def at(moment: datetime):
        late = Late(moment)
        return replace(after, clock=late, cases=replace(after.cases, clock=late))(ANA, Language("en"))

    evening = at(due_at - timedelta(hours=10))
    assert ([one.due for one in evening.follow_ups], evening.today, evening.late) == (["later"], 0, 0)
    assert evening.changes_at == due_at - timedelta(hours=9), "at midnight it is today's"
    early = at(due_at - timedelta(hours=8))
    assert ([one.number for one in early.follow_ups], early.today, early.changes_at) == ([number], 1, due_at)
    tomorrow = at(due_at + timedelta(hours=15))
    assert (tomorrow.today, tomorrow.late) == (0, 1)


def test_the_page_of_the_day_lists_own_follow_ups_and_takes_done_and_another_day(staffed):
    browser, number = promises(staffed, days=0)

    def sends(**form: str):
        return browser.post("/agent/day/follow-up", data={"csrf": browser.token(), "number": number, **form})

    page = browser.get("/agent/day").text
    assert f'href="/supervisor/cases?number={number}"' in page
    assert f"{day(staffed, 0)} · today" in page
    refused = sends(what="move", day="2020-01-01")
    assert refused.status_code == 422
    assert "The follow-up must lie within a year from today." in refused.text
    assert sends(what="move", day=day(staffed, 5)).status_code == 303
    assert day(staffed, 5) in browser.get("/agent/day").text
    assert sends(what="done").status_code == 303
    assert number not in browser.get("/agent/day").text
    assert case_of(staffed, number).status == "solved"
    gone = sends(what="done")
    assert (gone.status_code, "This is no follow-up of yours any more." in gone.text) == (404, True)


@pytest.mark.parametrize("path", ["/agent/day", "/api/v1/follow-ups"])
def test_nobody_sees_the_follow_ups_of_another(staffed, path):
    _, number = promises(staffed)
    staffed.agent("a1002")
    assert number not in staffed.client("a1002").get(f"{path}?agent=a1001").text
