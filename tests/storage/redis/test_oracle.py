"""The scripts and their tables give the same answer as looking at everything, event by event.

A model in plain Python holds the callers and agents; after each event every claim must be the one that `best_match`
finds by brute force, and no pair that fits may be left over. The suite makes a tenth of the events; `make oracle` all of
them (`IVR_TEST_EVENTS`).
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from ivr.core.agents import (
    Accepted,
    Agent,
    HeardFrom,
    LostSight,
    Presence,
    Released,
    SignedIn,
    SignedOut,
    TalkEnded,
    WentOnBreak,
    WentReady,
)
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.core.matching import Match, best_match
from ivr.core.presence import advance
from ivr.core.queues import Demand, Lane, QueuedCall, Terms
from ivr.core.session import Step
from ivr.storage.redis.write import ms
from ivr.workflows.ports import Claim
from tests.storage.redis.town import Store, waiting

EVENTS = int(os.environ.get("IVR_TEST_EVENTS", "10000"))
WORLDS = 10
"""Independent worlds with their own kinds of calls and agents, which share the events."""
SKILLS = ("billing", "refunds", "security", "transfers")
AGENTS = 24
CALLS = 30
"""More waiting than this, and callers hang up more than they arrive."""


def kinds_of_calls(rng):
    """Levels, sets of skills, lanes, priorities, and terms that widen."""
    found = []
    for number in range(18):
        skills = {skill: rng.randint(1, 5) for skill in rng.sample(SKILLS, rng.choice((1, 1, 2, 3)))}
        terms = [_terms(0, skills, rng.choice(("en", "zh")), rng.randint(1, 4))]
        for after in sorted(rng.sample(range(5, 90), rng.randint(0, 2))):
            skills = {skill: max(1, level - rng.randint(1, 3)) for skill, level in skills.items()}
            last = terms[-1]
            language = None if rng.random() < 0.2 else last.language
            terms.append(_terms(after, skills, language, max(1, last.language_level - 1)))
        lane = rng.choice((Lane.ORDINARY,) * 6 + (Lane.FIRST, Lane.CRITICAL))
        priority = 100 if lane is Lane.CRITICAL else rng.choice((0, 0, 10, 60))
        topic = TopicId(f"topic{number % 5}")
        found.append(Demand(topic=topic, lane=lane, priority=priority, terms=tuple(terms)))
    return found


def _terms(after, skills, language, level):
    return Terms(
        after=timedelta(seconds=after),
        skills=skills,
        language=Language(language) if language else None,
        language_level=level,
    )


def kinds_of_agents(rng):
    return [
        (
            {skill: rng.randint(1, 5) for skill in rng.sample(SKILLS, rng.randint(1, 4))},
            {language: rng.randint(1, 5) for language in rng.sample(("en", "zh"), rng.randint(1, 2))},
        )
        for _ in range(14)
    ]


@dataclass
class Model:
    """The truth in plain Python, and the store that must agree with it."""

    store: Store
    seed: int
    waiting: dict[CallId, QueuedCall] = field(default_factory=dict)
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    offers: dict[CallId, AgentId] = field(default_factory=dict)
    claims: int = 0
    names: int = 0

    def __post_init__(self):
        self.rng = random.Random(self.seed)
        self.demands = kinds_of_calls(self.rng)
        self.kinds = kinds_of_agents(self.rng)
        at = self.store.clock.now()
        names = [AgentId(f"agent{number:02}") for number in range(AGENTS)]
        self.agents = {name: Agent(id=name, since=at, idle_since=at) for name in names}
        for name in names:
            self.tell(name, SignedIn, skills={}, languages={})

    # ---- what happens --------------------------------------------------------------------------------------------

    def event(self):
        doings = (
            (self.caller_arrives, 24 if len(self.waiting) < CALLS else 4),
            (self.caller_leaves, 8 if len(self.waiting) < CALLS else 20),
            (self.offer_ends, 14),
            (self.agent_says, 30),
            (self.time_passes, 18),
            (self.rank_changes, 4),
            (self.somebody_chooses, 2),
        )
        happen = self.rng.choices([one for one, _ in doings], [weight for _, weight in doings])[0]
        happen()
        assert best_match(list(self.waiting.values()), list(self.agents.values()), at_ms=self.now) is None

    def caller_arrives(self):
        self.names += 1
        call = CallId(f"CA{self.names:08}")
        since = self.store.clock.now() - timedelta(milliseconds=self.rng.choice((0, 0, 0, 7_000, 50_000)))
        demand = self.rng.choice(self.demands)
        self.store.waits(call, demand, since=since)
        self.waiting[call] = QueuedCall(call=call, demand=demand, queued_ms=ms(since))
        self.seek_for_call(call)

    def caller_leaves(self):
        call = self.any_call()
        if call is None:
            return
        saved = self.store.hangs_up(call)
        self.waiting.pop(call, None)
        agent = self.offers.pop(call, None)
        self.let_go(agent, saved)

    def offer_ends(self):
        """Declined (the caller waits again), or talked to the end."""
        if not self.offers:
            return
        call, agent = self.rng.choice(sorted(self.offers.items()))
        if self.rng.random() < 0.5:
            self.decline(call, agent)
            return
        offer = self.agents[agent].offer
        for kind, about in ((Accepted, {}), (TalkEnded, {"wrap_up_until": self.store.clock.now()})):
            self.tell(agent, kind, offer=offer, **about)
        self.store.change(call, lambda session: replace(session, state="ended", offer=None, agent=None))
        del self.offers[call]
        self.seek_for_agent(agent)

    def decline(self, call, agent):
        keeps = self.rng.random() < 0.5
        session = self.store.session(call)
        saved = self.store.goes_back(call, keeps_place=keeps)
        demand, since = session.demand, session.queued_at
        assert demand
        assert since
        self.waiting[call] = QueuedCall(call=call, demand=demand, queued_ms=ms(since))
        del self.offers[call]
        self.let_go(agent, saved, keeps_place=keeps, then_seek=False)
        self.seek_for_call(call)
        self.seek_for_agent(agent)

    def agent_says(self):
        agent = self.rng.choice(sorted(self.agents))
        kind = self.rng.choice(
            (SignedIn, WentReady, WentReady, WentReady, WentOnBreak, SignedOut, LostSight, HeardFrom)
        )
        about = {}
        if kind is SignedIn:
            skills, languages = self.rng.choice(self.kinds)
            about = {"skills": skills, "languages": languages}
        self.tell(agent, kind, **about)
        self.seek_for_agent(agent)

    def time_passes(self):
        """Wider terms may fit now: the sweep finds every pair, in the order of the rule."""
        self.store.clock.passes(milliseconds=self.rng.choice((1, 40, 900, 3_000, 20_000)))
        expected = []
        for _ in range(AGENTS):
            match = best_match(list(self.waiting.values()), list(self.agents.values()), at_ms=self.now)
            if match is None:
                break
            expected.append(match)
            self.pair(match)
        claims = self.store.matcher.sweep()
        assert [(c.call, c.matched.agent) for c in claims] == [(m.call.call, m.agent.id) for m in expected]
        for claim, match in zip(claims, expected, strict=True):
            self.take_up(claim, match)

    def rank_changes(self):
        if not self.waiting:
            return
        call = self.rng.choice(sorted(self.waiting))
        demand = replace(self.waiting[call].demand, lane=Lane.CRITICAL)
        self.store.change(call, lambda session: replace(session, demand=demand))
        self.waiting[call] = replace(self.waiting[call], demand=demand)
        self.seek_for_call(call)

    def somebody_chooses(self):
        """A directed claim: any free agent, whatever the terms."""
        free = sorted(name for name, agent in self.agents.items() if agent.free)
        if not free or not self.waiting:
            return
        agent, call = self.rng.choice(free), self.rng.choice(sorted(self.waiting))
        claim = self.store.matcher.directed(call, agent)
        assert isinstance(claim, Claim)
        match = Match(call=self.waiting[call], agent=self.agents[agent], distance=-1)
        self.pair(match)
        self.take_up(claim, match)

    # ---- what must follow ----------------------------------------------------------------------------------------

    @property
    def now(self):
        return ms(self.store.clock.now())

    def any_call(self):
        calls = sorted({*self.waiting, *self.offers})
        return self.rng.choice(calls) if calls else None

    def tell(self, agent, kind, **about):
        event = kind(at=self.store.clock.now(), **about)
        self.agents[agent] = advance(self.agents[agent], event)
        assert self.store.presences.change(agent, event) == self.agents[agent]

    def let_go(self, agent, saved, *, keeps_place=True, then_seek=True):
        if agent is None:
            return
        before = self.agents[agent]
        assert before.offer
        event = Released(at=self.store.clock.now(), offer=before.offer, keeps_place=keeps_place)
        self.agents[agent] = advance(before, event)
        assert saved.freed == ((agent,) if self.agents[agent].free else ())
        if then_seek:
            self.seek_for_agent(agent)

    def seek_for_call(self, call):
        if call not in self.waiting:
            return
        expected = best_match([self.waiting[call]], list(self.agents.values()), at_ms=self.now)
        self.compare(self.store.matcher.for_call(call), expected)

    def seek_for_agent(self, agent):
        expected = best_match(list(self.waiting.values()), [self.agents[agent]], at_ms=self.now)
        self.compare(self.store.matcher.for_agent(agent), expected)

    def compare(self, outcome, expected):
        if expected is None:
            assert not isinstance(outcome, Claim)
            return
        assert isinstance(outcome, Claim)
        assert (outcome.call, outcome.matched.agent) == (expected.call.call, expected.agent.id)
        self.pair(expected)
        self.take_up(outcome, expected)

    def pair(self, match):
        """The model's side of a claim."""
        del self.waiting[match.call.call]
        self.offers[match.call.call] = match.agent.id
        reserved = replace(self.agents[match.agent.id], presence=Presence.RESERVED)
        self.agents[match.agent.id] = reserved

    def take_up(self, claim, match):
        assert claim.matched.reason["terms"] == match.distance
        assert self.store.takes_up(claim) is not None
        self.agents[match.agent.id] = self.store.agent(match.agent.id)
        assert self.agents[match.agent.id].offer == claim.matched.offer
        self.claims += 1

    def agrees(self):
        """Lists, heads, counts and positions are those of the model."""
        store = self.store
        for agent, known in self.agents.items():
            assert store.presences.find(agent) == known
        present = [agent.presence for agent in self.agents.values() if agent.presence is not Presence.SIGNED_OUT]
        assert store.board.presences() == {presence: present.count(presence) for presence in set(present)}
        for queue in store.board.queues(calls=1000):
            here = [call for call in self.waiting.values() if call.demand.topic == queue.topic]
            assert list(queue.calls) == [call.call for call in sorted(here, key=lambda call: (call.rank, call.call))]
            for place, call in enumerate(queue.calls):
                assert store.matcher.position(call) == place
        heads = store.redis.hgetall(store.keys("lh"))
        lists = {call.demand.key for call in self.waiting.values()}
        assert set(heads) == lists
        for demand in lists:
            first = min((call.rank, call.call) for call in self.waiting.values() if call.demand.key == demand)
            assert heads[demand].split() == [str(first[0]), first[1]]
        free = {agent.id for agent in self.agents.values() if agent.free}
        idle = {head.split()[1] for head in store.redis.hgetall(store.keys("ih")).values()}
        assert idle <= free


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(7, 7 + WORLDS))
def test_every_claim_is_the_one_that_looking_at_everything_finds(store, seed):
    model, events = Model(store, seed=seed), EVENTS // WORLDS
    for number in range(events):
        model.event()
        if number % 500 == 0:
            model.agrees()
            store.redis.xtrim(store.keys("facts"), maxlen=0)
    model.agrees()
    assert model.claims > events / 20, "too few claims to prove anything"


