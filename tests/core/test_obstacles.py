"""Why an agent does not have a caller: in plain examples, and against the oracle of the match."""

from __future__ import annotations

import random
from datetime import timedelta

from ivr.core.agents import Presence
from ivr.core.matching import best_match
from ivr.core.obstacles import Obstacle, expected, reason, reasons
from ivr.core.queues import Lane
from tests.core.test_matching import NOON, NOON_MS, agent, call, terms


def why(waiting, one, *, at_s=0.0):
    found = reason(waiting, one, NOON_MS + round(at_s * 1000))
    return (found.obstacle, found.detail) if found else None


def test_what_an_agent_does_is_named():
    caller = call("A")
    doing = {
        Presence.RESERVED: Obstacle.RINGING,
        Presence.ON_CALL: Obstacle.ON_CALL,
        Presence.WRAP_UP: Obstacle.WRAP_UP,
        Presence.MISSED: Obstacle.MISSED,
        Presence.BREAK: Obstacle.BREAK,
        Presence.AWAY: Obstacle.AWAY,
    }
    assert {presence: why(caller, agent("ana", presence=presence))[0] for presence in doing} == doing
    assert why(caller, agent("ana")) is None


def test_a_missing_language_and_a_low_skill_are_named_before_what_the_agent_does():
    caller = call("A", terms(billing=3))
    assert why(caller, agent("ana", languages={"zh": 5}, billing=5)) == (Obstacle.LANGUAGE, "en")
    assert why(caller, agent("bo", billing=2, presence=Presence.BREAK)) == (Obstacle.SKILL, "billing")


def test_who_will_do_later_is_named_with_the_time():
    caller = call("A", terms(billing=4), terms(60, billing=1))
    found = reason(caller, agent("ana", billing=2), NOON_MS)
    assert found is not None
    assert (found.obstacle, found.until) == (Obstacle.LATER, NOON + timedelta(seconds=60))
    assert reason(caller, agent("ana", billing=2), NOON_MS + 60_000) is None
    busy = reason(caller, agent("ana", billing=2, presence=Presence.ON_CALL), NOON_MS)
    assert busy is not None
    assert (busy.obstacle, busy.until) == (Obstacle.ON_CALL, NOON + timedelta(seconds=60))


def test_every_agent_with_the_skill_is_listed_and_nobody_else():
    caller = call("A", terms(billing=3))
    room = [
        agent("ana", billing=5, presence=Presence.ON_CALL),
        agent("bo", billing=1),
        agent("cy", refunds=5),
        agent("di", billing=5, languages={"zh": 5}),
    ]
    assert [one.agent for one in reasons(caller, room, at_ms=NOON_MS)] == ["ana", "di", "bo"]


def test_a_caller_with_no_reason_left_would_have_been_matched():
    """The match is at rest exactly when every caller has a reason for every agent."""
    chance, met = random.Random(20261126), 0
    for _ in range(4000):
        waiting = [_caller(chance, f"C{number}") for number in range(chance.randint(1, 4))]
        room = [_agent(chance, f"a{number}") for number in range(chance.randint(0, 4))]
        at_ms = NOON_MS + chance.randint(0, 200) * 1000
        match = best_match(waiting, room, at_ms=at_ms)
        open_pairs = [(one.call, each.id) for one in waiting for each in room if reason(one, each, at_ms) is None]
        assert (match is None) == (not open_pairs)
        if match is not None:
            met += 1
            assert (match.call.call, match.agent.id) in open_pairs
            assert expected(match.call, match.agent)
    assert 500 < met < 3500


def _caller(chance, name):
    first = terms(0, language=chance.choice(["en", "zh"]), language_level=3, billing=chance.randint(1, 5))
    wide = terms(chance.choice([30, 60]), language=chance.choice([first.language, None]), billing=1)
    steps = chance.choice([(first,), (first, wide)])
    return call(
        name, *steps, since_s=-chance.uniform(0, 90), priority=chance.randint(0, 99), lane=chance.choice(list(Lane))
    )


def _agent(chance, name):
    return agent(
        name,
        idle_s=chance.uniform(0, 60),
        presence=chance.choice([Presence.AVAILABLE, *Presence]),
        languages=chance.choice([{"en": 5}, {"zh": 2}, {"en": 1, "zh": 5}]),
        **chance.choice([{"billing": 5}, {"billing": 2}, {"refunds": 5}, {"billing": 3, "refunds": 1}]),
    )
