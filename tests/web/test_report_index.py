"""The page of all reports: no report without its question, none without its page."""

from __future__ import annotations

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
