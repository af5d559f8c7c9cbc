"""Every page in its states, in both languages and themes: no fault that axe-core knows, nothing to scroll sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.audit import assert_sound

LANGUAGES = ("en", "zh")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_sign_in_and_errors(staffed, visit, language):
    page = visit("a1001", "/agent", language=language, expected="Failed to load resource")
    page.goto(f"{staffed.origin}/supervisor/reports/waits")
    expect(page.locator(".error h1")).to_have_text(
        {"en": "This page is not for your role.", "zh": "您的角色不能使用此页。"}[language]
    )
    assert_sound(page, "not permitted")
    page.goto(f"{staffed.origin}/nowhere")
    assert_sound(page, "nothing here")
    page.locator("#logout button").click()
    page.wait_for_url("**/login**")
    assert_sound(page, "sign-in")
    page.fill("input[name=name]", "a1001")
    page.fill("input[name=password]", "not this one")
    page.click("button.wide")
    expect(page.get_by_role("alert")).to_be_visible()
    assert_sound(page, "wrong password")


def test_board_reports_and_home(staffed, visit, language):
    page = visit("root", "/supervisor", language=language, expected="422")
    expect(page.locator("#figure-waiting .value")).to_have_text("0")
    assert_sound(page, "board without callers")
    for number in range(7):
        staffed.phones(f"+861380013802{number}").presses("1411#2")
    staffed.switchboard.desk.open("a1001")
    expect(page.locator("#queues tr").first).to_have_class("red")
    expect(page.locator("#agents .state")).to_be_visible()
    assert_sound(page, "busy board")
    page.goto(f"{staffed.origin}/")
    assert_sound(page, "home")
    staffed.records()
    for path in (
        "waits?empty=1",
        "waits?zone=Nowhere",
        "waits?from=2026-01-01&to=2026-01-01",
        "callbacks",
        "topics?said=other_channel",
        "formula?figure=service_level_v8",
    ):
        page.goto(f"{staffed.origin}/supervisor/reports/{path}")
        assert_sound(page, path)


def test_calls_as_a_list(staffed, visit, language, screenshots):
    for number in range(3):
        staffed.phones(f"+861380013802{number}").presses("1411#2").hangs_up()
    staffed.records()
    page = visit("lead", "/supervisor/calls", language=language, expected="422")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert_sound(page, "calls")
    screenshots.take(page, f"calls-{language}.png", full_page=True)
    page.locator("[name=outcome]").select_option("answered")
    page.locator(".filters .primary").click()
    expect(page.locator("td.empty")).to_be_visible()
    page.goto(f"{staffed.origin}/supervisor/calls?zone=Nowhere&figure=abandon_rate")
    assert_sound(page, "a filter that cannot be read")


def test_the_desk_from_sign_in_to_wrap_up(staffed, visit, language):
    page = visit("a1001", "/agent", language=language)
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    assert_sound(page, "not ready yet")
    page.locator("[data-panel=break] [data-action=ready]").click()
    sound(page, "available")
    staffed.phones("+8613800138021").presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    sound(page, "on_call")
    page.keyboard.press("e")
    sound(page, "wrap_up")


def test_the_desk_while_it_rings_and_after_a_decline(staffed, visit, language):
    page = visit("a1001", "/agent", language=language)
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    staffed.phones("+8613800138021").presses("1211#2")
    sound(page, "reserved")
    page.keyboard.press("Escape")
    sound(page, "declined")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    assert_sound(page, "list of keys")


def sound(page: Page, panel: str) -> None:
    expect(page.locator(f"[data-panel={panel}]")).to_be_visible()
    assert_sound(page, panel)
