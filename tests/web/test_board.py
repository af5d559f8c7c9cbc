"""The supervisor's board and the reports, on real queues and records."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from ivr.core.agents import Presence
from ivr.core.ids import Language
from ivr.storage.sql.engine import open_database
from ivr.storage.sql.rollups import WaitCells
from ivr.workflows.report_output import BOM
from ivr.workflows.reports import ReportWaits
from ivr.workflows.watch_board import Today
from tests.web.house import House
from tests.web.test_desk import opened, ready, talking


def board_of(house: House) -> Any:
    return house.client("lead").get("/api/v1/board").json


def row_of(house: House, topic: str) -> Any:
    return next(row for row in board_of(house)["topics"] if row["id"] == topic)


def test_the_board_shows_who_waits_and_since_when(staffed):
    first = staffed.phones("+8613800138021").presses("1211#2")
    staffed.phones("+8613800138022").presses("1211#2")
    row = row_of(staffed, "transfers")
    assert row["waiting"] == 2
    queued_at = staffed.switchboard.sessions.find(first.call).queued_at
    assert row["oldest_at"].startswith(queued_at.isoformat(timespec="milliseconds")[:19])
    assert row["longest_s"] >= 0
    assert board_of(staffed)["waiting"] == 2


def test_the_board_counts_agents_who_can_take_a_topic(staffed):
    staffed.agent("a1002", skills={"refunds": 3}, shown="Agent 1002")
    ready(staffed)
    opened(staffed, "a1002")
    assert {key: row_of(staffed, "transfers")[key] for key in ("free", "on_line", "signed_in")} == {
        "free": 1,
        "on_line": 0,
        "signed_in": 1,
    }
    assert row_of(staffed, "refunds")["signed_in"] == 2
    assert board_of(staffed)["presences"] == {"available": 1, "break": 1}


def test_the_board_follows_a_call_to_its_end_and_agrees_with_the_report(staffed):
    browser, offer = talking(staffed)
    agent = next(row for row in board_of(staffed)["agents"] if row["id"] == "a1001")
    assert (agent["name"], agent["presence"], agent["topic"]) == ("Agent 1001", "on_call", "transfers")
    assert row_of(staffed, "transfers")["on_line"] == 1
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved"})
    staffed.records()
    staffed.switchboard.board.today._kept.clear()
    row = row_of(staffed, "transfers")
    assert (row["offered"], row["answered"], row["abandoned"], row["in_time"], row["judged"]) == (1, 1, 0, 1, 1)
    report = staffed.client("lead").get("/supervisor/reports/waits?format=json&topic=transfers").json
    assert (report["totals"][0]["offered"], report["totals"][0]["answered"]) == (1, 1)


def test_agents_who_signed_out_leave_the_board(staffed):
    browser = ready(staffed)
    browser.asks("/api/v1/desk/sign-out")
    assert staffed.switchboard.presences.find("a1001").presence is Presence.SIGNED_OUT
    assert board_of(staffed)["agents"] == []


def test_the_live_board_stands_while_the_records_are_away(staffed, free_port):
    staffed.phones("+8613800138021").presses("1211#2")
    nobody = open_database(f"postgresql://127.0.0.1:{free_port()}/ivr")
    clock = staffed.switchboard.clock
    blind = replace(staffed.switchboard.board, today=Today(ReportWaits(WaitCells(nobody), clock), clock))
    row = next(row for row in blind.view(Language("en")).topics if row.id == "transfers")
    assert (row.waiting, row.offered, row.judged) == (1, None, None)


# ---- reports ---------------------------------------------------------------------------------------------------


def test_the_report_names_its_formulas_and_dashes_what_is_empty(staffed):
    page = staffed.client("lead").get("/supervisor/reports/waits").text
    assert "A_T / (A + B - B_s)" in page
    assert 'class="variant">v4<' in page
    assert 'class="variant">v8<' in page
    assert ">–<" in page
    assert "No calls in this time." in page


def test_few_calls_are_marked_with_their_fraction(staffed):
    talking(staffed)
    staffed.records()
    page = staffed.client("lead").get("/supervisor/reports/waits").text
    assert re.search(r'<td class="n few" title="1 / 1"><a href="[^"]+">100 %</a> <small>1 / 1</small></td>', page)


def test_the_csv_has_the_same_address_and_figures(staffed):
    talking(staffed)
    staffed.records()
    answer = staffed.client("lead").get("/supervisor/reports/waits?interval=day&topic=transfers&format=csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.get_data().decode()
    assert text.startswith(BOM)
    heads, *rows = csv.reader(io.StringIO(text.removeprefix(BOM)))
    assert heads[2] == "offered"
    assert [row[2] for row in rows if len(row) > 1] == ["1", "1"]


def test_the_page_offers_the_report_as_a_workbook(staffed):
    browser = staffed.client("lead")
    assert "format=xlsx" in browser.get("/supervisor/reports/waits?interval=day").text
    answer = browser.get("/supervisor/reports/waits?from=2026-11-02&interval=day&format=xlsx")
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="waits-2026-11-02-2026-11-02.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        assert book.testzip() is None


def test_every_interval_is_shown_when_asked_for(staffed):
    browser = staffed.client("lead")
    address = "/supervisor/reports/waits?from=2026-11-02&to=2026-11-02&interval=60m&topic=transfers&zone=Asia/Shanghai"
    assert browser.get(address).text.count("+08:00</th>") == 0
    assert browser.get(address + "&empty=1").text.count("+08:00</th>") == 24


def test_a_day_with_a_repeated_hour_has_25_rows(staffed):
    address = "/supervisor/reports/waits?from=2026-10-25&to=2026-10-25&interval=60m&zone=Europe/Berlin&topic=transfers&empty=1"
    page = staffed.client("lead").get(address).text
    assert page.count("2026-10-25 02:00 +02:00") == page.count("2026-10-25 02:00 +01:00") == 1
    assert page.count("</th><td>transfers</td>".replace("><", ">\n<")) + page.count('scope="row">2026-10-25') >= 25


def test_what_cannot_be_asked_gets_a_sentence(staffed):
    browser = staffed.client("lead")
    for wrong in (
        "zone=Mars/Base",
        "from=soon",
        "from=2026-11-03&to=2026-11-02",
        "interval=7m",
        "topic=bogus",
        "by=moon",
    ):
        answer = browser.get(f"/supervisor/reports/waits?{wrong}")
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("zone=Mars/Base", "没有“Mars/Base”这个时区"),
        ("from=soon", "请选择两个日期"),
        ("from=2026-11-03&to=2026-11-02", "请选择两个日期"),
        ("interval=7m", "没有“7m”这种时段"),
        ("topic=bogus", "没有“bogus”这个业务"),
        ("from=2000-01-01&to=2026-01-01&interval=15m&empty=1", "报告行数过多"),
    ],
)
def test_a_report_is_refused_in_the_language_of_the_page(staffed, wrong, sentence):
    browser = staffed.client("lead")
    browser.set_cookie("ivr-language", "zh")
    assert sentence in browser.get(f"/supervisor/reports/waits?{wrong}").text


def test_an_agent_who_declined_is_told_apart_from_one_in_wrap_up(staffed):
    ready(staffed)
    staffed.phones("+8613800138021").presses("1211#2")
    desk = staffed.client("a1001")
    desk.asks(f"/api/v1/offers/{desk.get('/api/v1/desk').json['offer']['card']['offer']}/decline")
    shown = board_of(staffed)
    assert (shown["presences"], shown["declined"]) == ({"wrap_up": 1}, 1)
    assert shown["zone"] == "Asia/Shanghai"


def test_markup_in_the_address_stays_text(staffed):
    answer = staffed.client("lead").get(
        "/supervisor/reports/waits?zone=%3Cscript%3Ealert(1)%3C/script%3E&from=%22%3E%3Cb%3E"
    )
    assert "<script>alert" not in answer.text
    assert '"><b>' not in answer.text


def test_the_callback_report_is_there_and_empty(staffed):
    page = staffed.client("lead").get("/supervisor/reports/callbacks").text
    assert "Promised window kept" in page
    assert "No callbacks were asked for in this time." in page
