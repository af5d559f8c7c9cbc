"""Waits by hour of the day, and results, over stored rows, on both databases, against figures worked out by hand."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine

from ivr.core.errors import RequestError
from ivr.core.intervals import Step, period
from ivr.core.metrics import Share
from ivr.storage.sql import tables
from ivr.storage.sql.engine import writing
from ivr.storage.sql.reports import ReportRows
from ivr.storage.sql.rollups import WaitCells
from ivr.workflows.report_heat import ReportHeat
from ivr.workflows.report_hours import HoursReport, ReportHours, hours_sheet
from ivr.workflows.report_intervals import ReportIntervals
from ivr.workflows.report_output import to_csv, to_table
from ivr.workflows.report_results import ReportResults, results_sheet
from ivr.workflows.reports import ReportQuery, ReportWaits
from tests.storage.sql.test_reports import At, put

BERLIN, LORD_HOWE, DELHI = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")
LATER = datetime(2027, 1, 1, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def days(first: str, last: str = "", zone: ZoneInfo = BERLIN) -> ReportQuery:
    start, end = period(first, last or first, zone)
    return ReportQuery(start=start, end=end, zone=zone, step=Step.HOUR, hotline="wallet")


def report(engine: Engine, query: ReportQuery, *, at: datetime = LATER) -> HoursReport:
    return ReportHours(WaitCells(engine), ReportRows(engine), At(at), dict)(query)


def at_work(engine: Engine, *spans: tuple[str, datetime, datetime | None, str]) -> None:
    with writing(engine) as connection:
        connection.execute(
            tables.agent_states.insert(),
            [
                {
                    "id": f"{agent}-{start.isoformat()}", "hotline": "", "agent": agent, "presence": presence, "reason": "",
                    "started_at": start, "ended_at": end, "call": None, "offer": None,
                }
                for agent, start, end, presence in spans
            ],
        )  # fmt: skip


def local(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


# 9:00 to 10:00 on two days, worked out by hand:
#   answered 10, 20, 60 and 30; abandoned 4 (short) and 90   offered 6: ASA 120/4 = 30, P90 4th (3.6 up) = 60, rate 1/5
#   ana at work both hours whole; bo half an hour of the first   (2 h + 0.5 h) / 2 h = 1.25 agents
def test_an_hour_of_the_day_is_counted_over_all_days(engine: Engine) -> None:
    first, second = local("2026-11-02T09:00"), local("2026-11-03T09:00")
    put(engine, [(first, 10, "answered"), (first + MINUTE, 20, "answered"), (first + 59 * MINUTE, 60, "answered")])
    put(engine, [(second, 30, "answered"), (second + MINUTE, 4, "abandoned"), (second + 2 * MINUTE, 90, "abandoned")])
    put(engine, [(second + HOUR, 7, "answered"), (second - timedelta(seconds=1), 500, "abandoned")], topic="refunds")
    at_work(
        engine,
        ("ana", first - HOUR, first + 2 * HOUR, "available"),
        ("ana", second, second + 20 * MINUTE, "on_call"),
        ("ana", second + 20 * MINUTE, second + HOUR, "wrap_up"),
        ("bo", first, first + 30 * MINUTE, "reserved"),
        ("bo", first + 30 * MINUTE, first + 3 * HOUR, "break"),
    )
    found = report(engine, days("2026-11-02", "2026-11-03"))
    nine = found.rows[9]
    assert (nine.counts.offered, nine.counts.answered, nine.counts.abandoned, nine.counts.short_abandoned) == (
        6,
        4,
        2,
        1,
    )
    assert (nine.waits.asa, nine.waits.percentiles[90]) == (timedelta(seconds=30), timedelta(seconds=60))
    assert nine.waits.abandon_rate == Share(part=1, whole=5)
    assert (nine.staffed, nine.thin) == (1.25, True)
    assert [row.counts.offered for row in found.rows if row.counts.offered] == [1, 6, 1]
    assert found.total.counts.offered == 8
    assert found.total.passed == 48 * HOUR


@pytest.mark.parametrize(
    ("day", "zone", "hour", "passed", "total"),
    [
        ("2026-10-25", BERLIN, 2, 2 * HOUR, 25 * HOUR),
        ("2026-03-29", BERLIN, 2, 0 * HOUR, 23 * HOUR),
        ("2026-04-05", LORD_HOWE, 1, 1.5 * HOUR, 24.5 * HOUR),
        ("2026-10-04", LORD_HOWE, 2, 0.5 * HOUR, 23.5 * HOUR),
        ("2026-11-02", DELHI, 2, 1 * HOUR, 24 * HOUR),
    ],
)
def test_hours_that_come_twice_or_not_at_all_have_the_time_that_passed(engine, day, zone, hour, passed, total) -> None:
    query = days(day, zone=zone)
    at_work(engine, *((name, query.start - HOUR, None, "available") for name in ("ana", "bo")))
    found = report(engine, query)
    assert len(found.rows) == 24
    assert (found.rows[hour].passed, found.total.passed) == (passed, total)
    assert [row.staffed for row in found.rows] == [2.0 if row.passed else None for row in found.rows]
    assert not any(row.thin for row in found.rows)


def test_both_of_the_hours_that_come_twice_are_in_their_row(engine: Engine) -> None:
    twice = [local("2026-10-25T02:30", fold=fold) for fold in (0, 1)]
    assert twice[1] - twice[0] == HOUR
    put(engine, [(at, 10, "answered") for at in twice])
    assert report(engine, days("2026-10-25")).rows[2].counts.offered == 2


def test_hours_to_come_have_no_agents_and_no_mark(engine: Engine) -> None:
    begun = local("2026-11-02T08:00")
    at_work(engine, ("ana", begun, None, "available"))
    found = report(engine, days("2026-11-02"), at=begun + 90 * MINUTE)
    assert [found.rows[hour].staffed for hour in (7, 8, 9, 10)] == [0.0, 1.0, 1.0, None]
    assert [row.thin for row in found.rows] == [hour < 10 for hour in range(24)]


def test_the_quarter_of_an_hour_that_is_not_over_counts_as_far_as_it_has_gone(engine: Engine) -> None:
    """Of six minutes that have passed, two agents were at work for five and for three."""
    begun = local("2026-11-02T08:00")
    at_work(engine, ("ana", begun, begun + 5 * MINUTE, "available"), ("bo", begun + 3 * MINUTE, None, "on_call"))
    at_work(engine, ("ana", begun + 5 * MINUTE, None, "break"))
    now = begun + 6 * MINUTE
    assert report(engine, days("2026-11-02"), at=now).rows[8].staffed == pytest.approx(8 / 6)
    cells, rows = WaitCells(engine), ReportRows(engine)
    heat = ReportHeat(cells, rows, At(now), dict)(days("2026-11-02"))
    assert heat.cells[8][0].staffed == pytest.approx(8 / 6)
    pieces = ReportIntervals(ReportWaits(cells, At(now)), rows, At(now))(days("2026-11-02"))
    assert (pieces.rows[8][1], pieces.total[1]) == (1.3, 0.0)


def test_the_sheet_marks_thin_hours_by_word_and_shape_in_every_format(engine: Engine) -> None:
    begun = local("2026-11-02T08:00")
    at_work(engine, ("ana", begun, begun + 2 * HOUR, "available"), ("bo", begun, begun + HOUR, "available"))
    sheet = hours_sheet(report(engine, days("2026-11-02")), words=lambda _: "不足2人")
    rows = list(csv.DictReader(io.StringIO(to_csv(sheet).removeprefix("\ufeff"))))
    assert [row["hour (Europe/Berlin)"] for row in rows] == [*(f"{hour:02d}:00" for hour in range(24)), "total"]
    assert [row["agents at work"] for row in rows][7:11] == ["0.0", "2.0", "1.0", "0.0"]
    assert [row["fewer than 2 agents"] for row in rows][7:11] == ["▼ 不足2人", "", "▼ 不足2人", "▼ 不足2人"]
    assert re.search(r"09:00 +▼ 不足2人 ", to_table(sheet))


def test_years_are_too_long(engine: Engine) -> None:
    with pytest.raises(RequestError, match="1000 days"):
        report(engine, days("2020-01-01", "2026-01-01"))


# ---- results -----------------------------------------------------------------------------------------------------------


def test_the_share_of_results_that_time_out_set(engine: Engine) -> None:
    at = local("2026-11-02T09:00")
    put(engine, [(at + number * MINUTE, 10, "answered") for number in range(5)])
    put(engine, [(at, 10, "answered"), (at + MINUTE, 30, "abandoned")], topic="refunds")
    given = [("solved", False), ("solved", False), ("no_result", True), ("no_result", False)]
    with writing(engine) as connection:
        for number, (result, by_default) in enumerate(given):
            connection.execute(
                tables.segments.update()
                .where(tables.segments.c.topic == "security", tables.segments.c.entered_at == at + number * MINUTE)
                .values(disposition=result, by_default=by_default)
            )
        connection.execute(
            tables.segments.update()
            .where(tables.segments.c.topic == "refunds", tables.segments.c.outcome == "answered")
            .values(disposition="solved", by_default=True)
        )
    found = ReportResults(ReportRows(engine))(days("2026-11-02"))
    assert [(line.topic, line.result, line.calls, line.by_time_out) for line in found.lines] == [
        ("refunds", "solved", 1, Share(part=1, whole=1)),
        ("security", "no_result", 2, Share(part=1, whole=2)),
        ("security", "solved", 2, Share(part=0, whole=2)),
    ]
    assert [(line.topic, line.calls, line.by_time_out, line.waiting) for line in found.totals] == [
        ("refunds", 1, Share(part=1, whole=1), 0),
        ("security", 4, Share(part=1, whole=4), 1),
        (None, 5, Share(part=2, whole=5), 1),
    ]
    assert "set by time-out" in to_table(results_sheet(found))


def test_reasons_are_counted_under_their_result_and_calls_without_one_come_last(engine: Engine) -> None:
    at = local("2026-11-02T09:00")
    put(engine, [(at + number * MINUTE, 10, "answered") for number in range(7)])
    given = [
        ("pending", "bank_slow", False),
        ("pending", "bank_slow", True),
        ("pending", "network_congested", False),
        ("pending", "", False),
        ("pending", "bank_slow", False),
        ("solved", "", False),
        ("solved", "", False),
    ]
    with writing(engine) as connection:
        for number, (result, reason, by_default) in enumerate(given):
            connection.execute(
                tables.segments.update()
                .where(tables.segments.c.entered_at == at + number * MINUTE)
                .values(disposition=result, disposition_reason=reason, by_default=by_default)
            )
    found = ReportResults(ReportRows(engine))(days("2026-11-02"))
    assert [(line.result, line.reason, line.calls, line.share, line.by_time_out) for line in found.lines] == [
        ("pending", None, 5, Share(part=5, whole=7), Share(part=1, whole=5)),
        ("pending", "bank_slow", 3, Share(part=3, whole=5), Share(part=1, whole=3)),
        ("pending", "network_congested", 1, Share(part=1, whole=5), Share(part=0, whole=1)),
        ("pending", "", 1, Share(part=1, whole=5), Share(part=0, whole=1)),
        ("solved", None, 2, Share(part=2, whole=7), Share(part=0, whole=2)),
    ], "a result none of whose calls has a reason has no lines beneath it"
    assert (found.totals[-1].calls, found.totals[-1].by_time_out) == (7, Share(part=1, whole=7))
    rows = list(csv.DictReader(io.StringIO(to_csv(results_sheet(found)).removeprefix("\ufeff"))))
    assert [(row["result"], row["reason"], row["calls"]) for row in rows][:4] == [
        ("pending", "", "5"),
        ("pending", "bank_slow", "3"),
        ("pending", "network_congested", "1"),
        ("pending", "not said", "1"),
    ]
