"""The page on which our records stand against the carrier's list: agreed, differing, and not to be had."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ivr.core.carrier_match import CarrierMatch, Difference, Differs
from ivr.storage.sql.carrier_matches import CarrierMatches
from tests.audit import assert_sound


def day(house, back):
    return (house.now - timedelta(days=back)).date().isoformat()


def nights(house):
    """Three nights, the last with a lost webhook and a call that nobody ended here."""
    kept, at = CarrierMatches(house.switchboard.engine), house.now
    lost = [
        Difference(id="CA11", kind=Differs.MISSING_HERE, at=at, there=at),
        Difference(id="CA12", kind=Differs.OPEN_HERE, at=at, there=at + timedelta(seconds=40)),
    ]
    for back, changes in (
        (3, {"trouble": "the carrier could not be reached: ConnectionError"}),
        (2, {"here": 312, "there": 312, "agreed": 312}),
        (1, {"here": 311, "there": 312, "agreed": 310, "differences": tuple(lost)}),
    ):
        blank = {"hotline": "wallet", "matched_at": at, "here": 0, "there": 0, "agreed": 0}
        kept.keep(CarrierMatch(day=day(house, back), **{**blank, **changes}))


@pytest.mark.parametrize(
    ("language", "sentence", "trouble"),
    [
        ("en", "310 of 312 agree", "not matched: the carrier gave no list"),
        ("zh", "312通中310通一致", "未核对：运营商未提供清单"),
    ],
)
def test_every_night_has_its_seal_and_each_difference_leads_to_its_call(
    staffed, visit, language, sentence, trouble, screenshots
):
    page = visit("lead", "/supervisor/reports/carrier", language=language)
    expect(page.locator("td.empty")).to_be_visible()
    assert_sound(page, "no night matched")
    nights(staffed)
    page.reload()
    expect(page.locator(".seal")).to_have_count(3)
    expect(page.locator(".seal.amber")).to_contain_text(sentence)
    expect(page.locator(".seal.bad")).to_contain_text(trouble)
    page.get_by_role("link", name=day(staffed, 1)).click()
    expect(page.locator("section").first.locator("tbody tr")).to_have_count(2)
    expect(page.locator("section").first.get_by_role("link")).to_have_attribute("href", "/supervisor/calls/CA12")
    assert_sound(page, "differences")
    screenshots.take(page, f"carrier-match-{language}.png")


def test_the_same_address_gives_the_days_and_the_differences_of_one_as_files(staffed):
    nights(staffed)
    lead, path = staffed.client("lead"), "/supervisor/reports/carrier"
    days = lead.get(f"{path}?format=json").json["rows"]
    assert [(one["here"], one["agree"], one["differences"]) for one in days] == [
        (311, {"value": 310 / 312, "part": 310, "whole": 312}, 2),
        (312, {"value": 1.0, "part": 312, "whole": 312}, 0),
        (None, None, None),
    ]
    differences = lead.get(f"{path}?day={day(staffed, 1)}&format=csv").text.split("\r\n\r\n")[0].splitlines()
    assert [line.split(",")[:2] for line in differences[1:]] == [
        ['"CA11"', '"missing_here"'],
        ['"CA12"', '"open_here"'],
    ]
    assert lead.get(f"{path}?format=xlsx").data[:2] == b"PK"
    assert lead.get(f"{path}?from=yesterday").status_code == 422
