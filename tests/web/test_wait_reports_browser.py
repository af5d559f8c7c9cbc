"""The family of waits as a supervisor sees it: chart, heat map, the day, the seal. One visit each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.audit import assert_sound
from tests.storage.sql.test_reports import NINE, put

DAY = "from=2026-11-02&to=2026-11-02&zone=Europe/Berlin"
WEEKS = "from=2026-10-26&to=2026-11-08&zone=Europe/Berlin"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_chart_heat_map_day_and_seal(staffed, visit, screenshots, language):
    for topic, every in (("transfers", 7), ("refunds", 17)):
        stays = [
            (NINE + timedelta(minutes=at), float(at * every % 90), "abandoned" if at % 9 == 0 else "answered")
            for at in range(0, 540, every)
        ]
        put(staffed.switchboard.engine, stays, topic=topic)
    page = visit("lead", f"/supervisor/reports/intervals?{DAY}&interval=60m", language=language)
    page.set_viewport_size({"width": 1280, "height": 900})
    the_chart_is_walked_through_with_keys(page)
    assert_sound(page, "intervals")
    screenshots.take(page, "report-intervals.png" if language == "en" else "report-intervals-zh.png")

    page.goto(f"{staffed.origin}/supervisor/reports/heat?{WEEKS}")
    assert_sound(page, "heat map")
    screenshots.take(page, f"report-heat-{language}.png")
    page.get_by_role("row", name="10:00").get_by_role("link").first.click()
    expect(page.locator("#opened li")).to_have_count(2)
    expect(page.locator("#opened a").last).to_have_attribute("href", "/supervisor/calls?" + CALLS)

    page.goto(f"{staffed.origin}/supervisor/reports/daily?{DAY}")
    expect(page.locator(".day-tile strong").first).to_have_text("110")
    assert_sound(page, "the day")
    screenshots.take(page, f"report-daily-{language}.png")
    page.goto(f"{staffed.origin}/supervisor/reports/queues?{DAY}")
    expect(page.locator(".bars .name")).to_have_count(2)
    assert_sound(page, "queues")
    screenshots.take(page, f"report-queues-{language}.png")
    page.goto(f"{staffed.origin}/supervisor/reports/selfcheck")
    expect(page.locator(".seal.good")).to_be_visible()
    assert_sound(page, "self-check")
    screenshots.take(page, f"report-selfcheck-{language}.png")


CALLS = (
    "from=2026-11-02T10%3A00%2B01%3A00&to=2026-11-02T11%3A00%2B01%3A00&zone=Europe%2FBerlin&figure=offered&side=part"
)


def the_chart_is_walked_through_with_keys(page: Page) -> None:
    plot = page.locator("#plot")
    expect(plot.locator("canvas")).to_be_visible()
    plot.focus()
    page.keyboard.press("Home")
    expect(page.locator("#chart-read")).to_contain_text("2026-11-02 09:00 +01:00")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#chart-read")).to_contain_text("2026-11-02 10:00 +01:00")
    row = page.get_by_role("row", name="2026-11-02 10:00 +01:00")
    offered = row.get_by_role("cell").nth(1).inner_text()
    expect(plot).to_have_attribute("aria-valuetext", re_of(offered))


def re_of(offered: str):
    import re

    return re.compile(rf"10:00 \+01:00 · \S+ {offered} ·")
