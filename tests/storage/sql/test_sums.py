"""Kept sums say what the rows say: of every source, whatever changed since, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.ids import AgentId, CallId, Language, NodeId, OfferId, PromptId, TopicId
from ivr.core.intervals import Step, intervals
from ivr.core.repeat_figures import Returns
from ivr.core.survey_orders import SurveyAsking
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.lease import Lease
from ivr.storage.sql.records import Records
from ivr.storage.sql.report_repeats import RepeatRows
from ivr.storage.sql.reports import ReportRows
from ivr.storage.sql.rollup_tables import WAITS, rollup_dirty, rollup_pieces, rollup_sums
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_build import SumBuild
from ivr.storage.sql.sum_calls import ENDED
from ivr.storage.sql.sum_check import SumCheck
from ivr.storage.sql.sum_menu import ways
from ivr.storage.sql.sum_returns import returns
from ivr.storage.sql.sum_served import SERVED_AGAIN
from ivr.storage.sql.sum_sources import sources
from ivr.storage.sql.sums import Source, sums_of
from ivr.storage.sql.surveys import Surveys
from ivr.storage.sql.tables import cases, segments
from ivr.workflows.ports import FactRow
from ivr.workflows.report_hours import spent
from ivr.workflows.reports import ReportQuery
from tests.storage.sql.conftest import SECRET

BERLIN, DELHI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
FROM = datetime(2026, 10, 21, 22, tzinfo=UTC)
"""Midnight of Berlin, three days before its clock is put back."""
DAYS = 6
NOW = FROM + timedelta(days=DAYS, hours=3)
SHORT = {"security": timedelta(seconds=12)}
STOPS = ["main", "refunds"]
ZH = Language("zh")


def call_facts(draw: Random, call: CallId, at: datetime) -> list[facts.Fact]:
    """Through two menus; then in line, told a wait, rung, and often talked with."""
    number = draw.choice(["", *(f"+8613800138{digit:03}" for digit in range(12))])
    moment = at

    def then(most: float) -> datetime:
        nonlocal moment
        moment += timedelta(seconds=round(draw.random() * most, 3))
        return moment

    of: dict[str, Any] = {"call": call}
    noted: list[facts.Fact] = [
        facts.CallStarted(at=at, **of, hotline="wallet", number=number, kind="number", dialled="", country="CN", menu_version="v", language=ZH),
        facts.NodeEntered(at=then(1), **of, node=NodeId("main")),
        facts.KeyPressed(at=then(9), **of, node=NodeId("main"), key=draw.choice("123"), result=draw.choice(["choice", "wrong", "silence"])),
        facts.NodeEntered(at=moment, **of, node=NodeId(draw.choice(["refunds", "notice", "main"]))),
        facts.NodeEntered(at=then(5), **of, node=NodeId("refunds")),
    ]  # fmt: skip
    for segment in range(1, draw.choice([1, 2, 2, 3])):
        noted += _stay(draw, of, segment, then)
    if draw.random() < 0.9:
        end = draw.choice([facts.CallEnd.ANSWERED, facts.CallEnd.LEFT_MENU, facts.CallEnd.SELF_SERVED])
        noted.append(facts.CallEnded(at=then(9), **of, end=end, left="main", hung_up_by="caller"))
    if draw.random() < 0.2:
        noted.append(facts.Repaired(at=moment, **of, what="enrolled again"))
        noted.append(facts.CarrierAsked(at=moment, **of, what=draw.choice(["new_call", "move"])))
    return noted


def _stay(draw: Random, of: dict[str, Any], segment: int, then: Any) -> Iterator[facts.Fact]:
    topic, agent = TopicId(draw.choice(["refunds", "security"])), AgentId(draw.choice("ab"))
    rung: dict[str, Any] = {**of, "offer": OfferId(f"{of['call']}-{segment}"), "agent": agent}
    joined = then(3)
    yield facts.SegmentStarted(
        at=joined, **of, segment=segment, topic=topic, path=(topic,), language=ZH, priority=30, queued_at=joined
    )
    yield facts.WaitAnnounced(
        at=joined,
        **of,
        segment=segment,
        seconds=draw.choice([None, 60, 120]),
        estimator="ql",
        estimates={"ql": 55, "les": draw.choice([20, 95])},
        prompt=PromptId("wait"),
    )
    yield facts.OfferMade(at=then(30), **rung, segment=segment, topic=topic)
    if draw.random() < 0.35:
        yield facts.OfferEnded(at=then(5), **rung, result="cancelled", reason="caller left")
        yield facts.SegmentEnded(at=then(0), **of, segment=segment, outcome=facts.Outcome.ABANDONED)
        return
    yield facts.OfferEnded(at=then(5), **rung, result="accepted")
    yield facts.Answered(at=then(1), **rung, segment=segment, topic=topic)
    yield facts.SegmentEnded(at=then(0), **of, segment=segment, outcome=facts.Outcome.ANSWERED)
    yield facts.TalkOver(at=then(900), **rung, segment=segment, ended_by=draw.choice(["agent", "transfer"]))
    if draw.random() < 0.8:
        yield facts.Disposed(
            at=then(60), **rung, disposition=draw.choice(["solved", "open"]), by_default=draw.random() < 0.2
        )


def rows_of(call: str, noted: Sequence[facts.Fact]) -> list[FactRow]:
    return [FactRow(id=f"{call}:{place}:0", hotline="wallet", fact=fact) for place, fact in enumerate(noted)]


@dataclass
class House:
    engine: Engine
    draw: Random
    held: list[list[FactRow]] = field(default_factory=list)
    """What comes late."""

    @property
    def records(self) -> Records:
        return Records(self.engine, SECRET)

    def record(self, calls: range) -> None:
        for number in calls:
            call = CallId(f"CA{number}" if number % 17 else f"cb-{number}")
            at = FROM + timedelta(seconds=self.draw.randrange(DAYS * 86400 + 3 * 3600))
            rows = rows_of(call, call_facts(self.draw, call, at))
            early = self.draw.randrange(1, len(rows)) if self.draw.random() < 0.3 else len(rows)
            self.records.write(rows[:early])
            self.held.append(rows[early:])

    def catch_up(self) -> None:
        """The rest of the calls, new presences, a rating, one case more."""
        for rows in self.held:
            self.records.write(rows)
        self.held.clear()
        moments = sorted((self.draw.randrange(DAYS * 86400), self.draw.choice("abc")) for _ in range(15))
        moments += moments[:5]  # two changes of one agent at the same instant: the first of them lasts for no time
        self.records.write(
            [
                FactRow(
                    id=f"presence-{at}-{place}:0",
                    hotline="",
                    fact=facts.PresenceChanged(at=FROM + timedelta(seconds=at), agent=AgentId(agent), presence=self.draw.choice(list(Presence))),
                )
                for place, (at, agent) in enumerate(moments)
            ]
        )  # fmt: skip
        with writing(self.engine) as connection:
            call = self.draw.choice(connection.scalars(sa.select(segments.c.call)).all())
        Surveys(self.engine, Seals(SECRET)).note(
            SurveyAsking(
                id=f"s-{call}", at=NOW, hotline="wallet", call=CallId(call), number=None, topic=TopicId("refunds"), agent=None,
                language=ZH, channel="phone", since=NOW,
            )
        )  # fmt: skip

    def asked(self) -> ReportQuery:
        start = FROM + timedelta(minutes=self.draw.choice([0, 15, 7, 60, 1440]) * self.draw.randrange(5))
        length = self.draw.choice([timedelta(days=4), timedelta(hours=29), timedelta(days=DAYS + 1), timedelta(days=1)])
        topics = self.draw.choice([(), (), ("security",)])
        return ReportQuery(
            start=start, end=start + length, zone=BERLIN, hotline=self.draw.choice([None, "wallet"]), topics=topics
        )

    def said(self, source: Source, query: ReportQuery, *by: str, kept: bool) -> object:
        topics = query.topics if "topic" in source.keys else ()
        hotline = query.hotline if source.family != "presence" and source.name != "requests" else None
        with sums_of(self.engine, kept=kept) as look:
            found = look.over(source, query.start, query.end, *by, hotline=hotline, topics=topics)
        return {keys: numbers for keys, numbers in found.items() if any(numbers)}

    def repeats(self, query: ReportQuery, by: Sequence[str], *, kept: bool) -> object:
        found = RepeatRows(self.engine, kept).returns(query, by=by, at=NOW, short=SHORT)
        return {key: one for key, one in found if one != Returns()}

    def at_work(self, query: ReportQuery, *, kept: bool) -> object:
        pieces = intervals(query.start, query.end, Step.HOUR, DELHI)
        spans = ReportRows(self.engine, kept).at_work(query.start, query.end)
        return [
            round(one.total_seconds(), 3) for one in spent(pieces, range(len(pieces)), spans, NOW, of=len(pieces))[1]
        ]


def share_a_number(engine: Engine) -> None:
    """From five cases on a number is a switchboard."""
    index = Seals(SECRET).index("+8613800138003")
    row = dict.fromkeys(("caller", "topic", "language", "status", "note", "changed_by", "due_by"), "")
    with writing(engine) as connection:
        connection.execute(
            cases.insert(),
            [
                {"id": f"k{n}", "number": f"{n}", "hotline": "wallet", "caller_index": index, "path": [], "answers": {}, "opened_at": FROM, "changed_at": FROM, **row}
                for n in range(5)
            ],
        )  # fmt: skip


def test_kept_sums_and_the_rows_say_the_same_whatever_is_asked_and_changed(engine: Engine) -> None:
    house, every = House(engine, Random(4)), sources(SHORT, [STOPS])
    build = SumBuild(engine, BERLIN, lambda: every)
    house.record(range(1, 60))
    share_a_number(engine)
    build.refresh(NOW, most=40)
    for turn in range(3):
        if turn == 1:
            house.catch_up()
            house.record(range(100, 112))
        if turn == 2:
            assert build.refresh(NOW, most=40) > 0
        query = house.asked()
        for source in every:
            for by in (*source.kept.values(), ()):
                if query.topics and "topic" not in by and "topic" in source.keys and source.views:
                    continue  # the keys of this view do not tell the topic
                if not source.whole_days:
                    kept, counted = (house.said(source, query, *by, kept=which) for which in (True, False))
                    assert kept == counted, (turn, source.name, by, query)
        for columns in (("topic",), ("agent", "topic"), ("path",)):
            assert house.repeats(query, columns, kept=True) == house.repeats(query, columns, kept=False), (turn, query)
        assert house.at_work(query, kept=True) == house.at_work(query, kept=False), (turn, query)
    with engine.connect() as connection:
        marks = sa.select(sa.func.count()).select_from(rollup_dirty).where(rollup_dirty.c.family != WAITS)
        assert connection.scalar(marks) == 0
        assert connection.scalar(sa.select(sa.func.count()).where(rollup_pieces.c.kind == "")) == 0, (
            "the lease was given back"
        )


def test_sums_of_clean_days_are_read_and_the_rows_are_not(engine: Engine) -> None:
    house, every = House(engine, Random(2)), sources(SHORT, [STOPS])
    house.record(range(1, 25))
    for rows in house.held:
        house.records.write(rows)
    SumBuild(engine, BERLIN, lambda: every).refresh(NOW, most=40)
    query = ReportQuery(start=FROM, end=FROM + timedelta(days=DAYS), zone=BERLIN)
    before = {source.name: house.said(source, query, kept=True) for source in every}
    check = SumCheck(engine, lambda: every)
    first_day = replace(query, end=FROM + timedelta(days=1))
    pieces, wrong = check(first_day)
    assert pieces > len(every), "views of its day, and hours"
    assert not wrong
    with writing(engine) as connection:  # behind the recorder's back
        connection.execute(segments.delete())
    assert before == {source.name: house.said(source, query, kept=True) for source in every}
    assert before["ended"] != house.said(every[0], query, kept=False) == {}
    _, wrong = check(first_day)
    first = wrong[0]
    assert first.where.startswith("ended, the day 2026-10-22, wallet, topic "), first
    assert first.kept.startswith("answered ")
    assert first.counted == "nothing"


def test_only_one_builds_at_a_time_and_who_died_is_followed_within_a_minute(engine: Engine) -> None:
    house = House(engine, Random(3))
    house.record(range(1, 6))
    build = SumBuild(engine, BERLIN, lambda: [ENDED])
    killed = Lease(engine, "sums", NOW)
    with writing(engine) as connection:
        connection.execute(rollup_pieces.insert().values(killed.row()))
    assert build.refresh(NOW + timedelta(seconds=59), most=2) == 0
    assert build.refresh(NOW + timedelta(seconds=60), most=2) > 0


def test_who_counts_for_longer_than_the_lease_lasts_keeps_it(engine: Engine) -> None:
    counting = Lease(engine, "sums", NOW, every_s=0.01)
    until = rollup_pieces.select().where(rollup_pieces.c.kind == "")
    with counting.held() as mine:
        assert mine
        counting.begun -= 300  # five minutes in one count
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with reading(engine) as connection:
                if connection.execute(until).one().end_s > (NOW + timedelta(minutes=5)).timestamp():
                    break
        with Lease(engine, "sums", NOW + timedelta(minutes=5)).held() as theirs:
            assert not theirs
    with reading(engine) as connection:
        assert connection.execute(until).all() == []


def test_another_menu_and_another_zone_make_the_sums_anew(engine: Engine) -> None:
    house = House(engine, Random(5))
    house.record(range(1, 20))
    SumBuild(engine, BERLIN, lambda: [returns({}), ways(["main"])]).refresh(NOW, most=3)
    every = [returns(SHORT), ways(STOPS)]
    SumBuild(engine, DELHI, lambda: every).refresh(NOW, most=3)
    with engine.connect() as connection:
        kinds = set(connection.scalars(sa.select(rollup_sums.c.kind).distinct()))
        starts = connection.scalars(sa.select(rollup_pieces.c.start_s).where(rollup_pieces.c.level == "day")).all()
    assert kinds <= {view for source in every for view in source.kept}
    assert {(start + 19800) % 86400 for start in starts} == {0}, "midnights of Delhi"


def test_who_calls_the_next_day_changes_the_sum_of_the_day_on_which_the_menu_served_them(engine: Engine) -> None:
    build, records = SumBuild(engine, BERLIN, lambda: [SERVED_AGAIN]), Records(engine, SECRET)
    query = (SERVED_AGAIN, FROM, FROM + timedelta(days=4))

    def calls(name: str, at: datetime, end: facts.CallEnd) -> None:
        of: dict[str, Any] = {"call": CallId(name)}
        rows = rows_of(
            name,
            [
                facts.CallStarted(at=at, **of, hotline="wallet", number="+8613800138001", kind="number", dialled="", country="CN", menu_version="v", language=ZH),
                facts.CallEnded(at=at + timedelta(minutes=1), **of, end=end, left="main", hung_up_by="caller"),
            ],
        )  # fmt: skip
        records.write(rows[:1])
        records.write(rows[1:])

    def told() -> tuple[object, object]:
        found = []
        for kept in (True, False):
            with sums_of(engine, kept=kept) as look:
                found.append(look.over(*query, hotline="wallet"))
        return found[0], found[1]

    calls("CA1", FROM + timedelta(hours=20), facts.CallEnd.SELF_SERVED)
    build.refresh(NOW, most=40)
    assert told() == ({(): (1, 0)},) * 2
    calls("CA2", FROM + timedelta(hours=30), facts.CallEnd.LEFT_MENU)
    assert told() == ({(): (1, 1)},) * 2
    build.refresh(NOW, most=40)
    assert told() == ({(): (1, 1)},) * 2
