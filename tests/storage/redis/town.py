"""A small town for tests of the live store: names for calls, agents and topics, and a clock that we turn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.core.agents import Agent, AgentEvent, Released, SignedIn, WentReady
from ivr.core.events import Matched
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.queues import Demand, Lane, Terms
from ivr.core.session import CallSession, State, Step
from ivr.storage.redis.board import RedisBoard
from ivr.storage.redis.connection import Link
from ivr.storage.redis.facts import RedisFacts
from ivr.storage.redis.keys import Keys
from ivr.storage.redis.matcher import RedisMatcher
from ivr.storage.redis.outbox import RedisOutbox
from ivr.storage.redis.presence import RedisPresences
from ivr.storage.redis.registry import Registry
from ivr.storage.redis.sessions import RedisSessions
from ivr.storage.redis.timers import RedisTimers
from ivr.workflows.ports import Claim, Refusal, Saved

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EN = Language("en")


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


def demand(
    topic: str = "billing",
    *,
    level: int = 1,
    language: str | None = "en",
    priority: int = 0,
    lane: Lane = Lane.ORDINARY,
    relaxed: tuple[tuple[int, int], ...] = (),
) -> Demand:
    """Of one skill named as the topic; `relaxed` are (after seconds, level) steps."""
    steps = ((0, level), *relaxed)
    spoken = Language(language) if language else None
    return Demand(
        topic=TopicId(topic),
        lane=lane,
        priority=priority,
        terms=tuple(
            Terms(after=timedelta(seconds=after), skills={topic: step}, language=spoken, language_level=1)
            for after, step in steps
        ),
    )


@dataclass
class Store:
    """Everything of the live store on one server, as one process would have it."""

    url: str
    clock: Any = field(default_factory=TurnedClock)
    keys: Keys = field(default_factory=Keys)

    def __post_init__(self) -> None:
        self.link = Link(self.url, keys=self.keys, timeout_s=10)
        registry = Registry(self.link)
        self.sessions = RedisSessions(self.link, registry, self.clock)
        self.presences = RedisPresences(self.link, registry, self.clock)
        self.matcher = RedisMatcher(self.link, registry, self.clock)
        self.timers = RedisTimers(self.link, self.clock)
        self.outbox = RedisOutbox(self.link, self.clock)
        self.facts = RedisFacts(self.link)
        self.board = RedisBoard(self.link)

    @property
    def redis(self) -> Any:
        return self.link.redis

    def ready(self, agent: str, *, languages: dict[str, int] | None = None, **skills: int) -> Agent:
        """Signed in and free."""
        spoken = languages if languages is not None else {"en": 5}
        event = SignedIn(at=self.clock.now(), skills=skills or {"billing": 5}, languages=spoken)
        self.presences.change(AgentId(agent), event)
        return self.presences.change(AgentId(agent), WentReady(at=self.clock.now()))

    def tells(self, agent: str, kind: type[AgentEvent], **about: Any) -> Agent:
        return self.presences.change(AgentId(agent), kind(at=self.clock.now(), **about))

    def waits(self, call: str, wanted: Demand | None = None, *, since: datetime | None = None) -> None:
        """A call that waits."""
        step = Step(session=waiting(call, wanted or demand(), since or self.clock.now()))
        self.sessions.change(CallId(call), lambda _: step)

    def turns(self, call: str) -> Saved | None:
        """A turn of the wait loop: the session is saved as it is, but for the count of turns."""
        return self.change(call, lambda session: replace(session, turns=session.turns + 1))

    def change(self, call: str, what: Any, **step: Any) -> Saved | None:
        def decide(session: CallSession | None) -> Step | None:
            return Step(session=what(session), **step) if session else None

        return self.sessions.change(CallId(call), decide)

    def takes_up(self, claim: Claim) -> Saved | None:
        """What the workflow does after a claim."""
        return self.sessions.change(claim.call, lambda session: offered(session, claim.matched))

    def hangs_up(self, call: str) -> Saved | None:
        """As the core decides it: an offered agent is released."""
        return self.sessions.change(CallId(call), lambda session: ended(session, self.clock.now()))

    def goes_back(self, call: str, *, keeps_place: bool = True) -> Saved | None:
        """The offer is over, the caller waits again."""
        return self.sessions.change(CallId(call), lambda session: requeued(session, self.clock.now(), keeps_place))

    def session(self, call: str) -> CallSession:
        found = self.sessions.find(CallId(call))
        assert found is not None
        return found

    def agent(self, agent: str) -> Agent:
        found = self.presences.find(AgentId(agent))
        assert found is not None
        return found


def waiting(call: str, wanted: Demand, since: datetime) -> CallSession:
    return CallSession(
        call=CallId(call),
        hotline="wallet",
        menu_version="v1",
        state=State.QUEUED,
        language=EN,
        started_at=since,
        topic=wanted.topic,
        demand=wanted,
        queued_at=since,
        entered_at=since,
        segment=1,
    )


def offered(session: CallSession | None, event: Matched) -> Step | None:
    """As the core takes up a claim; a call that no longer waits gives the agent back."""
    if session is None or session.offer == event.offer:
        return None
    if session.state is not State.QUEUED:
        return Step(session=session, agents=((event.agent, Released(at=event.at, offer=event.offer)),))
    taken = replace(session, state=State.OFFERED, offer=event.offer, agent=event.agent, offered_at=event.at)
    return Step(session=taken)


def ended(session: CallSession | None, at: datetime) -> Step | None:
    if session is None or session.state is State.ENDED:
        return None
    gone = replace(session, state=State.ENDED, ended_at=at, offer=None, agent=None)
    return Step(session=gone, agents=_released(session, at, keeps_place=True))


def requeued(session: CallSession | None, at: datetime, keeps_place: bool) -> Step | None:
    if session is None or session.state is not State.OFFERED:
        return None
    back = replace(session, state=State.QUEUED, offer=None, agent=None)
    return Step(session=back, agents=_released(session, at, keeps_place=keeps_place))


def _released(session: CallSession, at: datetime, *, keeps_place: bool) -> tuple[tuple[AgentId, AgentEvent], ...]:
    if session.offer is None or session.agent is None:
        return ()
    return ((session.agent, Released(at=at, offer=session.offer, keeps_place=keeps_place)),)


def claimed(outcome: Claim | Refusal) -> Claim:
    assert isinstance(outcome, Claim), outcome
    return outcome


def refused(outcome: Claim | Refusal) -> Refusal:
    assert isinstance(outcome, Refusal), outcome
    return outcome


def offer_of(claim: Claim) -> OfferId:
    return claim.matched.offer
