"""Callers about whom a system of the house is asked while they are on the line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ivr.core import facts
from ivr.core.session import State
from ivr.workflows.look_up import OPENS_AFTER
from tests.systems import House, open_house

PATHS = {"good": "queue_transfers_wrong", "silent": "queue_transfers", "elsewhere": "queue_transfers"}


@pytest.fixture
def house() -> Iterator[House]:
    with open_house() as opened:
        yield opened


def asking(house: House, path: str) -> Any:
    """The wallet, which asks its own system before it asks when a transfer was late."""
    node = (
        "  level:\n    lookup: {default: queue_transfers, cases: {gold: queue_transfers_wrong}, sets: {level: account.level}, "
        f"url: '{house.url(path)}', send: [call, topic, path, language], secret: CORE}}\n"
    )

    def change(text: str) -> str:
        text = text.replace("'1': {goto: transfers_when,", "'1': {goto: level,")
        text = text.replace("'2': {goto: queue_transfers_wrong,", "'2': {goto: transfers_when,")
        return text.replace("nodes:\n", "nodes:\n" + node, 1)

    return {"change": change, "lookup_hosts": house.entry, "lookup_secrets": "CORE=a-secret-of-the-house"}


def late(town: Any, number: str = "+8613800138000") -> Any:
    call = town.caller(number)
    town.presses(call, "1" + "2" + "1")
    town.settle()
    return call


def told(town: Any, call: Any) -> list[str]:
    return [fact.result for fact in town.facts_of(call) if isinstance(fact, facts.LookedUp)]


def test_the_answer_of_the_house_leads_the_call_and_stands_in_the_record(towns, house):
    town = towns(**asking(house, "good"))
    call = late(town)
    session = town.session(call)
    assert (session.state, session.node, session.answers["level"]) == (State.QUEUED, "queue_transfers_wrong", "gold")
    assert told(town, call) == ["ok"]
    [asked] = house.asked
    assert asked["headers"]["Authorization"] == "Bearer a-secret-of-the-house"
    assert '"path": ["transfers", "late"]' in asked["body"]
    assert "138001" not in asked["body"], "the number is sent only when it is asked for"
    call.hangs_up()
    town.settle()
    assert town.ended(call).answers["level"] == "gold"


@pytest.mark.parametrize(("path", "result"), [("silent", "timeout"), ("elsewhere", "redirected"), ("big", "too_large")])
def test_a_system_that_does_not_answer_well_costs_the_caller_nothing_but_a_breath(towns, house, path, result):
    town = towns(**asking(house, path))
    call = late(town)
    assert (town.session(call).state, town.session(call).node) == (State.QUEUED, "queue_transfers")
    assert "level" not in town.session(call).answers
    assert told(town, call) == [result]


def test_after_failures_in_a_row_nobody_waits_for_a_broken_system_until_one_call_finds_it_mended(towns, house):
    town = towns(**asking(house, "broken"))
    for number in range(OPENS_AFTER + 2):
        call = late(town, f"+861380013{number:04}")
        call.hangs_up()
        town.settle()
    assert len(house.asked) == OPENS_AFTER
    assert told(town, call) == ["open"]
    town.network.clock.advance(31)
    assert told(town, late(town)) == ["server_fault"]
    assert len(house.asked) == OPENS_AFTER + 1


def test_a_step_that_the_carrier_asks_for_again_is_not_asked_of_the_house_again(towns, house):
    town = towns(**asking(house, "good"))
    town.network.faults.add("duplicate", of="voice")
    call = late(town)
    town.passes(2)
    copies = [entry for entry in town.network.ledger.entries("webhook", copy=True) if "/lookup/" in entry["url"]]
    assert copies, "the step was asked for twice"
    assert town.session(call).node == "queue_transfers_wrong"
    assert len(house.asked) == 1


def test_a_host_that_the_settings_do_not_list_is_never_asked(towns, house):
    town = towns(**{**asking(house, "good"), "lookup_hosts": ""})
    call = late(town)
    assert told(town, call) == ["refused"]
    assert house.asked == []
