"""The sweep: what Redis forgot and the carrier still holds, and what is over there and open here."""

from __future__ import annotations

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.ids import CallId
from ivr.core.session import State

ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5}
PHONE = "+442079460107"


def talk(town, *, phone="browser"):
    """A call in mid-talk, written down."""
    ana = town.agent("ana", skills=ANY, phone=phone).available()
    call = town.queues()
    if phone == "browser":
        leg = ana.accepts()
    else:
        leg = town.network.phone(phone).rings().answers()
        town.settle()
        leg.presses("1")
        town.settle()
        ana.leg = leg
    call.meets(leg)
    town.passes(10)
    town.record()
    return call, ana


def flush(town):
    town.switchboard.link.run(lambda connection: connection.flushall())


def sweep(town):
    """One round of everything that the dispatcher's sweep does. How much it put right."""
    repair = town.switchboard.repair
    found = repair.find_rooms() + repair.close_ended() + repair.release_forgotten()
    town.settle()
    return found


def repairs_of(town, call):
    return [fact.what for fact in town.facts_of(call) if isinstance(fact, facts.Repaired)]


@pytest.mark.parametrize("phone", ["browser", PHONE])
def test_talk_that_redis_forgot_is_taken_back_and_its_agent_gets_no_second_call(town, phone):
    call, ana = talk(town, phone=phone)
    flush(town)
    assert sweep(town) == 1
    assert town.session(call).state is State.CONNECTED
    assert ana.presence is Presence.ON_CALL
    town.queues("+8613800138009")
    town.switchboard.desk.ready(ana.id)
    town.settle()
    assert ana.presence is Presence.ON_CALL
    call.meets(ana.leg)


def test_agent_of_a_talk_taken_back_ends_it_with_the_button_and_wraps_up(town):
    call, ana = talk(town)
    flush(town)
    sweep(town)
    ana.ends()
    call.hears("评分")
    town.passes(10)
    call.hears("再见")
    call.ends()
    assert ana.presence is Presence.WRAP_UP
    record = town.ended(call)
    assert record.end == facts.CallEnd.ANSWERED
    assert len(record.segments) == 1
    assert record.repairs == 1


@pytest.mark.parametrize("phone", ["browser", PHONE])
def test_agent_who_leaves_while_redis_is_empty_does_not_leave_the_caller_alone_in_the_room(town, phone):
    call, ana = talk(town, phone=phone)
    flush(town)
    ana.vanishes()
    town.passes(1)
    sweep(town)
    town.until(lambda: town.session(call).state in (State.QUEUED, State.SURVEY), within_s=10, what="the way out")
    assert call.room is None
    call.hears("您现在排在第一位" if phone == "browser" else "按1")


def test_caller_who_hangs_up_while_redis_is_empty_is_closed_in_the_records(town):
    call, ana = talk(town)
    flush(town)
    call.hangs_up()
    town.settle()
    town.passes(70)
    sweep(town)
    record = town.ended(call)
    assert record.end == facts.CallEnd.ANSWERED
    assert record.ended_at is not None
    assert (town.now - record.ended_at).total_seconds() > 60
    assert not [a for a in town.switchboard.presences.all() if a.presence is Presence.ON_CALL]
    assert ana.leg is not None
    ana.leg.ends()


def test_waiting_caller_who_hung_up_while_redis_was_empty_is_abandoned(town):
    call = town.queues()
    town.record()
    flush(town)
    call.hangs_up()
    town.settle()
    town.passes(70)
    sweep(town)
    assert town.ended(call).end == facts.CallEnd.ABANDONED


def test_agent_who_was_rung_by_a_call_that_redis_lost_is_let_go(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    keys = town.switchboard.link.keys
    town.switchboard.link.run(lambda connection: connection.delete(keys("s", call.sid), keys("wake")))
    town.dispatching = False
    town.passes(11)
    town.dispatching = True
    assert ana.presence is Presence.RESERVED
    sweep(town)
    assert ana.presence is not Presence.RESERVED


def test_sweep_is_idempotent(town):
    call, _ = talk(town)
    other = town.queues("+8613800138009")
    town.record()
    flush(town)
    other.hangs_up()
    town.settle()
    town.passes(70)
    assert sweep(town) == 2
    town.record()
    assert sweep(town) == 0
    assert repairs_of(town, call) == ["talk found in a forgotten room"]
    assert repairs_of(town, other) == ["call over at the carrier closed"]
    counted = town.switchboard.repair_counts.all()
    assert counted == {"talk found in a forgotten room": 1, "call over at the carrier closed": 1}


def test_sweep_is_silent_on_a_healthy_state(town):
    talking, _ = talk(town)
    waiting = town.queues("+8613800138001")
    bob = town.agent("bob", skills={"refunds": 5}).available()
    in_menu = town.caller("+8613800138002")
    over = town.caller("+8613800138003")
    over.hangs_up()
    town.settle()
    town.passes(65)
    town.record()
    before = [town.session(call) for call in (talking, waiting, in_menu)]
    town.dispatching = False
    assert sweep(town) == 0
    assert [town.session(call) for call in (talking, waiting, in_menu)] == before
    assert bob.presence is Presence.AVAILABLE
    assert not any(repairs_of(town, call) for call in (talking, waiting, in_menu, over))
    town.dispatching = True


def test_room_that_no_record_knows_leads_its_lonely_caller_back_into_the_menu(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    call.meets(ana.accepts())
    flush(town)  # before the recorder saw anything of it
    ana.vanishes()
    town.passes(1)
    sweep(town)
    call.hears("欢迎致电")
    assert town.switchboard.sessions.find(CallId(call.sid)) is not None


def test_agent_left_alone_in_the_room_of_a_call_that_is_over_is_let_out(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    offer = ana.offer
    town.switchboard.desk.accept(ana.id, offer)
    town.dispatching = False
    leg = town.network.client(ana.id).connects({"offer": offer})
    town.network.settle()
    call.hangs_up()
    town.network.settle()
    town.network.faults.add("refuse", match="Calls", status=400, times=20)
    town.dispatching = True
    town.settle()
    assert leg.state == "in-progress"
    assert sweep(town) == 0
    town.passes(61)
    town.network.faults.clear()
    assert sweep(town) == 1
    leg.ends()
    assert sweep(town) == 0
    assert repairs_of(town, call) == ["room of an ended call emptied"]
