"""Wake-ups, orders and facts come at least once, and go when they are done."""

from __future__ import annotations

from datetime import timedelta

from ivr.core.facts import NodeEntered
from ivr.core.ids import AgentId, CallId, NodeId
from ivr.core.instructions import Alarm, LookUpLeg, WakeAt
from ivr.storage.redis.facts import RedisFacts
from ivr.storage.redis.outbox import RedisOutbox
from tests.storage.redis.town import NOON

AT_ONCE = timedelta(0)


def wakes(store, alarm, after_s, ref=""):
    at = None if after_s is None else store.clock.now() + timedelta(seconds=after_s)
    store.change("CA1", lambda session: session, wake_ups=(WakeAt(alarm=alarm, at=at, ref=ref),))


def orders(store, *legs):
    found = tuple(LookUpLeg(call=CallId("CA1"), leg=leg) for leg in legs)
    store.change("CA1", lambda session: session, orders=found)


def facts(*nodes):
    return [NodeEntered(at=NOON, call=CallId("CA1"), node=NodeId(node)) for node in nodes]


def test_a_wake_up_comes_when_it_is_due_and_not_again_once_done(store):
    store.waits("CA1")
    wakes(store, Alarm.RELAX, 10, "1")
    assert store.timers.due() == []

    store.clock.passes(seconds=10)
    (due,) = store.timers.due()
    assert (due.alarm, due.call, due.agent, due.ref, due.at) == (Alarm.RELAX, "CA1", None, "1", store.clock.now())
    store.timers.done(due)
    store.clock.passes(minutes=1)
    assert store.timers.due() == []
    assert store.timers.next_at() is None


def test_a_wake_up_whose_taker_died_comes_back_after_ten_seconds_with_its_own_time(store):
    store.waits("CA1")
    wakes(store, Alarm.RELAX, 0)
    (first,) = store.timers.due()
    store.clock.passes(seconds=9.999)
    assert store.timers.due() == []
    store.clock.passes(milliseconds=1)

    (second,) = store.timers.due()

    assert second == first


def test_a_wake_up_set_anew_while_it_was_carried_out_stays(store):
    store.waits("CA1")
    wakes(store, Alarm.RELAX, 0)
    (due,) = store.timers.due()
    wakes(store, Alarm.RELAX, 30)
    store.timers.done(due)

    assert store.timers.next_at() == store.clock.now() + timedelta(seconds=30)


def test_a_wake_up_is_moved_and_cancelled(store):
    store.waits("CA1")
    wakes(store, Alarm.RELAX, 10)
    wakes(store, Alarm.RELAX, 20)
    assert store.timers.next_at() == store.clock.now() + timedelta(seconds=20)
    wakes(store, Alarm.RELAX, None)
    assert store.timers.next_at() is None


def test_agents_have_wake_ups_of_their_own(store):
    store.timers.set_agent(AgentId("ana_b"), Alarm.PRESENCE, store.clock.now())
    (due,) = store.timers.due()

    assert (due.agent, due.call, due.alarm) == ("ana_b", None, Alarm.PRESENCE)
    store.timers.set_agent(AgentId("ana_b"), Alarm.PRESENCE, None)
    assert store.timers.next_at() is None


def test_two_takers_do_not_get_the_same_wake_up(store):
    store.waits("CA1")
    for alarm in (Alarm.RELAX, Alarm.OVERFLOW, Alarm.CEILING):
        wakes(store, alarm, 0)

    assert len(store.timers.due(limit=2)) == 2
    assert len(store.timers.due(limit=2)) == 1
    assert store.timers.due(limit=2) == []


def test_orders_come_once_while_they_are_carried_out_and_go_when_done(store):
    store.waits("CA1")
    orders(store, "L1", "L2")
    rows = store.outbox.take(wait=AT_ONCE)
    other = RedisOutbox(store.link, store.clock)

    assert [row.order.leg for row in rows] == ["L1", "L2"]
    assert rows[0].id < rows[1].id
    assert other.take(wait=AT_ONCE) == []
    for row in rows:
        store.outbox.done(row)
    assert store.redis.xlen(store.keys("orders")) == 0


def test_an_order_whose_taker_died_is_taken_over(store):
    store.waits("CA1")
    orders(store, "L1")
    (mine,) = store.outbox.take(wait=AT_ONCE)
    entry = store.redis.xrange(store.keys("orders"))[0][0]
    store.redis.xclaim(store.keys("orders"), "dispatch", "dead", 0, [entry], idle=15_000)

    (taken,) = RedisOutbox(store.link, store.clock).take(wait=AT_ONCE)

    assert (taken.id, taken.order, taken.tries) == (mine.id, mine.order, 2)


def test_an_order_is_tried_again_after_its_delay_under_the_same_id(store):
    store.waits("CA1")
    orders(store, "L1")
    (first,) = store.outbox.take(wait=AT_ONCE)
    store.outbox.retry(first, after=timedelta(seconds=2))
    assert store.outbox.take(wait=AT_ONCE) == []

    store.clock.passes(seconds=2)
    (second,) = store.outbox.take(wait=AT_ONCE)

    assert (second.id, second.order, second.tries) == (first.id, first.order, 2)
    store.outbox.done(second)
    assert store.outbox.take(wait=AT_ONCE) == []


def test_a_flushed_redis_does_not_stop_the_readers(store):
    store.waits("CA1")
    orders(store, "L1")
    store.outbox.take(wait=AT_ONCE)
    store.facts.add(facts("main"), key="k")
    store.facts.take(wait=AT_ONCE)
    store.redis.flushall()
    store.waits("CA1")
    orders(store, "L2")
    store.facts.add(facts("main"), key="k")

    assert [row.order.leg for row in store.outbox.take(wait=AT_ONCE)] == ["L2"]
    assert len(store.facts.take(wait=AT_ONCE)) == 1


def test_waiting_for_orders_ends_with_the_first(store):
    assert store.outbox.take(wait=timedelta(milliseconds=20)) == []


def test_facts_outside_a_call_have_ids_made_of_their_key(store):
    store.facts.add(facts("main", "sub"), key="disposed-1")
    store.facts.add(facts("main", "sub"), key="disposed-1")

    entries = store.facts.take(wait=AT_ONCE)

    assert [row.id for _, row in entries] == ["disposed-1:0", "disposed-1:1"] * 2
    store.facts.done([entry for entry, _ in entries])
    assert store.redis.xlen(store.keys("facts")) == 0


def test_a_fact_that_this_code_cannot_read_is_kept_for_one_that_can(store):
    store.redis.xadd(store.keys("facts"), {"id": "x:0", "hotline": "", "body": '{"_":"of_tomorrow"}'})
    store.facts.add(facts("main"), key="k")

    assert [row.id for _, row in store.facts.take(wait=AT_ONCE)] == ["k:0"]
    assert store.redis.xlen(store.keys("facts")) == 2


def test_facts_not_done_are_taken_over_from_a_reader_that_died(store):
    store.facts.add(facts("main"), key="k")
    ((entry, _),) = store.facts.take(wait=AT_ONCE)
    other = RedisFacts(store.link)
    assert other.take(wait=AT_ONCE) == []
    store.redis.xclaim(store.keys("facts"), "recorder", "dead", 0, [entry], idle=15_000)

    assert [row.id for _, row in other.take(wait=AT_ONCE)] == ["k:0"]
