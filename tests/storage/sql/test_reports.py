"""The two reports over stored calls, on both databases, against figures worked out by hand."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine

from ivr.core.errors import RequestError
from ivr.core.facts import Outcome
from ivr.core.intervals import Step, period
from ivr.core.metrics import Share
from ivr.core.rollups import Limits
from ivr.storage.sql import tables
from ivr.storage.sql.callback_sums import CallbackRows
from ivr.storage.sql.engine import writing
from ivr.storage.sql.rollups import WaitCells
from ivr.workflows.report_callbacks import ReportCallbacks
from ivr.workflows.report_output import BOM, DASH, callbacks_sheet, disarm, to_csv, to_json, to_table, waits_sheet
from ivr.workflows.report_xlsx import to_xlsx
from ivr.workflows.reports import Placing, ReportQuery, ReportWaits, WaitsReport, WaitsRow

BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
NINE = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
"""9:00 in Berlin."""


@dataclass(frozen=True)
class At:
    at: datetime = datetime(2026, 11, 3, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def secs(value: float) -> timedelta:
    return timedelta(seconds=value)


def put(
    engine: Engine,
    stays: Iterable[tuple[datetime, float | None, str | None]],
    *,
    topic: str = "security",
    hotline: str = "wallet",
    cause: str = "",
) -> None:
    """Segments: when entered, how long waited, outcome."""
    rows: list[dict[str, Any]] = []
    for at, wait, outcome in stays:
        answered = outcome == "answered"
        left = None if wait is None else at + timedelta(seconds=wait)
        rows.append(
            {
                "call": f"{hotline}-{topic}-{len(rows)}-{at.timestamp()}", "segment": 1, "hotline": hotline, "topic": topic,
                "path": [], "language": "zh", "priority": 0, "queued_at": at, "entered_at": at,
                "answered_at": left if answered else None, "left_at": left, "ended_at": left, "outcome": outcome,
                "reason": "", "wait_s": wait, "talk_s": 100.0 if answered else None, "hold_s": None,
                "wrap_s": 20.0 if answered else None, "agent": None, "offer": None, "offers": 1, "ended_by": "", "cause": cause,
                "disposition": "", "by_default": False, "notes": "",
            }
        )  # fmt: skip
    with writing(engine) as connection:
        connection.execute(tables.segments.insert(), rows)


def minute(number: float, wait: float | None, outcome: str | None) -> tuple[datetime, float | None, str | None]:
    return NINE + timedelta(minutes=number), wait, outcome


# Two half hours at 9:00 and 9:30, T = 20 s, short below 5 s, worked out by hand:
#   security 9:00   answered 3, 10, 20, 40, 55; abandoned 4 (short), 30; callback 12          offered 8
#                   v4 3/(5+2-1) = 3/6   v8 3/(8-1) = 3/7   ASA 128/5 = 25.6
#                   P50 3rd = 20, P80 4th = 40, P90 5th (4.5 up) = 55, P95 5th = 55
#   security 9:30   answered 100                     offered 1: v4 0/1, v8 0/1, ASA 100
#   refunds  9:00   nothing
#   refunds  9:30   answered 5, 7; dropped by us 9   offered 3: v4 2/(2+1) = 2/3, v8 2/3, ASA 6
#   all      9:30   answered 5, 7, 100; dropped 9    offered 4: v4 2/4, ASA 112/3, P50 2nd = 7, P80 3rd = 100
#   whole hour, all: answered 8, in time 5; B = 2 + 1 = 3, B_s 1; offered 12; v4 5/10, v8 5/11, ASA 240/8 = 30
#                   waits 3 5 7 10 20 40 55 100: P50 4th = 10, P80 7th (6.4 up) = 55, P90 8th = 100
SECURITY = [
    minute(1, 3, "answered"), minute(2, 10, "answered"), minute(3, 20, "answered"), minute(4, 40, "answered"),
    minute(29.5, 55, "answered"), minute(5, 4, "abandoned"), minute(6, 30, "abandoned"), minute(7, 12, "callback"),
    minute(30, 100, "answered"),
]  # fmt: skip
REFUNDS = [minute(31, 5, "answered"), minute(40, 7, "answered"), minute(59, 9, "dropped")]


@pytest.fixture
def hour(engine: Engine) -> Engine:
    put(engine, SECURITY)
    put(engine, REFUNDS, topic="refunds")
    put(engine, [minute(3, 500, "abandoned")], hotline="another")
    put(engine, [minute(-0.01, 500, "abandoned"), minute(60, 500, "abandoned")])
    return engine


def query(**changes: Any) -> ReportQuery:
    asked: dict[str, Any] = {
        "start": NINE,
        "end": NINE + timedelta(hours=1),
        "zone": BERLIN,
        "step": Step.HALF,
        "hotline": "wallet",
    }
    return ReportQuery(**{**asked, **changes})


def report(engine: Engine, asked: ReportQuery, *, at: datetime = At().at, limits: Any = None) -> WaitsReport:
    return ReportWaits(WaitCells(engine), At(at), *([limits] if limits else []))(asked)


def row_of(rows: Sequence[WaitsRow], label: str | None, topic: str | None) -> WaitsRow:
    (found,) = [row for row in rows if row.topic == topic and (row.interval.label if row.interval else None) == label]
    return found


def figures(row: WaitsRow) -> tuple[object, ...]:
    counts = row.counts
    return (
        (counts.offered, counts.answered, counts.abandoned, counts.short_abandoned, counts.flow_out, counts.dropped),
        (row.service_level, row.service_level_strict),
        row.asa,
        tuple(row.percentiles.values()),
        row.longest,
    )


def test_the_worked_hour_stands_in_the_report_as_on_paper(hour: Engine) -> None:
    found = report(hour, query())
    nine, half = "2026-11-02 09:00 +01:00", "2026-11-02 09:30 +01:00"
    assert [(row.interval and row.interval.label, row.topic) for row in found.rows] == [
        (nine, "refunds"), (nine, "security"), (nine, None), (half, "refunds"), (half, "security"), (half, None),
    ]  # fmt: skip
    security = figures(row_of(found.rows, nine, "security"))
    assert security == (
        (8, 5, 2, 1, 1, 0), (Share(part=3, whole=6), Share(part=3, whole=7)),
        secs(25.6), (secs(20), secs(40), secs(55), secs(55)), secs(55),
    )  # fmt: skip
    assert figures(row_of(found.rows, half, "security"))[0:3] == (
        (1, 1, 0, 0, 0, 0), (Share(part=0, whole=1), Share(part=0, whole=1)), secs(100),
    )  # fmt: skip
    assert figures(row_of(found.rows, half, "refunds"))[0:3] == (
        (3, 2, 0, 0, 0, 1), (Share(part=2, whole=3), Share(part=2, whole=3)), secs(6),
    )  # fmt: skip


def test_totals_are_computed_from_all_callers_and_never_from_rates(hour: Engine) -> None:
    found = report(hour, query())
    both = row_of(found.rows, "2026-11-02 09:30 +01:00", None)
    assert (both.service_level, both.asa) == (Share(part=2, whole=4), secs(112) / 3)
    assert (both.percentiles[50], both.percentiles[80]) == (secs(7), secs(100))
    total = row_of(found.totals, None, None)
    assert figures(total) == (
        (12, 8, 2, 1, 1, 1), (Share(part=5, whole=10), Share(part=5, whole=11)),
        secs(30), (secs(10), secs(55), secs(100), secs(100)), secs(100),
    )  # fmt: skip
    assert [row.topic for row in found.totals] == ["refunds", "security", None]


def test_where_nobody_called_there_are_dashes_and_no_rates(hour: Engine) -> None:
    empty = row_of(report(hour, query()).rows, "2026-11-02 09:00 +01:00", "refunds")
    assert (empty.counts.offered, empty.service_level.value, empty.asa, empty.percentiles[50], empty.longest) == (
        0, None, None, None, None,
    )  # fmt: skip
    line = next(line for line in to_table(waits_sheet(report(hour, query()))).splitlines() if "refunds" in line)
    assert line.split()[-10:] == [DASH] * 10


def test_a_database_without_calls_gives_a_report_without_figures(engine: Engine) -> None:
    found = report(engine, query())
    assert [row.counts.offered for row in found.rows] == [0, 0]
    assert DASH in to_table(waits_sheet(found))


def test_filters_are_kept_and_a_caller_at_the_edge_belongs_to_the_next_interval(hour: Engine) -> None:
    assert row_of(report(hour, query(hotline=None)).totals, None, None).counts.offered == 13
    one = report(hour, query(topics=("refunds",)))
    assert [row.topic for row in one.totals] == ["refunds"]
    assert one.totals[0].counts.offered == 3


def test_limits_of_today_apply_to_the_past_and_per_topic(hour: Engine) -> None:
    limits = {"security": Limits(within=secs(40), short=secs(4)), "refunds": Limits(within=secs(5))}
    found = report(hour, query(), limits=limits.__getitem__)
    assert row_of(found.totals, None, "security").service_level == Share(part=4, whole=8)
    assert row_of(found.totals, None, "refunds").service_level == Share(part=1, whole=3)
    assert row_of(found.totals, None, None).service_level == Share(part=5, whole=11)
    assert row_of(found.totals, None, None).within is None


def test_by_event_callers_are_offered_when_they_come_and_answered_when_they_are(hour: Engine) -> None:
    found = report(hour, query(by=Placing.EVENT, topics=("security",)))
    first, second = (row.counts for row in found.rows)
    assert (first.offered, first.answered) == (8, 4)
    assert (second.offered, second.answered) == (1, 2), "answered may exceed offered"
    arrivals = report(hour, query(topics=("security",)))
    assert found.totals[0].counts.answered == arrivals.totals[0].counts.answered
    told = [json.loads(to_json(waits_sheet(one)))["totals"][0]["waiting"] for one in (found, arrivals)]
    assert told == [None, arrivals.totals[0].counts.waiting], (
        "who still waits is in no row by event, and nobody is told 0"
    )


def test_a_caller_still_waiting_is_a_strict_miss_once_beyond_t(engine: Engine) -> None:
    put(engine, [minute(0, 5, "answered"), minute(1, None, None)])
    early = report(engine, query(), at=NINE + timedelta(minutes=1, seconds=20)).totals[0]
    late = report(engine, query(), at=NINE + timedelta(minutes=1, seconds=21)).totals[0]
    assert (early.counts.waiting, early.service_level_strict) == (1, Share(part=1, whole=1))
    assert (late.service_level, late.service_level_strict) == (Share(part=1, whole=1), Share(part=1, whole=2))
    assert late.longest_any == secs(5)
    put(engine, [minute(2, None, None)], topic="refunds", cause="transfer")
    moved = report(engine, query(), at=NINE + timedelta(minutes=3)).totals[-1]
    assert moved.counts.of("transferred_in") == Share(part=1, whole=3), "came here by a transfer, answered or not yet"


def test_the_repeated_hour_stands_twice_and_each_caller_once(engine: Engine) -> None:
    put(engine, [(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), 10, "answered") for hour in (0, 1, 2)])
    start, end = period("2026-10-25", "2026-10-25", BERLIN)
    found = report(engine, query(start=start, end=end, step=Step.HOUR))
    assert len(found.rows) == 25
    assert {row.interval.label: row.counts.offered for row in found.rows if row.interval and row.counts.offered} == {
        "2026-10-25 02:00 +02:00": 1, "2026-10-25 02:00 +01:00": 1, "2026-10-25 03:00 +01:00": 1,
    }  # fmt: skip
    assert report(engine, query(start=start, end=end, step=Step.DAY)).rows[0].counts.offered == 3


def test_half_an_hour_of_summer_time_loses_nobody(engine: Engine) -> None:
    start, end = period("2026-04-05", "2026-04-05", LORD_HOWE)
    minutes = int((end - start) / timedelta(minutes=1))
    put(engine, [(start + timedelta(minutes=number), 10, "answered") for number in range(minutes)])
    found = report(engine, query(start=start, end=end, zone=LORD_HOWE, step=Step.HOUR))
    assert [row.counts.offered for row in found.rows][:4] == [60, 60, 30, 60]
    assert sum(row.counts.offered for row in found.rows) == minutes == 24.5 * 60


def test_a_report_of_endless_rows_is_refused(engine: Engine) -> None:
    with pytest.raises(RequestError):
        report(engine, query(end=NINE + timedelta(days=4000), step=Step.QUARTER))


# ---- formats ---------------------------------------------------------------------------------------------------


def read_csv(text: str) -> list[dict[str, str]]:
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))


def test_csv_holds_seconds_and_shares_names_its_formulas_and_zone_and_leaves_nothing_where_there_is_nothing(
    hour: Engine,
) -> None:
    rows = read_csv(to_csv(waits_sheet(report(hour, query()))))
    row = next(
        row
        for row in rows
        if row["interval (Europe/Berlin)"] == "2026-11-02 09:00 +01:00" and row["topic"] == "security"
    )
    assert (row["service level v4 A_T / (A + B - B_s)"], row["service level v8 A_T / (O - B_s)"]) == ("0.5", "0.4286")
    assert (row["ASA s"], row["P80 s"], row["T in s"]) == ("25.6", "40", "20")
    assert next(row for row in rows if row["topic"] == "refunds")["ASA s"] == ""
    assert [row["topic"] for row in rows][-3:] == ["refunds", "security", "all"]


def test_json_holds_shares_with_what_they_were_made_of(hour: Engine) -> None:
    body = json.loads(to_json(waits_sheet(report(hour, query()))))
    total = body["totals"][-1]
    assert total["service_level_v4"] == {"value": 0.5, "part": 5, "whole": 10}
    assert body["rows"][0]["asa_s"] is None
    assert body["report"] == "waits"


def test_the_table_shows_few_callers_as_a_fraction_and_lines_up_chinese_names(hour: Engine) -> None:
    text = to_table(waits_sheet(report(hour, query()), names={"security": "账户安全", "refunds": "退款"}.__getitem__))
    assert "3 of 6" in text
    assert "50.0%" in text
    assert "Europe/Berlin" in text
    assert "账户安全" in text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+41",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "a,=1",
        'a"=1',
        "a;@x",
        "x' -1",
    ],
)
def test_text_that_a_spreadsheet_would_take_for_a_formula_is_disarmed(hour: Engine, text: str) -> None:
    for piece in (disarm(text), disarm(text).split(",")[-1], disarm(text).split(";")[-1], disarm(text).split('"')[-1]):
        assert piece.lstrip()[0] not in "=+-@＝＋－＠"
    rows = read_csv(to_csv(waits_sheet(report(hour, query()), names=lambda _: text)))
    assert rows[0]["topic"] == disarm(text), "it reads back whole"


@pytest.mark.parametrize("text", ["security", "账户安全", "2026-11-02 09:00 +01:00", "A_T / (A + B - B_s)", "a-b", ""])
def test_other_text_is_left_alone(text: str) -> None:
    assert disarm(text) == text


def read_xlsx(book: bytes, page: int = 1) -> list[list[str | float | None]]:
    """The cells of a page as a spreadsheet shows them: text, numbers, nothing. A formula is an error."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        entries = ET.fromstring(parts.read("xl/sharedStrings.xml")).iter(f"{space}si")
        texts = ["".join(text.text or "" for text in entry.iter(f"{space}t")) for entry in entries]
        cells = list(ET.fromstring(parts.read(f"xl/worksheets/sheet{page}.xml")).iter(f"{space}c"))
    assert not any(cell.findall(f"{space}f") for cell in cells), "a formula"
    rows = groupby(cells, key=lambda cell: int("".join(filter(str.isdigit, cell.attrib["r"]))))
    return [[shown_in(cell, texts, space) for cell in row] for _, row in rows]


