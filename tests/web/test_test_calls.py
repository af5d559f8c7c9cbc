"""Calls of the operator's own test numbers: recorded, flagged, and in no figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ivr.core.people import Role
from ivr.core.saved_reports import PATH
from ivr.storage.sql import tables
from ivr.storage.sql.after_tables import follow_ups, message_box, surveys
from ivr.storage.sql.engine import writing
from ivr.web.report_index import GROUPS
from tests.web.house import ROOT, House
from tests.web.test_figures_open import DAY, filled

OURS = "+8613800139999"
COUNT_ALL = {"cost", "carrier", "access", "selfcheck", "disclosure"}
"""What the carrier bills and lists, who looked at what, cases, and a check of formulas: these are not of calls that count."""


def test_a_test_call_is_flagged_listed_apart_and_in_no_figure(tmp_path: Path, redis_url, redis, free_port) -> None:
    del redis
    menus = tmp_path / "menus"
    menus.mkdir()
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    (menus / "wallet.yaml").write_text(f'{text}\ntest_numbers: ["{OURS}"]\n', encoding="utf-8")
    house = House(tmp_path, redis_url, free_port(), menus=menus)
    house.account("lead", Role.SUPERVISOR, language="en")
    try:
        calls = [house.phones(number).presses("1411#2") for number in (OURS, "+8613800138001")]
        for caller in calls:
            caller.hangs_up()
        house.records()
        client = house.client("lead")

        def listed(words: str) -> list[str]:
            return [one["call"] for one in json.loads(client.get(f"/api/v1/calls{words}").text)["calls"]]

        test, real = (caller.call for caller in calls)
        assert listed("") == [real]
        assert listed("?tests=only") == [test]
        assert sorted(listed("?tests=too")) == sorted([test, real])
        assert ">test call</span>" in client.get("/supervisor/calls?tests=only").text
        assert [">test call</span>" in client.get(f"/supervisor/calls/{one}").text for one in (test, real)] == [
            True,
            False,
        ]
        assert house.switchboard.records.facts_of(test), "what happened in it is kept"
        waits = json.loads(client.get(f"{PATH}waits?interval=day&format=json").text)
        assert waits["totals"][-1]["offered"] == 1
    finally:
        house.switchboard.close()


def doubled(connection: sa.Connection, table: sa.Table, **changes: Any) -> None:
    """Every row of this table once more, of a test call."""
    rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    for row in rows:
        for name in ("id", "call", "offer", "callback"):
            if row.get(name):
                row[name] = f"test-{row[name]}"
    if rows:
        connection.execute(table.insert(), [{**row, **changes} for row in rows])


def figures(house: House) -> Iterator[tuple[str, Any]]:
    client = house.client("lead")
    for name in (entry.name for group in GROUPS for entry in group.entries if entry.name not in COUNT_ALL):
        drawn = json.loads(client.get(f"{PATH}{name}?{DAY}&interval=day&format=json").text)
        yield name, [drawn.get(part) for part in ("rows", "totals", "tables", "calls")]


def test_the_same_day_once_more_as_test_calls_changes_no_report(staffed: House) -> None:
    filled(staffed)
    before = dict(figures(staffed))
    with writing(staffed.switchboard.engine) as connection:
        for table in (tables.segments, tables.offers, tables.announcements, tables.facts, surveys, follow_ups):
            doubled(connection, table)
        doubled(connection, message_box)
        doubled(connection, tables.callback_attempts)
        doubled(connection, tables.callbacks)
        doubled(connection, tables.calls, test=True)
        without = sa.select(tables.callbacks.c.call).where(
            tables.callbacks.c.call.not_in(sa.select(tables.calls.c.call)), tables.callbacks.c.call.like("test-%")
        )
        (call,) = set(connection.scalars(without)) or {""}
        row = dict(connection.execute(sa.select(tables.calls).limit(1)).mappings().one())
        connection.execute(tables.calls.insert(), {**row, "call": call, "test": True})
    after = dict(figures(staffed))
    assert [name for name in before if before[name] != after[name]] == []
    assert any(before.values())
