"""Report pages: a rate opens its formula and its calls, a long report is turned page by page, files hold all."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.storage.sql.test_reports import NINE, SECURITY, put
from tests.web.house import House

PERIOD = "from=2026-11-02T09:00&to=2026-11-02T10:00&zone=Europe/Berlin&topic=transfers"


@pytest.fixture
def worked(staffed: House) -> House:
    put(staffed.switchboard.engine, SECURITY, topic="transfers")
    return staffed


def links(page: str, to: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', page) if unescape(link).startswith(to)]


def read(house: House, path: str) -> str:
    answer = house.client("lead").get(path)
    assert answer.status_code == 200, path
    return answer.text


def test_a_rate_opens_its_formula_with_all_variants_and_the_calls_of_both_sides(worked: House) -> None:
    page = read(worked, f"/supervisor/reports/waits?{PERIOD}&interval=30m")
    cards = links(page, "/supervisor/reports/formula")
    first_half = next(
        link for link in cards if "T09%3A30" in urlsplit(link).query and "figure=service_level_v4" in link
    )
    asked = parse_qs(urlsplit(first_half).query)
    assert asked["from"] == ["2026-11-02T09:00+01:00"]
    assert asked["topic"] == ["transfers"]

    card = read(worked, first_half)
    assert "3 / 6" in card
    assert "A_T / (A + B - B_s)" in card
    behind = [link for link in links(card, "/supervisor/calls") if "figure=service_level_v4&" in link]
    assert {parse_qs(urlsplit(link).query)["side"][0] for link in behind} == {"part", "whole"}

    body = json.loads(read(worked, f"{first_half}&format=json"))
    assert {row["letters"]: (row["part"], row["whole"]) for row in body["rows"]}["A_T / (O - B_s)"] == (3, 7)
    assert len([row for row in body["rows"] if row["figure"].startswith("Service level")]) == 9


def test_a_count_leads_to_its_calls_and_nought_leads_nowhere(worked: House) -> None:
    page = read(worked, f"/supervisor/reports/waits?{PERIOD}&interval=day")
    named = {parse_qs(urlsplit(link).query)["figure"][0] for link in links(page, "/supervisor/calls?")}
    assert {"offered", "answered", "abandoned", "short_abandoned", "flow_out"} <= named
    assert "dropped" not in named


def test_a_long_report_is_turned_page_by_page_with_its_filter_and_its_file_holds_all(staffed: House) -> None:
    put(
        staffed.switchboard.engine,
        [(NINE + timedelta(minutes=15 * at), 5.0, "answered") for at in range(450)],
        topic="transfers",
    )
    asked = "from=2026-11-02&to=2026-11-07&zone=Europe/Berlin&interval=15m&topic=transfers"
    page = read(staffed, f"/supervisor/reports/waits?{asked}")
    seen = [page.count('<th scope="row">2026-')]
    while following := re.search(r'rel="next" href="([^"]+)"', page):
        page = read(staffed, unescape(following[1]))
        seen.append(page.count('<th scope="row">2026-'))
    assert seen == [200, 200, 50]
    assert "topic=transfers" in links(page, "/supervisor/reports/waits?")[-1]
    answer = staffed.client("lead").get(f"/supervisor/reports/waits?{asked}&format=csv")
    assert answer.text.count('+01:00","') == 6 * 96


@pytest.mark.parametrize("wrong", ["page=0", "page=x", "page=99999999"])
def test_a_page_that_is_none_is_not_there(staffed: House, wrong: str) -> None:
    assert staffed.client("lead").get(f"/supervisor/reports/waits?{wrong}").status_code == 404


def test_wrong_choices_are_refused_with_a_sentence(staffed: House) -> None:
    lead = staffed.client("lead")
    assert lead.get("/supervisor/reports/formula?figure=nothing").status_code == 404
    answer = lead.get("/supervisor/reports/waits?by=moon")
    assert answer.status_code == 422
    assert "moon" in answer.text