def shown_in(cell: ET.Element, texts: Sequence[str], space: str) -> str | float | None:
    value = cell.findtext(f"{space}v")
    if value is None:
        return None
    return texts[int(value)] if cell.get("t") == "s" else float(value)


def test_a_workbook_holds_the_same_figures_as_numbers_and_says_what_they_mean(hour: Engine) -> None:
    sheet = waits_sheet(report(hour, query()), names={"security": "账户安全", "refunds": "退款"}.__getitem__)
    book = to_xlsx(sheet)
    head, *rows = read_xlsx(book)
    assert head == [column.heading for column in sheet.columns]
    assert len(rows) == len(sheet.rows) + len(sheet.totals)
    row = dict(zip(sheet.columns, sheet.rows[1], strict=True))
    half_hour = next(row for row in rows if row[:2] == ["2026-11-02 09:00 +01:00", "账户安全"])
    assert len(row) == len(half_hour), "no cell is missing"
    assert half_hour[head.index("service level v4 A_T / (A + B - B_s)")] == 0.5
    assert half_hour[head.index("ASA s")] == 25.6
    assert half_hour[head.index("P80 s")] == 40
    assert [line[0] for line in read_xlsx(book, page=2)] == [sheet.title, *sheet.notes]


def test_a_workbook_leaves_nothing_where_there_is_nothing(hour: Engine) -> None:
    sheet = waits_sheet(report(hour, query()))
    head, *rows = read_xlsx(to_xlsx(sheet))
    refunds = next(row for row in rows if row[1] == "refunds")
    assert "ASA s" in head
    assert 0 not in [cell for cell, value in zip(refunds, sheet.rows[0], strict=False) if value is None]
    assert not {DASH, "None", ""} & {cell for row in rows for cell in row if isinstance(cell, str)}


