"""A result and the reason beneath it, from the form to the records, the agent's day and the report (`DOMAIN.md` C30)."""

from __future__ import annotations

import csv
import io

import pytest

from ivr.core.facts import Disposed
from tests.web.test_desk import facts_of, talking
from tests.web.test_notes import runs_out

BANK = {"disposition": "pending", "disposition_reason": "bank_slow"}


def wraps_up(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    return browser, offer


def test_the_form_names_the_reasons_of_each_result_in_the_language_of_the_page(staffed):
    browser, _ = wraps_up(staffed)
    form = browser.get("/api/v1/desk").json["wrap_up"]
    assert form["reasons"]["pending"][:2] == [["network_congested", "Network congested"], ["bank_slow", "Bank is slow"]]
    assert "solved" not in form["reasons"], "a result without reasons is finished as before"
    browser.set_cookie("ivr-language", "zh")
    assert browser.get("/api/v1/desk").json["wrap_up"]["reasons"]["pending"][1] == ["bank_slow", "银行处理较慢"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"disposition": "pending"}, "reason_needed"),
        ({"disposition": "pending", "disposition_reason": "caller_left"}, "unknown_reason"),
        ({"disposition": "solved", "disposition_reason": "bank_slow"}, "unknown_reason"),
    ],
)
def test_a_result_with_reasons_needs_one_of_its_own(staffed, body, error):
    browser, offer = wraps_up(staffed)
    answer = browser.asks(f"/api/v1/offers/{offer}/finish", body)
    assert (answer.status_code, answer.json["error"]) == (422, error)
    assert browser.get("/api/v1/desk").json["presence"] == "wrap_up"
    assert facts_of(staffed, Disposed) == []


def test_c30_the_reason_stands_in_the_story_the_day_and_the_reports(staffed):
    browser, offer = wraps_up(staffed)
    assert browser.asks(f"/api/v1/offers/{offer}/finish", {**BANK, "topic": "refunds"}).status_code == 200
    staffed.records()
    board = staffed.switchboard
    told = [line.words for line in board.tell_call(board.presences.offer(offer).call) if line.kind == "result"]
    assert told == ["pending (bank_slow), by a1001"]
    assert "Pending · Bank is slow" in browser.get("/agent/day").text
    lead = staffed.client("lead")
    report = lead.get("/supervisor/reports/results").text
    assert "<td>Pending</td>" in report
    assert "Bank is slow" in report
    rows = list(
        csv.DictReader(io.StringIO(lead.get("/supervisor/reports/results?format=csv").data.decode("utf-8-sig")))
    )
    assert [(row["result"], row["reason"], row["calls"]) for row in rows][:2] == [
        ("Pending", "", "1"),
        ("Pending", "Bank is slow", "1"),
    ]
    assert "Pending · Bank is slow" in lead.get("/supervisor/reports/topics?said=refunds").text
    lead.set_cookie("ivr-language", "zh")
    assert "银行处理较慢" in lead.get("/supervisor/reports/results").text


@pytest.mark.parametrize(
    ("written", "result"),
    [
        (BANK, ("pending", "bank_slow", False)),
        ({"disposition": "pending"}, ("pending", "other_reason", True)),
        ({"disposition": "pending", "disposition_reason": "caller_left"}, ("pending", "other_reason", True)),
        ({"disposition": "solved"}, ("solved", "", False)),
        ({"notes": "Said little."}, ("no_result", "other_reason", True)),
        ({"disposition_reason": "bank_slow"}, ("no_result", "other_reason", True)),
    ],
)
def test_what_is_left_open_when_wrap_up_runs_out_takes_the_last_of_its_list_and_says_so(staffed, written, result):
    browser, offer = wraps_up(staffed)
    assert browser.asks(f"/api/v1/offers/{offer}/notes", written).status_code == 200
    runs_out(staffed)
    [kept] = facts_of(staffed, Disposed)
    assert (kept.disposition, kept.disposition_reason, kept.by_default) == result


def test_the_case_follows_a_chosen_result_although_its_reason_was_left_open(staffed):
    browser, offer = talking(staffed)
    board = staffed.switchboard
    call = board.presences.offer(offer).call
    board.cases.open_for(board.sessions.find(call), staffed.now)
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/notes", {"disposition": "pending"})
    runs_out(staffed)
    assert board.desk_cases.of_call(call).status == "pending"
