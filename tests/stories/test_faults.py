"""The same calls with trouble on the wire: same outcome, one record, nobody lost."""

from __future__ import annotations

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.session import State

ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5}


def whole_call(town):
    """From the greeting to the end of wrap-up."""
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    leg = ana.accepts()
    town.until(lambda: town.session(call).state is State.CONNECTED, within_s=8, what="the talk")
    call.meets(leg)
    town.passes(20)
    call.hangs_up()
    town.settle()
    town.until(lambda: ana.presence is Presence.WRAP_UP, within_s=90, what="wrap-up")
    ana.finishes()
    return call, ana


def outcome_of(town, call):
    record = town.ended(call)
    return record.end, [segment.outcome for segment in record.segments], len(record.offers)


EXPECTED = (facts.CallEnd.ANSWERED, [facts.Outcome.ANSWERED], 1)


@pytest.mark.parametrize("parallel", [False, True])
def test_every_webhook_sent_twice(town, parallel):
    town.network.faults.add("duplicate", p=1.0, parallel=parallel)
    call, ana = whole_call(town)
    assert outcome_of(town, call) == EXPECTED
    assert ana.presence is Presence.AVAILABLE


@pytest.mark.parametrize("kind", ["status", "room"])
def test_callbacks_dropped(town, kind):
    town.network.faults.add("drop", of=kind, p=1.0)
    call, ana = whole_call(town)
    assert outcome_of(town, call) == EXPECTED
    assert ana.presence is Presence.AVAILABLE


def test_all_callbacks_dropped_at_once(town):
    town.network.faults.add("drop", of="status", p=1.0)
    town.network.faults.add("drop", of="room", p=1.0)
    call, _ = whole_call(town)
    assert outcome_of(town, call) == EXPECTED


def test_callbacks_reordered_and_delayed(town):
    town.network.faults.add("reorder", of="status", p=0.5)
    town.network.faults.add("delay", of="room", p=0.5, seconds=7)
    call, _ = whole_call(town)
    town.passes(20)
    assert outcome_of(town, call) == EXPECTED


@pytest.mark.parametrize("status", [429, 500, 503])
def test_carrier_refuses_to_move_the_caller_at_first(town, status):
    town.network.faults.add("refuse", match="Calls", status=status, times=2)
    call, _ = whole_call(town)
    assert outcome_of(town, call) == EXPECTED


def test_forged_webhooks_change_nothing(town):
    town.network.faults.add("forge", p=1.0, how="wrong")
    call, _ = whole_call(town)
    assert outcome_of(town, call) == EXPECTED


def test_caller_gone_unheard_is_found_by_the_sweep(town):
    town.network.faults.add("drop", of="status", p=1.0)
    call = town.queues()
    call.hangs_up()
    town.settle()
    town.until(lambda: town.session(call).state is State.ENDED, within_s=120, what="the end of the ghost")


@pytest.mark.parametrize("mode", ["no_reply", "late"])
def test_telephone_leg_whose_creation_is_answered_too_late(town, mode):
    tom = town.agent("tom", skills=ANY, phone="+442079460107").available()
    phone = town.network.phone("+442079460107")
    town.network.faults.add(mode, match="Calls", seconds=1, times=1)
    call = town.queues()
    town.passes(3)
    leg = phone.rings().answers()
    town.settle()
    leg.presses("1")
    town.settle()
    call.meets(leg)
    assert tom.presence is Presence.ON_CALL
    calls = [entry for entry in town.network.ledger.entries("leg") if entry["direction"] == "outbound-api"]
    assert len(calls) == 1


def test_flushed_redis_with_many_waiting_brings_all_back_in_their_order(town):
    calls = []
    for number in range(100):
        calls.append(town.queues(f"+8613800138{number:03}"))
        town.passes(0.05)
    before = [town.session(call).queued_at for call in calls]
    town.switchboard.link.run(lambda connection: connection.flushall())
    town.passes(20)
    snapshot = sorted(calls, key=lambda call: town.switchboard.matcher.position(call.sid))
    assert snapshot == calls
    assert [round(town.session(call).queued_at.timestamp(), 2) for call in calls] == [
        round(at.timestamp(), 2) for at in before
    ]
