"""Many processes at once: nobody is offered twice, nobody is lost."""

from __future__ import annotations

import multiprocessing
import os
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ivr.core.agents import Accepted, HeardFrom, LostSight, SignedIn, SignedOut, WentOnBreak, WentReady
from ivr.core.ids import CallId
from ivr.core.matching import Signature
from ivr.core.session import State
from ivr.storage.redis.connection import RedisClock
from tests.storage.redis.audit import audit, everything, ledger
from tests.storage.redis.rehearsal import Hand, dispatch, follow, work
from tests.storage.redis.town import Store, TurnedClock

SPAWN = multiprocessing.get_context("spawn")
PROCESSES = 4
CALLS = [f"CA{number}" for number in range(6)]
AGENTS = ["ana", "bo", "cy", "di"]
TOPICS = ("billing", "refunds")
SEEDS = range(1, 1 + int(os.environ.get("IVR_TEST_SEEDS", "1")))
"""Another thousand callers for each: what they do, and when, is another story."""
LASTS_S = 20
"""Longer than any sweep and any claim that nobody takes up (3 s), also on a machine with much else to do."""
STANDS_S = 90
"""So long without a single fact and nothing moves any more; before the first one twelve processes start."""


class Crew:
    """Processes that do one thing each at the same moment."""

    def __init__(self, url):
        self.url = url
        self.pipes = []
        self.processes = []
        for _ in range(PROCESSES):
            mine, theirs = SPAWN.Pipe()
            process = SPAWN.Process(target=follow, args=(url, theirs), daemon=True)
            process.start()
            self.pipes.append(mine)
            self.processes.append(process)

    def at_once(self, at, things):
        for pipe, (name, *about) in zip(self.pipes, things, strict=False):
            pipe.send((name, at, about))
        return [pipe.recv() for pipe, _ in zip(self.pipes, things, strict=False)]

    def close(self):
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join(10)


@pytest.fixture(scope="module")
def crew(redis_url):
    found = Crew(redis_url)
    yield found
    found.close()


calls, agents = st.sampled_from(CALLS), st.sampled_from(AGENTS)
words = st.sampled_from((WentReady, WentReady, WentOnBreak, SignedOut, LostSight, HeardFrom))
things = st.one_of(
    st.tuples(st.just("arrive"), calls, st.sampled_from(TOPICS), st.integers(1, 3)),
    st.tuples(st.just("seek_call"), calls),
    st.tuples(st.just("seek_agent"), agents),
    st.tuples(st.just("choose"), calls, agents),
    st.tuples(st.just("turn"), calls),
    st.tuples(st.just("hang_up"), calls),
    st.tuples(st.just("decline"), calls),
    st.tuples(st.just("say"), agents, words),
    st.tuples(st.just("take_up"), st.integers(0, 3)),
    st.tuples(st.just("accept"), agents, st.integers(0, 3)),
    st.tuples(st.just("due")),
)


class Town(RuleBasedStateMachine):
    """Rounds of things done at the same moment by different processes; after each the whole store must fit."""

    crew: Crew
    rounds = 0

    @initialize()
    def opens(self):
        self.store = Store(self.crew.url, clock=TurnedClock())
        self.store.redis.flushall()
        self.claims = []
        for number, agent in enumerate(AGENTS):
            skills: dict[str, Any] = dict.fromkeys(TOPICS[: 1 + number % 2], 1 + number)
            self.store.ready(agent, **skills)

    @rule(asked=st.lists(things, min_size=2, max_size=PROCESSES))
    def at_once(self, asked):
        type(self).rounds += 1
        answers = self.crew.at_once(self.store.clock.at, [self.meant(one) for one in asked])
        self.claims += [claim for claim in answers if claim is not None]

    @rule(seconds=st.sampled_from((0.5, 3, 6)))
    def time_passes(self, seconds):
        self.store.clock.passes(seconds=seconds)

    def meant(self, one):
        """Fill in what only this run knows: claims made, times."""
        name, *about = one
        recent = self.claims[::-1]
        if name == "arrive":
            return ("arrive", *about, self.store.clock.at - timedelta(seconds=len(about[0])))
        if name == "say":
            agent, kind = about
            return ("say", agent, kind, {})
        if name in ("take_up", "accept"):
            if about[-1] >= len(recent):
                return ("due",)
            claim = recent[about[-1]]
            if name == "take_up":
                return ("take_up", claim)
            return ("say", about[0], Accepted, {"offer": claim.matched.offer})
        return one

    @invariant()
    def everything_fits(self):
        if hasattr(self, "store"):
            assert audit(self.store) == []
            assert ledger(self.store) == []

    def teardown(self):
        """Nobody is lost: once dead claims are put right and wider terms hold, whoever can be served is."""
        if not hasattr(self, "store"):
            return
        hand = Hand(self.store)
        self.store.clock.passes(seconds=6)
        hand.due()
        for call in CALLS:
            hand.turn(call)
        for claim in self.store.matcher.sweep():
            hand.take_up(claim)
        assert audit(self.store) == []
        stored, people = everything(self.store)
        left = [one for one in stored.values() if one["session"].state is State.QUEUED]
        assert all("d" in one for one in left), "a caller waits outside the queue"
        skills = {
            topic for who in people.values() if who["p"] == "available" for topic in TOPICS if f'"{topic}"' in who["j"]
        }
        assert not skills & {one["session"].topic for one in left}, "a free agent beside a caller who fits"
        assert len({claim.matched.offer for claim in self.claims}) == len(self.claims)


