"""What the hotline owes its callers by day, by night and on holidays (acceptance sentences of the domain notes)."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.hours import is_open
from ivr.core.session import State
from ivr.storage.files.menus import load_menu
from ivr.workflows.reports import ReportQuery
from tests.stories.town import ROOT, Town, open_town

SECURITY = {"account_security": 5}
COMPLAINTS = {"complaints": 5}


@pytest.fixture
def town_at(redis, redis_url: str, sqlite_url: str, tmp_path: Path):
    """The hotline at a time of its own zone."""
    with ExitStack() as places:

        def opened(local: str) -> Town:
            start = datetime.fromisoformat(f"{local}+08:00")
            place = open_town(redis_url=redis_url, database_url=sqlite_url, folder=tmp_path, start=start)
            places.callback(place.close)
            places.enter_context(place.network)
            places.callback(place.fine)
            return place

        yield opened


@pytest.fixture
def night(town_at):
    """Early on a Tuesday."""
    return town_at("2026-03-03T03:09:00")


def test_c08_at_ten_past_three_the_night_agent_rings_and_after_a_minute_the_telephone_on_call(night):
    officer = night.network.phone("+861058065110")
    bo = night.agent("bo", skills=SECURITY).available()
    call = night.queues(keys="111")
    assert bo.presence is Presence.RESERVED
    night.passes(40)
    assert bo.presence is Presence.MISSED
    assert night.session(call).state is State.QUEUED
    night.until(lambda: officer.is_ringing, within_s=40, what="the telephone on call")
    assert "security officer on call" in call.text or "值班的安全专员" in call.text
    call.hangs_up()
    night.settle()


def test_c08_nobody_on_call_either_and_the_caller_keeps_the_place(night):
    call = night.queues(keys="111")
    first = night.session(call).queued_at
    night.passes(100)
    assert call.state == "in-progress"
    night.until(lambda: night.session(call).state is State.QUEUED, within_s=60, what="back in line")
    assert night.session(call).queued_at == first
    bo = night.agent("bo", skills=SECURITY).available()
    call.meets(bo.accepts())
    bo.ends()
    bo.finishes()


def test_c10_a_closed_desk_is_never_queued_for_and_offers_message_and_urgent_lane(night):
    night.agent("cai", skills=COMPLAINTS).available()
    call = night.queues(keys="153")
    assert "工作日9点到18点" in call.text
    assert night.session(call).state is State.MENU
    night.presses(call, "3")
    assert night.session(call).topic == "account_security"
    call.hangs_up()
    night.settle()


def test_c10_every_way_out_of_a_closed_desk_is_counted_and_none_waits_for_it(night):
    ways = {"message": "1", "booking": "2" + "1" + "1", "urgent": "3", "gone": ""}
    ends = {}
    for number, (way, keys) in enumerate(ways.items()):
        call = night.queues(f"+861380013830{number}", keys="153")
        night.presses(call, keys)
        if way == "message":
            call.speaks(6)
            night.passes(6)
        if way == "booking":
            call.hears("已登记，预计今天上午9点到10点回电。").ends()
        else:
            call.hangs_up()
        night.settle()
        record = night.ended(call)
        ends[way] = (record.end, [stay.topic for stay in record.segments])
    assert ends == {
        "message": (facts.CallEnd.VOICEMAIL, []),
        "booking": (facts.CallEnd.CALLBACK, []),
        "urgent": (facts.CallEnd.ABANDONED, ["account_security"]),
        "gone": (facts.CallEnd.LEFT_MENU, []),
    }


def test_whoever_still_waits_at_closing_time_is_offered_what_a_closed_desk_offers(town_at):
    town = town_at("2026-03-02T17:58:00")
    call = town.queues(keys="153")
    assert town.session(call).state is State.QUEUED
    town.passes(123)
    assert town.session(call).state is State.MENU
    assert "已下班" in call.text
    town.presses(call, "1")
    assert town.session(call).state is State.VOICEMAIL
    call.hangs_up()
    town.settle()
    ended = [fact for fact in town.facts_of(call) if isinstance(fact, facts.SegmentEnded)]
    assert [fact.outcome for fact in ended] == [facts.Outcome.CLOSED]


def test_an_agent_who_is_being_rung_at_closing_time_may_still_answer(town_at):
    town = town_at("2026-03-02T17:59:55")
    cai = town.agent("cai", skills=COMPLAINTS).available()
    call = town.queues(keys="153")
    assert cai.presence is Presence.RESERVED
    town.passes(10)
    call.meets(cai.accepts())
    cai.ends()
    cai.finishes()


def test_c09_the_national_day_closes_the_office_and_the_day_after_the_holidays_opens_it(town):
    calendar = town.switchboard.menus.trees[0].calendars["office"]

    def open_at(local: str) -> bool:
        return is_open(calendar, datetime.fromisoformat(f"{local}+08:00"))

    assert not open_at("2026-10-01T10:00")
    assert open_at("2026-09-30T10:00")
    assert not open_at("2027-01-01T10:00")


HOURS = {
    "2026-03-06T21:59": False,  # a Friday
    "2026-03-06T22:00": True,
    "2026-03-07T05:59": True,  # Friday's night, on Saturday
    "2026-03-07T06:00": False,
    "2026-03-07T22:30": False,  # no span begins on a Saturday
    "2026-03-09T00:30": False,  # Sunday's night, an exception: closed
    "2026-03-10T00:30": True,
    "2026-10-01T23:00": False,  # the national day
    "2026-10-09T00:30": True,  # the first night after its holidays
}


def test_c09_spans_over_midnight_holidays_and_exceptions_are_right_on_both_days(tmp_path):
    menu = tmp_path / "wallet.yaml"
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    office = "    weekly: {mon-fri: '09:00-18:00'}\n"
    assert office in text
    night = "    weekly: {sun-fri: '22:00-06:00'}\n    exceptions: {'2026-03-08': closed}\n"
    menu.write_text(text.replace(office, night), encoding="utf-8")
    calendar = load_menu(menu, recordings=ROOT / "recordings").calendars["office"]
    found = {local: is_open(calendar, datetime.fromisoformat(f"{local}+08:00")) for local in HOURS}
    assert found == HOURS


def test_c14_an_urgent_caller_is_connected_before_ten_who_wait_for_the_shared_agent(town):
    waiting = []
    for number in range(10):
        waiting.append(town.queues(f"+861380013{number:04}", keys="1222"))
        town.passes(1)
    urgent = town.queues("+8613900139000", keys="111")
    texts = [text for text in town.network.rest.messages.made.values() if text.to == "+8613900139000"]
    assert any("冻结转出" in text.body for text in texts)
    ana = town.agent("ana", skills={"transfers": 5, "account_security": 5}).available()
    urgent.meets(ana.accepts())
    ana.ends()
    ana.finishes()
    for call in waiting:
        call.hangs_up()
    town.settle()


def test_ordinary_callers_are_served_though_emergencies_never_end(town):
    """After the ceiling of ten minutes an ordinary caller stands in the urgent lane too, and soon first in it."""
    ordinary = town.queues("+8613800138001", keys="1222")
    ana = town.agent("ana", skills={"transfers": 5, "account_security": 5})
    town.passes(12 * 60)
    emergencies = [town.queues(f"+861390013900{number}", keys="111") for number in range(3)]
    ana.available()
    ordinary.meets(ana.accepts())
    for call in emergencies:
        call.hangs_up()
    ana.ends()
    ana.finishes()


def test_c11_the_hours_of_the_day_have_24_rows_and_mark_those_with_fewer_than_two_agents(night):
    bo = night.agent("bo", skills={"other": 5}).available()
    call = night.queues()
    night.passes(5)
    call.meets(bo.accepts())
    night.passes(10)
    call.hangs_up()
    night.settle()
    bo.finishes()
    night.network.clock.advance(50 * 60)
    night.agent("cem", skills={"other": 5}).available()  # the second one, a little before four
    night.network.clock.advance(90 * 60)
    night.settle()
    night.record()
    midnight = night.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=midnight, end=midnight + timedelta(days=1), zone=ZoneInfo("Asia/Shanghai"))
    rows = night.switchboard.reports.hours(query).rows
    assert len(rows) == 24
    assert (rows[3].counts.offered, rows[3].counts.answered, rows[3].waits.asa) == (1, 1, timedelta(seconds=5))
    assert [row.hour for row in rows if row.thin] == [0, 1, 2, 3]
    assert rows[4].staffed == 2.0
