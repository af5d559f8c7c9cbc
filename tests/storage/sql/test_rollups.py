"""Kept cells say what the calls say: always, whatever changed since, whoever asks for which time on which clock."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.facts import Outcome
from ivr.core.figures import FIGURES
from ivr.core.intervals import Step
from ivr.core.rollups import OUTCOMES, Cell, Limits, stays_in
from ivr.storage.sql import changes, tables
from ivr.storage.sql.engine import upsert, writing
from ivr.storage.sql.records import Records
from ivr.storage.sql.reports import ReportRows
from ivr.storage.sql.rollup_build import Rollups
from ivr.storage.sql.rollup_tables import WAITS, rollup_cells, rollup_days, rollup_dirty
from ivr.storage.sql.rollups import WaitCells
from ivr.storage.sql.sums import marks_of
from ivr.workflows.check_rollups import CheckRollups
from ivr.workflows.report_heat import SHOWN, ReportHeat, heat_sheet
from ivr.workflows.report_hours import ReportHours, hours_sheet
from ivr.workflows.report_output import waits_sheet
from ivr.workflows.reports import Placing, ReportQuery, ReportWaits
from tests.storage.sql.test_records import rows_of
from tests.storage.sql.test_reports import At

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    BERLIN,
    ZoneInfo("UTC"),
    ZoneInfo("Asia/Kolkata"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("America/St_Johns"),
]
FROM = datetime(2026, 10, 23, tzinfo=UTC)
"""Two days before the clock of Berlin is put back."""
NOW = FROM + timedelta(days=5)
LIMITS = {"security": Limits(), "refunds": Limits(within=timedelta(seconds=45), short=timedelta(seconds=10))}
ENDS = ["answered"] * 6 + ["abandoned"] * 3 + ["callback", "overflow", "dropped", None]


def stay(draw: Random, call: int, segment: int = 1) -> dict[str, Any]:
    """A stay at any time of the days, its times often just on a limit or an edge."""
    entered = FROM + timedelta(seconds=draw.randrange(5 * 86400) if draw.random() < 0.7 else 900 * draw.randrange(480))
    outcome = draw.choice(ENDS)
    wait = draw.choice([0, 4.999, 5, 10, 19.5, 20, 20.001, 45, 179.9, 180, draw.random() * 4000])
    left = None if outcome is None else entered + timedelta(seconds=wait)
    answered = outcome == "answered"
    return {
        "call": f"CA{call}" if call % 10 else f"cb-{call}", "segment": segment, "hotline": draw.choice(["wallet", "other"]),
        "topic": draw.choice(list(LIMITS)), "path": [], "language": "zh", "priority": 0, "queued_at": entered,
        "entered_at": entered, "answered_at": left if answered else None, "left_at": left, "ended_at": left,
        "outcome": outcome, "reason": "", "wait_s": None if left is None else round(wait, 3),
        "talk_s": 60.5 if answered else None, "hold_s": draw.choice([None, 0.0, 12.3]) if answered else None,
        "wrap_s": draw.choice([None, 0.0, 31.25]) if answered else None, "agent": None, "offer": None, "offers": 1,
        "ended_by": draw.choice(["", "transfer"]) if answered else "", "cause": draw.choice(["", "transfer"]),
        "disposition": "", "disposition_reason": "", "agent_topic": "", "by_default": False, "notes": "",
    }  # fmt: skip


def record(engine: Engine, rows: Sequence[dict[str, Any]]) -> None:
    """With the recorder's own marks of what the rows were and are."""
    below = {tables.segments: rows, tables.offers: (), tables.announcements: ()}
    with writing(engine) as connection:
        before = changes.standing(connection, [row["call"] for row in rows])
        upsert(connection, tables.segments, rows)
        changes.note(connection, before, (), below, begun={})


def asked(draw: Random) -> ReportQuery:
    start = FROM + timedelta(minutes=draw.choice([0, 15, 7, 60, 1440]) * draw.randrange(4))
    length = draw.choice([timedelta(days=4), timedelta(hours=29), timedelta(minutes=100), timedelta(days=1)])
    return ReportQuery(
        start=start,
        end=start + length,
        zone=draw.choice(ZONES),
        step=draw.choice(list(Step)),
        hotline=draw.choice([None, "wallet"]),
        topics=draw.choice([(), ("security",)]),
        by=draw.choice(list(Placing)),
    )