@pytest.mark.parametrize("text", ["=1+1", "+41", "-2", "@SUM(A1)", "{=1}", "https://example.org/", "mailto:a@b", "012"])
def test_text_in_a_workbook_is_text_whatever_it_begins_with(hour: Engine, text: str) -> None:
    book = to_xlsx(waits_sheet(report(hour, query()), names=lambda _: text))
    assert read_xlsx(book)[1][1] == text
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not [name for name in parts.namelist() if "_rels/sheet" in name], "a link"


# ---- callbacks -------------------------------------------------------------------------------------------------


def test_without_callbacks_the_report_is_there_and_empty(engine: Engine) -> None:
    found = ReportCallbacks(CallbackRows(engine), At())(query())
    assert [row.figures.requested for row in (*found.rows, *found.totals)] == [0, 0, 0]
    assert found.totals[0].figures.success_of_requested.value is None
    sheet = callbacks_sheet(found)
    assert to_table(sheet).count(DASH) > 10
    assert read_csv(to_csv(sheet))[0]["requested (unique)"] == "0"


# Worked out by hand. Requests at 9:00, window from the request to 9:30 unless said otherwise:
#   c1 completed, attempts 9:10 no answer, 9:20 connected      c2 completed, attempt 9:05 connected
#   c3 failed, attempts 9:40 busy (10 min late)                c4 cancelled, no attempt
#   c5 expired, no attempt, window over                        c6 pending, window to the next day
#   c7 reached by phone, no attempt                            c8 merged into c2
def test_callbacks_are_counted_as_defined(engine: Engine) -> None:
    at = {number: NINE + timedelta(minutes=number) for number in range(0, 60, 5)}
    results = ["completed", "completed", "failed", "cancelled", "expired", None, "reached_by_phone", None]
    rows = [
        {
            "id": f"c{number}", "hotline": "wallet", "topic": "security", "call": None, "queued_at": at[0],
            "requested_at": at[0], "promised_from": None,
            "promised_to": at[30] + timedelta(days=2) if number == 6 else at[30],
            "state": "closed" if result else "requested", "result": result,
            "merged_into": "c2" if number == 8 else None,
            "connected_at": {1: at[20], 2: at[5]}.get(number), "closed_at": None,
        }
        for number, result in enumerate(results, start=1)
    ]  # fmt: skip
    tries = [("c1", 1, at[10], "no_answer", 15.0), ("c1", 2, at[20], "connected", None),
             ("c2", 1, at[5], "connected", None), ("c3", 1, at[40], "busy", 5.0)]  # fmt: skip
    with writing(engine) as connection:
        connection.execute(tables.callbacks.insert(), rows)
        connection.execute(
            tables.callback_attempts.insert(),
            [
                {
                    "callback": c,
                    "attempt": n,
                    "at": when,
                    "ended_at": None,
                    "result": r,
                    "agent": None,
                    "agent_idle_s": idle,
                }
                for c, n, when, r, idle in tries
            ],
        )
    f = ReportCallbacks(CallbackRows(engine), At())(query(step=Step.DAY)).totals[0].figures
    of = f.sums
    assert (f.requested, of.pending, of.completed, of.failed, of.cancelled, of.expired, of.reached_by_phone, of.merged) == (
        7, 1, 2, 1, 1, 1, 1, 1,
    )  # fmt: skip
    assert f.requested == of.pending + of.completed + of.failed + of.cancelled + of.expired + of.reached_by_phone
    assert of.attempts == {"busy": 1, "connected": 2, "no_answer": 1}
    assert (f.first_attempt_success, f.success_of_requested, f.success_of_attempted) == (
        Share(part=1, whole=3), Share(part=2, whole=7), Share(part=2, whole=3),
    )  # fmt: skip
    assert (f.to_first_attempt, f.to_connected) == (timedelta(minutes=55) / 3, timedelta(minutes=12.5))
    assert f.lateness == timedelta(minutes=10) / 3
    assert f.promise_kept == Share(part=2, whole=4)
    assert f.agent_idle == secs(20)


def test_outcomes_of_the_core_are_those_the_tables_hold() -> None:
    assert {"answered", "abandoned", "callback", "dropped"} <= {outcome.value for outcome in Outcome}