def test_the_oracle_would_notice_a_wrong_table(store):
    """The proof above can fail: with one bound falsified it does."""
    model = Model(store, seed=7)
    for _ in range(300):
        model.event()
    store.redis.delete(store.keys("td"))

    failed = False
    try:
        for _ in range(2000):
            model.event()
    except AssertionError:
        failed = True
    assert failed


def test_kinds_that_nobody_uses_are_cleared_away(store, monkeypatch):
    monkeypatch.setattr("ivr.storage.redis.registry.CROWDED", 20)
    rng = random.Random(3)
    for number in range(60):
        demand = Demand(
            topic=TopicId("billing"), lane=Lane.ORDINARY, priority=number, terms=(_terms(0, {"billing": 1}, "en", 1),)
        )
        call = CallId(f"CA{number}")
        store.sessions.change(call, lambda _, call=call, demand=demand: Step(session=_waits(store, call, demand)))
        if number % 3:
            store.hangs_up(call)
        store.ready(f"agent{number}", billing=rng.randint(1, 5), refunds=number)
        if number % 4:
            store.tells(f"agent{number}", SignedOut)

    assert store.redis.hlen(store.keys("demands")) <= 22 + 20
    assert store.redis.hlen(store.keys("td")) == store.redis.hlen(store.keys("demands"))
    assert len(store.matcher.sweep()) == 15, "all fifteen who are free have a caller"


def _waits(store, call, demand):
    return waiting(call, demand, store.clock.now())
