"""What one process of many does in the tests of concurrency. Each has its own connections, as in production."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

from ivr.core.agents import Accepted, TalkEnded, WentReady
from ivr.core.errors import Conflict
from ivr.core.ids import AgentId, CallId
from ivr.core.session import CallSession, State, Step
from ivr.storage.redis.connection import RedisClock
from ivr.workflows.ports import Claim
from tests.storage.redis.town import Store, TurnedClock, demand, waiting


def follow(url: str, pipe: Connection) -> None:
    """Carry out what is asked, one thing at a time, until told to stop with None."""
    store = Store(url, clock=TurnedClock())
    while (asked := pipe.recv()) is not None:
        name, at, about = asked
        store.clock.at = at
        pipe.send(getattr(Hand(store), name)(*about))


@dataclass
class Hand:
    """The single things that processes do, as web workers and dispatchers do them. Answers with a claim or None."""

    store: Store

    def arrive(self, call: str, topic: str, level: int, since: datetime) -> Claim | None:
        wanted = demand(topic, level=level, relaxed=((5, 1),) if level > 1 else ())

        def decide(session: CallSession | None) -> Step | None:
            if session is not None:
                return Step(session=replace(session, turns=session.turns + 1))
            return Step(session=waiting(call, wanted, since))

        self.store.sessions.change(CallId(call), decide)
        return self.seek_call(call)

    def seek_call(self, call: str) -> Claim | None:
        return claim_or_none(self.store.matcher.for_call(CallId(call)))

    def seek_agent(self, agent: str) -> Claim | None:
        return claim_or_none(self.store.matcher.for_agent(AgentId(agent)))

    def choose(self, call: str, agent: str) -> Claim | None:
        return claim_or_none(self.store.matcher.directed(CallId(call), AgentId(agent)))

    def take_up(self, claim: Claim) -> None:
        with suppress(Conflict):
            self.store.takes_up(claim)

    def turn(self, call: str) -> None:
        with suppress(Conflict):
            self.store.turns(call)

    def hang_up(self, call: str) -> None:
        with suppress(Conflict):
            self.store.hangs_up(call)

    def decline(self, call: str) -> None:
        with suppress(Conflict):
            self.store.goes_back(call, keeps_place=False)

    def say(self, agent: str, kind: type, about: dict[str, Any]) -> None:
        with suppress(Conflict):
            self.store.tells(agent, kind, **about)

    def due(self) -> None:
        for due in self.store.timers.due():
            if due.call is not None:
                self.turn(due.call)
            self.store.timers.done(due)


def claim_or_none(outcome: object) -> Claim | None:
    return outcome if isinstance(outcome, Claim) else None


def work(url: str, number: int, calls: int, agents: int, seed: int) -> None:
    """One web worker on the server's own clock: takes calls in, serves whoever is matched, and now and then dies midway."""
    store = Store(url)
    store.clock = RedisClock(store.link)
    store.__post_init__()
    rng = random.Random(seed + number)
    for one in range(calls):
        call = f"CA{number:02}{one:04}"
        store.waits(call, demand(rng.choice(("billing", "refunds"))))
        serve(store, claim_or_none(store.matcher.for_call(CallId(call))), rng)
        if rng.random() < 0.1:
            with suppress(Conflict):
                store.hangs_up(f"CA{number:02}{rng.randint(0, one):04}")
        if rng.random() < 0.3:
            agent = f"agent{rng.randrange(agents):03}"
            store.tells(agent, WentReady)
            serve(store, claim_or_none(store.matcher.for_agent(AgentId(agent))), rng)


def dispatch(url: str, number: int, over: Event) -> None:
    """A dispatcher on the server's own clock: wake-ups and the backstop, until told that it is over."""
    store = Store(url)
    store.clock = RedisClock(store.link)
    store.__post_init__()
    rng = random.Random(number)
    while not over.wait(0.02):
        Hand(store).due()
        for claim in store.matcher.sweep():
            serve(store, claim, rng)


def serve(store: Store, claim: Claim | None, rng: random.Random) -> None:
    """Offer, accept, talk, and on to the next caller of the same agent, as long as there is one."""
    while claim is not None:
        fate = rng.random()
        if fate < 0.02:
            return  # the process dies between claim and offer
        agent = claim.matched.agent
        if store.takes_up(claim) is None:
            claim = claim_or_none(store.matcher.for_agent(agent))
            continue
        if fate < 0.1:
            store.goes_back(claim.call)
        else:
            talk(store, claim)
        claim = claim_or_none(store.matcher.for_agent(agent))


def talk(store: Store, claim: Claim) -> None:
    offer, now = claim.matched.offer, store.clock.now()
    store.presences.change(claim.matched.agent, Accepted(at=now, offer=offer))

    def over(session: CallSession | None) -> Step | None:
        if session is None or session.offer != offer:
            return None
        event = TalkEnded(at=now, offer=offer, wrap_up_until=now)
        done = replace(session, state=State.ENDED, offer=None, agent=None, ended_at=now + timedelta(0))
        return Step(session=done, agents=((claim.matched.agent, event),))

    store.sessions.change(claim.call, over)
