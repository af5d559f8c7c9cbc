"""The supervisor's desk in a real browser: what a row shows, what a press does, and that both stay in reach."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.audit import assert_sound
from tests.web.house import House
from tests.web.test_desk import opened, talking


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_a_supervisor_reads_why_a_caller_waits_and_acts(staffed, visit, screenshots, language, scheme):
    staffed.agent("a1002", skills={"transfers": 5}, languages={"en": 5}, shown="Agent 1002")
    talking(staffed)
    agent = opened(staffed, "a1002")
    callers = [staffed.phones(f"+861380013802{n}").presses("1211#2") for n in range(2, 5)]
    staffed.records()
    page = visit("lead", "/supervisor", language=language, scheme=scheme)
    rows = page.locator("#waiting tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("+86 138****22")
    expect(page.locator("#talks tr")).to_contain_text("Agent 1001")

    button = rows.nth(2).locator("[data-act]")
    button.click()
    expect(page.locator("#act-reasons li")).to_have_count(2)
    assert_sound(page, "a caller's dialog")
    screenshots.take(page, f"supervisor-caller-{language}.png")
    page.locator("#act-body button").first.click()
    expect(page.locator("#act-answer")).to_have_attribute("data-good", "true")
    expect(page.locator("#waiting tr").first).to_have_attribute("data-key", callers[2].call)
    page.keyboard.press("Escape")
    expect(page.locator(f"[data-id='{callers[2].call}']")).to_be_focused()

    page.locator("#agents [data-id=a1002]").click()
    page.locator("#act textarea").fill("Refunds next, please")
    page.locator("#act-body fieldset").last.locator("button").click()
    expect(page.locator("#act-answer")).to_have_attribute("data-good", "true")
    assert agent.get("/api/v1/desk").json["note"]["text"] == "Refunds next, please"
    page.keyboard.press("Escape")
    callers[0].hangs_up()
    expect(rows).to_have_count(2)
    assert_sound(page, "the room")
    page.set_viewport_size({"width": 1440, "height": 900})
    screenshots.take(page, f"supervisor-room-{language}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 800})
    screenshots.take(page, f"supervisor-phone-{language}.png", full_page=True)
    a_figure_is_followed_down_to_one_call_and_back(page, staffed, callers[1].call)


def a_figure_is_followed_down_to_one_call_and_back(page: Page, staffed: House, call: str) -> None:
    """Tile, queue, interval, list of calls, one call: each with the filter in its address."""
    today = staffed.now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    page.locator("#figure-longest h2 a").click()
    expect(page).to_have_url(re.compile(rf"/reports/intervals\?from={today}&to={today}&topic=transfers&interval=15m$"))
    page.go_back()
    page.locator("#queues th a").filter(has_text=re.compile("transfers|转账")).click()
    expect(page.locator("select[name=topic]")).to_have_value("transfers")
    intervals = page.url
    page.locator("table.report-table tbody tr td a").first.click()
    expect(page).to_have_url(re.compile(r"/supervisor/calls\?.*topic=transfers&figure=offered"))
    calls = page.url
    page.locator(f"a[href*='{call}']").first.click()
    expect(page).to_have_url(re.compile(f"/supervisor/calls/{call}"))
    page.go_back()
    expect(page).to_have_url(calls)
    page.go_back()
    expect(page).to_have_url(intervals)


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_the_wallboard_shows_the_worst_first_and_keeps_its_layout(staffed, visit, screenshots, language, scheme):
    staffed.agent("a1002", shown="Agent 1002")
    talking(staffed)
    for number in range(2, 9):
        staffed.phones(f"+861380013802{number}").presses("1411#2")
    staffed.records()
    page = visit("lead", "/supervisor/wall", language=language, scheme=scheme)
    expect(page.locator("#queues tr").first).to_have_class("red")
    expect(page.locator("#figure-waiting .value")).to_contain_text("7")
    expect(page.locator("#day .bar").first).to_be_attached()
    expect(page.locator("#day-words")).to_contain_text({"en": "1 agents on the line", "zh": "坐席1名"}[language])
    assert_sound(page, "the wallboard")
    page.set_viewport_size({"width": 1920, "height": 1080})
    screenshots.take(page, f"supervisor-wall-{language}.png")
    page.locator("#layout-open").click()
    page.locator("#layout input[name=queue]").first.uncheck()
    page.locator("#layout input[value=day]").uncheck()
    page.locator("#layout [value=longest]").uncheck()
    for card in ("free", "asa", "unheard"):
        page.locator(f"#layout [value={card}]").check()
    expect(page.locator("#layout [value=late]")).to_be_disabled()  # six at most
    assert_sound(page, "the layout of the wallboard")
    page.locator("#layout .primary").click()
    expect(page.locator("#queues tr")).to_have_count(5)
    expect(page.locator("#wall-day")).to_be_hidden()
    expect(page.locator("#figures .figure")).to_have_count(6)
    expect(page.locator("#figure-free .value")).to_contain_text("0")
    screenshots.take(page, f"supervisor-wall-six-{language}.png")
    page.set_viewport_size({"width": 390, "height": 800})
    screenshots.take(page, f"supervisor-wall-phone-{language}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(media="print")
    screenshots.take(page, f"supervisor-wall-print-{language}.png", full_page=True)
    page.emulate_media(media="screen")
    page.goto(f"{staffed.origin}/supervisor/thresholds")
    form = page.locator("form.limits").nth(1)
    form.locator("[name=waiting_amber]").fill("4")
    form.locator("button").click()
    expect(page.locator("main .notice")).to_be_visible()
    assert_sound(page, "thresholds")
