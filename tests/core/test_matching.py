"""The rule of who is given to whom, in plain examples; and that the compiled tables say the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from ivr.core.agents import Agent, Presence
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.core.matching import ALWAYS, Fit, Signature, best_match, compile_tables, explain, fit, standing
from ivr.core.queues import LANE_MS, Demand, Lane, QueuedCall, Terms, rank

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOON_MS = round(NOON.timestamp() * 1000)


def terms(after_s=0, *, language="en", language_level=1, **skills):
    return Terms(
        after=timedelta(seconds=after_s),
        skills=skills,
        language=Language(language) if language else None,
        language_level=language_level,
    )


def call(name, *steps, since_s=0.0, priority=0, lane=Lane.ORDINARY):
    demand = Demand(topic=TopicId("billing"), lane=lane, priority=priority, terms=steps or (terms(billing=1),))
    return QueuedCall(call=CallId(name), demand=demand, queued_ms=NOON_MS + round(since_s * 1000))


def agent(name, *, idle_s=0.0, presence=Presence.AVAILABLE, languages=None, **skills):
    return Agent(
        id=AgentId(name),
        presence=presence,
        since=NOON,
        idle_since=NOON + timedelta(seconds=idle_s),
        skills=skills or {"billing": 5},
        languages={"en": 5} if languages is None else languages,
    )


def matched(waiting, agents, *, at_s=0.0):
    found = best_match(waiting, agents, at_ms=NOON_MS + round(at_s * 1000))
    return (found.call.call, found.agent.id, found.distance) if found else None


def test_the_caller_who_came_first_gets_the_agent_idle_longest():
    calls = [call("B", since_s=1), call("A")]
    agents = [agent("bo", idle_s=2), agent("ana", idle_s=1)]

    assert matched(calls, agents) == ("A", "ana", 0)


def test_ten_seconds_of_waiting_weigh_one_step_of_priority():
    assert matched([call("A"), call("B", since_s=50, priority=6)], [agent("ana")])[0] == "B"
    assert matched([call("A"), call("B", since_s=70, priority=6)], [agent("ana")])[0] == "A"


def test_no_waiting_overtakes_a_lane():
    years = call("A", since_s=-3e8, priority=99)
    assert matched([years, call("B", lane=Lane.FIRST)], [agent("ana")])[0] == "B"
    assert matched([call("B", lane=Lane.FIRST), call("C", lane=Lane.CRITICAL)], [agent("ana")])[0] == "C"
    assert rank(lane=Lane.CRITICAL, priority=99, queued_ms=4 * 10**12) > -(2**53)
    assert LANE_MS > 4 * 10**12


def test_every_skill_at_its_level_and_the_language_are_needed():
    wanted = call("A", terms(billing=3, refunds=2))
    assert matched([wanted], [agent("ana", billing=5)]) is None
    assert matched([wanted], [agent("ana", billing=2, refunds=5)]) is None
    assert matched([wanted], [agent("ana", billing=3, refunds=2, languages={"zh": 5})]) is None
    assert matched([wanted], [agent("ana", billing=3, refunds=2)]) == ("A", "ana", 0)


def test_terms_widen_with_the_wait():
    wanted = call("A", terms(billing=4), terms(60, billing=1))

    assert matched([wanted], [agent("ana", billing=2)], at_s=59.999) is None
    assert matched([wanted], [agent("ana", billing=2)], at_s=60) == ("A", "ana", 1)
    assert matched([wanted], [agent("ana", billing=2), agent("bo", idle_s=9, billing=4)], at_s=60) == ("A", "bo", 0)


def test_an_urgent_caller_whom_nobody_serves_holds_up_nobody():
    urgent = call("A", terms(refunds=1), priority=90)

    assert matched([urgent, call("B")], [agent("ana")]) == ("B", "ana", 0)


def test_only_free_agents_are_given():
    busy = [agent("ana", presence=presence) for presence in Presence if presence is not Presence.AVAILABLE]

    assert matched([call("A")], busy) is None


def test_tables_say_who_serves_whom_and_from_when():
    demand = call("A", terms(billing=4), terms(60, billing=1), priority=30).demand
    able, later, never = (Signature.of(skills, {"en": 1}) for skills in ({"billing": 4}, {"billing": 1}, {"x": 5}))

    tables = compile_tables([demand], [able, later, never])

    assert tables.by_demand[demand.key] == {
        able.key: Fit(distance=0, bound_ms=ALWAYS),
        later.key: Fit(distance=1, bound_ms=360_000),
    }
    assert tables.by_signature[never.key] == {}
    assert tables.by_signature[able.key] == {demand.key: Fit(distance=0, bound_ms=ALWAYS)}


def test_a_bound_is_the_wait_seen_from_the_rank():
    """rank + bound <= now says the same as: has waited for the terms that this agent meets."""
    rng = random.Random(1)
    for _ in range(2000):
        one = call(
            "A",
            terms(billing=4),
            terms(rng.randint(1, 90), billing=1),
            since_s=rng.uniform(-100, 0),
            priority=rng.randint(0, 99),
            lane=rng.choice(list(Lane)),
        )
        who = agent("ana", billing=rng.randint(1, 5))
        found = fit(one.demand, Signature.of(who.skills, who.languages))
        assert found is not None
        at_ms = NOON_MS + rng.randint(-1000, 1000)
        assert (one.rank + found.bound_ms <= at_ms) == (best_match([one], [who], at_ms=at_ms) is not None)


def test_a_caller_who_arrived_by_a_clock_slightly_ahead_is_served_now():
    assert matched([call("A", since_s=0.001)], [agent("ana")]) == ("A", "ana", 0)


def test_kinds_have_stable_names():
    assert call("A").demand.key == call("B", since_s=9).demand.key
    assert call("A").demand.key != call("A", priority=1).demand.key
    assert Signature.of({"a": 1, "b": 2}, {}).key == Signature.of({"b": 2, "a": 1}, {}).key
    assert Signature.of({"a": 1}, {}).key != Signature.of({}, {"a": 1}).key


def test_a_refusal_counts_the_agents_by_what_stands_in_the_way():
    demand = call("A", terms(billing=4), terms(60, billing=1)).demand
    expert, beginner = Signature.of({"billing": 5}, {"en": 1}), Signature.of({"billing": 1}, {"en": 1})
    kinds = [
        (expert, Presence.ON_CALL, 2),
        (expert, Presence.BREAK, 3),
        (expert, Presence.SIGNED_OUT, 9),
        (beginner, Presence.AVAILABLE, 4),
        (Signature.of({"refunds": 5}, {"en": 1}), Presence.AVAILABLE, 5),
        (Signature.of({"billing": 5}, {"zh": 5}), Presence.AVAILABLE, 6),
    ]

    groups = [(standing(demand, one, fit(demand, one)), presence, number) for one, presence, number in kinds]

    assert explain(groups, waited_ms=0) == {
        "signed_in": 20,
        "able": 0,
        "busy": 2,
        "paused": 3,
        "later": 4,
        "skill": 5,
        "language": 6,
    }
    assert explain(groups, waited_ms=60_000)["able"] == 4