def test_whatever_processes_do_at_once_the_store_fits_together(crew):
    Town.crew = crew
    run_state_machine_as_test(
        Town,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],  # other processes do not repeat themselves, so there is nothing to shrink
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Town.rounds > 300, "too few rounds to prove anything"


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", SEEDS)
def test_two_dispatchers_ten_workers_and_a_thousand_callers_give_no_double_offer(store, seed):
    agents = 40
    store.clock = RedisClock(store.link)
    store.__post_init__()
    for number in range(agents):
        store.ready(f"agent{number:03}", **{TOPICS[number % 2]: 3})
    over = SPAWN.Event()
    dispatchers = [SPAWN.Process(target=dispatch, args=(store.url, number, over)) for number in range(2)]
    workers = [SPAWN.Process(target=work, args=(store.url, number, 100, agents, seed)) for number in range(10)]
    for process in dispatchers + workers:
        process.start()
    try:
        watch(store, workers)
        over.set()
        for process in workers + dispatchers:
            process.join()
            assert process.exitcode == 0
    finally:
        for process in workers + dispatchers:
            process.kill()

    stored, people = everything(store)
    assert len(stored) == 1000
    assert {one["session"].state for one in stored.values()} == {State.ENDED}
    assert {who["p"] for who in people.values()} == {"available"}
    assert audit(store) == []
    assert ledger(store) == []


def watch(store, workers):
    """Look on until everybody is served: nobody idle stays beside a caller whom they can serve, and it goes on."""
    pairs, moved, before = {topic: Pairs() for topic in TOPICS}, time.monotonic(), None
    while any(worker.is_alive() for worker in workers) or store.redis.scard(store.keys("live")):
        workers[0].join(0.05)
        for topic in TOPICS:
            idle, waiting = look(store, topic)
            assert pairs[topic].lasted(idle, waiting) < LASTS_S, f"{topic}: {idle} idle beside {waiting}"
        now = store.redis.xlen(store.keys("facts"))
        moved = moved if now == before else time.monotonic()
        before = now
        assert time.monotonic() - moved < STANDS_S, f"left over: {list(store.sessions.live())[:3]}"


def look(store, topic):
    """Who is idle for the topic, with since when, and who waits, at one moment."""
    kind = Signature.of({topic: 3}, {"en": 5}).key
    pipe = store.redis.pipeline(transaction=True)
    idle, waiting = (
        pipe.zrange(store.keys("i", kind), 0, -1, withscores=True).zrange(store.keys("t", topic), 0, -1).execute()
    )
    return {tuple(one) for one in idle}, set(waiting)


class Pairs:
    """How long an agent has been idle and a caller has waited side by side, as seen by repeated looks."""

    def __init__(self):
        self.first = {}

    def lasted(self, idle, waiting):
        now = time.monotonic()
        self.first = {one: self.first.get(one, now) for one in idle | waiting}
        if not idle or not waiting:
            return 0.0
        return now - max(min(self.first[one] for one in idle), min(self.first[one] for one in waiting))


def test_a_pair_that_slipped_is_found_by_the_backstop_of_another_process(store):
    """Nobody seeks: the worker died between its save and its match. The watch above would see the pair last."""
    store.clock = RedisClock(store.link)
    store.__post_init__()
    store.ready("agent000", billing=3)
    store.waits("CA000000")
    idle, waiting = look(store, "billing")
    assert (len(idle), len(waiting)) == (1, 1)
    over = SPAWN.Event()
    dispatcher = SPAWN.Process(target=dispatch, args=(store.url, 0, over))
    dispatcher.start()
    deadline = time.monotonic() + 60
    while store.redis.scard(store.keys("live")) and time.monotonic() < deadline:
        dispatcher.join(0.05)
    over.set()
    dispatcher.join()

    assert store.session("CA000000").state is State.ENDED
    assert store.agent("agent000").free


def test_four_matchers_at_once_give_one_caller_one_agent(crew, store):
    for attempt in range(30):
        store.redis.flushall()
        for agent in AGENTS:
            store.ready(agent)
        store.waits("CA1")
        asked = [("seek_call", "CA1"), ("seek_agent", "ana"), ("choose", "CA1", "bo"), ("seek_call", "CA1")]
        answers = crew.at_once(store.clock.at, asked[attempt % 4 :] + asked[: attempt % 4])

        assert len([claim for claim in answers if claim is not None]) == 1
        assert store.matcher.position(CallId("CA1")) is None
        assert audit(store) == []


def test_an_offer_accepted_and_a_caller_leaving_at_once_leave_nobody_stuck(crew, store):
    for _ in range(30):
        store.redis.flushall()
        store.ready("ana")
        store.waits("CA1")
        claim = store.matcher.for_call(CallId("CA1"))
        asked = [
            ("take_up", claim),
            ("hang_up", "CA1"),
            ("say", "ana", Accepted, {"offer": claim.matched.offer}),
            ("say", "ana", SignedIn, {"skills": {"refunds": 1}, "languages": {}}),
        ]
        crew.at_once(store.clock.at, asked)
        store.hangs_up("CA1")

        assert store.agent("ana").free
        assert audit(store) == []


def test_the_audit_notices_a_missing_fence(store, monkeypatch):
    """The proofs above can fail: without the fence an offer is taken up after its claim was void."""
    monkeypatch.setattr("ivr.storage.redis.sessions._late", lambda *_: False)
    store.ready("ana")
    store.waits("CA1")
    dead = store.matcher.for_call(CallId("CA1"))
    store.clock.passes(seconds=3)
    store.turns("CA1")
    store.tells("ana", WentOnBreak)
    store.ready("bo")
    store.takes_up(store.matcher.for_call(CallId("CA1")))
    store.goes_back("CA1")
    store.matcher.for_call(CallId("CA1"))

    store.takes_up(dead)

    assert audit(store) != []
