"""The page of all reports: no report without its question, none without its page."""

from __future__ import annotations

import io
import json
import re
import zipfile

from ivr.core.saved_reports import PATH
from ivr.web.report_index import GROUPS, NO_ENTRY
from tests.web.test_saved_reports import ADDRESS

HERE = PATH.rstrip("/")


def test_every_report_stands_there_once_with_its_name_and_the_question_it_answers(staffed):
    client = staffed.client("lead")
    page = client.get(HERE).text
    listed = [one for group in GROUPS for one in group.entries]
    rules = {rule.rule for rule in staffed.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {rule.removeprefix(PATH) for rule in rules if rule.startswith(PATH) and "/" not in rule.removeprefix(PATH)}
    assert sorted(one.name for one in listed) == sorted(pages - {*NO_ENTRY})
    for one in listed:
        assert f'<a href="{one.address}">{one.title}</a>' in page
        assert f"<h1>{one.title}</h1>" in client.get(one.address).text, "one name on both pages"


def test_kept_reports_stand_there_for_whom_they_are_kept(staffed):
    keep = staffed.switchboard.site.shelf.keep
    keep.add(ADDRESS, "Told in refunds", shared=False, owner="lead", language="en")
    keep.add(ADDRESS, "For everybody", shared=True, owner="root", language="en")
    keep.add(ADDRESS, "Of the root alone", shared=False, owner="root", language="en")
    page = staffed.client("lead").get(HERE).text
    assert "/supervisor/reports/calibration?zone=Europe%2FBerlin&amp;topic=refunds" in page
    assert [title in page for title in ("Told in refunds", "For everybody", "Of the root alone")] == [True, True, False]


FILES = ("csv", "json", "xlsx", "pdf")


def test_every_page_print_and_file_says_its_time_clock_and_edition_of_formulas(staffed):
    client = staffed.client("lead")
    asked = "from=2026-11-02&to=2026-11-02&zone=Europe/Berlin&topic=transfers"
    for one in (one for group in GROUPS for one in group.entries):
        answer = client.get(f"{one.address}?{asked}")
        assert answer.status_code == 200
        (head,) = re.findall(r'<ul class="print-head">(.*?)</ul>', answer.text, re.DOTALL)
        files = {kind: client.get(f"{one.address}?{asked}&format={kind}") for kind in FILES}
        assert {kind: file.status_code for kind, file in files.items()} == dict.fromkeys(FILES, 200), one.name
        with zipfile.ZipFile(io.BytesIO(files["xlsx"].data)) as book:
            cells = book.read("xl/sharedStrings.xml").decode()
        assert files["pdf"].data.startswith(b"%PDF")
        for text in (head, files["csv"].text, "\n".join(notes_of(files["json"].text)), cells):
            said = re.search(r"2026-11-02 00:00 to 2026-11-03 00:00 \((.*?)\)\. As of .*\. Formulas, edition \d", text)
            assert said, (one.name, text[-500:])
            assert said[1] == ("Asia/Shanghai" if one.name in SITE_CLOCK else "Europe/Berlin")
            assert one.name in NO_TOPIC or "Topic: " in text, one.name


SITE_CLOCK = {"cost", "carrier"}
"""Bills and lists of the carrier are of the site's days."""
NO_TOPIC = {*SITE_CLOCK, "selfcheck", "access", "menu-flow", "quality"}


def notes_of(text: str) -> list[str]:
    return list(json.loads(text)["notes"])
