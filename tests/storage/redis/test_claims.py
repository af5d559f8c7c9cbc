"""A caller who waits and an agent who is free find each other, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.core.agents import Accepted, HeardFrom, Presence, SignedOut, TalkEnded, WentOnBreak
from ivr.core.events import Matched
from ivr.core.ids import AgentId, CallId, OfferId, TopicId
from ivr.core.instructions import Alarm
from ivr.core.matching import Signature
from ivr.core.queues import Lane
from ivr.core.session import State
from ivr.storage.redis.line import RedisLine
from ivr.storage.redis.registry import Registry
from ivr.workflows.ports import QueueLook
from tests.storage.redis.town import claimed, demand, offer_of, refused


def test_an_agent_who_is_free_gets_the_caller_who_waits(store):
    store.waits("CA1")
    store.ready("ana")

    claim = claimed(store.matcher.for_agent(AgentId("ana")))

    assert claim.call == "CA1"
    assert claim.matched.agent == "ana"
    assert claim.matched.phone == "browser"
    assert store.agent("ana").presence is Presence.RESERVED
    assert store.agent("ana").call == "CA1"
    assert store.agent("ana").topic == "billing"


def test_a_caller_who_arrives_gets_the_agent_idle_longest(store):
    store.ready("ana")
    store.clock.passes(seconds=5)
    store.ready("bo")
    store.waits("CA1")

    assert claimed(store.matcher.for_call(CallId("CA1"))).matched.agent == "ana"


def test_a_claim_says_why(store):
    store.ready("ana", billing=5)
    store.ready("bo", refunds=5)
    store.ready("cy", languages={"zh": 5}, billing=3)
    store.waits("CA1")
    store.clock.passes(seconds=7)

    reason = claimed(store.matcher.for_call(CallId("CA1"))).matched.reason

    assert reason == {
        "signed_in": 3,
        "able": 1,
        "busy": 0,
        "paused": 0,
        "later": 0,
        "skill": 1,
        "language": 1,
        "waited_s": 7,
        "terms": 0,
        "idle_s": 7,
        "directed": False,
    }


def test_a_refusal_says_what_stands_in_the_way(store):
    store.ready("ana", billing=2)
    store.ready("bo", refunds=5)
    store.ready("cy", billing=5)
    store.tells("cy", WentOnBreak, reason="lunch")
    store.waits("CA1", demand(level=4, relaxed=((60, 1),)))

    reason = refused(store.matcher.for_call(CallId("CA1"))).reason

    assert (reason["able"], reason["later"], reason["paused"], reason["skill"]) == (0, 1, 1, 1)


def test_wider_terms_count_from_the_millisecond_they_begin(store):
    store.ready("ana", billing=2)
    store.waits("CA1", demand(level=4, priority=30, relaxed=((60, 2),)))

    store.clock.passes(seconds=59.999)
    refused(store.matcher.for_call(CallId("CA1")))
    refused(store.matcher.for_agent(AgentId("ana")))
    store.clock.passes(milliseconds=1)

    claim = claimed(store.matcher.for_agent(AgentId("ana")))
    assert claim.matched.reason["terms"] == 1


def test_the_level_wanted_goes_before_idle_time(store):
    store.ready("ana", billing=1)
    store.clock.passes(seconds=30)
    store.ready("bo", billing=4)
    store.waits("CA1", demand(level=4, relaxed=((0, 1),)))

    assert claimed(store.matcher.for_call(CallId("CA1"))).matched.agent == "bo"


def test_lanes_and_priorities_order_the_callers(store):
    store.waits("CA1", demand())
    store.clock.passes(seconds=100)
    store.waits("CA2", demand(priority=20))
    store.waits("CA3", demand(lane=Lane.FIRST))
    store.waits("CA4", demand(lane=Lane.CRITICAL, priority=100))
    order = []
    for agent in ("ana", "bo", "cy", "di"):
        store.ready(agent)
        order.append(claimed(store.matcher.for_agent(AgentId(agent))).call)

    assert order == ["CA4", "CA3", "CA2", "CA1"]


def test_position_counts_the_callers_ahead_in_the_same_topic(store):
    store.waits("CA1")
    store.waits("CA9", demand("refunds"))
    store.clock.passes(seconds=1)
    store.waits("CA2")
    store.waits("CA3", demand(priority=9))

    assert [store.matcher.position(CallId(call)) for call in ("CA3", "CA1", "CA2", "CA9")] == [0, 1, 2, 0]
    store.hangs_up("CA1")
    assert store.matcher.position(CallId("CA2")) == 1
    assert store.matcher.position(CallId("CA1")) is None


def test_taking_up_a_claim_keeps_both_sides(store):
    store.waits("CA1")
    store.ready("ana")
    claim = claimed(store.matcher.for_agent(AgentId("ana")))

    saved = store.takes_up(claim)

    assert saved is not None
    assert store.session("CA1").offer == offer_of(claim)
    store.clock.passes(seconds=60)
    store.turns("CA1")
    assert store.agent("ana").presence is Presence.RESERVED
    assert store.redis.hexists(store.keys("s", "CA1"), "cl") == 0


def test_a_wait_turn_between_claim_and_offer_does_not_bring_the_call_back_into_line(store):
    store.waits("CA1")
    store.ready("ana")
    claim = claimed(store.matcher.for_agent(AgentId("ana")))

    store.turns("CA1")
    store.ready("bo")

    refused(store.matcher.for_agent(AgentId("bo")))
    refused(store.matcher.for_call(CallId("CA1")))
    assert store.takes_up(claim) is not None
    assert store.session("CA1").state is State.OFFERED


def test_a_caller_who_leaves_between_claim_and_offer_frees_the_agent_at_once(store):
    store.waits("CA1")
    store.ready("ana")
    claim = claimed(store.matcher.for_agent(AgentId("ana")))

    saved = store.hangs_up("CA1")

    assert saved.freed == ("ana",)
    assert store.agent("ana").free
    assert store.takes_up(claim) is not None  # the core gives back an agent who is free already
    assert store.agent("ana").free
    assert not store.presences.offer(offer_of(claim)).live


def test_a_claim_whose_process_died_is_put_right_by_its_wake_up(store):
    store.waits("CA1")
    store.ready("ana")
    claim = claimed(store.matcher.for_agent(AgentId("ana")))

    assert store.timers.due() == []
    store.clock.passes(seconds=3)
    (due,) = store.timers.due()
    assert (due.alarm, due.ref, due.call) == (Alarm.OFFER, offer_of(claim), "CA1")
    saved = store.turns("CA1")

    assert saved.freed == ("ana",)
    assert store.takes_up(claim) is None, "too late: somebody else may have the call by now"
    assert store.session("CA1").state is State.QUEUED
    again = claimed(store.matcher.for_call(CallId("CA1")))
    assert offer_of(again) > offer_of(claim)
    assert store.takes_up(claim) is None
    assert store.takes_up(again) is not None


def test_a_dead_claim_is_put_right_even_when_the_core_wants_nothing(store):
    store.waits("CA1")
    store.ready("ana")
    claimed(store.matcher.for_agent(AgentId("ana")))
    store.clock.passes(seconds=3)

    assert store.sessions.change(CallId("CA1"), lambda _: None) is None

    assert store.agent("ana").free
    assert store.matcher.position(CallId("CA1")) == 0


def test_a_new_rank_during_a_claim_counts_when_the_claim_is_void(store):
    store.waits("CA1")
    store.waits("CA2")
    store.ready("ana")
    claimed(store.matcher.for_agent(AgentId("ana")))
    urgent = demand(lane=Lane.CRITICAL)
    store.change("CA1", lambda session: replace(session, demand=urgent))
    assert store.matcher.position(CallId("CA1")) is None

    store.clock.passes(seconds=3)
    store.turns("CA1")

    assert store.redis.zcard(store.keys("q", urgent.key)) == 1
    assert store.redis.zcard(store.keys("q", demand().key)) == 1
    assert store.matcher.position(CallId("CA1")) == 0


def test_an_offer_that_is_declined_brings_the_caller_back_to_the_old_place(store):
    store.waits("CA1")
    store.clock.passes(seconds=1)
    store.waits("CA2")
    store.ready("ana")
    store.takes_up(claimed(store.matcher.for_agent(AgentId("ana"))))

    saved = store.goes_back("CA1", keeps_place=False)

    assert saved.freed == ("ana",)
    assert store.matcher.position(CallId("CA1")) == 0


def test_late_words_about_an_offer_change_nothing(store):
    store.waits("CA1")
    store.ready("ana")
    old = claimed(store.matcher.for_agent(AgentId("ana")))
    store.takes_up(old)
    store.goes_back("CA1")
    new = claimed(store.matcher.for_agent(AgentId("ana")))
    store.takes_up(new)

    store.tells("ana", Accepted, offer=offer_of(old))
    assert store.agent("ana").presence is Presence.RESERVED
    store.tells("ana", Accepted, offer=offer_of(new))
    assert store.agent("ana").presence is Presence.ON_CALL


def test_an_offer_lives_until_its_talk_is_over(store):
    store.waits("CA1")
    store.ready("ana")
    claim = claimed(store.matcher.for_agent(AgentId("ana")))
    store.takes_up(claim)
    store.tells("ana", Accepted, offer=offer_of(claim))
    assert store.presences.offer(offer_of(claim)).live

    until = store.clock.now() + timedelta(seconds=30)
    store.tells("ana", TalkEnded, offer=offer_of(claim), wrap_up_until=until)

    row = store.presences.offer(offer_of(claim))
    assert (row.call, row.agent, row.at, row.live) == ("CA1", "ana", store.clock.now(), False)
    assert 0 < store.redis.ttl(store.keys("of", offer_of(claim))) <= 3600
    store.clock.passes(seconds=30)
    due = [due for due in store.timers.due() if due.agent == "ana"]
    assert [(one.alarm, one.ref) for one in due] == [(Alarm.WRAP_UP, offer_of(claim))]


def test_a_directed_claim_overrules_the_terms_but_not_the_fence(store):
    store.waits("CA1")
    store.ready("ana", refunds=5)
    refused(store.matcher.for_call(CallId("CA1")))

    claim = claimed(store.matcher.directed(CallId("CA1"), AgentId("ana")))

    assert claim.matched.reason["directed"] is True
    assert refused(store.matcher.directed(CallId("CA1"), AgentId("ana"))).reason["why"] == "gone"
    store.waits("CA2")
    assert refused(store.matcher.directed(CallId("CA2"), AgentId("ana"))).reason == {
        "why": "busy",
        "presence": "reserved",
    }


def test_an_agent_who_signs_out_or_takes_a_break_is_not_offered(store):
    store.ready("ana")
    store.ready("bo")
    store.tells("ana", SignedOut)
    store.tells("bo", WentOnBreak)
    store.waits("CA1")

    refused(store.matcher.for_call(CallId("CA1")))
    assert store.matcher.sweep() == []


def test_the_sweep_finds_what_slipped_the_most_urgent_first(store):
    for call, priority in (("CA1", 0), ("CA2", 50), ("CA3", 10)):
        store.waits(call, demand(priority=priority))
    store.waits("CA4", demand("refunds"))
    store.ready("ana")
    store.ready("bo")

    assert [claim.call for claim in store.matcher.sweep()] == ["CA2", "CA3"]
    assert store.matcher.sweep() == []


def test_offer_ids_grow_also_after_a_lost_redis(store):
    store.waits("CA1")
    store.ready("ana")
    before = offer_of(claimed(store.matcher.for_call(CallId("CA1"))))
    store.redis.flushall()
    store.clock.passes(seconds=1)
    store.waits("CA1")
    store.ready("ana")

    after = offer_of(claimed(store.matcher.for_call(CallId("CA1"))))

    assert after > before
    assert len(after) == len(before)


def test_the_wait_loop_brings_a_forgotten_caller_back_to_the_old_place(store):
    since = store.clock.now()
    store.waits("CA1")
    store.clock.passes(seconds=5)
    store.waits("CA2")
    store.redis.flushall()
    store.waits("CA2")
    store.waits("CA1", since=since)
    store.ready("ana")

    assert claimed(store.matcher.for_agent(AgentId("ana"))).call == "CA1"


def test_a_heartbeat_does_not_disturb_a_reservation(store):
    store.waits("CA1")
    store.ready("ana")
    claim = claimed(store.matcher.for_agent(AgentId("ana")))

    store.tells("ana", HeardFrom)

    assert store.agent("ana").presence is Presence.RESERVED
    assert store.takes_up(claim) is not None
    event = Matched(at=store.clock.now(), offer=OfferId("0"), agent=AgentId("ana"), phone="browser")
    store.sessions.change(CallId("CA1"), lambda _: None)
    assert store.agent("ana").offer == offer_of(claim) != event.offer


def test_one_look_at_a_queue_tells_the_place_the_longest_wait_and_who_is_at_work(store):
    line, billing = RedisLine(store.link, Registry(store.link)), TopicId("billing")
    assert line.look(CallId("CA1"), billing) == QueueLook(position=None, oldest_at=None, at_work=[])
    first = store.clock.now()
    for call in ("CA1", "CA2", "CA3"):
        store.waits(call)
        store.clock.passes(seconds=20)
    for agent, skills in (("ana", {"billing": 5}), ("bo", {"billing": 5}), ("cem", {"refunds": 2})):
        store.ready(agent, **skills)
    strong, other = Signature.of({"billing": 5}, {"en": 5}), Signature.of({"refunds": 2}, {"en": 5})
    look = line.look(CallId("CA3"), billing)
    assert (look.position, look.oldest_at, dict(look.at_work)) == (2, first, {strong: 2, other: 1})

    claimed(store.matcher.directed(CallId("CA1"), AgentId("ana")))
    store.tells("bo", WentOnBreak, reason="lunch")
    store.tells("cem", SignedOut)

    look = line.look(CallId("CA3"), billing)
    assert (look.position, look.oldest_at, dict(look.at_work)) == (1, first + timedelta(seconds=20), {strong: 1})
    assert line.look(CallId("CA1"), billing).position is None
