"""The pages of the further reports, as a supervisor meets them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from ivr.web.shelf import _usual
from tests.storage.sql.test_shelf import put_agents, put_told
from tests.storage.sql.test_shelf_more import put_promises
from tests.web.house import House

DAY = "from=2026-11-02&to=2026-11-02&zone=Europe/Berlin"
REPORTS = "/supervisor/reports"


@pytest.fixture
def told(staffed: House) -> House:
    put_agents(staffed.switchboard.engine)
    put_told(staffed.switchboard.engine)
    return staffed


def links(page: str, start: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]+)"', page) if one.startswith(start)]


def test_a_figure_leads_to_the_calls_behind_it_with_the_filter_of_the_page(told):
    page = told.client("lead").get(f"{REPORTS}/agents?{DAY}&topic=refunds").text
    wanted = [parse_qs(urlsplit(one).query) for one in links(page, "/supervisor/calls")]
    assert {
        "from": ["2026-11-02T00:00+01:00"],
        "to": ["2026-11-03T00:00+01:00"],
        "zone": ["Europe/Berlin"],
        "topic": ["refunds"],
        "agent": ["ana"],
        "by": ["answer"],
        "made": ["1"],
    } in wanted
    assert re.search(r'title="2 / 6" ?>33 % <small>2 / 6</small>', page), "few talks stand with their fraction"
    assert "No shifts are set" in page


def test_files_hold_what_the_page_shows_and_taking_one_stands_in_the_audit(told):
    client = told.client("lead")
    assert '<circle class="point"' in client.get(f"{REPORTS}/calibration?{DAY}").text
    table = client.get(f"{REPORTS}/calibration?{DAY}&format=csv&table=spoken")
    assert table.headers["Content-Disposition"] == 'attachment; filename="calibration-2026-11-02-2026-11-02.csv"'
    assert '"refunds","QL",3,63.333,43.333' in table.text.replace('"退款","QL"', '"refunds","QL"')
    with zipfile.ZipFile(io.BytesIO(client.get(f"{REPORTS}/calibration?{DAY}&format=xlsx").data)) as book:
        assert sum(name.startswith("xl/worksheets/sheet") for name in book.namelist()) == 4
    assert client.get(f"{REPORTS}/calibration?{DAY}&format=json").json["tables"]["spoken"]["rows"][0]["scored"] == 3
    exports = [row for row in told.switchboard.people.audit_rows(10) if row.what == "report.export"]
    assert [(row.who, row.object) for row in exports] == [("lead", "calibration")] * 3


def test_a_count_of_promises_leads_to_them_on_the_same_page(told):
    put_promises(told.switchboard.engine)
    client = told.client("lead")
    page = client.get(f"{REPORTS}/promises?{DAY}").text
    (late,) = {
        one
        for one in links(page, f"{REPORTS}/promises")
        if "kind=callback" in one and "state=late" in one and "format" not in one
    }
    listed = client.get(late).text
    assert ">late</td>" in listed
    assert ">kept</td>" not in listed
    assert client.get(f"{late}&format=pdf").data.startswith(b"%PDF")


def test_a_wrong_choice_is_refused_with_a_sentence_and_nothing_happens_today(told):
    client = told.client("lead")
    refused = client.get(f"{REPORTS}/agents?from=2026-11-03&to=2026-11-02")
    assert (refused.status_code, "2026-10-25" in refused.text) == (422, True)
    assert client.get(f"{REPORTS}/agents?zone=Nowhere").status_code == 422
    for name in told.switchboard.site.shelf.reports:
        assert client.get(f"{REPORTS}/{name}?from=2020-01-01&to=2020-01-01").status_code == 200, name
        empty = client.get(f"{REPORTS}/{name}?from=2020-01-01&to=2020-01-01&format=xlsx")
        assert empty.status_code == 200, name


@pytest.mark.parametrize(
    ("today", "first", "last"), [("2026-11-27", "2026-01-01", "2026-11-27"), ("2027-01-31", "2026-01-01", "2026-12-31")]
)
def test_the_complaints_of_the_year_are_those_of_a_year(today, first, last):
    assert _usual("disclosure", date.fromisoformat(today)) == (date.fromisoformat(first), date.fromisoformat(last))
