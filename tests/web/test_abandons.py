"""The report of who gave up, as supervisors read it."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import expect

from tests.audit import assert_sound
from tests.web.house import House
from tests.web.test_desk import ready

ADDRESS = "/supervisor/reports/abandons"


def gives_up(house: House) -> None:
    """Somebody is free who lacks the skill; a caller leaves."""
    house.agent("a1002", shown="Agent 1002", skills={"refunds": 5})
    ready(house, "a1002")
    house.phones("+8613900139001").presses("1211#2").hangs_up()
    house.records()
    assert house.switchboard.story.keep_roster() == 2


def test_the_report_says_what_to_teach_whom_and_leads_to_the_call(staffed):
    lead = staffed.client("lead")
    assert "Nobody gave up in this time." in lead.get(ADDRESS).text
    gives_up(staffed)
    page = lead.get(ADDRESS).text
    assert "Teach Agent 1002 transfers: at most 1 more answered." in page
    assert "Whenever somebody gave up, somebody was free." in page
    assert "13900139001" not in page
    (one,) = lead.get("/api/v1/calls?outcome=abandoned").json["calls"]
    assert f'href="/supervisor/calls/{one["call"]}"' in page
    table, _ = lead.get(f"{ADDRESS}?format=csv").text.lstrip("\ufeff").split("\r\n\r\n")
    rows = list(csv.reader(io.StringIO(table)))
    assert rows[-1][0] == "teach"
    assert rows[-1][5:7] == ["Agent 1002", "transfers"]
    body = lead.get(f"{ADDRESS}?format=json").json
    assert [row["callers"] for row in body["totals"]] == [1]
    assert lead.get(f"{ADDRESS}?zone=Nowhere").status_code == 422
    assert "Agent 1002 (lacks transfers)" in lead.get(f"/supervisor/calls/{one['call']}").text


def test_a_caller_whom_nobody_could_take_is_a_matter_of_staff(staffed):
    staffed.phones("+8613900139001").presses("1211#2").hangs_up()
    staffed.records()
    page = staffed.client("lead").get(ADDRESS).text
    assert "1 of 1 gave up while nobody was free." in page
    assert "nobody was free</strong>" in page


def test_who_gave_up_can_be_read_by_everybody(staffed, visit, screenshots):
    gives_up(staffed)
    for language in ("en", "zh"):
        page = visit("lead", ADDRESS, language=language)
        expect(page.locator("tbody tr")).to_have_count(1)
        screenshots.take(page, f"abandons-{language}.png", full_page=True)
        assert_sound(page, f"who gave up, {language}")
