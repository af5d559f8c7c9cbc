"""One write holds everything that follows from an event, and a step is answered once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.core.errors import Conflict
from ivr.core.facts import NodeEntered, PresenceChanged
from ivr.core.ids import CallId, LegId, NodeId
from ivr.core.instructions import Alarm, HangUp, LookUpLeg, Wait, WakeAt
from ivr.core.session import State, Step
from tests.storage.redis.town import NOON, demand, waiting

CALL = CallId("CA1")


def in_menu(call="CA1", **changes):
    return replace(waiting(call, demand(), NOON), state=State.MENU, demand=None, queued_at=None, **changes)


def counting(session):
    """A decision that is not idempotent: it counts how often it was carried out."""
    now = session or in_menu()
    following = replace(now, step=now.step + 1)
    return Step(session=following, instructions=(Wait(seconds=following.step),))


def test_a_step_asked_twice_gets_the_same_answer_and_no_second_effect(store):
    first = store.sessions.change(CALL, counting, step="7")
    second = store.sessions.change(CALL, counting, step="7")
    other = store.sessions.change(CALL, counting, step="8")

    assert (first.replayed, second.replayed, other.replayed) == (False, True, False)
    assert first.step.instructions == second.step.instructions == (Wait(seconds=1),)
    assert other.step.instructions == (Wait(seconds=2),)
    assert store.session("CA1").step == 2


def test_a_step_asked_by_many_at_once_is_carried_out_once(store):
    answers = []
    start = threading.Barrier(8)

    def ask():
        start.wait()
        answers.append(store.sessions.change(CALL, counting, step="1"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {saved.step.instructions for saved in answers} == {(Wait(seconds=1),)}
    assert [saved.replayed for saved in answers].count(False) == 1
    assert store.session("CA1").step == 1


def test_no_change_is_lost_when_many_change_one_call(store):
    store.sessions.change(CALL, counting)

    def often():
        for _ in range(20):
            while True:
                try:
                    store.sessions.change(CALL, counting)
                except Conflict:
                    continue
                break

    threads = [threading.Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.session("CA1").step == 81


def test_somebody_who_is_always_faster_ends_in_a_conflict(store):
    store.sessions.change(CALL, counting)

    def meanwhile(session):
        store.redis.hincrby(store.keys("s", CALL), "v", 1)
        return counting(session)

    with pytest.raises(Conflict):
        store.sessions.change(CALL, meanwhile)


def test_deciding_nothing_leaves_everything(store):
    assert store.sessions.change(CALL, lambda _: None, step="1") is None
    assert store.sessions.find(CALL) is None
    assert store.redis.keys("*") == []


def test_one_write_holds_facts_orders_and_wake_ups(store):
    at = store.clock.now()
    step = Step(
        session=in_menu(),
        facts=tuple(NodeEntered(at=at, call=CALL, node=NodeId(node)) for node in ("main", "sub")),
        orders=(LookUpLeg(call=CALL, leg=LegId("CA1")),),
        wake_ups=(WakeAt(alarm=Alarm.PULSE, at=at + timedelta(seconds=45), ref="x"),),
    )
    store.sessions.change(CALL, lambda _: step)

    rows = [row for _, row in store.facts.take(wait=timedelta(0))]
    assert [row.fact for row in rows] == list(step.facts)
    assert {row.hotline for row in rows} == {"wallet"}
    assert [row.id.split(":")[0] for row in rows] == ["CA1", "CA1"]
    assert [row.id.split(":")[2] for row in rows] == ["0", "1"]
    assert [row.order for row in store.outbox.take(wait=timedelta(0))] == list(step.orders)
    assert store.timers.next_at() == at + timedelta(seconds=45)


def test_fact_ids_are_not_used_again_after_a_lost_redis(store):
    step = Step(session=in_menu(), facts=(NodeEntered(at=NOON, call=CALL, node=NodeId("main")),))
    ids = set()
    for _ in range(2):
        store.redis.flushall()
        store.sessions.change(CALL, lambda _: step)
        ids |= {row.id for _, row in store.facts.take(wait=timedelta(0))}

    assert len(ids) == 2


def test_an_ended_call_leaves_nothing_but_itself_for_a_day(store):
    store.ready("ana")
    store.waits("CA1")
    wake = WakeAt(alarm=Alarm.OVERFLOW, at=NOON + timedelta(minutes=5))
    store.change("CA1", lambda session: session, wake_ups=(wake,))
    store.takes_up(store.matcher.for_call(CALL))
    store.sessions.change(CALL, lambda session: Step(session=session, instructions=(HangUp(),)), step="9")

    store.hangs_up("CA1")

    assert store.timers.next_at() is None
    assert list(store.sessions.live()) == []
    left = {key for key in store.redis.keys("*") if "CA1" in key}
    assert left == {store.keys("s", "CA1"), store.keys("r", "CA1")}
    assert all(0 < store.redis.ttl(key) <= 86400 for key in left)
    assert store.session("CA1").state is State.ENDED


def test_live_calls_are_those_that_have_not_ended(store):
    for number in range(250):
        store.waits(f"CA{number}")
    store.hangs_up("CA7")

    assert {session.call for session in store.sessions.live()} == {f"CA{n}" for n in range(250)} - {"CA7"}


def test_a_presence_that_changes_with_a_call_is_a_fact_of_the_same_write(store):
    store.waits("CA1")
    store.ready("ana")
    store.takes_up(store.matcher.for_call(CALL))
    store.hangs_up("CA1")

    rows = [row for _, row in store.facts.take(wait=timedelta(0)) if isinstance(row.fact, PresenceChanged)]

    assert [row.fact.presence for row in rows] == ["break", "available", "reserved", "available"]
    assert rows[2].fact.call == "CA1"
    assert rows[2].fact.at == store.clock.now()
    assert len({row.id for row in rows}) == 4


def test_the_board_reads_queues_and_presences(store):
    store.waits("CA1")
    store.clock.passes(seconds=3)
    store.waits("CA2", demand(priority=50))
    store.waits("CA3", demand("refunds"))
    store.ready("ana", transfers=1)

    billing, refunds = store.board.queues(calls=5)

    assert (billing.topic, billing.waiting, billing.oldest_at, billing.calls) == ("billing", 2, NOON, ("CA2", "CA1"))
    assert (refunds.topic, refunds.waiting) == ("refunds", 1)
    assert store.board.presences() == {"available": 1}
    assert [agent.id for agent in store.presences.all()] == ["ana"]
