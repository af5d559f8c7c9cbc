"""The page of cost and capacity: prices are entered, cost appears, limits are named, and the same stands in the file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ivr.core.ids import CallId
from ivr.core.usage import NEW_CALL
from ivr.storage.sql.carrier_tables import carrier_requests
from ivr.storage.sql.engine import writing
from tests.audit import assert_sound
from tests.web.test_my_day import AGENT, takes_a_call


def rush(house):
    """Ten lines asked for within five seconds."""
    rows = [
        {"id": f"r{n}", "at": house.now + timedelta(milliseconds=400 * n), "call": CallId("CA1"), "what": NEW_CALL}
        for n in range(10)
    ]
    with writing(house.switchboard.engine) as connection:
        connection.execute(carrier_requests.insert(), rows)


@pytest.mark.parametrize(
    ("language", "binds", "prices"), [("en", "the limit binds", "Save prices"), ("zh", "已达上限", "保存价格")]
)
def test_prices_make_cost_and_a_limit_that_binds_is_said(staffed, visit, language, binds, prices, screenshots):
    staffed.switchboard.desk.open(AGENT)
    takes_a_call(staffed)
    rush(staffed)
    page = visit("lead", "/supervisor/reports/cost", language=language, expected="422")
    expect(page.locator(".limit")).to_contain_text(f"10 / 5 · {binds}")
    expect(page.locator(".totals tr").last.locator("td").last).to_have_text("–")
    page.fill("input[name=currency]", "dollars"[:3])
    page.fill("input[name=caller_minute]", "a penny")
    page.get_by_role("button", name=prices).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("input[name=caller_minute]")).to_have_value("a penny")
    for name in ("caller_minute", "dialled_minute", "browser_minute", "room_minute", "recorded_minute", "text"):
        page.fill(f"input[name={name}]", "0.01")
    page.fill("input[name=currency]", "usd")
    page.get_by_role("button", name=prices).click()
    expect(page.locator("input[name=currency]")).to_have_value("USD")
    expect(page.locator(".totals tr").last.locator("td").last).not_to_have_text("–")
    assert_sound(page, "cost and capacity")
    screenshots.take(page, f"cost-{language}.png", full_page=True)


def test_days_that_make_no_sense_are_refused_and_the_file_holds_what_the_page_shows(staffed):
    staffed.switchboard.desk.open(AGENT)
    takes_a_call(staffed)
    lead, path = staffed.client("lead"), "/supervisor/reports/cost"
    assert lead.get(f"{path}?from=2026-01-02&to=2026-01-01").status_code == 422
    assert lead.get(f"{path}?from=2025-01-01&to=2026-01-01").status_code == 422
    [row] = lead.get(f"{path}?format=json").json["rows"]
    assert (row["calls"], row["caller_minutes"], row["browser_minutes"], row["cost"]) == (1, 1, 1, None)
    assert lead.get(f"{path}?format=csv").text.split("\r\n\r\n")[0].count("\n") == 3
