"""The recorder between a real stream and a real database: nothing is lost, nothing stands twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.errors import Unavailable
from ivr.core.ids import CallId
from ivr.storage.redis.facts import RedisFacts
from ivr.storage.sql import tables
from ivr.storage.sql.engine import open_database, reading, writing
from ivr.storage.sql.records import Records
from ivr.workflows.keep_record import LONGEST_PAUSE, KeepRecord
from ivr.workflows.ports import FactRow
from tests.schemas import brought_up
from tests.storage.redis.town import Store

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECRET = b"a secret of the tests, 32 bytes."
AT_ONCE = timedelta(milliseconds=1)


@pytest.fixture
def stream(redis: object, redis_url: str) -> Iterator[RedisFacts]:
    store = Store(redis_url)
    yield RedisFacts(store.link)
    store.link.close()


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    brought_up(sqlite_url)
    engine = open_database(sqlite_url, statement_timeout=timedelta(milliseconds=50))
    yield engine
    engine.dispose()


@dataclass
class Told:
    words: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, word: str, count: int) -> None:
        self.words.append((word, count))


def note(stream: RedisFacts, *calls: str) -> None:
    for call in calls:
        stream.add([facts.NodeEntered(at=AT, call=CallId(call), node="main")], key=f"{call}:1")


def recorded(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(sa.select(tables.facts.c.call).order_by(tables.facts.c.call)))


def test_what_was_noted_is_recorded_once_and_leaves_the_stream(stream: RedisFacts, engine: Engine) -> None:
    told = Told()
    keep = KeepRecord(stream, Records(engine, SECRET), told)
    note(stream, "CA1", "CA2", "CA1")
    assert keep(wait=AT_ONCE) == 3
    assert keep(wait=AT_ONCE) == 0
    assert recorded(engine) == ["CA1", "CA2"]
    assert told.words == [("recorded", 2)]


def test_facts_wait_while_sql_is_away_and_the_loop_asks_less_and_less_often(
    stream: RedisFacts, engine: Engine, sqlite_url: str
) -> None:
    told, pauses = Told(), []
    holder = open_database(sqlite_url)
    lock = writing(holder)
    lock.__enter__()

    def pause(span: timedelta) -> None:
        pauses.append(span)
        if len(pauses) == 8:
            lock.__exit__(None, None, None)

    note(stream, "CA1", "CA2")
    keep = KeepRecord(stream, Records(engine, SECRET), told)
    keep.run(stopping=lambda: ("recorded", 2) in told.words, pause=pause)
    assert recorded(engine) == ["CA1", "CA2"]
    assert told.words == [*[("delayed", 2)] * 8, ("recorded", 2)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert keep(wait=AT_ONCE) == 0
    holder.dispose()


def test_a_recorder_that_dies_between_writing_and_saying_so_leaves_nothing_twice(
    stream: RedisFacts, engine: Engine
) -> None:
    records = Records(engine, SECRET)
    note(stream, "CA1")
    portion = stream.take(wait=AT_ONCE)
    records.write([row for _, row in portion])
    assert records.write([row for _, row in portion]) == 0
    assert recorded(engine) == ["CA1"]


@dataclass(frozen=True)
class Choosy:
    """The real records, but for one fact that cannot be written by any means."""

    records: Records

    def write(self, rows: Sequence[FactRow]) -> int:
        if any(row.id.startswith("CA2") for row in rows):
            raise ValueError("cannot be written")
        return self.records.write(rows)


def test_one_fact_that_cannot_be_written_does_not_hold_up_the_others(stream: RedisFacts, engine: Engine) -> None:
    told = Told()
    note(stream, "CA1", "CA2", "CA3")
    assert KeepRecord(stream, Choosy(Records(engine, SECRET)), told)(wait=AT_ONCE) == 3
    assert recorded(engine) == ["CA1", "CA3"]
    assert told.words == [("refused", 1), ("recorded", 2)]


def test_one_look_reports_that_sql_is_away(stream: RedisFacts, engine: Engine, sqlite_url: str) -> None:
    note(stream, "CA1")
    holder = open_database(sqlite_url)
    with writing(holder), pytest.raises(Unavailable):
        KeepRecord(stream, Records(engine, SECRET))(wait=AT_ONCE)
    assert recorded(engine) == []
    holder.dispose()
