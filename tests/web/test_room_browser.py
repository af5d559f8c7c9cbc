"""The supervisor's desk in a real browser: what a row shows, what a press does, and that both stay in reach."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from ivr.core.alert_rows import Alert
from ivr.core.alert_rules import Figure, Level
from ivr.storage.sql.after_tables import message_box
from ivr.storage.sql.engine import writing
from tests.audit import assert_sound
from tests.storage.sql.test_shelf import answered, put_calls, put_stays
from tests.web.house import House
from tests.web.test_board import board_of
from tests.web.test_desk import opened, ready, talking
from tests.web.test_room import promised, room_of


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_a_supervisor_reads_why_a_caller_waits_and_acts(staffed, visit, screenshots, language, scheme):
    staffed.agent("a1002", skills={"transfers": 5}, languages={"en": 5}, shown="Agent 1002", team="north")
    talking(staffed)
    agent = opened(staffed, "a1002")
    callers = [staffed.phones(f"+861380013802{n}").presses("1211#2") for n in range(2, 5)]
    staffed.records()
    page = visit("lead", "/supervisor", language=language, scheme=scheme, expected="422")  # a note without words
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
    page.locator("#act-body [name=act_move_to]").select_option("refunds")
    with page.expect_request("**/move") as asked:
        page.locator("#act-body fieldset").nth(1).locator("button").click()
    assert asked.value.post_data_json == {"topic": "refunds", "seen": "transfers"}, (
        "what the page showed goes with the press"
    )
    expect(page.locator("#act-answer")).to_contain_text({"en": "other queue", "zh": "队列"}[language])
    page.keyboard.press("Escape")
    expect(page.locator(f"[data-id='{callers[2].call}']")).to_be_focused()

    page.locator("#agents [data-id=a1002]").click()
    send = page.locator("#act-body fieldset").last.locator("button")
    send.click()
    expect(page.locator("#act-answer")).to_contain_text({"en": "Write a note", "zh": "请写"}[language])
    page.locator("#act textarea").fill("Refunds next, please")
    send.click()
    expect(page.locator("#act-answer")).to_have_attribute("data-good", "true")
    assert agent.get("/api/v1/desk").json["note"]["text"] == "Refunds next, please"
    page.keyboard.press("Escape")
    callers[0].hangs_up()
    expect(rows).to_have_count(2)
    assert_sound(page, "the room")
    page.set_viewport_size({"width": 1440, "height": 900})
    the_agents_part_is_narrowed_to_a_team(page, staffed)
    screenshots.take(page, f"supervisor-room-{language}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 800})
    screenshots.take(page, f"supervisor-phone-{language}.png", full_page=True)
    a_figure_is_followed_down_to_one_call_and_back(page, staffed, callers[1].call)


def the_agents_part_is_narrowed_to_a_team(page: Page, house: House) -> None:
    """One of two agents is in it, and it is the other one who talks. It stands in the address, and in the account."""
    agents, talks = page.locator("#agents tr[data-key]"), page.locator("#talks tr[data-key]")
    expect(agents).to_have_count(2)
    page.locator("#team select").select_option("north")
    page.locator("#team button").click()
    expect(page).to_have_url(f"{house.origin}/supervisor?team=north#agents-card")
    page.goto(f"{house.origin}/supervisor")
    expect(page).to_have_url(f"{house.origin}/supervisor?team=north")
    expect(agents).to_have_count(1)
    expect(talks).to_have_count(0)
    expect(page.locator("#figure-talking .value")).to_have_text("0")
    expect(page.locator("#waiting tr[data-key]")).to_have_count(2)
    the_queue_shows_the_teams_agents(page, house)
    assert_sound(page, "the board of a team")
    page.locator("#narrowed a").click()
    expect(agents).to_have_count(2)
    expect(talks).to_have_count(1)
    page.locator("#team button").click()
    page.goto(f"{house.origin}/supervisor")
    expect(page).to_have_url(f"{house.origin}/supervisor")
    expect(agents).to_have_count(2)


def the_queue_shows_the_teams_agents(page: Page, house: House) -> None:
    """The other team's are said beside it; amber is where nobody at all is free."""
    queue = page.locator("#queues tr[data-key=transfers]")
    expect(page.locator("#queue-team")).to_have_text(re.compile("north"))
    expect(queue).to_contain_text("0 / 0 / 1")
    expect(page.locator("#figure-free")).to_have_attribute("data-level", "amber")
    house.agent("a1003", skills={"transfers": 5}, languages={"de": 5}, shown="Agent 1003")
    other = ready(house, "a1003")
    expect(page.locator("#figure-free .note")).to_contain_text(re.compile("(in all teams: |所有团队空闲：)1"))
    expect(page.locator("#figure-free .value")).to_have_text("0")
    expect(page.locator("#figure-free")).to_have_attribute("data-level", "")
    expect(queue).to_contain_text("0 / 0 / 1")
    other.asks("/api/v1/desk/sign-out")