def said(engine: Engine, query: ReportQuery, *, kept: bool, portion: range | None = None) -> object:
    report = ReportWaits(WaitCells(engine, kept=kept), At(NOW), limits=LIMITS.__getitem__)
    found = report(query, portion=portion, empties=portion is None)
    sheet = waits_sheet(found)
    more = [(row.work, row.time_to_abandon(with_short=False), dict(row.percentiles_any)) for row in found.totals]
    return sheet.rows, sheet.totals, more, found.pages


def by_hour(engine: Engine, query: ReportQuery, limits: dict[str, Limits], *, kept: bool) -> object:
    """Hours of the day and of the week, which read groups of topics."""
    cells, stored = WaitCells(engine, kept=kept), ReportRows(engine)
    hours = ReportHours(cells, stored, At(NOW), lambda: limits)(query)
    heat = ReportHeat(cells, stored, At(NOW), lambda: limits)(query)
    shares = [one.waits.counts.of(name) for one in (*hours.rows, hours.total) for name in FIGURES]
    sheets = [heat_sheet(heat, figure=figure).rows for figure in SHOWN]
    return hours_sheet(hours).rows, hours_sheet(hours).totals, shares, sheets


@pytest.mark.parametrize("seed", range(3))
def test_kept_cells_and_the_calls_themselves_give_one_report_whatever_is_asked_and_changed(
    engine: Engine, seed: int
) -> None:
    draw = Random(seed)
    site = draw.choice(ZONES)
    rollups = Rollups(engine, site, lambda: LIMITS)
    record(engine, [stay(draw, call) for call in range(250)])
    for turn in range(8):
        if turn % 3 == 0:
            rollups.refresh(NOW, most=draw.choice([2, 40]))
        if turn % 2:
            record(engine, [stay(draw, draw.randrange(300)) for _ in range(draw.randrange(1, 12))])
        query = asked(draw)
        assert said(engine, query, kept=True) == said(engine, query, kept=False), (turn, query)
        page = range(200)
        assert said(engine, query, kept=True, portion=page) == said(engine, query, kept=False, portion=page)
        query, limits = replace(query, zone=draw.choice([site, BERLIN])), draw.choice([LIMITS, LIMITS, {}])
        assert by_hour(engine, query, limits, kept=True) == by_hour(engine, query, limits, kept=False), (turn, query)


def test_hours_over_many_days_read_groups_and_other_limits_make_other_groups(engine: Engine) -> None:
    draw = Random(9)
    record(engine, [row for row in (stay(draw, call) for call in range(100)) if row["left_at"]])
    Rollups(engine, BERLIN, lambda: LIMITS).refresh(NOW)
    query = ReportQuery(start=FROM, end=FROM + timedelta(days=4), zone=BERLIN)
    before = by_hour(engine, query, LIMITS, kept=True)
    strict = {"security": Limits(within=timedelta(seconds=10))}
    other = by_hour(engine, query, strict, kept=False)
    assert by_hour(engine, query, strict, kept=True) == other != before
    with writing(engine) as connection:  # hours of single topics are not what is read
        connection.execute(rollup_cells.update().where(rollup_cells.c.level == "hour").values(body=Cell().body()))
    assert by_hour(engine, query, LIMITS, kept=True) == before
    Rollups(engine, BERLIN, lambda: strict).refresh(NOW)
    assert by_hour(engine, query, strict, kept=True) == other


def test_a_report_over_made_days_reads_kept_cells_and_not_the_calls(engine: Engine) -> None:
    draw = Random(7)
    record(engine, [stay(draw, call) for call in range(100)])
    Rollups(engine, BERLIN).refresh(NOW)
    query = replace(asked(draw), start=FROM, end=FROM + timedelta(days=4), hotline=None, topics=(), by=Placing.ARRIVAL)
    before = said(engine, query, kept=True)
    with writing(engine) as connection:  # behind the recorder's back
        connection.execute(tables.segments.delete().where(tables.segments.c.left_at.is_not(None)))
    assert said(engine, query, kept=True) == before
    assert said(engine, query, kept=False) != before


