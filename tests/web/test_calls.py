"""The list of calls as supervisors use it: filters in the address, masked numbers, searches that are written down, files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from ivr.workflows.find_calls import MOST_FIGURED
from tests.web.house import House
from tests.web.test_desk import talking


@pytest.fixture
def called(staffed: House) -> House:
    """One talk, one caller who hung up while waiting, one who left in the menu."""
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    staffed.phones("+8613900139001").presses("1211#2").hangs_up()
    staffed.phones("+8613900139002").presses("1").hangs_up()
    staffed.records()
    return staffed


def rows(browser, address):
    answer = browser.get(f"/api/v1/calls{address}")
    assert answer.status_code == 200, answer.text
    return answer.json["calls"]


def test_the_list_shows_every_call_masked_and_its_filters_stand_in_the_address(called):
    lead = called.client("lead")
    page = lead.get("/supervisor/calls").text
    assert "Lines: 3" in page
    assert "13900139001" not in page
    assert "+86 139****01" in page
    assert [one["outcome"] for one in rows(lead, "")] == [None, "abandoned", "answered"]
    (gone,) = rows(lead, "?outcome=abandoned")
    assert gone["number"] == "+86 139****01"
    assert rows(lead, f"?agent=a1001&topic={gone['topic']}") == [
        one for one in rows(lead, "") if one["agent"] == "a1001"
    ]
    assert rows(lead, "?from=2026-01-01&to=2026-01-01") == []
    assert "No call fits." in lead.get("/supervisor/calls?from=2026-01-01").text
    for wrong in ("from=yesterday", "zone=Nowhere", "outcome=gone", "figure=luck", "after=x", "limit=many"):
        assert lead.get(f"/api/v1/calls?{wrong}").status_code == 422, wrong
        if not wrong.startswith("limit"):
            assert 'role="alert"' in lead.get(f"/supervisor/calls?{wrong}").text, wrong


def test_pages_of_one_line_reach_every_line(called):
    lead, seen, after = called.client("lead"), [], ""
    while True:
        body = lead.get(f"/api/v1/calls?limit=1&after={after}").json
        seen += [one["call"] for one in body["calls"]]
        after = body["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == body["count"] == 3


def test_the_list_behind_a_figure_is_as_long_as_its_fraction(called):
    lead = called.client("lead")
    report = lead.get("/supervisor/reports/waits?format=json").json["totals"][-1]
    for name in ("service_level_v4", "service_level_v8", "abandon_rate"):
        for side in ("part", "whole"):
            body = lead.get(f"/api/v1/calls?figure={name}&side={side}").json
            assert body["count"] == len(body["calls"]) == report[name][side], (name, side)
    assert MOST_FIGURED >= 100_000


def test_a_search_finds_number_case_and_call_and_a_number_is_written_down_before(called):
    lead = called.client("lead")

    def find(text: str):
        return lead.post("/supervisor/find-call", data={"csrf": lead.token(), "q": text})

    led = find("+86 139-0013 9001")
    assert led.status_code == 303
    assert "13900139001" not in led.location
    assert "Lines: 1" in lead.get(led.location).text
    newest = called.switchboard.people.audit_rows()[0]
    assert (newest.who, newest.what, newest.object) == ("lead", "calls.search", "+86 139****01")
    (gone,) = rows(lead, "?outcome=abandoned")
    assert find(gone["call"]).location.endswith(f"/supervisor/calls/{gone['call']}")
    assert find("4817 0023").location.endswith("/supervisor/calls?case=48170023")
    for text, status, said in (("13900139001", 422, "country code"), ("CA0", 404, "There is no such call.")):
        answer = find(text)
        assert (answer.status_code, said in answer.text) == (status, True), text


def test_the_file_is_masked_safe_for_spreadsheets_and_written_down(called):
    lead = called.client("lead")
    answer = lead.get("/supervisor/calls?format=csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff").split("\r\n\r\n")[0])))
    assert [one["number (masked)"] for one in lines][1] == "86 139****01"
    assert "13900139001" not in answer.text
    newest = called.switchboard.people.audit_rows()[0]
    assert (newest.who, newest.what) == ("lead", "calls.export")


def test_calls_are_for_supervisors_alone(called):
    for login in ("a1001", "root"):
        assert called.client(login).get("/supervisor/calls").status_code == 403
        assert called.client(login).get("/api/v1/calls").status_code == 403
    assert called.now - timedelta(days=1) < called.now