def a_figure_is_followed_down_to_one_call_and_back(page: Page, staffed: House, call: str) -> None:
    """Tile, queue, interval, list of calls, one call: each with the filter in its address."""
    today = staffed.now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    rows = page.locator("#waiting tr[data-key]")
    expect(rows.last).to_have_attribute("data-key", call)
    page.locator("#figure-longest h2 a").click()
    expect(page).to_have_url(re.compile(r"longest=1#waiting-card$"))
    expect(rows).to_have_count(2)
    expect(rows.first).to_have_attribute("data-key", call)
    expect(page.locator("#waiting tr[data-longest]")).to_have_attribute("data-key", call)
    expect(page.locator("#narrowed")).to_be_visible()
    assert_sound(page, "the board with the longest wait first")
    page.go_back()
    page.locator("#queues th a").filter(has_text=re.compile("transfers|转账")).click()
    expect(page).to_have_url(re.compile(rf"/reports/intervals\?from={today}&to={today}&topic=transfers&interval=15m$"))
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
    staffed.phones("+8613800138031").presses("1211#2")
    messages_left(staffed)
    waits_that_ended(staffed)
    alert = Alert(
        id="a1", rule="waiting-red", figure=Figure.WAITING, level=Level.RED, subject="refunds", threshold=6, value=7, raised_at=staffed.now
    )  # fmt: skip
    staffed.switchboard.rules.book.raise_(alert)
    promised(staffed, minutes=-20)
    staffed.records()
    page = visit(
        "lead", "/supervisor/wall", language=language, scheme=scheme, expected="503"
    )  # many streams, one person
    expect(page.locator("#queues tr").first).to_have_class("red")
    expect(page.locator("#figure-waiting .value")).to_contain_text("8")
    expect(page.locator("#day .bar").first).to_be_attached()
    expect(page.locator("#day-words")).to_contain_text({"en": "agents on the line: 1", "zh": "坐席1名"}[language])
    assert_sound(page, "the wallboard")
    seen: set[str] = set()
    if language == "en":
        its_links_are_followed(page, staffed, seen)
    page.set_viewport_size({"width": 1920, "height": 1080})
    screenshots.take(page, f"supervisor-wall-{language}.png")
    page.locator("#layout-open").click()
    page.locator("#layout input[name=queue]").first.uncheck()
    page.locator("#layout input[value=day]").uncheck()
    page.locator("#layout [value=longest]").uncheck()
    for card in ("talking", "late", "unheard"):
        page.locator(f"#layout [value={card}]").check()
    expect(page.locator("#layout [value=asa]")).to_be_disabled()  # six at most
    assert_sound(page, "the layout of the wallboard")
    page.locator("#layout .primary").click()
    expect(page.locator("#queues tr")).to_have_count(5)
    expect(page.locator("#wall-day")).to_be_hidden()
    expect(page.locator("#figures .figure")).to_have_count(6)
    expect(page.locator("#figure-talking .value")).to_contain_text("1")
    if language == "en":
        its_links_are_followed(page, staffed, seen)
        assert len(seen) >= 20, "two times the figures, the states, the queues"
        the_windows_of_the_board_are_followed(page, staffed)
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


def messages_left(house: House) -> None:
    """Two, of which one was heard."""
    now = house.now
    usual = {
        "call": "m",
        "hotline": "wallet",
        "topic": "refunds",
        "language": "zh",
        "at": now,
        "duration_s": 20,
        "recording": "",
    }
    usual |= {"due_at": now + timedelta(hours=4), "status": "open", "owner": ""}
    heard = ({"heard_by": "", "heard_at": None}, {"heard_by": "lead", "heard_at": now})
    with writing(house.switchboard.engine) as connection:
        connection.execute(message_box.insert(), [{"id": f"m{at}", **usual, **one} for at, one in enumerate(heard)])


def waits_that_ended(house: House) -> None:
    """Stays of the last minutes, some of which began before the window in which they ended, or ended before both."""

    def ago(minutes: float) -> datetime:
        at: datetime = house.now - timedelta(minutes=minutes)
        return at

    put_calls(house.switchboard.engine, *({"call": f"late{at}", "started_at": ago(90)} for at in range(5)))
    gone = {"outcome": "abandoned", "answered_at": None, "agent": None}
    put_stays(
        house.switchboard.engine,
        answered("late0", at=ago(10), entered_at=ago(20), wait_s=600.0, **gone),
        answered("late1", at=ago(40), entered_at=ago(41), wait_s=60.0),
        answered("late2", at=ago(50), entered_at=ago(90), wait_s=2400.0),
        answered("late3", at=ago(70), entered_at=ago(80), wait_s=600.0),
        answered("late4", at=ago(5), entered_at=ago(5), wait_s=1.0, **gone),
    )


