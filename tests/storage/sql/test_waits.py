"""What the records tell the wait estimates, and what is remembered by number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.estimates import Estimator
from ivr.core.facts import Fact, Outcome
from ivr.core.ids import E164, AgentId, CallId, Language, OfferId, PromptId, TopicId
from ivr.storage.sql.engine import reading
from ivr.storage.sql.memory import Memory
from ivr.storage.sql.records import Records
from ivr.storage.sql.tables import number_memory
from ivr.storage.sql.waits import WaitStatistics
from ivr.workflows.ports import FactRow, Remembered

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TOPIC = TopicId("security")
SECRET = b"another secret of the tests 32 b"


@dataclass
class At:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


def handled(
    records: Records,
    name: str,
    answered_at: datetime,
    *,
    wait: int = 30,
    talk: int = 100,
    wrap: int = 20,
    said: int = 60,
) -> None:
    call, offer, agent = CallId(name), OfferId(f"{name}-1"), AgentId("a1")
    entered, over = answered_at - timedelta(seconds=wait), answered_at + timedelta(seconds=talk)
    told: list[Fact] = [
        facts.SegmentStarted(at=entered, call=call, segment=1, topic=TOPIC, path=(), language=Language("zh"), priority=0,
                             queued_at=entered),
        facts.WaitAnnounced(at=entered, call=call, segment=1, seconds=said, estimator="ql",
                            estimates={"ql": said, "les": wait + 5}, prompt=PromptId("w")),
        facts.Answered(at=answered_at, call=call, segment=1, offer=offer, agent=agent, topic=TOPIC),
        facts.SegmentEnded(at=answered_at, call=call, segment=1, outcome=Outcome.ANSWERED),
        facts.TalkOver(at=over, call=call, segment=1, offer=offer, agent=agent, ended_by="caller"),
        facts.Disposed(at=over + timedelta(seconds=wrap), call=call, offer=offer, agent=agent, disposition="solved"),
    ]  # fmt: skip
    records.write([FactRow(id=f"{name}:1:{n}", hotline="wallet", fact=fact) for n, fact in enumerate(told)])


def test_nothing_is_known_of_a_topic_nobody_asked_for(engine: Engine) -> None:
    past = WaitStatistics(engine, "wallet").past(TOPIC, NOW, zone=SHANGHAI)
    assert (past.handle_time, past.handled, past.last_wait, past.best) == (None, 0, None, Estimator.QL)


def test_handle_time_is_of_the_last_hour_or_of_the_week_while_that_is_thin(engine: Engine, records: Records) -> None:
    statistics = WaitStatistics(engine, "wallet")
    handled(records, "CA0", NOW - timedelta(days=2), talk=400, wrap=0)
    for n in range(1, 4):
        handled(records, f"CA{n}", NOW - timedelta(minutes=10 * n), talk=100, wrap=20)
    assert statistics.mean_handle_time(TOPIC, NOW) == timedelta(seconds=(400 + 3 * 120) / 4)
    for n in range(4, 6):
        handled(records, f"CA{n}", NOW - timedelta(minutes=5 * n), talk=100, wrap=20)
    assert statistics.mean_handle_time(TOPIC, NOW) == timedelta(seconds=120)


def test_the_hour_band_is_the_local_hour_of_each_of_the_last_seven_days(engine: Engine, records: Records) -> None:
    for n, ago in enumerate([
        timedelta(hours=24), timedelta(days=7), timedelta(days=1, minutes=30), timedelta(days=1, minutes=-29),
        timedelta(days=8), timedelta(days=1, minutes=31), timedelta(days=1, minutes=-31), timedelta(minutes=5),
    ]):  # fmt: skip
        handled(records, f"CA{n}", NOW - ago)
    assert WaitStatistics(engine, "wallet").handled_at_this_hour(TOPIC, NOW, zone=SHANGHAI) == 4
    assert WaitStatistics(engine, "other").handled_at_this_hour(TOPIC, NOW, zone=SHANGHAI) == 0


def test_the_last_wait_is_of_the_caller_answered_last(engine: Engine, records: Records) -> None:
    handled(records, "CA1", NOW - timedelta(minutes=5), wait=10)
    handled(records, "CA2", NOW - timedelta(minutes=1), wait=77)
    handled(records, "CA3", NOW - timedelta(minutes=9), wait=600)
    assert WaitStatistics(engine, "wallet").last_wait(TOPIC, NOW) == timedelta(seconds=77)


def test_the_estimator_that_was_closest_speaks(engine: Engine, records: Records) -> None:
    for n in range(30):
        handled(records, f"CA{n}", NOW - timedelta(hours=1 + n), wait=30, said=90)
    statistics = WaitStatistics(engine, "wallet")
    scores = statistics.scores(TOPIC, NOW)
    assert (scores[Estimator.QL].mean_absolute, scores[Estimator.LES].bias) == (
        timedelta(seconds=60),
        timedelta(seconds=5),
    )
    assert scores[Estimator.HOL].count == 0
    assert statistics.past(TOPIC, NOW, zone=SHANGHAI).best is Estimator.LES


def test_the_language_last_chosen_is_remembered_per_number_without_the_number(engine: Engine) -> None:
    memory, number = Memory(engine, SECRET, At(), "wallet"), E164("+8613800138000")
    assert memory.language_of(number) is None
    memory.remember_language(number, Language("zh"))
    memory.remember_language(number, Language("en"))
    assert memory.language_of(number) == "en"
    memory.remember_slow(number, True)
    assert memory.recall(number) == Remembered(language=Language("en"), slow=True)
    memory.remember_language(number, Language("en"))
    assert memory.recall(number).slow, "another choice of the language leaves it"
    assert memory.language_of(E164("+8613800138001")) is None
    assert Memory(engine, SECRET, At(), "other").language_of(number) is None
    with reading(engine) as connection:
        (row,) = connection.execute(sa.select(number_memory)).all()
    assert "138001" not in str(row)


def test_slow_speech_is_remembered_of_a_number_that_never_chose_a_language(engine: Engine) -> None:
    memory, number = Memory(engine, SECRET, At()), E164("+8613800138000")
    memory.remember_slow(number, True)
    assert memory.recall(number) == Remembered(slow=True)
    memory.remember_slow(number, False)
    assert memory.recall(number) == Remembered()


def test_a_caller_without_a_number_is_not_remembered(engine: Engine) -> None:
    memory = Memory(engine, SECRET, At())
    memory.remember_language(E164(""), Language("en"))
    assert memory.language_of(E164("")) is None