def test_all_settled_callers_are_the_same_by_arrival_and_by_event_and_rows_and_queues_add_up(engine: Engine) -> None:
    draw = Random(11)
    record(engine, [row for row in (stay(draw, call) for call in range(200)) if row["left_at"]])
    Rollups(engine, BERLIN).refresh(NOW)
    report = ReportWaits(WaitCells(engine), At(NOW), limits=LIMITS.__getitem__)
    query = ReportQuery(start=FROM - timedelta(days=1), end=NOW + timedelta(days=1), zone=BERLIN, step=Step.HOUR)
    arrivals, events = report(query), report(replace(query, by=Placing.EVENT))
    assert arrivals.totals[-1].counts.kinds == events.totals[-1].counts.kinds
    assert arrivals.totals[-1].counts.offered == events.totals[-1].counts.offered
    for found in (arrivals, events):
        for name in FIGURES:
            for rows in (found.totals[:-1], [row for row in found.rows if row.topic is None]):
                shares = [row.counts.of(name) for row in rows]
                whole = found.totals[-1].counts.of(name)
                assert (whole.part, whole.whole) == (sum(s.part for s in shares), sum(s.whole for s in shares)), name


def test_what_the_recorder_writes_is_marked_and_making_cells_again_takes_the_marks_away(
    engine: Engine, records: Records
) -> None:
    records.write(rows_of("CA1"))
    with engine.connect() as connection:
        marks = marks_of(connection, WAITS)
        entered = connection.scalars(sa.select(tables.segments.c.entered_at)).all()
    assert {int(at.timestamp()) // 900 * 900 for at in entered} <= set(marks)
    Rollups(engine, BERLIN).refresh(max(entered) + timedelta(hours=1))
    with engine.connect() as connection:
        counts = [
            connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (
                sa.select(rollup_dirty).where(rollup_dirty.c.family == WAITS).subquery(),
                rollup_days,
                rollup_cells,
            )
        ]
    assert counts[0] == 0
    assert all(counts[1:])


def test_the_check_finds_a_cell_that_is_wrong(engine: Engine) -> None:
    draw = Random(5)
    record(engine, [stay(draw, call) for call in range(60)])
    Rollups(engine, BERLIN).refresh(NOW)
    kept, counted = (
        ReportWaits(WaitCells(engine, kept=which), At(NOW), limits=LIMITS.__getitem__) for which in (True, False)
    )
    query = ReportQuery(start=FROM, end=NOW, zone=BERLIN, step=Step.DAY)
    assert CheckRollups(kept, counted)(query)[1] == []
    with writing(engine) as connection:
        wrong = rollup_cells.c.level == "day"
        connection.execute(rollup_cells.update().where(wrong).values(body=Cell().body()))
    rows, found = CheckRollups(kept, counted)(query)
    assert rows > len(found) > 0


def test_a_new_zone_of_the_site_cuts_its_days_anew(engine: Engine) -> None:
    draw = Random(3)
    record(engine, [stay(draw, call) for call in range(60)])
    Rollups(engine, BERLIN).refresh(NOW)
    Rollups(engine, ZoneInfo("Asia/Kolkata")).refresh(NOW)
    query = replace(asked(draw), zone=ZoneInfo("Asia/Kolkata"), step=Step.DAY)
    assert said(engine, query, kept=True) == said(engine, query, kept=False)


def test_a_kept_cell_comes_back_as_it_was_and_two_add_up() -> None:
    draw = Random(1)
    first, second, both = Cell(), Cell(), Cell()
    for cell in (first, second):
        for _ in range(600):
            outcome = draw.choice([*OUTCOMES, *[Outcome.ANSWERED, Outcome.ABANDONED] * 10])
            wait = draw.choice([draw.randrange(15_000), draw.randrange(15_000), draw.randrange(9_000_000)])
            work = draw.choice([None, (draw.randrange(9000), draw.choice([0, 500]), 100)])
            for one in (cell, both):
                one.add(outcome, wait, work_ms=work)
    kept = Cell()
    kept.merge_body(first.body())
    assert kept == first
    kept.merge_body(second.body())
    assert kept == both
    assert stays_in(kept.body()) == 1200
    first.merge(second)
    assert first == both
    single = 16 * len({*both.counts}) + 16 * len({*both.gone})
    assert len(both.body()) < single, "short waits stand side by side, long ones by themselves"


def test_a_cell_that_was_kept_without_numbers_side_by_side_is_read() -> None:
    cell = Cell()
    for wait in (1000, 2500, 2500):
        cell.add(Outcome.ABANDONED, wait)
    waits = [2 << 6 | 2, 5 << 6 | 2]
    before = array("q", [1, 1, 2, 1, 0, 0, 0, 0, 2, 6000, 2500, waits[0], waits[1], 2, 2, 5, 1000, 5000])
    kept = Cell()
    kept.merge_body(before.tobytes())
    assert kept == cell
