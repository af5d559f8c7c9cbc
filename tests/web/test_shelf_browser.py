"""The pages of the further reports in a browser: no fault that axe-core knows, nothing to scroll sideways, and whole on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.audit import assert_sound
from tests.storage.sql.test_shelf import put_agents, put_returns, put_told
from tests.storage.sql.test_shelf_more import put_promises, put_ratings

DAY = "from=2026-11-02&to=2026-11-02&zone=Europe/Berlin"
SEEN = {"en": ("agents", "menu-flow", "attempts"), "zh": ("access", "repeats")}
"""They are drawn alike: those with most columns, with a picture, with choices, with long words, with hatched rows."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_report_is_sound(staffed, visit, screenshots, language):
    engine = staffed.switchboard.engine
    put_agents(engine)
    for put in (put_told, put_returns, put_promises, put_ratings):
        put(engine)
    for number, keys in enumerate(("1411#2", "1211#2", "1211#2", "12", "13", "1", "2", "")):
        caller = staffed.phones(f"+86138001380{number + 10}").presses(keys)
        if len(keys) < 3:
            caller.hangs_up()
    staffed.records()
    page = visit("lead", f"/supervisor/reports/agents?{DAY}", language=language)
    for name in SEEN[language]:
        page.goto(f"{staffed.origin}/supervisor/reports/{name}{'' if name in ('menu-flow', 'access') else f'?{DAY}'}")
        expect(page.locator("h1")).not_to_be_empty()
        expect(page.locator(".drawing svg")).to_have_count(int(name != "access"))  # nobody looked at anything
        assert_sound(page, name)
        screenshots.take(page, f"report-{name}-{language}.png", full_page=True)
    page.goto(f"{staffed.origin}/supervisor/reports/calibration?{DAY}")
    page.locator(".report-head a[href*='reports/saved']", has_text={"en": "Keep", "zh": "保存"}[language]).first.click()
    page.locator("input[name=title]").fill("Announced waits")
    page.locator("form.card button.primary").click()
    expect(page.locator(".kept h2")).to_have_text("Announced waits")
    assert_sound(page, "kept reports")
    screenshots.take(page, f"reports-kept-{language}.png", full_page=True)
    page.locator(".kept h2 a").click()
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_be_visible()
    expect(page.locator(".filters")).to_be_hidden()
    expect(page.locator(".nav")).to_be_hidden()
