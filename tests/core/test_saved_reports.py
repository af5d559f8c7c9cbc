"""When a kept report is mailed, about which days, and what an address holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ivr.core.saved_reports import Every, next_due, recipients_of, report_of, retry_after, span_of

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("every", "after", "due"),
    [
        (Every.DAY, "2026-11-26T06:59:59", "2026-11-26T07:00"),
        (Every.DAY, "2026-11-26T07:00", "2026-11-27T07:00"),
        (Every.WEEK, "2026-11-26T12:00", "2026-11-30T07:00"),
        (Every.MONTH, "2026-12-01T07:00", "2027-01-01T07:00"),
    ],
)
def test_the_next_mail_is_due_at_the_hour_of_the_local_clock(every, after, due):
    assert next_due(every, 7, at(after), BERLIN) == at(due)


def test_an_hour_that_the_clock_skips_is_due_when_it_jumps_and_one_that_comes_twice_is_due_once():
    spring = next_due(Every.DAY, 2, at("2026-03-28T12:00"), BERLIN)
    assert spring == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    autumn = next_due(Every.DAY, 2, at("2026-10-24T12:00"), BERLIN)
    assert autumn is not None
    following = next_due(Every.DAY, 2, autumn, BERLIN)
    assert following is not None
    assert following - autumn == timedelta(hours=25)
    assert next_due(Every.NEVER, 2, autumn, BERLIN) is None


@pytest.mark.parametrize(
    ("every", "days"),
    [
        (Every.DAY, ("2026-11-29", "2026-11-29")),
        (Every.WEEK, ("2026-11-23", "2026-11-29")),
        (Every.MONTH, ("2026-10-01", "2026-10-31")),
    ],
)
def test_what_is_mailed_is_over(every, days):
    assert span_of(every, at("2026-11-30T07:00"), BERLIN) == tuple(map(date.fromisoformat, days))


def test_an_address_is_a_reports_and_keeps_what_was_chosen_but_not_the_file():
    assert report_of("/supervisor/reports/menu-flow?from=2026-11-02&format=csv&topic=a&topic=b") == (
        "menu-flow",
        "from=2026-11-02&topic=a&topic=b",
    )
    for wrong in ("/supervisor", "https://evil.example/supervisor/reports/waits", "/supervisor/reports/../x", ""):
        assert report_of(wrong) is None


def test_recipients_are_told_apart_and_a_wrong_one_is_named():
    assert recipients_of("a@b.example, c@d.example;a@b.example") == ("a@b.example", "c@d.example")
    with pytest.raises(ValueError, match="nobody"):
        recipients_of("a@b.example nobody")
    with pytest.raises(ValueError, match="x@y"):
        recipients_of("<x@y.example>\nBcc:z@z.example")


def test_a_mail_is_tried_five_times_in_all():
    waits = [retry_after(tries) for tries in range(1, 6)]
    known = [wait for wait in waits if wait is not None]
    assert waits == [*known, None]
    assert all(before < after for before, after in pairwise(known))