def the_windows_of_the_board_are_followed(page: Page, house: House) -> None:
    """Each figure of the last minutes and of today leads to the calls of that very window, as many as it said."""
    wall = page.url
    page.goto(f"{house.origin}/supervisor?topic=refunds")
    expect(page.locator("#queues tr[data-key]")).to_have_count(1)
    told: list[tuple[str, str]] = page.evaluate(
        """() => [...document.querySelectorAll("#queues td a")].map((one) => [one.getAttribute("href"), one.innerText])"""
    )
    asa = next(at for at, (_, words) in enumerate(told) if ":" in words)
    told[asa] = (told[asa][0], told[asa + 3][1])  # as many as were answered
    within = [re.findall(r"\d+", words)[-1] for address, words in told if "T" in address]
    assert within == ["1", "3", "10", "1"], told  # SL 15, SL 60, callers, abandons
    for address, words in told:
        page.goto(house.origin + address)
        expect(page.locator("tr[data-call]"), f"{address}: {words}").to_have_count(int(re.findall(r"\d+", words)[-1]))
    assert page.locator("input[name=from]").input_value(), "the window can be changed by hand"
    page.goto(wall)
    expect(page.locator("#queues tr[data-key]").first).to_be_visible()
    expect(page.locator("#day-words")).not_to_be_empty()


def longest_of(house: House, topics: Iterable[str]) -> str:
    """The call in line, of these queues, that has waited longest."""
    rows = room_of(house)["waiting"]
    return str(min((row["queued_at"], row["call"]) for row in rows if row["position"] and row["topic"] in topics)[1])


def its_links_are_followed(page: Page, house: House, seen: set[str]) -> None:
    """Each figure, state and queue of the wallboard that was not `seen`: what stands behind it is as many as it said."""
    wall, board = page.url, board_of(house)["topics"]
    waiting = page.locator("#waiting tr[data-key]")
    offered = {row["id"]: row["offered"] for row in board}
    expect(page.locator("#states a")).to_have_count(7)
    told: list[tuple[str, str]] = page.evaluate("""() => [
      ...[...document.querySelectorAll(".figure")].map((one) => [one.querySelector("h2 a"), one.querySelector(".value")]),
      ...[...document.querySelectorAll("#states li")].map((one) => [one.querySelector("a"), one.querySelector("b")]),
      [document.querySelector("#alert-count"), {innerText: document.querySelector("#alert-count").innerText.replace(/\\D/g, "")}],
      [document.querySelector("#wall-agents h2 a"), document.querySelector("#agent-count")],
      ...[...document.querySelectorAll("#queues th a")].map((one) => [one, one]),
    ].map(([link, figure]) => [link.getAttribute("href"), figure.innerText.trim()])""")
    rows = page.locator("#queues tr").count()
    for address, figure in told:
        if address in seen:
            continue
        seen.add(address)
        page.goto(house.origin + address)
        part = page.url.partition("#")[2]
        if "/supervisor/calls" in address:
            about = parse_qs(urlsplit(address).query)
            judged = sum(
                row["recent"]["level_60"]["whole"] for row in board if row["id"] in about.get("topic", offered)
            )
            many = judged if "service_level_v4" in address else int(figure)
            expect(page.locator("tr[data-call]"), f"{address}: {figure}").to_have_count(many)
            continue
        if page.url.endswith("/alerts"):
            expect(page.locator("#standing .alert-list > li")).to_have_count(int(figure))
            continue
        if not part:
            topic = page.locator("select[name=topic]").input_value()
            joined = offered[topic] if topic else sum(offered.values())
            if "/abandons" not in address:
                total = page.locator(".totals a[href*='figure=offered']")
                expect(total.first if joined else page.locator("td.empty")).to_have_text(
                    str(joined) if joined else re.compile(".")
                )
            continue
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        if "longest=1" in address:
            slow = waiting.filter(has_text="longest wait")
            expect(slow).to_have_count(1)
            assert slow.get_attribute("data-key") == longest_of(
                house, parse_qs(urlsplit(address).query).get("topic", offered)
            )
            continue
        many = rows if part == "queues-card" else int(figure.split()[0])
        expect(page.locator(f"#{part} tr[data-key]"), f"{address}: {figure}").to_have_count(many)
        expect(page.locator("#narrowed")).to_be_visible(visible="?team=#" not in address)
    page.goto(wall)
    expect(page.locator("#queues tr[data-key]").first).to_be_visible()
    expect(page.locator("#day-words")).not_to_be_empty()
