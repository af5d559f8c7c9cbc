"""What a waiting caller may be told: the place in line, and a wait only when data backs it.

The rule of what may be announced is `core.estimates`; this gathers what it asks for. What lies in the past is read
once a minute and topic, so that a thousand waiting callers do not ask SQL a thousand times.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.agents import Agent, Presence
from ivr.core.errors import Unavailable
from ivr.core.estimates import Estimator, QueueView, announce, estimates, shares
from ivr.core.events import TurnAsked
from ivr.core.ids import CallId
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession, State
from ivr.workflows.match_calls import tree_of
from ivr.workflows.ports import Matcher, Menus, Presences, Sessions

AT_WORK = frozenset({Presence.AVAILABLE, Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP})
KEPT = timedelta(seconds=60)


class Past(Protocol):
    """What the records know of a topic (`storage.sql.waits.TopicPast`)."""

    @property
    def handle_time(self) -> timedelta | None: ...

    @property
    def handled(self) -> int: ...

    @property
    def last_wait(self) -> timedelta | None: ...

    @property
    def best(self) -> Estimator: ...


class Statistics(Protocol):
    def past(self, topic: str, at: datetime, *, zone: ZoneInfo) -> Past:
        """Raises Unavailable."""


@dataclass(frozen=True, kw_only=True)
class EstimateWait:
    """Fills position and expected wait into a turn."""

    matcher: Matcher
    sessions: Sessions
    presences: Presences
    menus: Menus
    past: Callable[[str], Statistics]
    """The records of one hotline."""
    head: Callable[[str], datetime | None]
    """First queue time of the topic's longest waiting caller."""
    _kept: dict[str, tuple[datetime, Past | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: CallId, turn: TurnAsked) -> TurnAsked:
        position = self.matcher.position(call)
        session = self.sessions.find(call)
        if session is None or session.state is not State.QUEUED or session.topic is None or position is None:
            return replace(turn, position=position)
        tree = tree_of(self.menus, session)
        past = self._past(session.topic, turn.at, tree)
        if past is None:
            return replace(turn, position=position)
        view = self._view(session, tree, past, position, turn.at)
        every = {name.value: round(wait.total_seconds()) for name, wait in estimates(view).items()}
        said = announce(view, best=past.best)
        if said is None:
            return replace(turn, position=position, estimates=every)
        return replace(
            turn,
            position=position,
            estimate_s=said.wait.total_seconds(),
            estimator=said.estimator.value,
            estimates=every,
        )

    def _past(self, topic: str, at: datetime, tree: MenuTree) -> Past | None:
        key = f"{tree.hotline}:{topic}"
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and at - kept[0] < KEPT:
                return kept[1]
            try:
                found: Past | None = self.past(tree.hotline).past(topic, at, zone=ZoneInfo(tree.zone))
            except Unavailable:
                found = None
            self._kept[key] = (at, found)
            return found

    def _view(self, session: CallSession, tree: MenuTree, past: Past, position: int, at: datetime) -> QueueView:
        able = [agent for agent in self.presences.all() if agent.presence in AT_WORK and _able(agent, session)]
        oldest = self.head(session.topic or "")
        return QueueView(
            ahead=position,
            agents=len(able),
            share=shares(_topics_served(agent, tree) for agent in able),
            handle_time=past.handle_time,
            handled=past.handled,
            last_wait=past.last_wait,
            head_wait=at - oldest if oldest else None,
        )


def _able(agent: Agent, session: CallSession) -> bool:
    """Able at all: by the widest terms of the call."""
    return session.demand is not None and session.demand.terms[-1].met_by(agent.skills, agent.languages)


def _topics_served(agent: Agent, tree: MenuTree) -> int:
    return sum(all(agent.skills.get(skill, 0) > 0 for skill in topic.skills) for topic in tree.topics.values())
