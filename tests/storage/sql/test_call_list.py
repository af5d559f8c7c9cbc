"""The list of calls on both databases: every line once, in order, by every filter, along an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.call_list import SAID, UNSAID, CallFilter, Listed, ListedCall, Place
from ivr.core.callback_rules import PREFIX
from ivr.core.ids import CallId
from ivr.storage.sql import call_list, tables
from ivr.storage.sql.call_list import CallList
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.records import number_place
from ivr.storage.sql.seals import Seals
from tests.storage.sql.conftest import SECRET

NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NUMBER = "+8613800138000"


def call_row(name: str, at: datetime, **more: Any) -> dict[str, Any]:
    number = more.pop("number", NUMBER)
    seals = Seals(SECRET)
    return {
        "call": name, "hotline": "wallet", "kind": "number", "dialled": "+85230001000", "country": "CN", "menu_version": "v1",
        "language": "zh", "number": seals.seal(number, place=number_place(name)), "number_index": seals.index(number),
        "answers": {}, "path": [], "started_at": at, "ended_at": at + timedelta(minutes=3), "end": "answered", "left": "talk",
        "hung_up_by": "caller", "segments": 1, "offers": 0, "texts": 0, "repairs": 0, "verified": "", **more,
    }  # fmt: skip


def stay_row(name: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "call": name, "segment": 1, "hotline": "wallet", "topic": "security", "path": ["account"], "language": "zh",
        "priority": 0, "queued_at": at, "entered_at": at, "answered_at": at, "left_at": at + timedelta(seconds=9),
        "ended_at": at, "outcome": "answered", "reason": "", "wait_s": 9.0, "talk_s": 60.0, "hold_s": 0.0, "wrap_s": 5.0,
        "agent": "a1", "offer": None, "offers": 1, "ended_by": "", "cause": "", "disposition": "solved",
        "disposition_reason": "", "agent_topic": "", "by_default": False, "notes": "", **more,
    }  # fmt: skip


@pytest.fixture
def listed(engine: Engine) -> CallList:
    """Ten minutes: at each full minute a call with a stay, at each half one that stayed in the menu; two stays in CA3."""
    calls, stays = [], []
    for minute in range(10):
        at = NINE + timedelta(minutes=minute)
        calls.append(call_row(f"CA{minute}", at))
        calls.append(
            call_row(f"CM{minute}", at + timedelta(seconds=30), segments=0, end="left_menu", left="main", number="")
        )
        stays.append(stay_row(f"CA{minute}", at))
    stays[5] |= {"outcome": "abandoned", "agent": None, "topic": "refunds", "language": "en"}
    stays[6] |= {"outcome": None, "left_at": None, "answered_at": None, "wait_s": None, "agent": None}
    stays.append(stay_row("CA3", NINE + timedelta(minutes=3), segment=2, topic="refunds", cause="transfer"))
    calls.append(call_row(f"{PREFIX}c0ffee-1", NINE + timedelta(minutes=4)))
    stays.append(stay_row(f"{PREFIX}c0ffee-1", NINE + timedelta(minutes=4)))
    fact = {"hotline": "wallet", "agent": None, "at": NINE}
    notes = [
        {**fact, "id": "1", "call": "CA1", "kind": "survey_answered", "body": {"score": 5}},
        {**fact, "id": "2", "call": "CA1", "kind": "recording_kept", "body": {"recording": "RE1", "duration_s": 9}},
        {**fact, "id": "3", "call": "CM2", "kind": "node_entered", "body": {"node": "refunds_menu"}},
    ]
    with writing(engine) as connection:
        connection.execute(tables.calls.insert(), calls)
        connection.execute(tables.segments.insert(), stays)
        connection.execute(tables.facts.insert(), notes)
        connection.execute(tables.case_calls.insert(), {"call": "CA7", "case": "k", "at": NINE})
        connection.execute(
            tables.cases.insert(),
            {
                "id": "k", "hotline": "wallet", "number": "48170023", "caller": "", "caller_index": "", "topic": "security",
                "path": [], "answers": {}, "language": "zh", "opened_at": NINE, "status": "open", "due_at": None, "note": "",
                "changed_at": NINE, "changed_by": "", "due_by": "",
            },
        )  # fmt: skip
    return CallList(engine, Seals(SECRET))


def wanted(**changes: Any) -> CallFilter:
    return CallFilter(**{"start": NINE, "end": NINE + timedelta(minutes=10), **changes})


def names(lines: Sequence[ListedCall]) -> list[str]:
    return [f"{line.call}/{line.segment}" for line in lines]


def test_pages_show_every_line_once_newest_first_whatever_comes_in_meanwhile(listed: CallList) -> None:
    seen: list[ListedCall] = []
    after: Place | None = None
    while portion := listed.lines(wanted(), after=after, limit=4):
        seen += portion
        after = portion[-1].place
        with writing(listed.engine) as connection:  # a caller who comes while somebody turns the page
            name = f"CZ{len(seen)}"
            connection.execute(tables.calls.insert(), call_row(name, NINE + timedelta(minutes=9, seconds=59)))
            connection.execute(tables.segments.insert(), stay_row(name, NINE + timedelta(minutes=9, seconds=59)))
    expected = [name for m in reversed(range(10)) for name in (f"CM{m}/0", f"CA{m}/1")]
    expected.insert(expected.index("CA3/1"), "CA3/2")
    assert names(seen) == expected
    assert listed.count(wanted(), most=1000) == len(expected) + 6
    assert listed.count(wanted(), most=5) == 5


FILTERS: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"outcome": "abandoned"}, ["CA5/1"]),
    ({"outcome": "waiting"}, ["CA6/1"]),
    ({"topics": ("refunds",)}, ["CA5/1", "CA3/2"]),
    ({"topics": ("refunds", "security"), "outcome": "abandoned"}, ["CA5/1"]),
    ({"agent": "a1", "end": NINE + timedelta(minutes=2)}, ["CA1/1", "CA0/1"]),
    ({"language": "en"}, ["CA5/1"]),
    ({"left": "main", "end": NINE + timedelta(minutes=1)}, ["CM0/0"]),
    ({"end_as": "left_menu", "start": NINE + timedelta(minutes=9)}, ["CM9/0"]),
    ({"menu": "refunds_menu"}, ["CM2/0"]),
    ({"case": "48170023"}, ["CA7/1"]),
    ({"case": "48170024"}, []),
    ({"by": Listed.EVENT, "start": NINE + timedelta(minutes=6), "end": NINE + timedelta(minutes=7, seconds=20)},
     ["CA7/1", "CM6/0"]),
    ({"by": Listed.ANSWER, "start": NINE + timedelta(minutes=8)}, ["CA9/1", "CA8/1"]),
    ({"by": Listed.CALL, "start": NINE + timedelta(minutes=9)}, ["CM9/0", "CA9/0"]),
    ({"by": Listed.CALL, "menu": "refunds_menu", "end": NINE + timedelta(seconds=1)}, []),
    ({"once": True, "start": NINE + timedelta(minutes=3), "end": NINE + timedelta(minutes=4), "agent": "a1"}, ["CA3/1"]),
    ({"result": "solved", "end": NINE + timedelta(seconds=1)}, ["CA0/1"]),
    ({"reason": SAID}, []),
    ({"said": UNSAID, "end": NINE + timedelta(seconds=1)}, ["CA0/1"]),
    ({"made_too": True, "start": NINE + timedelta(minutes=4), "end": NINE + timedelta(minutes=4, seconds=20)},
     [f"{PREFIX}c0ffee-1/1", "CA4/1"]),
)  # fmt: skip


def test_a_filter_lists_what_it_says(listed: CallList) -> None:
    for asked, expected in FILTERS:
        assert names(listed.lines(wanted(**asked), after=None, limit=50)) == expected, asked


def test_calls_of_a_number_are_found_without_opening_any_other(listed: CallList) -> None:
    other = "+85290001111"
    with writing(listed.engine) as connection:
        connection.execute(tables.calls.insert(), call_row("CX", NINE, number=other, segments=0))
    found = listed.lines(wanted(caller=listed.indexes(other)), after=None, limit=50)
    assert names(found) == ["CX/0"]
    assert found[0].number != other
    assert [line.number for line in listed.marked(found)] == [other]


def test_ratings_and_recordings_stand_beside_their_lines(listed: CallList) -> None:
    lines = listed.lines(wanted(end=NINE + timedelta(minutes=2)), after=None, limit=50)
    marked = {str(line.call): line for line in listed.marked(lines)}
    assert (marked["CA1"].score, marked["CA1"].recorded, marked["CA1"].number) == (5, True, NUMBER)
    assert (marked["CA0"].score, marked["CA0"].recorded, marked["CM1"].number) == (None, False, "")


WALKS: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({}, ["ix_segments_entered_at_call_segment", "ix_calls_without_stay"]),
    ({"by": Listed.EVENT}, ["ix_segments_left_at_call_segment", "ix_calls_without_stay"]),
    ({"outcome": "dropped"}, ["ix_segments_outcome_entered_at_call_segment"]),
    ({"topics": ("refunds",)}, ["ix_segments_topic_entered_at_call_segment"]),
)


def test_a_page_is_a_walk_along_an_index_and_sorts_nothing(listed: CallList) -> None:
    """With 6,000 stays, few of them of the rare kinds, so that a planner has something to choose from."""
    engine, at = listed.engine, NINE - timedelta(days=20)
    row, call = stay_row("CB", at), call_row("CB", at)
    stays, calls = [], []
    for n in range(6_000):
        entered = at + timedelta(seconds=280 * n)
        left = entered + timedelta(seconds=9)
        stays.append(
            {
                **row,
                "call": f"CB{n}",
                "entered_at": entered,
                "left_at": left,
                "outcome": "answered" if n % 200 else "dropped",
                "topic": "security" if n % 100 else "refunds",
            }
        )
        calls.append({**call, "call": f"CB{n}", "started_at": entered, "segments": n % 2})
    with writing(engine) as connection:
        connection.execute(tables.segments.insert(), stays)
        connection.execute(tables.calls.insert(), calls)
        connection.exec_driver_sql("ANALYZE")
    after = Place(at=NINE - timedelta(days=9), call=CallId("CB1"), segment=1)
    for asked, walks in WALKS:
        for query, index in zip(call_list._queries(wanted(start=at, **asked), None), walks, strict=True):
            for asked_for in (call_list._paged(query, after, 51), call_list._counted(query, 51)):
                plan = plan_of(engine, asked_for)
                assert index in plan, plan
                assert "Sort" not in plan, plan
                assert "TEMP B-TREE" not in plan, plan


def plan_of(engine: Engine, query: sa.Select[Any]) -> str:
    text = query.compile(engine, compile_kwargs={"render_postcompile": True})
    word = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with reading(engine) as connection:
        processed = {
            name: text._bind_processors.get(name, lambda value: value)(value) for name, value in text.params.items()
        }
        rows = connection.exec_driver_sql(
            f"{word} {text}",
            processed if not text.positional else tuple(processed[name] for name in text.positiontup or ()),
        )
        return "\n".join(str(row[-1]) for row in rows)
