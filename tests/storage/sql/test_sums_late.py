"""Kept sums after changes that reach further than the row that changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.ids import AgentId, CallId, TopicId
from ivr.core.intervals import local_midnight
from ivr.core.repeat_figures import Returns
from ivr.storage.sql.records import Records
from ivr.storage.sql.rekey import rekey
from ivr.storage.sql.report_quality import QualityRows
from ivr.storage.sql.report_repeats import RepeatRows
from ivr.storage.sql.rollup_build import Rollups
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_build import SumBuild
from ivr.storage.sql.sum_calls import ENDED, PEAKS, STAYS
from ivr.storage.sql.sum_presence import SPELLS
from ivr.storage.sql.sum_returns import returns
from ivr.storage.sql.sums import MICRO, Row, sums_of
from ivr.storage.sql.usage import CarrierUsage
from ivr.workflows.ports import FactRow
from ivr.workflows.reports import ReportQuery
from tests.storage.sql.conftest import SECRET
from tests.storage.sql.test_sums import BERLIN, DAYS, FROM, NOW, ZH, House, rows_of

ONE_DAY = timedelta(days=1)
WHOLE = ReportQuery(start=FROM, end=FROM + timedelta(days=DAYS), zone=BERLIN)


def talked(call: str, at: datetime, number: str) -> list[FactRow]:
    of, rung = {"call": CallId(call)}, {"offer": f"{call}-1", "agent": "a"}
    topic = TopicId("refunds")
    started = facts.CallStarted(
        at=at,
        **of,
        hotline="wallet",
        number=number,
        kind="number",
        dialled="",
        country="CN",
        menu_version="v",
        language=ZH,
    )
    noted = [
        started,
        facts.SegmentStarted(at=at, **of, segment=1, topic=topic, path=(topic,), language=ZH, priority=30, queued_at=at),
        facts.Answered(at=at, **of, **rung, segment=1, topic=topic),
        facts.SegmentEnded(at=at, **of, segment=1, outcome=facts.Outcome.ANSWERED),
    ]  # fmt: skip
    return rows_of(call, noted)


def test_an_end_that_comes_to_be_known_late_counts_on_the_day_after(engine: Engine) -> None:
    midnight = FROM + ONE_DAY
    rows = talked("CA1", midnight - timedelta(minutes=10), "")
    Records(engine, SECRET).write(rows)
    SumBuild(engine, BERLIN, lambda: [PEAKS]).refresh(NOW, most=40)
    ended = facts.CallEnded(
        at=midnight + timedelta(hours=1), call=CallId("CA1"), end=facts.CallEnd.ANSWERED, left="", hung_up_by="caller"
    )
    Records(engine, SECRET).write([FactRow(id="CA1:9:0", hotline="wallet", fact=ended)])
    day = (midnight, midnight + ONE_DAY, NOW)
    peaks = [CarrierUsage(engine, kept=kept).peaks(*day)["lines"] for kept in (True, False)]
    assert peaks[0] == peaks[1]
    assert peaks[0].most == 1
    for number in (1, 2, 3):
        Records(engine, SECRET).write(talked(f"CN{number}", NOW - timedelta(minutes=number), ""))
    today = CarrierUsage(engine).peaks(NOW - timedelta(hours=3), NOW + timedelta(hours=21), NOW)
    assert today["lines"].most == 3, "these calls are not over"


def test_who_called_again_under_another_secret_is_counted_once_numbers_are_sealed_anew(engine: Engine) -> None:
    new = b"another secret of tests, 32 bytes"
    Records(engine, SECRET).write(talked("CA1", FROM + timedelta(hours=1), "+8613800138001"))
    Records(engine, new, (SECRET,)).write(talked("CA2", FROM + timedelta(hours=50), "+8613800138001"))
    SumBuild(engine, BERLIN, lambda: [returns({})]).refresh(NOW, most=40)
    assert rekey(engine, Seals(new, (SECRET,))).sealed == 1
    kept, counted = (
        dict(RepeatRows(engine, which).returns(WHOLE, by=("topic",), at=NOW, short={})) for which in (True, False)
    )
    assert kept == counted == {("refunds",): Returns(answered=2, again=1, again_by_agent=1, provisional=2)}


def test_making_all_anew_takes_the_work_out_of_the_hands_of_who_counts_now(engine: Engine) -> None:
    house = House(engine, Random(7))
    house.record(range(1, 9))
    late = talked("CL1", FROM + timedelta(hours=3), "")

    def rows(connection: Connection, start: datetime, end: datetime) -> Iterable[Row]:
        found = list(ENDED.rows(connection, start, end))
        if late and start <= late[0].fact.at < end:  # while this is being counted
            house.records.write(late)
            late.clear()
            Rollups(engine, BERLIN, sums=SumBuild(engine, BERLIN, list)).rebuild(NOW)
        return found

    SumBuild(engine, BERLIN, lambda: [replace(ENDED, rows=rows)]).refresh(NOW, most=40)
    assert not late
    assert house.said(ENDED, WHOLE, kept=True) == house.said(ENDED, WHOLE, kept=False)


def test_what_the_records_lack_is_told_whatever_topic_is_chosen(engine: Engine) -> None:
    House(engine, Random(8)).record(range(1, 9))
    rows = QualityRows(engine)
    assert rows.quality(replace(WHOLE, topics=("refunds",)), NOW) == rows.quality(WHOLE, NOW)


def test_a_presence_over_a_day_of_half_an_hour_more_counts_whole(engine: Engine) -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    start, end = local_midnight(date(2026, 4, 5), zone), local_midnight(date(2026, 4, 6), zone)
    house, build = House(engine, Random(1)), SumBuild(engine, zone, lambda: [SPELLS])
    house.records.write(talked("CA1", start, ""))

    def put(presence: Presence, at: datetime) -> None:
        fact = facts.PresenceChanged(at=at, agent=AgentId("a"), presence=presence)
        house.records.write([FactRow(id=f"{presence}:0", hotline="", fact=fact)])
        build.refresh(end + timedelta(hours=1), most=2)

    put(Presence.AVAILABLE, start - timedelta(minutes=15))
    put(Presence.SIGNED_OUT, end + timedelta(minutes=30))
    with sums_of(engine) as look:
        ((spent,),) = look.over(SPELLS, start, end, "agent").values()
    assert spent * MICRO == timedelta(hours=24, minutes=30)


def test_days_that_are_made_cost_nothing_more(engine: Engine) -> None:
    House(engine, Random(9)).record(range(1, 4))
    build = SumBuild(engine, BERLIN, lambda: [ENDED, PEAKS, STAYS])
    build.refresh(NOW, most=40)
    asked: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert build.refresh(NOW, most=40) == 0
    few = len(asked)
    asked.clear()
    assert build.refresh(NOW + 40 * ONE_DAY, most=90) > 0
    asked.clear()
    assert build.refresh(NOW + 40 * ONE_DAY, most=90) == 0
    assert len(asked) <= few + 4, "whether there are seven days or 47"
