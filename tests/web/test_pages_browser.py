"""The pages in a real browser, on a real switchboard; only the carrier's line is a stand-in."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from ivr.core.callback_events import CalleeAsked
from ivr.core.ids import LegId
from ivr.core.people import Role
from tests.audit import assert_sound
from tests.web.relay import Relay


def go_ready(page: Page) -> None:
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()


def test_a_call_from_ring_to_wrap_up_by_keyboard(staffed, visit):
    page = visit("a1001", "/agent")
    go_ready(page)
    staffed.phones("+8613800138021").presses("1211#2")
    expect(page.locator("#caller-topic")).to_have_text("transfers")
    expect(page.locator("#caller-path")).to_have_text("Transfers › Late or not received")
    expect(page.locator("#caller-number")).to_have_text("+86 138****21")
    expect(page.locator("#announce")).to_contain_text("Incoming call: transfers")
    page.keyboard.press("Space")
    expect(page.locator("#talk-phase")).to_have_text("Connected")
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.keyboard.type("Told to wait until tomorrow.")
    page.get_by_text("Pending", exact=True).click()
    page.get_by_text("Network congested", exact=True).click()
    expect(page.get_by_label("It was about")).to_have_value("transfers")
    page.get_by_label("It was about").select_option("Chat or app not working")
    page.locator("#notes").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    staffed.records()
    report = staffed.client("lead").get("/supervisor/reports/topics?said=other_channel").text
    assert "Told to wait until tomorrow." in report
    assert "Calls of Chat or app not working" in report


@pytest.mark.parametrize(
    ("language", "label", "follows", "named"),
    [
        ("en", "Callers who ask hear", "by the result: solved", "waiting for a follow-up"),
        ("zh", "来电查询时播报", "按处理结果：已解决", "等待后续跟进"),
    ],
)
def test_an_agent_says_by_keyboard_what_callers_hear_of_the_case(
    staffed, visit, screenshots, language, label, follows, named
):
    page = visit("a1001", "/agent", language=language)
    go_ready(page)
    caller = staffed.phones("+8613800138021").presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    board = staffed.switchboard
    board.cases.open_for(board.sessions.find(caller.call), staffed.now)
    page.keyboard.press("Space")
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    standing = page.get_by_label(label)
    expect(standing.locator("option").first).to_have_text(follows)
    for _ in range(6):
        page.keyboard.press("Shift+Tab")
        if standing.evaluate("node => node === document.activeElement"):
            break
    expect(standing).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(standing).to_have_value("pending")
    expect(standing.locator("option:checked")).to_have_text(named)
    expect(page.locator("#follow-up")).to_be_visible()
    screenshots.take(page, f"agent-standing-{language}.png", full_page=True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    case = staffed.switchboard.desk_cases.of_call(caller.call)
    assert case.status == "pending"
    assert case.due_at is not None


def test_a_callback_rings_nothing_and_the_page_joins_by_itself(staffed, visit):
    page = visit("a1001", "/agent")
    go_ready(page)
    call = staffed.calls_back("+8613800138021")
    expect(page.locator("#offer-kicker")).to_have_text("Callback: calling the customer")
    expect(page.locator("#caller-callback")).to_have_text("Callback · code 4817 · try 1")
    expect(page.locator("#caller-number")).to_have_text("+86 138****21")
    expect(page.locator("[data-action=accept]")).to_be_hidden()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("#offer-kicker")).to_have_text("Callback: calling the customer")
    staffed.switchboard.take_call.tell(call, CalleeAsked(at=staffed.now, leg=LegId("CA" + "7" * 32), keys="1"))
    expect(page.locator("#talk-phase")).to_have_text("Connected")
    expect(page.locator("#caller-callback")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()


def test_escape_declines_and_space_elsewhere_does_nothing(staffed, visit):
    page = visit("a1001", "/agent")
    go_ready(page)
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    caller = staffed.phones("+8613800138021").presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    offer = staffed.switchboard.sessions.find(caller.call).offer
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel=reserved]")).to_be_hidden()
    assert not staffed.switchboard.presences.offer(offer).live


def test_a_second_tab_does_not_ring(staffed, visit):
    page = visit("a1001", "/agent")
    second = page.context.new_page()
    second.goto(staffed.origin + "/agent")
    expect(second.locator("[data-panel=elsewhere]")).to_be_visible()
    go_ready(page)
    staffed.phones("+8613800138021").presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    expect(second.locator("[data-panel=elsewhere]")).to_be_visible()


def test_the_key_list_opens_and_closes_by_keyboard(visit):
    page = visit("a1001", "/agent", language="zh", scheme="dark")
    expect(page.locator("[data-panel=break]")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#help")).to_be_hidden()


def test_the_board_moves_by_itself_and_puts_the_worst_first(staffed, visit):
    page = visit("lead", "/supervisor", language="zh")
    expect(page.locator("#figure-waiting .value")).to_have_text("0")
    for number in range(3):
        staffed.phones(f"+861380013802{number}").presses("1411#2")
    expect(page.locator("#figure-waiting .value")).to_contain_text("3")
    first = page.locator("#queues tr").first
    expect(first.locator("th")).to_have_text("退款")
    expect(first).to_have_class("red")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def test_the_theme_changes_in_place(visit):
    page = visit("lead", "/supervisor")
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("button[name=theme][value=dark]")).to_have_attribute("aria-pressed", "true")


STALE_S = 10.0


def test_news_reach_the_board_within_two_seconds(staffed, visit):
    board = visit("lead", "/supervisor")
    expect(board.locator("#figure-waiting .note")).to_have_text("Nobody waits")
    staffed.phones("+8613800138021").presses("1411#2")
    expect(board.locator("#figure-waiting .value")).to_have_text("1", timeout=2000)
    expect(board.locator("#figure-waiting .note")).to_have_text("in one topic")


def test_a_wire_that_carries_nothing_is_seen_after_ten_seconds_and_the_board_comes_back_by_itself(staffed, visit):
    relay = Relay(urlsplit(staffed.origin).port)
    try:
        board = visit("lead", "/supervisor", origin=relay.origin, expected="net::ERR")
        expect(board.locator("#live")).to_have_attribute("data-state", "live")
        relay.silence()
        silent_since = time.monotonic()
        expect(board.locator("#contact")).to_be_visible(timeout=1000 * (STALE_S + 5))
        assert time.monotonic() - silent_since > STALE_S - 5  # the last word came at most one beat earlier
        expect(board.locator("#contact")).to_contain_text("No contact with the service for 1")
        expect(board.locator("#live")).to_have_text("no contact")
        expect(board.locator("#board")).to_have_attribute("data-state", "lost")
        staffed.phones("+8613800138021").presses("1411#2")
        expect(board.locator("#figure-waiting .value")).to_have_text("0")
        relay.carry()
        expect(board.locator("#figure-waiting .value")).to_have_text("1", timeout=20_000)
        expect(board.locator("#live")).to_have_attribute("data-state", "live")
        expect(board.locator("#contact")).to_be_hidden()
    finally:
        relay.close()


def test_a_declined_call_is_a_pause_and_no_wrap_up_on_desk_and_board(staffed, visit):
    board = visit("lead", "/supervisor")
    page = visit("a1001", "/agent")
    go_ready(page)
    staffed.phones("+8613800138021").presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel=declined]")).to_be_visible()
    expect(page.locator("#declined-left")).to_contain_text("Next call in")
    expect(page.locator("#presence-name")).to_have_text("Declined")
    expect(page.locator("#result")).to_be_hidden()
    expect(board.locator("#agents .state")).to_have_text("Declined")
    expect(board.locator("#states .wrap_up")).to_have_text("Wrap-up 0")
    expect(board.locator("#states .declined")).to_have_text("Declined 1")
    expect(board.locator("#figure-talking .note")).to_have_text("0 ringing, 0 in wrap-up")


HOSTILE = ('<img src=x onerror="window.ran=1">', '"><svg onload=window.ran=1>', "{{7*7}}${7*7}", "'-window.ran-'")


def test_hostile_names_run_nothing_on_board_and_desk(staffed, visit):
    for place, text in enumerate(HOSTILE):
        staffed.agent(f"a200{place}", shown=text)
        staffed.switchboard.desk.open(f"a200{place}")
    staffed.account("other-lead", Role.SUPERVISOR)
    board = visit("lead", "/supervisor")
    expect(board.locator("#agents tr")).to_have_count(len(HOSTILE))
    for text in HOSTILE:
        expect(board.get_by_text(text, exact=True)).to_be_visible()
    desk = visit("a2000", "/agent")
    expect(desk.locator(".who-name")).to_have_text(HOSTILE[0])
    for page in (board, desk):
        assert page.evaluate("window.ran") is None


def test_the_list_of_reports_opens_by_key_leads_on_and_closes_when_attention_goes(staffed, visit):
    page = visit("lead", "/supervisor/cases")
    reports = page.locator("#reports")
    waits = page.get_by_role("link", name="Waiting times")
    reports.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(waits).to_be_visible()
    assert_sound(page, "reports listed")
    page.keyboard.press("Escape")
    expect(waits).to_be_hidden()
    expect(reports.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("h1").click()
    expect(waits).to_be_hidden()
    reports.locator("summary").click()
    waits.click()
    expect(page.locator("h1")).to_have_text("Waiting times")
    expect(reports.locator("summary")).to_have_attribute("aria-current", "true")
    reports.locator("summary").click()
    page.get_by_role("link", name="All reports").click()
    expect(page.locator(".shelf-group")).to_have_count(7)
    assert_sound(page, "all reports")


@pytest.mark.parametrize(("language", "word"), [("en", "▼ fewer than 2"), ("zh", "▼ 不足2人")])
def test_the_hours_of_the_day_are_24_rows_with_thin_ones_marked_by_word_and_shape(staffed, visit, language, word):
    page = visit("lead", "/supervisor/reports/hours?from=2026-01-05", language=language)
    expect(page.locator(".report-table tbody:not(.totals) tr")).to_have_count(24)
    expect(page.locator(".report-table tbody:not(.totals) td:nth-child(2)").first).to_have_text(word)
    assert_sound(page, "hours of the day")
    page.goto(f"{staffed.origin}/supervisor/reports/results")
    expect(page.locator(".report-table .totals tr")).to_have_count(1)
    assert_sound(page, "results")
