"""What is told of the time of a callback that keeps its place, and whether the report can measure it (`DOMAIN.md` 2.3, 3.9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from ivr.core.agents import Presence
from ivr.core.promises import Verdict
from ivr.simulator import Call
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import announcements
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import ANA_CALLS, promises, texts
from tests.stories.past import handled
from tests.stories.town import Desk, Town

PEAK = datetime.fromisoformat("2026-03-02T11:05:00+08:00")
ZONE = ZoneInfo("Asia/Shanghai")
NUMBERS = (ANA_CALLS, "+8613900139000")


@pytest.fixture
def peak(towns) -> Town:
    """Yesterday's calls took six minutes each."""
    town: Town = towns(start=PEAK)
    handled(town, "transfers")
    return town


@pytest.fixture
def others(peak: Town) -> list[Call]:
    """Two agents talk, and two callers wait for them."""
    return busy(peak)


def busy(town: Town) -> list[Call]:
    desks = (town.agent("ana", skills={"transfers": 4}), town.agent("bea", skills={"transfers": 4}))
    calls = []
    for number, desk in enumerate((*desks, None, None)):
        if desk:
            desk.available()
        calls.append(waits(town, f"+861380013810{number}"))
        if desk:
            calls[-1].meets(desk.accepts())
            assert desk.presence is Presence.ON_CALL
        town.passes(1)
    return calls


def waits(town: Town, number: str, language: str = "1") -> Call:
    call = town.caller(number)
    town.presses(call, language + "222")
    return call


def keeps_place(town: Town, number: str = ANA_CALLS, language: str = "1") -> Call:
    call = waits(town, number, language)
    town.passes(1)  # the options were said on joining, or their keys work all the same
    town.presses(call, "111")
    return call


def talks_to(town: Town, desk: Desk, number: str = ANA_CALLS) -> None:
    """The customer is called back by this agent, and they talk."""
    customer = town.network.phone(number)
    town.until(lambda: customer.is_ringing, within_s=5, what="the callback")
    answered = customer.answers()
    town.settle()
    answered.presses("1")
    town.settle()
    answered.meets(desk.joins())
    desk.takes_a_break()  # when this talk is over
    town.passes(10)
    answered.hangs_up()
    town.settle()
    desk.finishes()


def verdicts(town: Town) -> list[Verdict]:
    town.record()
    day = town.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day, end=day + timedelta(days=1), zone=ZONE)
    return [verdict for _, verdict in town.switchboard.after.promises_report(query).rows]


@pytest.mark.usefixtures("others")
def test_an_estimate_backed_by_data_is_said_as_half_an_hour_texted_and_stored(peak):
    call = keeps_place(peak)
    call.hears("预计等待约9分钟")
    call.hears("已登记，预计今天上午11点到11点半回电。")
    [text] = texts(peak, ANA_CALLS)
    assert "预计今天上午11点到11点半，" in text
    call.ends()
    [row] = promises(peak)
    assert (row.promised_from, row.promised_to) == (None, datetime.fromisoformat("2026-03-02T11:30:00+08:00"))
    peak.record()
    with reading(peak.switchboard.engine) as connection:
        told = connection.execute(sa.select(announcements).where(announcements.c.call == call.sid)).all()
    assert [(one.seconds, one.estimator) for one in told][-1] == (540, "ql")
    assert told[-1].estimates["ql"] == 540


def test_the_report_of_promises_measures_the_time_that_was_named(peak, others):
    for number in NUMBERS:
        keeps_place(peak, number).ends()
    for call in others:
        call.hangs_up()
        peak.settle()
    for desk in peak.agents:
        desk.signs_out()
    peak.network.clock.advance(15 * 60)
    talks_to(peak, peak.agent("cem", skills={"transfers": 5}).available(), NUMBERS[0])
    assert verdicts(peak) == [Verdict.OPEN, Verdict.KEPT]
    peak.network.clock.advance(12 * 60)
    assert verdicts(peak) == [Verdict.LATE, Verdict.KEPT], "half past eleven is over"
    talks_to(peak, peak.agent("dan", skills={"transfers": 5}).available(), NUMBERS[1])
    assert verdicts(peak) == [Verdict.LATE, Verdict.KEPT]


@pytest.mark.usefixtures("others")
def test_who_is_put_off_is_told_the_new_time_and_the_old_one_is_still_judged(peak):
    act = peak.switchboard.room.doors.promises
    keeps_place(peak).ends()
    keeps_place(peak, NUMBERS[1], language="2").ends()
    first, second = promises(peak)
    three = datetime.fromisoformat("2026-03-02T15:00:00+08:00")
    assert [act.reschedule(one.id, three, who="lead").answer for one in (first, second)] == ["put_off"] * 2
    assert texts(peak, ANA_CALLS)[-1] == f"【tpWallet】回电改在今天下午3点到3点半，暗号{first.code}。"
    words = f"tpWallet: your callback moves, we call today between 3 and 3:30 p.m. Code {second.code}."
    assert texts(peak, NUMBERS[1])[-1] == words
    assert verdicts(peak) == [Verdict.OPEN] * 4
    peak.network.clock.advance(30 * 60)
    assert verdicts(peak) == [Verdict.LATE] * 2 + [Verdict.OPEN] * 2, "half past eleven was promised too"
    day = three.replace(hour=0)
    query = ReportQuery(start=day, end=day + timedelta(days=1), zone=ZONE)
    kept = peak.switchboard.reports.callbacks(query).totals[-1].figures.promise_kept
    assert (kept.part, kept.whole) == (0, 2), "measured by what was promised first"
    assert {row.promised_to for row in promises(peak)} == {three + timedelta(minutes=30)}


def test_without_data_it_is_as_soon_as_it_is_your_turn(towns):
    town = towns(start=PEAK)
    busy(town)
    call = keeps_place(town)
    call.hears("已登记，预计在轮到您时回电。")
    call.ends()
    [row] = promises(town)
    assert (row.promised_from, row.promised_to) == (None, None)


def test_no_time_is_named_that_lies_behind_the_end_of_the_day(towns):
    town = towns(start=datetime.fromisoformat("2026-03-02T20:50:00+08:00"))  # people are called until nine
    handled(town, "transfers")
    busy(town)
    call = keeps_place(town)
    call.hears("预计等待约9分钟")
    call.hears("已登记，预计在轮到您时回电。")


@pytest.mark.usefixtures("others")
def test_the_clock_is_named_to_a_telephone_that_may_be_in_several_zones(peak):
    call = keeps_place(peak, language="2")
    call.hears("We expect to call today between 11 and 11:30 a.m. We will open with")
    call = keeps_place(peak, "+61412345678", language="2")
    call.hears("We expect to call today between 11 and 11:30 a.m. China time. We will open with")
