"""What the board reads from the records, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy.engine import Engine

from ivr.core.ids import CallId, Language, TopicId
from ivr.core.message_orders import MessagePromised
from ivr.core.metrics import Share
from ivr.core.room import QueueLimits
from ivr.storage.sql import tables
from ivr.storage.sql.engine import writing
from ivr.storage.sql.message_box import MessageBox
from ivr.storage.sql.room import RoomRows
from ivr.storage.sql.seals import Seals
from tests.storage.sql.test_reports import NINE, put

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
SEALS = Seals(b"a secret of the tests, 32 bytes.")


def test_the_usual_number_is_that_of_the_same_hour_and_who_waits_for_hours_is_still_in_the_depth(
    engine: Engine,
) -> None:
    rows = RoomRows(engine, SEALS)
    put(engine, [(NINE - WEEK, 10.0, "answered"), (NINE - WEEK + HOUR, 10.0, "answered")])
    put(engine, [(NINE - WEEK, 10.0, "abandoned")], topic="refunds")
    put(engine, [(NINE, None, None)], topic="transfers")
    last_week = (NINE - WEEK, NINE - WEEK + HOUR)
    assert rows.joined("wallet", [last_week, (NINE - 2 * WEEK, NINE - 2 * WEEK + HOUR)]) == [
        {"security": 1, "refunds": 1},
        {},
    ]
    [waits] = rows.late_stays("wallet", NINE + HOUR)
    assert (waits.topic, waits.entered_at, waits.over_at) == ("transfers", NINE, None)


def test_an_announced_wait_is_right_within_a_quarter_or_half_a_minute(engine: Engine) -> None:
    told = [(60, 90.0), (60, 91.0), (300, 400.0), (300, 401.0), (60, None), (None, 60.0)]
    with writing(engine) as connection:
        for number, (said, actual) in enumerate(told):
            row = {"call": f"t{number}", "segment": 1, "at": NINE, "hotline": "wallet", "topic": "refunds"}
            connection.execute(
                tables.announcements.insert(),
                {**row, "estimator": "ql", "seconds": said, "estimates": {}, "actual_s": actual},
            )
    assert RoomRows(engine, SEALS).told_well("wallet", NINE) == {"refunds": Share(part=2, whole=4)}


def test_a_message_is_unheard_until_somebody_heard_it_and_who_did_is_known(engine: Engine) -> None:
    box, rows = MessageBox(engine, SEALS), RoomRows(engine, SEALS)
    for name in ("m1", "m2"):
        promised = MessagePromised(
            id=name,
            at=NINE,
            hotline="wallet",
            call=CallId(f"CA{name}"),
            topic=TopicId("refunds"),
            language=Language("zh"),
            recording="RE1",
            duration_s=8,
            due_at=NINE + HOUR,
        )
        box.keep(promised)
    box.heard("m1", who="lead", at=NINE + HOUR)
    assert rows.unheard("wallet") == {"refunds": 1}
    found = {one.id: (one.heard_by, one.heard_at) for one in box.newest()}
    assert found == {"m1": ("lead", NINE + HOUR), "m2": ("", None)}


def test_supervisors_who_set_the_same_thing_at_once_are_not_in_each_others_way(engine: Engine) -> None:
    rows, together = RoomRows(engine, SEALS), Barrier(6)

    def sets(number: int) -> None:
        together.wait()
        rows.own("c0ffee", f"a{number}", NINE)
        rows.set_limits("wallet", TopicId("refunds"), QueueLimits(waiting=(number, 9)), who="lead", at=NINE)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sets, range(6)))
    found = rows.owner_of("c0ffee")
    assert found is not None
    assert found.agent in {f"a{number}" for number in range(6)}
    assert rows.limits("wallet")[TopicId("refunds")].waiting[1] == 9
    rows.own("c0ffee", "", NINE)
    assert rows.owner_of("c0ffee") is None
